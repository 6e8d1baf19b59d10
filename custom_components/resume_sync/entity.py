"""What the entities of accounts and pairs share."""

from typing import override

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.const import CONF_TYPE, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .account.coordinator import AccountCoordinator
from .const import DOMAIN, MODEL_ID_PAIR, MODEL_ID_SERVER
from .pair.coordinator import PairCoordinator
from .sync.model import Direction, ServerType

SHOWN_ITEMS = 25
"""How many titles an attribute lists at most."""

_PRODUCTS = {
    ServerType.PLEX: ("Plex", "Plex Media Server"),
    ServerType.JELLYFIN: ("Jellyfin", "Jellyfin Server"),
    ServerType.EMBY: ("Emby", "Emby Server"),
}


def account_device(server: AccountCoordinator) -> DeviceInfo:
    """Return the device of an account."""
    entry = server.config_entry
    manufacturer, model = _PRODUCTS[ServerType(entry.data[CONF_TYPE])]
    return DeviceInfo(
        identifiers={(DOMAIN, server.account.account_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
        manufacturer=manufacturer,
        model=model,
        model_id=MODEL_ID_SERVER,
        sw_version=server.info.version,
        configuration_url=entry.data[CONF_URL],
    )


def pair_device(pair: PairCoordinator) -> DeviceInfo:
    """Return the device of a pair, reached through the account that the pair belongs to."""
    two_way = pair.rules.direction is Direction.TWO_WAY
    return DeviceInfo(
        identifiers={(DOMAIN, pair.subentry.subentry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=pair.subentry.title,
        manufacturer="Resume Sync",
        model="Two-way" if two_way else "One-way",
        model_id=MODEL_ID_PAIR,
        via_device_id=dr.async_get_device_id_by_identifier(
            pair.hass,
            (DOMAIN, pair.server.account.account_id),
            config_entry_id=pair.config_entry.entry_id,
        ),
    )


class AccountEntity(CoordinatorEntity[AccountCoordinator]):
    """An entity of an account."""

    _attr_has_entity_name = True

    def __init__(self, server: AccountCoordinator, description: EntityDescription) -> None:
        """Make the entity part of the account's device."""
        super().__init__(server)
        self.entity_description = description
        self._attr_unique_id = f"{server.account.account_id}_{description.key}"
        self._attr_device_info = account_device(server)


class PairEntity(CoordinatorEntity[PairCoordinator]):
    """An entity of a pair. It stays available when a server is away: what was last known is still worth showing."""

    _attr_has_entity_name = True

    def __init__(self, pair: PairCoordinator, description: EntityDescription) -> None:
        """Make the entity part of the pair's device."""
        super().__init__(pair)
        self.entity_description = description
        self._attr_unique_id = f"{pair.subentry.subentry_id}_{description.key}"
        self._attr_device_info = pair_device(pair)

    @property
    @override
    def available(self) -> bool:
        """Return True: a failed run shows in the status, not in missing numbers."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the options of both accounts: what may be told of a pair depends on them."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed)
        )

    @callback
    def _async_entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Tell what may be told now."""
        if entry.domain == DOMAIN:
            self.async_write_ha_state()

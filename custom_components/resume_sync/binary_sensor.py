"""Binary sensors: whether an account's server answers and tells by itself, and whether a pair has a problem."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.coordinator import AccountCoordinator
from .account.live_updates import LiveUpdates
from .data import ResumeSyncConfigEntry
from .entity import AccountEntity, PairEntity

PARALLEL_UPDATES = 0

CONNECTED = BinarySensorEntityDescription(
    key="connected",
    translation_key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
LIVE_UPDATES = BinarySensorEntityDescription(
    key="live_updates",
    translation_key="live_updates",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
PROBLEM = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the binary sensors of an account and its pairs."""
    data = entry.runtime_data
    async_add_entities(
        [ConnectedBinarySensor(data.account, CONNECTED), LiveUpdatesBinarySensor(data.account, data.live)]
    )
    for subentry_id, pair in data.pairs.items():
        async_add_entities([ProblemBinarySensor(pair, PROBLEM)], config_subentry_id=subentry_id)


class AccountBinarySensor(AccountEntity, BinarySensorEntity):
    """What an account's server can be heard of by."""

    @property
    @override
    def available(self) -> bool:
        """Return True: telling of an outage is what this is for."""
        return True


class ConnectedBinarySensor(AccountBinarySensor):
    """Whether the server answers and accepts the account's token."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the last request went through."""
        return self.coordinator.last_update_success


class LiveUpdatesBinarySensor(AccountBinarySensor):
    """Whether the server tells of stops by itself, so that pairs run within seconds and not only in their rounds."""

    def __init__(self, account: AccountCoordinator, live: LiveUpdates) -> None:
        """Show how the account's live updates are."""
        super().__init__(account, LIVE_UPDATES)
        self._live = live

    @property
    @override
    def is_on(self) -> bool:
        """Return whether stops are heard of."""
        return self._live.connected


class ProblemBinarySensor(PairEntity, BinarySensorEntity):
    """Whether the last run of a pair failed or left something unwritten."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether there is a problem; None before the first run."""
        return self.coordinator.has_problem

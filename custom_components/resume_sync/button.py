"""Buttons: sync a pair now."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import ResumeSyncConfigEntry
from .entity import PairEntity

PARALLEL_UPDATES = 1

SYNC = ButtonEntityDescription(key="sync", translation_key="sync")


async def async_setup_entry(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the button of each pair."""
    for subentry_id, pair in entry.runtime_data.pairs.items():
        async_add_entities([SyncButton(pair, SYNC)], config_subentry_id=subentry_id)


class SyncButton(PairEntity, ButtonEntity):
    """Syncs a pair now, also while automatic sync is off."""

    @override
    async def async_press(self) -> None:
        """Sync, and fail visibly where that does not work."""
        await self.coordinator.async_sync()

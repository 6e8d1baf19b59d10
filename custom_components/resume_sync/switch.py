"""Switches: automatic sync of a pair."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import ResumeSyncConfigEntry
from .entity import PairEntity

PARALLEL_UPDATES = 1

AUTOMATIC = SwitchEntityDescription(key="automatic", translation_key="automatic")


async def async_setup_entry(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the switch of each pair."""
    for subentry_id, pair in entry.runtime_data.pairs.items():
        async_add_entities([AutomaticSwitch(pair, AUTOMATIC)], config_subentry_id=subentry_id)


class AutomaticSwitch(PairEntity, SwitchEntity):
    """Whether a pair writes by itself. Off, it still reads and plans, and syncs when asked to."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the pair writes by itself."""
        return self.coordinator.state.automatic

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the pair write with the next round."""
        await self.coordinator.async_set_automatic(automatic=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let the pair only plan from now on."""
        await self.coordinator.async_set_automatic(automatic=False)

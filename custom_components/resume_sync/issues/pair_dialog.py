"""What the dialogs of repairs about one pair share."""

from typing import cast

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState

from ..data import ResumeSyncConfigEntry
from ..pair.coordinator import PairCoordinator

type IssueData = dict[str, str | int | float | None]


class PairRepairFlow(RepairsFlow):
    """A dialog about one pair."""

    def __init__(self, data: IssueData) -> None:
        """Keep which pair it is about."""
        self._entry_id = cast("str", data["entry_id"])
        self._subentry_id = cast("str", data["subentry_id"])
        self._placeholders = {key: str(value) for key, value in data.items() if not key.endswith("_id")}

    @property
    def _pair(self) -> PairCoordinator | None:
        """Return the running pair; None where it is gone or its account is not set up."""
        entry: ResumeSyncConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data.pairs.get(self._subentry_id)

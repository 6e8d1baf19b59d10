"""What the dialogs of repairs about one pair share."""

from typing import cast

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
import voluptuous as vol

from ..data import ResumeSyncConfigEntry
from ..labels import OutsideText, Shown, placeholders
from ..pair.coordinator import PairCoordinator

type IssueData = dict[str, str | int | float | None]


class PairRepairFlow(RepairsFlow):
    """A dialog about one pair."""

    def __init__(self, data: IssueData) -> None:
        """Keep which pair it is about."""
        self._entry_id = cast("str", data["entry_id"])
        self._subentry_id = cast("str", data["subentry_id"])
        count = data.get("count")
        self._shown: dict[str, Shown] = {"pair": OutsideText(str(data["pair"]))}
        if isinstance(count, int):
            self._shown["count"] = count

    @property
    def _pair(self) -> PairCoordinator | None:
        """Return the running pair; None where it is gone or its account is not set up."""
        entry: ResumeSyncConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data.pairs.get(self._subentry_id)


class PairQuestionFlow(PairRepairFlow):
    """A dialog with one question about a pair: to confirm it is the only answer."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Start with the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask, then do what was agreed to."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders=placeholders(self._shown)
            )
        return await self._async_agreed()

    async def _async_agreed(self) -> RepairsFlowResult:
        """Do what was agreed to, and close the dialog."""
        raise NotImplementedError

"""The dialogs that solve what Resume Sync asks for."""

from typing import cast

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import probatio

from .coordinator import PairCoordinator, ResumeSyncConfigEntry
from .issues import MASS_REMOVAL, PEER_REMOVED

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


class PeerRemovedFlow(PairRepairFlow):
    """Deletes a pair whose other account is gone."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Start with the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask, then delete the pair."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=probatio.Schema({}), description_placeholders=self._placeholders
            )
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is not None and self._subentry_id in entry.subentries:
            self.hass.config_entries.async_remove_subentry(entry, self._subentry_id)
        return self.async_create_entry(data={})


class MassRemovalFlow(PairRepairFlow):
    """Approves or discards removals that are held back because there are so many at once."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Offer both ways."""
        return self.async_show_menu(
            step_id="init", menu_options=["confirm", "discard"], description_placeholders=self._placeholders
        )

    async def async_step_confirm(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Sync with approval."""
        if (pair := self._pair) is None:
            return self.async_abort(reason="pair_gone")
        try:
            await pair.async_sync(approve=True)
        except HomeAssistantError as error:
            return self.async_abort(reason="failed", description_placeholders={"error": str(error)})
        return self.async_create_entry(data={})

    async def async_step_discard(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Forget the removals."""
        if (pair := self._pair) is None:
            return self.async_abort(reason="pair_gone")
        try:
            await pair.async_clear_tombstones()
        except HomeAssistantError as error:
            return self.async_abort(reason="failed", description_placeholders={"error": str(error)})
        return self.async_create_entry(data={})


async def async_create_fix_flow(hass: HomeAssistant, issue_id: str, data: IssueData | None) -> RepairsFlow:
    """Return the dialog of a repair."""
    if data is not None and issue_id.startswith(PEER_REMOVED):
        return PeerRemovedFlow(data)
    if data is not None and issue_id.startswith(MASS_REMOVAL):
        return MassRemovalFlow(data)
    return ConfirmRepairFlow()

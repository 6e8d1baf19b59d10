"""The dialogs about a pair whose other account is gone, and about changes that are held because they are so many."""

from collections.abc import Awaitable, Callable
from typing import Final, override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError

from ..labels import Markdown, OutsideText, full_title, joined, markdown, placeholders, playing_time
from ..pair.coordinator import PairCoordinator
from ..sync.model import Side
from ..sync.plan.brake import Approval
from .pair_dialog import PairQuestionFlow, PairRepairFlow

MOST_TITLES: Final = 15


class PeerRemovedFlow(PairQuestionFlow):
    """Deletes a pair whose other account is gone."""

    @override
    async def _async_agreed(self) -> RepairsFlowResult:
        """Delete the pair."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is not None and self._subentry_id in entry.subentries:
            self.hass.config_entries.async_remove_subentry(entry, self._subentry_id)
        return self.async_create_entry(data={})


class HeldFlow(PairRepairFlow):
    """A dialog about changes that are held back because there are so many at once."""

    async def _async_solve(self, solve: Callable[[PairCoordinator], Awaitable[object]]) -> RepairsFlowResult:
        """Do what was chosen, and close the dialog."""
        if (pair := self._pair) is None:
            return self.async_abort(reason="pair_gone")
        try:
            await solve(pair)
        except HomeAssistantError as error:
            return self.async_abort(
                reason="failed", description_placeholders=placeholders({"error": OutsideText(str(error))})
            )
        return self.async_create_entry(data={})


class FirstSyncFlow(PairQuestionFlow, HeldFlow):
    """Approves the first sync of a pair that would change many titles."""

    @override
    async def _async_agreed(self) -> RepairsFlowResult:
        """Sync with approval of the positions; removals that are held as well ask for themselves."""
        return await self._async_solve(lambda pair: pair.async_sync(approval=Approval.FIRST_SYNC))


class MassRemovalFlow(HeldFlow):
    """Approves or discards many removals."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show what would be removed, and offer both ways."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["confirm", "discard"],
            description_placeholders=placeholders(self._shown | {"titles": joined("\n", self._titles())}),
        )

    async def async_step_confirm(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Sync with approval of the removals."""
        return await self._async_solve(lambda pair: pair.async_sync(approval=Approval.REMOVALS))

    def _titles(self) -> list[Markdown]:
        """Return the titles that would be removed, from where and at which position, as lines of a list."""
        if (pair := self._pair) is None:
            return []
        names = dict(zip(Side, pair.account_names, strict=True))
        held = [one for one in pair.state.ledger.tombstones if one.held]
        rows = [
            markdown(t"- **{full_title(one.item)}** ({names[one.side]}, {playing_time(one.target_position_ms)})")
            for one in held[:MOST_TITLES]
        ]
        return [*rows, markdown(t"- … (+{len(held) - MOST_TITLES})")] if len(held) > MOST_TITLES else rows

    async def async_step_discard(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Forget the removals."""
        return await self._async_solve(lambda pair: pair.async_clear_tombstones())

"""The dialogs about a pair whose other account is gone, and about changes that are held because they are so many."""

from typing import ClassVar, Final, override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError
import voluptuous as vol

from ..labels import Markdown, OutsideText, Shown, full_title, joined, markdown, placeholders, playing_time
from ..pair.coordinator import PairCoordinator
from ..pair.held import async_answer_held, held_changes
from ..sync.model import Side
from ..sync.plan.decision import Decision
from .pair_dialog import IssueData, PairQuestionFlow, PairRepairFlow

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
    """A dialog about changes that are held back because there are so many at once; it settles what it has shown."""

    _removes: ClassVar[bool]

    def __init__(self, data: IssueData) -> None:
        """Start with nothing shown."""
        super().__init__(data)
        self._asked: list[Decision] = []

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show what would be changed, and offer both answers."""
        if (pair := self._pair) is None:
            return self.async_abort(reason="pair_gone")
        self._asked = self._held(pair)
        if not self._asked:
            return self.async_create_entry(data={})
        shown: dict[str, Shown] = {"count": len(self._asked), "titles": joined("\n", self._titles(pair))}
        return self.async_show_menu(
            step_id="init",
            menu_options=["confirm", "discard"],
            description_placeholders=placeholders(self._shown | shown),
        )

    async def async_step_confirm(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Carry out what was shown, with the next sync, which is now."""
        return await self._async_answer(apply=True)

    async def async_step_discard(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Let both sides keep what they have."""
        return await self._async_answer(apply=False)

    async def _async_answer(self, *, apply: bool) -> RepairsFlowResult:
        """Settle what was shown, and close the dialog."""
        if (pair := self._pair) is None:
            return self.async_abort(reason="pair_gone")
        try:
            await async_answer_held(pair, self._asked, apply=apply)
        except HomeAssistantError as error:
            return self.async_abort(
                reason="failed", description_placeholders=placeholders({"error": OutsideText(str(error))})
            )
        return self.async_create_entry(data={})

    def _held(self, pair: PairCoordinator) -> list[Decision]:
        """Return what is held now, of the kind that this dialog is about, by title."""
        held = [one for one in held_changes(pair) if (not one.from_position_ms) is self._removes]
        return sorted(held, key=lambda one: full_title(one.item).plain)

    def _titles(self, pair: PairCoordinator) -> list[Markdown]:
        """Return the first titles, with where and how they would change, as lines of a list."""
        names = dict(zip(Side, pair.account_names, strict=True))
        rows = [
            markdown(t"- **{full_title(one.item)}** ({names[one.target]}, {self._change(one)})")
            for one in self._asked[:MOST_TITLES]
        ]
        more = len(self._asked) - MOST_TITLES
        return [*rows, markdown(t"- … (+{more})")] if more > 0 else rows

    def _change(self, held: Decision) -> str:
        """Return where the target stands, and where it would stand then."""
        before = playing_time(held.to_position_ms or 0)
        return f"{before} → {playing_time(held.from_position_ms)}" if held.from_position_ms else before


class FirstSyncFlow(HeldFlow):
    """Approves the first sync of a pair that would change many titles."""

    _removes = False

    @override
    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Start with the question."""
        return await self.async_step_confirm()

    @override
    async def async_step_confirm(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask; then sync the positions. Removals that are held as well ask for themselves."""
        if _user_input is not None:
            return await self._async_answer(apply=True)
        self._asked = [] if self._pair is None else self._held(self._pair)
        return self.async_show_form(
            step_id="confirm", data_schema=vol.Schema({}), description_placeholders=placeholders(self._shown)
        )


class MassRemovalFlow(HeldFlow):
    """Approves or discards many removals."""

    _removes = True


class MassUpdateFlow(HeldFlow):
    """Approves or discards many positions that would replace others."""

    _removes = False

"""The dialog about positions of one account that came to 0 together: was it meant, or are they to be given back?"""

from typing import Final, cast

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from ..account.coordinator import AccountCoordinator
from ..account.mass_zeros import async_answer_mass_zeros, async_held_titles
from ..data import ResumeSyncConfigEntry
from ..labels import OutsideText, Shown, full_title, joined, markdown, placeholders, playing_time
from .pair_dialog import IssueData

MOST_TITLES: Final = 15


class MassZerosFlow(RepairsFlow):
    """Asks about all zeros that wait, and settles those that it has shown or counted."""

    def __init__(self, data: IssueData) -> None:
        """Keep which account it is about."""
        self._entry_id = cast("str", data["entry_id"])
        self._shown: dict[str, Shown] = {"account": OutsideText(str(data["account"]))}
        self._asked: frozenset[str] = frozenset()

    @property
    def _account(self) -> AccountCoordinator | None:
        """Return the running account; None where it is gone or not set up."""
        entry: ResumeSyncConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data.account

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show which titles they are and where they stood, and offer both answers."""
        if (account := self._account) is None:
            return self.async_abort(reason="account_gone")
        try:
            held = await async_held_titles(self.hass, account)
        except HomeAssistantError as error:
            return self._failed(error)
        if not held:
            return self.async_create_entry(data={})
        self._asked = frozenset(item.item_id for item, _ in held)
        rows = [
            markdown(t"- **{full_title(item)}** ({playing_time(position_ms)})")
            for item, position_ms in held[:MOST_TITLES]
        ]
        if len(held) > MOST_TITLES:
            rows.append(markdown(t"- … (+{len(held) - MOST_TITLES})"))
        return self.async_show_menu(
            step_id="init",
            menu_options=["meant", "give_back"],
            description_placeholders=placeholders(self._shown | {"count": len(held), "titles": joined("\n", rows)}),
        )

    async def async_step_meant(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Take the zeros for what somebody wanted: the titles were taken off the shelf."""
        return await self._async_answer(meant=True)

    async def async_step_give_back(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Let the account have its places back."""
        return await self._async_answer(meant=False)

    async def _async_answer(self, *, meant: bool) -> RepairsFlowResult:
        """Settle what was asked about, and close the dialog."""
        if (account := self._account) is None:
            return self.async_abort(reason="account_gone")
        try:
            await async_answer_mass_zeros(self.hass, account, self._asked, meant=meant)
        except HomeAssistantError as error:
            return self._failed(error)
        return self.async_create_entry(data={})

    def _failed(self, error: HomeAssistantError) -> RepairsFlowResult:
        """Say why it did not work; the question stays."""
        return self.async_abort(
            reason="failed", description_placeholders=placeholders({"error": OutsideText(str(error))})
        )

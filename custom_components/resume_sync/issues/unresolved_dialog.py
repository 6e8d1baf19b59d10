"""The dialog in which somebody chooses what titles are that have long been without a counterpart."""

from typing import Final

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode
import voluptuous as vol

from ..account.rounds import now
from ..labels import OutsideText, Shown, placeholders, title_to_choose
from ..pair.by_hand import async_map_item
from ..pair.candidates import async_candidates
from ..pair.coordinator import PairCoordinator
from ..pair.unresolved import UnresolvedTitle, long_unresolved
from ..sync.model import Item, Side
from .pair_dialog import IssueData, PairRepairFlow

CONF_TITLE: Final = "title"
CONF_MATCH: Final = "match"
IGNORE: Final = "ignore"


class UnresolvedTitlesFlow(PairRepairFlow):
    """Maps or ignores one title after the other."""

    def __init__(self, data: IssueData) -> None:
        """Start with no title chosen."""
        super().__init__(data)
        self._chosen: UnresolvedTitle | None = None
        self._candidates: tuple[Item, ...] = ()

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Start with the choice of a title."""
        return await self.async_step_title()

    async def async_step_title(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Let the user pick a title; where there is only one, it is that."""
        if (pair := self._pair) is None or pair.data is None:
            return self.async_abort(reason="pair_gone")
        titles = {title.key: title for title in long_unresolved(pair.data.report, pair.state.ledger, now())}
        if not titles:
            return self.async_create_entry(data={})
        chosen = next(iter(titles.values())) if len(titles) == 1 else titles.get((user_input or {}).get(CONF_TITLE, ""))
        if chosen is not None:
            self._chosen = chosen
            self._candidates = (await async_candidates(pair, [chosen.decision])).get(chosen.key, ())
            return await self.async_step_match()
        options = [SelectOptionDict(value=key, label=_label(title).plain) for key, title in titles.items()]
        return self.async_show_form(
            step_id="title",
            data_schema=vol.Schema({vol.Required(CONF_TITLE): _list(options)}),
            description_placeholders=placeholders(self._shown | {"count": len(titles)}),
        )

    async def async_step_match(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Let the user pick what the title is, and go on with the next one."""
        if (pair := self._pair) is None or pair.data is None or (chosen := self._chosen) is None:
            return self.async_abort(reason="pair_gone")
        errors: dict[str, str] = {}
        problem = ""
        if user_input is not None:
            match = user_input[CONF_MATCH]
            try:
                await async_map_item(pair, chosen.decision.source_item_id, None if match == IGNORE else match)
                # Ignored: with all that is the same question. A choice is of one episode alone.
                for item_id in chosen.alike if match == IGNORE else ():
                    await async_map_item(pair, item_id, None)
            except HomeAssistantError as error:
                errors["base"] = "failed"
                problem = str(error)
            else:
                return await self.async_step_title()
        options = [SelectOptionDict(value=item.item_id, label=title_to_choose(item).plain) for item in self._candidates]
        options.append(SelectOptionDict(value=IGNORE, label="Ignore this title"))
        return self.async_show_form(
            step_id="match",
            data_schema=vol.Schema({vol.Required(CONF_MATCH): _list(options, "unresolved_match")}),
            description_placeholders=placeholders(self._told(pair, chosen) | {"error": OutsideText(problem)}),
            errors=errors,
        )

    def _told(self, pair: PairCoordinator, chosen: UnresolvedTitle) -> dict[str, Shown]:
        """Return what the dialog tells of a title."""
        left, right = pair.account_names
        names = {Side.LEFT: left, Side.RIGHT: right}
        titles = long_unresolved(pair.data.report, pair.state.ledger, now()) if pair.data else []
        return self._shown | {
            "title": _label(chosen),
            "from": OutsideText(names[chosen.decision.source]),
            "to": OutsideText(names[chosen.decision.target]),
            "left": sum(title.key != chosen.key for title in titles),
        }


def _label(title: UnresolvedTitle) -> OutsideText:
    """Return a title to choose, and how many more episodes of its show are the same question."""
    label = title_to_choose(title.decision.item)
    return OutsideText(f"{label.plain} (+{len(title.alike)})") if title.alike else label


def _list(options: list[SelectOptionDict], translation_key: str | None = None) -> SelectSelector:
    """Return a list to choose one from."""
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
    if translation_key is not None:
        config["translation_key"] = translation_key
    return SelectSelector(config)

"""The action by which somebody answers what waits for people: in a pair, or on one account."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from ..account.mass_zeros import async_answer_mass_zeros
from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from ..errors import refused
from ..pair.coordinator import PairCoordinator
from ..pair.held import async_answer_held, async_choose_side, held_changes, started_behind
from ..sync.plan.decision import Decision
from .asked_pairs import AskedPair, asked_pair
from .by_hand import item_id
from .rights import Caller

SERVICE_DECIDE: Final = "decide"

ATTR_ANSWER: Final = "answer"
ATTR_ITEMS: Final = "items"


class Answer(StrEnum):
    """What somebody may answer."""

    APPLY = "apply"
    KEEP = "keep"
    GIVE_BACK = "give_back"
    SOURCE = "source"
    TARGET = "target"


_WAITING: Final[Mapping[Answer, Callable[[PairCoordinator], list[Decision]]]] = {
    Answer.APPLY: held_changes,
    Answer.KEEP: held_changes,
    Answer.SOURCE: started_behind,
    Answer.TARGET: started_behind,
}
_OF_ACCOUNTS: Final = frozenset({Answer.APPLY, Answer.GIVE_BACK})

DECIDE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Required(ATTR_ANSWER): vol.Coerce(Answer),
        vol.Optional(ATTR_ITEMS): vol.All(cv.ensure_list, [item_id], vol.Length(min=1)),
    }
)


@callback
def async_setup_decide(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(DOMAIN, SERVICE_DECIDE, _async_decide, DECIDE_SCHEMA)


async def _async_decide(call: ServiceCall) -> None:
    """Answer what waits, all of it where no items are named; raises ServiceValidationError for what cannot be."""
    caller = await Caller.of_action(call)
    device_id: str = call.data[ATTR_DEVICE_ID]
    if (entry := _account(call.hass, device_id)) is not None:
        await _async_decide_on_account(call, caller, entry)
    else:
        await _async_decide_in_pair(call, caller, asked_pair(call.hass, device_id))


@callback
def _account(hass: HomeAssistant, device_id: str) -> ResumeSyncConfigEntry | None:
    """Return the account of a device; None: it is another kind of device."""
    device = dr.async_get(hass).async_get(device_id)
    if device is None or device.config_entry_id is None or device.config_subentry_id is not None:
        return None
    entry: ResumeSyncConfigEntry | None = hass.config_entries.async_get_entry(device.config_entry_id)
    return entry if entry is not None and entry.domain == DOMAIN else None


async def _async_decide_on_account(call: ServiceCall, caller: Caller, entry: ResumeSyncConfigEntry) -> None:
    """Answer positions of one account that came to 0 together."""
    answer: Answer = call.data[ATTR_ANSWER]
    # A person speaks for one title that is theirs; that it was taken off goes for the accounts it is paired with, too.
    written = [entry, *(caller.paired_with(entry) if answer is Answer.APPLY else ())]
    caller.require(allowed=caller.may_decide(written) and caller.may_see_account(entry))
    if answer not in _OF_ACCOUNTS:
        raise refused("answer_not_of_account", answer=answer.value)
    if entry.state is not ConfigEntryState.LOADED:
        raise refused("account_not_loaded", account=entry.title)
    account = entry.runtime_data.account
    waiting = [frozenset({one}) for one in account.account.journal.held()]
    chosen = _chosen(call, caller, waiting, entry.title)
    await async_answer_mass_zeros(
        call.hass, account, frozenset[str]().union(*(waiting[index] for index in chosen)), meant=answer is Answer.APPLY
    )


async def _async_decide_in_pair(call: ServiceCall, caller: Caller, asked: AskedPair) -> None:
    """Answer what a pair holds, or which side of a play that started behind is right."""
    answer: Answer = call.data[ATTR_ANSWER]
    caller.require(allowed=caller.may_decide_in(asked.entry, asked.subentry))
    if answer not in _WAITING:
        raise refused("answer_not_of_pair", answer=answer.value)
    pair = asked.coordinator
    waiting = _WAITING[answer](pair)
    item_ids = [frozenset({one.source_item_id, *one.target_item_ids}) for one in waiting]
    decisions = [waiting[index] for index in _chosen(call, caller, item_ids, asked.subentry.title)]
    if answer in (Answer.APPLY, Answer.KEEP):
        await async_answer_held(pair, decisions, apply=answer is Answer.APPLY)
    else:
        await async_choose_side(pair, decisions, played=answer is Answer.SOURCE)


def _chosen(call: ServiceCall, caller: Caller, waiting: Collection[frozenset[str]], name: str) -> list[int]:
    """Return which of the titles that wait, each given by its item ids, are answered.

    Raises ServiceValidationError where nothing waits or an item does not, and Unauthorized for several titles.
    """
    asked: list[str] = call.data.get(ATTR_ITEMS, [])
    if not waiting:
        raise refused("nothing_to_decide", name=name, answer=call.data[ATTR_ANSWER].value)
    for one in asked:
        if not any(one in item_ids for item_ids in waiting):
            raise refused("item_not_waiting", name=name, item=one)
    chosen = [index for index, item_ids in enumerate(waiting) if not asked or not item_ids.isdisjoint(asked)]
    caller.require(allowed=len(chosen) == 1 or caller.may_administer)
    return chosen

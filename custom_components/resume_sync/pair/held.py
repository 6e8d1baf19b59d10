"""What a pair leaves to people: changes that are too many at once, and plays that started behind."""

from collections.abc import Callable, Collection

from homeassistant.core import callback

from ..account.exclusive import async_exclusive, save_all
from ..account.rounds import now
from ..const import DOMAIN
from ..errors import RunFailed
from ..sync.model import Reason, RemoveMode, Side
from ..sync.plan.brake import answer
from ..sync.plan.decision import Decision
from .coordinator import PairCoordinator


def held_changes(pair: PairCoordinator) -> list[Decision]:
    """Return the changes of the last run that wait for an answer because they are so many."""
    return [one for one in pair.data.report.decisions if one.is_held_change] if pair.data else []


def started_behind(pair: PairCoordinator) -> list[Decision]:
    """Return the titles of the last run that were played from an older place than that of the other side."""
    return [one for one in pair.data.report.decisions if one.reason is Reason.STARTED_BEHIND] if pair.data else []


async def async_answer_held(pair: PairCoordinator, held: Collection[Decision], *, apply: bool) -> None:
    """Settle held changes: carry them out with a sync, or let both sides keep what they have until one is moved.

    Raises HomeAssistantError where the sync fails; it is made up for by a later one then.
    """
    ledger = pair.state.ledger
    first_sync = {one.key for one in held_changes(pair) if one.from_position_ms} if not ledger.approved else set()

    def settle() -> None:
        answer(ledger, held, apply=apply)
        # All of a first sync was agreed to, which goes for what a mirror removes as well.
        if apply and first_sync and first_sync <= {one.key for one in held} and pair.rules.remove is RemoveMode.MIRROR:
            ledger.mirror_agreed_at = now()

    await _async_settle(pair, settle)
    if apply:
        await pair.async_sync()
    else:
        _look_again(pair)


async def async_choose_side(pair: PairCoordinator, behind: Collection[Decision], *, played: bool) -> None:
    """Let the position of one side be the later one, for titles that were played from an older place.

    `played`: that of the play, else the one that it did not know of. A run carries it over.
    """
    sides = {Side.LEFT: pair.loaded().left.account.journal, Side.RIGHT: pair.loaded().right.account.journal}

    def settle() -> None:
        for one in behind:
            at = max([now(), *(edit.latest + 1 for edit in (one.edit, one.target_edit) if edit is not None)])
            if played:
                sides[one.source].choose(one.source_item_id, at)
            else:
                for item_id in one.target_item_ids:
                    sides[one.target].choose(item_id, at)

    await _async_settle(pair, settle)
    _look_again(pair)


async def _async_settle(pair: PairCoordinator, settle: Callable[[], None]) -> None:
    """Change what is remembered while nothing else uses the accounts."""
    loaded = pair.loaded()

    async def work() -> None:
        settle()
        await save_all(loaded.servers)

    interrupted = RunFailed("interrupted", {"name": pair.subentry.title}, waiting=True)
    await async_exclusive(pair.hass, loaded.servers, work, what="answer", interrupted=interrupted)
    pair.async_update_listeners()


@callback
def _look_again(pair: PairCoordinator) -> None:
    """Let a run look at the titles that were settled."""
    pair.config_entry.async_create_background_task(
        pair.hass, pair.async_request_refresh(), f"{DOMAIN} run after an answer"
    )

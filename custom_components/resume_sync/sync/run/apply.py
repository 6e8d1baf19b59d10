"""Carrying out decisions on one account: oldest edit first, a few at once, each read back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched

from ..identity import match_keys
from ..journal.edit import DAY_MS, Cause, Edit
from ..journal.trail import Intent, Left
from ..media_server import CannotConnect, InvalidAuth, MediaServerError, ServerBusy
from ..model import Action, DateMeaning, ItemState, PositionWrite, Side
from ..plan.decision import AccountError, Carried, Decision
from .account import Account

_UNREACHABLE_AFTER = 3


@dataclass(frozen=True, slots=True)
class Job:
    """One write of one item; the position 0 clears it.

    `key` names its title, `edited_at` orders the writes, `before_edit` is the item's last edit until now.
    """

    key: str
    base: ItemState
    position_ms: int
    carried: Carried
    edited_at: int = 0
    before_edit: Edit | None = None

    @property
    def item_id(self) -> str:
        """The item to write to."""
        return self.base.item_id


@dataclass(slots=True)
class Outcome:
    """What became of the jobs of one account, by item id."""

    attempted: set[str] = field(default_factory=set)
    failed: dict[str, MediaServerError] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()
    failure: AccountError | None = None

    @property
    def given_up(self) -> bool:
        """Whether the server is to be left alone for now."""
        errors = list(self.failed.values())
        return any(isinstance(error, InvalidAuth | ServerBusy) for error in errors) or (
            sum(isinstance(error, CannotConnect) for error in errors) >= _UNREACHABLE_AFTER
        )


def jobs_for(account: Account, side: Side, decisions: Sequence[Decision]) -> list[Job]:
    """Return what is to be written to one account, oldest edit first, so that its shelf keeps its order."""
    jobs = []
    for decision in decisions:
        if decision.target is side and decision.action in (Action.WRITE, Action.CLEAR) and decision.carried:
            position = (decision.from_position_ms or 0) if decision.action is Action.WRITE else 0
            edited_at = decision.edit.latest if decision.edit else 0
            for item_id in decision.target_item_ids:
                base = account.state(item_id)
                if base is not None:
                    job = Job(decision.key, base, position, decision.carried, edited_at, decision.target_edit)
                    jobs.append(job)
    return sorted(jobs, key=lambda job: (job.edited_at, job.item_id))


async def save_intents(
    writes: Sequence[tuple[Account, Sequence[Job]]], now: int, save: Callable[[], Awaitable[None]]
) -> None:
    """Note in the journals what is about to be written, and save, so that no crash can turn it into a human's edit.

    Raises whatever the save raises; nothing is expected then, for nothing may be sent.
    """
    for account, jobs in writes:
        _expect(account, jobs, now)
    try:
        await save()
    except BaseException:
        for account, jobs in writes:
            _withdraw(account, jobs)
        raise


def _expect(account: Account, jobs: Sequence[Job], now: int) -> None:
    """Expect these writes from now on."""
    for job in jobs:
        entry = account.journal.entries.get(job.item_id)
        intent = Intent(
            position_ms=job.position_ms,
            edit=job.carried.edit,
            made_at=now,
            sent_date_server_ms=_date_after(account, job),
            watched=job.base.watched,
            left=_left_by_viewer(account, job.base, now),
            stood=entry.written_before if entry else (),
            undone_at=job.carried.undone_at,
            keys=match_keys(job.base.item),
        )
        account.journal.unseen.intend(job.item_id, intent)


def _withdraw(account: Account, jobs: Iterable[Job]) -> None:
    """Expect these writes no more, which were not sent: what looks like one of them is a viewer's."""
    for job in jobs:
        account.journal.unseen.withdraw(job.item_id)


def _left_by_viewer(account: Account, base: ItemState, now: int) -> Left | None:
    """Return where a viewer left an item that is about to be written; at 0 where its app may still be open there.

    That is so after a play that stayed below the server's minimum, and after one of the last day that came to its end.
    """
    entry = account.journal.entries.get(base.item_id)
    left = entry.left_by_viewer if entry else None
    if left is not None or base.position_ms or account.server.traits.date_meaning is not DateMeaning.PLAY_START:
        return left
    if entry is not None:
        ended_lately = entry.edit.cause is Cause.FINISHED and now - entry.edit.latest < DAY_MS
        return Left(0, entry.edit) if ended_lately or entry.edit.cause is Cause.RESTARTED else None
    begun = base.last_played_server_ms is not None and not base.watched
    return Left(0, Edit(0, now)) if begun else None


async def apply(account: Account, jobs: Sequence[Job], now: Callable[[], int]) -> Outcome:
    """Write, then read back what was written. Errors of single items stop nothing else; nothing is raised."""
    outcome = Outcome()
    try:
        await _write_all(account, jobs, outcome, now)
        if outcome.attempted:
            outcome.verified = await account.read_back(outcome.attempted, now)
    except AccountError as error:
        outcome.failure = error
    finally:
        _withdraw(account, (job for job in jobs if job.item_id not in outcome.attempted))
    if outcome.failure is None and outcome.given_up:
        first = next(iter(outcome.failed.values()))
        outcome.failure = AccountError(account.account_id, first)
    return outcome


async def _write_all(account: Account, jobs: Sequence[Job], outcome: Outcome, now: Callable[[], int]) -> None:
    """Send all writes in order, as many at once as the server takes well."""
    traits = account.server.traits
    chunk_size = traits.read_before_write or max(len(jobs), 1)
    for chunk in batched(jobs, chunk_size, strict=False):
        if outcome.given_up:
            return
        current: Sequence[Job] = chunk
        if traits.read_before_write:
            current = await _still_unchanged(account, chunk, now)
        slots = asyncio.Semaphore(traits.writes_at_once)
        async with asyncio.TaskGroup() as group:
            for job in current:
                group.create_task(_write(account, job, outcome, slots))


async def _still_unchanged(account: Account, jobs: Sequence[Job], now: Callable[[], int]) -> list[Job]:
    """Read a chunk again right before it is written; return those that nobody has touched since the plan was made."""
    await account.read_states({job.item_id for job in jobs}, now)
    current = []
    for job in jobs:
        state = account.state(job.item_id)
        if state is not None and (state.position_ms, state.watched) == (job.base.position_ms, job.base.watched):
            current.append(replace(job, base=state))
    return current


async def _write(account: Account, job: Job, outcome: Outcome, slots: asyncio.Semaphore) -> None:
    """Send one write."""
    async with slots:
        if outcome.given_up:
            return
        outcome.attempted.add(job.item_id)
        try:
            if not job.position_ms:
                await account.server.clear_position(job.base)
            else:
                date = _date_to_send(account, job)
                await account.server.write_position(PositionWrite(job.base, job.position_ms, date))
        except MediaServerError as error:
            outcome.failed[job.item_id] = error


def _date_to_send(account: Account, job: Job) -> int | None:
    """Return the date to store with a write, on the server's clock; None leaves the item's own."""
    if not account.server.traits.takes_date or job.carried.sent_at is None:
        return None
    date = account.to_server_clock(job.carried.sent_at)
    own = job.base.last_played_server_ms
    return None if own is not None and own >= date else date


def _date_after(account: Account, job: Job) -> int | None:
    """Return the date that the item will show once the write has taken."""
    return _date_to_send(account, job) or job.base.last_played_server_ms

"""Writing to one account: intents saved first, oldest edit first, a few writes at once, each read back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched

from ..identity import contradicts, match_keys
from ..journal.edit import Edit
from ..journal.trail import Place, Write
from ..media_server import CannotConnect, InvalidAuth, MediaServerError, ServerBusy
from ..model import Action, ItemState, PositionWrite, Side
from ..plan.decision import AccountError, Carried, Decision
from .account import Account

_UNREACHABLE_AFTER = 3


@dataclass(frozen=True, slots=True)
class Job:
    """One write to one item; the position 0 clears it.

    `key` is that of its title, `base` the state last read. `edited_at`, in epoch milliseconds, orders the writes.
    `before_edit` is the human edit that the write replaces, kept for an undo.
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
    """The results of one account's jobs, by item id.

    `verified` items showed our position when read back; `failure` is set where the server is to be left alone.
    """

    attempted: set[str] = field(default_factory=set)
    failed: dict[str, MediaServerError] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()
    failure: AccountError | None = None

    @property
    def given_up(self) -> bool:
        """Whether to send no more writes: after one refusal, or three failed connections."""
        errors = list(self.failed.values())
        return any(isinstance(error, InvalidAuth | ServerBusy) for error in errors) or (
            sum(isinstance(error, CannotConnect) for error in errors) >= _UNREACHABLE_AFTER
        )


def jobs_for(account: Account, side: Side, decisions: Sequence[Decision]) -> list[Job]:
    """Return the writes and clears of one account, oldest edit first; items that were not read are left out."""
    jobs = []
    for decision in decisions:
        if decision.target is side and decision.action in (Action.WRITE, Action.CLEAR) and decision.carried:
            position = (decision.from_position_ms or 0) if decision.action is Action.WRITE else 0
            # A place that is given back stands for the target's own edit.
            edit = decision.target_edit if decision.carried.given_back else decision.edit
            edited_at = edit.latest if edit else 0
            for item_id in decision.target_item_ids:
                base = account.state(item_id)
                if base is not None:
                    job = Job(decision.key, base, position, decision.carried, edited_at, decision.target_edit)
                    jobs.append(job)
    # Servers sort "Continue watching" by the time of a write: a title paused at 20:00 is written before one of 21:00.
    return sorted(jobs, key=lambda job: (job.edited_at, job.item_id))


async def save_intents(
    writes: Sequence[tuple[Account, Sequence[Job]]], now: int, save: Callable[[], Awaitable[None]]
) -> None:
    """Enter the coming writes into the journals as intents, and save them, before anything is sent.

    Raises the error of the save; the intents are withdrawn then, and the caller must not send the writes.
    """
    # 20:00 intents saved · 20:01 a write arrives, and the power fails · 20:10 the next run reads our position. By its
    # intent it is ours; without one it would pass for a viewer's edit of 20:01.
    for account, jobs in writes:
        _expect(account, jobs, now)
    try:
        await save()
    except BaseException:
        for account, jobs in writes:
            _withdraw(account, jobs)
        raise


def _expect(account: Account, jobs: Sequence[Job], now: int) -> None:
    """Enter these writes into the journal, to be recognised when a read shows them."""
    for job in jobs:
        entry = account.journal.entry_of(job.base.item)
        place = Place(
            position_ms=job.position_ms,
            edit=job.carried.edit,
            written_at=now,
            date_server_ms=_date_after(account, job),
            watched=job.base.watched,
            undone_at=job.carried.undone_at,
            given_back=job.carried.given_back,
        )
        write = Write(place, match_keys(job.base.item), entry.trail if entry else ())
        account.journal.unseen.add(job.item_id, write)


def _withdraw(account: Account, jobs: Iterable[Job]) -> None:
    """Remove the intents of writes that were not sent: a read that shows such a position shows a viewer's edit."""
    for job in jobs:
        account.journal.unseen.withdraw(job.item_id)


async def apply(account: Account, jobs: Sequence[Job], now: Callable[[], int]) -> Outcome:
    """Send the writes in order, then read the written items back.

    Raises no server error: those of single items are in `failed`, that of a server to be left alone is `failure`.
    """
    outcome = Outcome()
    try:
        await _write_all(account, jobs, outcome, now)
        if outcome.attempted:
            outcome.verified = await account.read_back(outcome.attempted, now)
    except AccountError as error:
        outcome.failure = error
    finally:
        # Also when cancelled after three of ten writes: the other seven were never sent.
        _withdraw(account, (job for job in jobs if job.item_id not in outcome.attempted))
    if outcome.failure is None and outcome.given_up:
        first = next(iter(outcome.failed.values()))
        outcome.failure = AccountError(account.account_id, first)
    return outcome


async def _write_all(account: Account, jobs: Sequence[Job], outcome: Outcome, now: Callable[[], int]) -> None:
    """Send all writes in order, several at once where the server allows it, until it is given up."""
    traits = account.server.traits
    chunk_size = traits.read_before_write or max(len(jobs), 1)
    for chunk in batched(jobs, chunk_size, strict=False):
        if outcome.given_up:
            return
        current: Sequence[Job] = chunk
        # Emby's write carries the watched mark too. Ten items are read right before they are written, so that a mark
        # set by a viewer since the plan was made is not lost.
        if traits.read_before_write:
            current = await _still_unchanged(account, chunk, now)
        slots = asyncio.Semaphore(traits.writes_at_once)
        async with asyncio.TaskGroup() as group:
            for job in current:
                group.create_task(_write(account, job, outcome, slots))


async def _still_unchanged(account: Account, jobs: Sequence[Job], now: Callable[[], int]) -> list[Job]:
    """Read the items of a chunk again; return the jobs whose item stands as it did when the plan was made."""
    await account.read_states({job.item_id for job in jobs}, now)
    current = []
    for job in jobs:
        state = account.state(job.item_id)
        # 20:00:00 planned from 20 min · 20:00:05 the item is at 25 min: a viewer has it, and the next run decides anew.
        unmoved = state and (state.position_ms, state.watched) == (job.base.position_ms, job.base.watched)
        if state and unmoved and not contradicts(state.item, match_keys(job.base.item)):
            current.append(replace(job, base=state))
    return current


async def _write(account: Account, job: Job, outcome: Outcome, slots: asyncio.Semaphore) -> None:
    """Send one write or clear when a slot is free; a server that was given up meanwhile is sent nothing."""
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
    """Return the date to send with a write, on the server's clock; None leaves the item's own date."""
    if not account.server.traits.takes_date or job.carried.sent_at is None:
        return None
    date = account.to_server_clock(job.carried.sent_at)
    # Dates never go back: an edit of 20:00 written to an item last played at 21:00 leaves 21:00 there.
    own = job.base.last_played_server_ms
    return None if own is not None and own >= date else date


def _date_after(account: Account, job: Job) -> int | None:
    """Return the date that the item will show once the write has taken."""
    return _date_to_send(account, job) or job.base.last_played_server_ms

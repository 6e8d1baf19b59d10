"""Writing to one account: intents saved first, oldest edit first, a few writes at once, each read back."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from typing import Final

from ..identity import contradicts, match_keys
from ..journal.trail import Place, Write
from ..media_server import CannotConnect, InvalidAuth, MediaServerError, ServerBusy
from ..model import ItemState, PositionWrite
from ..plan.decision import AccountError
from .account import Account
from .history import Line, Origin
from .jobs import Job, date_after, date_to_send
from .proof import prove

READ_AT_ONCE: Final = 10
"""How many of the next items are read again at once, right before they are written."""

OLDEST_READ_MS: Final = 5_000
OLDEST_FULL_SET_MS: Final = 2_000
_UNREACHABLE_AFTER = 3
_NOWHERE: Final = Origin()


@dataclass(slots=True)
class Outcome:
    """The results of one account's jobs, by item id.

    `sent` are the jobs whose requests left, each with the state it was written over. `verified` items showed our
    position when read back. `disturbed` items lost something else by the write; the value tells whether they have it
    again. `repaired` are those of them that were written once more for that. Of `unproven` items nothing tells whether
    they lost anything. `failure` is set where the server is to be left alone.
    """

    sent: dict[str, Job] = field(default_factory=dict)
    failed: dict[str, MediaServerError] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()
    disturbed: Mapping[str, bool] = field(default_factory=dict)
    repaired: frozenset[str] = frozenset()
    unproven: frozenset[str] = frozenset()
    failure: AccountError | None = None

    @property
    def attempted(self) -> frozenset[str]:
        """The items that a request was sent for."""
        return frozenset(self.sent)

    @property
    def given_up(self) -> bool:
        """Whether to send no more writes: after one refusal, or three failed connections."""
        errors = list(self.failed.values())
        return any(isinstance(error, InvalidAuth | ServerBusy) for error in errors) or (
            sum(isinstance(error, CannotConnect) for error in errors) >= _UNREACHABLE_AFTER
        )


async def save_intents(
    writes: Sequence[tuple[Account, Sequence[Job]]],
    now: int,
    save: Callable[[], Awaitable[None]],
    origin: Origin = _NOWHERE,
) -> None:
    """Enter the coming writes as intents into the journals and as lines into the histories; save before any is sent.

    Raises the error of the save; all are withdrawn then, and the caller must not send the writes.
    """
    # 20:00 intents saved · 20:01 a write arrives, and the power fails · 20:10 the next run reads our position. By its
    # intent it is ours; without one it would pass for a viewer's edit of 20:01.
    for account, jobs in writes:
        account.history.settle(account.journal.entries)
        _expect(account, jobs, now)
        for job in jobs:
            account.history.add(_line(account, job, origin, now))
    try:
        await save()
    except BaseException:
        for account, jobs in writes:
            _give_up(account, jobs)
        raise


def _line(account: Account, job: Job, origin: Origin, now: int) -> Line:
    """Return the line of a write for the history. Its id is like no other one on any account."""
    written = f"{origin.run_id} {account.account_id} {job.item_id}"
    before_ms, entry = job.base.position_ms, account.journal.entry_of(job.base.item)
    return Line(
        line_id=blake2b(written.encode(), digest_size=8).hexdigest(),
        origin=origin,
        at=now,
        item=job.base.item,
        before_ms=before_ms,
        after_ms=before_ms if job.carried.hides else job.position_ms,
        before_edit=job.before_edit,
        over_ours=entry is not None and entry.written_at is not None,
        hidden=job.carried.hides,
        pair_id=job.pair_id,
        source_id=job.source_id,
        reason=job.reason,
    )


def _expect(account: Account, jobs: Sequence[Job], now: int) -> None:
    """Enter these writes into the journal, to be recognised when a read shows them."""
    for job in jobs:
        entry = account.journal.entry_of(job.base.item)
        place = Place(
            position_ms=job.position_ms,
            edit=job.carried.edit,
            written_at=now,
            date_server_ms=date_after(account, job),
            watched=job.base.watched,
            undone_at=job.carried.undone_at,
            given_back=job.carried.given_back,
        )
        write = Write(place, match_keys(job.base.item), entry.trail if entry else (), job.carried.began)
        account.journal.unseen.add(job.item_id, write)


def _give_up(account: Account, jobs: Iterable[Job]) -> None:
    """Remove intents and lines of writes that were not sent."""
    jobs = list(jobs)
    _withdraw(account, jobs)
    for job in jobs:
        account.history.withdraw(job.item_id)


def _withdraw(account: Account, jobs: Iterable[Job]) -> None:
    """Remove the intents of writes that were not sent: a read that shows such a position shows a viewer's edit."""
    for job in jobs:
        write = account.journal.unseen.latest(job.item_id)
        # A read may have shown it already, or a viewer's edit made it pointless.
        if write is not None and write.place.is_at(job.position_ms, 0):
            account.journal.unseen.withdraw(job.item_id)


async def apply(
    account: Account, jobs: Sequence[Job], now: Callable[[], int], *, repaired: Container[str] = ()
) -> Outcome:
    """Send the writes in order, then read the written items back.

    What a write took with it is put back, except on items that were `repaired` before. Raises no server error: those of
    single items are in `failed`, that of a server to be left alone is `failure`.
    """
    outcome = Outcome()
    try:
        await _write_all(account, jobs, outcome, now)
        if outcome.sent:
            proof = await prove(account, outcome.sent, repaired)
            outcome.disturbed, outcome.repaired, outcome.unproven = proof.disturbed, proof.repaired, proof.unproven
            counts = account.write_counts
            counts.disturbed += len(proof.disturbed)
            counts.repaired += sum(proof.disturbed.values())
            counts.unproven += len(proof.unproven)
            outcome.verified = account.record_writes(proof.read, outcome.attempted, now)
            account.history.settle(account.journal.entries)
    except AccountError as error:
        outcome.failure = error
    finally:
        # Also when cancelled after three of ten writes: the other seven were never sent.
        _give_up(account, (job for job in jobs if job.item_id not in outcome.sent))
    if outcome.failure is None and outcome.given_up:
        first = next(iter(outcome.failed.values()))
        outcome.failure = AccountError(account.account_id, first)
    return outcome


async def _write_all(account: Account, jobs: Sequence[Job], outcome: Outcome, now: Callable[[], int]) -> None:
    """Send all writes in order, several at once where the server allows it, until it is given up."""
    slots = asyncio.Semaphore(account.server.traits.writes_at_once)
    waiting = deque(jobs)
    while waiting and not outcome.given_up:
        chunk = [waiting.popleft() for _ in range(min(READ_AT_ONCE, len(waiting)))]
        looks = await _look_again(account, chunk, now)
        late: list[Job] = []
        async with asyncio.TaskGroup() as group:
            for look in looks:
                group.create_task(_write(account, look, outcome, slots, late))
        # The server was too slow for what was read of these: they are read again, with the next ones.
        waiting.extendleft(reversed(late))


@dataclass(frozen=True, slots=True)
class _Look:
    """A job whose item was read; `is_fresh` tells whether that is recent enough to write over it."""

    job: Job
    is_fresh: Callable[[], bool]


async def _look_again(account: Account, jobs: Sequence[Job], now: Callable[[], int]) -> list[_Look]:
    """Read the next items right before they are written; return those that stand as they did in the plan.

    A full set is written over what was read for it, seconds ago. Where position and date are sent alone, nothing can be
    lost but a viewer's move: a read of the plan will do that is not older than five seconds.
    """
    full_set = account.server.traits.writes_full_set
    limit_ms = OLDEST_FULL_SET_MS if full_set else OLDEST_READ_MS

    def fresh_since(time: int) -> bool:
        # A clock that was set back meanwhile tells nothing.
        return 0 <= now() - time <= limit_ms

    to_read = {job.item_id for job in jobs if full_set or not fresh_since(account.read_at(job.item_id))}
    read = await account.read_states(to_read, now, for_write=True) if to_read else None
    answered_at = now()
    looks = []
    for job in jobs:
        state = account.state(job.item_id)
        if job.item_id in to_read and (read is None or job.item_id not in read.items):
            continue
        # 20:00:00 planned from 20 min · 20:00:05 the item is at 25 min: a viewer has it, and the next run decides anew.
        unmoved = state and (state.position_ms, state.watched) == (job.base.position_ms, job.base.watched)
        if state and unmoved and not contradicts(state.item, match_keys(job.base.item)):
            read_at = answered_at if job.item_id in to_read else account.read_at(job.item_id)
            looks.append(_Look(_over(account, job, state, answered_at), partial(fresh_since, read_at)))
    return looks


def _over(account: Account, job: Job, state: ItemState, now: int) -> Job:
    """Return a job that writes over the state that was read last."""
    later = replace(job, base=state)
    # 20:00:05 the viewer opens the item without moving it: our older date is not sent. The write is expected with the
    # date that the item will show.
    if date_after(account, later) != date_after(account, job):
        _withdraw(account, [job])
        _expect(account, [later], now)
    return later


async def _write(account: Account, look: _Look, outcome: Outcome, slots: asyncio.Semaphore, late: list[Job]) -> None:
    """Send one write or clear when a slot is free; a server that was given up meanwhile is sent nothing."""
    job = look.job
    async with slots:
        if outcome.given_up:
            return
        if not look.is_fresh():
            late.append(job)
            return
        # 20:00:00 planned · 20:00:03 push tells that somebody stopped it, here or on the source: the next run decides.
        if job.is_overtaken:
            return
        outcome.sent[job.item_id] = job
        try:
            if job.carried.hides:
                await account.server.hide(job.base)
            elif not job.position_ms:
                await account.server.clear_position(job.base)
            else:
                date = date_to_send(account, job)
                await account.server.write_position(PositionWrite(job.base, job.position_ms, date))
        except MediaServerError as error:
            outcome.failed[job.item_id] = error

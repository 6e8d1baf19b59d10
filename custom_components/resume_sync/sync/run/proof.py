"""Proof that writes changed nothing but positions. What a stale copy took with one is put back, where that is safe."""

from collections.abc import Collection, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ..journal.trail import STORED_TOLERANCE_MS
from ..media_server import MediaServerError
from ..model import ItemState, PositionWrite, StateRead
from ..plan.decision import AccountError
from .account import Account
from .jobs import Job, date_after


@dataclass(frozen=True, slots=True)
class Proof:
    """The last read of items after they were written, and what it tells of them.

    `disturbed` items lost something by the write; the value tells whether they have it again. `repaired` are those of
    them that were written once more for that. Of `unproven` items no list tells.
    """

    read: StateRead
    disturbed: Mapping[str, bool] = field(default_factory=dict)
    repaired: frozenset[str] = frozenset()
    unproven: frozenset[str] = frozenset()


async def prove(account: Account, sent: Mapping[str, Job], repaired: Container[str]) -> Proof:
    """Read items back that were just written, and hold them against what they were written over.

    Items that were `repaired` before are not repaired again. Raises `AccountError`; enters nothing into the journal.
    """
    hidden = [item_id for item_id, job in sent.items() if job.carried.hides]
    read = await account.read_back(sent, hidden)
    # Where the position is another one than ours, a viewer has been there, and the rest is the viewer's as well.
    shown = [job for job in sent.values() if _shows(read, job)]
    unproven = frozenset(job.item_id for job in shown if not (job.base.listed and read.items[job.item_id].listed))
    lost = [job for job in shown if job.item_id not in unproven and _has_lost(job, read.items[job.item_id])]
    if not lost:
        return Proof(read, unproven=unproven)
    written = await _put_back(account, [job for job in lost if job.item_id not in repaired], read)
    if written:
        with suppress(AccountError):
            again = await account.read_back(written)
            read = replace(read, items={**read.items, **again.items})
    disturbed = {job.item_id: not _has_lost(job, read.items[job.item_id]) for job in lost}
    return Proof(read, disturbed, written, unproven)


def _shows(read: StateRead, job: Job) -> bool:
    """Tell whether a read shows the position of a write."""
    state = read.items.get(job.item_id)
    return state is not None and abs(state.position_ms - job.position_ms) <= STORED_TOLERANCE_MS


def _has_lost(job: Job, after: ItemState) -> bool:
    """Tell whether an item lacks what it had when it was written. What appeared or grew is a viewer's."""
    before = job.base
    date_is_gone = before.last_played_server_ms is not None and not (
        after.last_played_server_ms is not None or after.date_unreadable
    )
    # Marked as never played, while we cleared it: 20:00:00 read · 20:00:01 the viewer's mark goes with date and count ·
    # 20:00:02 our 0 changes nothing.
    if not job.position_ms and date_is_gone and not after.play_count and not after.watched:
        return False
    return (
        date_is_gone
        or (before.watched and not after.watched)
        or (before.favorite and not after.favorite)
        or (before.rating is not None and after.rating is None)
        or after.play_count < before.play_count
    )


async def _put_back(account: Account, jobs: Collection[Job], read: StateRead) -> frozenset[str]:
    """Write what these items have lost once more; return those that were written.

    Only where the server takes it, where sessions can be read, and where nobody has the item open or has just left it.
    """
    if not jobs or not account.server.traits.takes_data_back:
        return frozenset()
    open_items = await account.open_items()
    if open_items is None:
        return frozenset()
    written = set()
    for job in jobs:
        since = job.target.planned_at if job.target is not None else 0
        if job.item_id in open_items or account.journal.heard_since(job.item_id, since):
            continue
        after = read.items[job.item_id]
        data = _with_what_was_lost(job, after, date_after(account, job))
        try:
            await account.server.write_position(PositionWrite(data, after.position_ms, with_all_data=True))
        except MediaServerError:
            continue
        written.add(job.item_id)
    return frozenset(written)


def _with_what_was_lost(job: Job, after: ItemState, date_server_ms: int | None) -> ItemState:
    """Return an item as it was read last, with all that it had before."""
    before = job.base
    return replace(
        after,
        watched=after.watched or before.watched,
        play_count=max(after.play_count, before.play_count),
        last_played_server_ms=date_server_ms if after.last_played_server_ms is None else after.last_played_server_ms,
        favorite=after.favorite or before.favorite,
        rating=before.rating if after.rating is None else after.rating,
    )

"""Decisions made by hand: undoing the last run that wrote, and setting the position of one item."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..identity import contradicts
from ..journal.edit import NOISE_MS, Edit
from ..ledger import BeforeImage, Ledger
from ..media_server import NotFound, NotStored
from ..model import Side
from ..plan.decision import AccountError, Carried
from .account import Account
from .apply import apply, save_intents
from .jobs import Job


class NothingToUndo(Exception):
    """No run has written yet, or the last one that did was undone already."""


@dataclass(frozen=True, slots=True)
class Undone:
    """The result of an undo, in items: restored, moved by a viewer since, not possible on that server, failed.

    `not_shown`: of the restored ones, those that "Continue watching" does not show again.
    """

    restored: int = 0
    moved: int = 0
    not_supported: int = 0
    failed: int = 0
    not_shown: int = 0


async def undo(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> Undone:
    """Put back the positions that the last run replaced, on every item that still shows that run's position.

    Positions put back stay, for all pairs of the account, until a viewer moves the title. Failed ones are kept for
    another undo. `now` returns epoch milliseconds; `save` stores journals and ledger. Raises `NothingToUndo`, and
    `AccountError` where an account cannot be read; no position is changed then.
    """
    if not ledger.before_images:
        raise NothingToUndo
    images = {side: [image for image in ledger.before_images if image.side is side] for side in Side}
    for side, account in accounts.items():
        if images[side]:
            await account.read_states({image.item_id for image in images[side]}, now)
    jobs: dict[Side, list[Job]] = {}
    moved = not_supported = 0
    for side, account in accounts.items():
        # 20:00 a run wrote 80 min · 20:30 a viewer went on to 90 min · 20:40 undo: the 90 min stay, counted as moved.
        held = [job for image in images[side] if (job := _still_held(account, image, now()))]
        # An item that was at 0 before cannot be cleared again on Plex.
        jobs[side] = [job for job in held if job.position_ms or account.server.traits.can_clear]
        moved += len(images[side]) - len(held)
        not_supported += len(held) - len(jobs[side])
    await save_intents([(account, jobs[side]) for side, account in accounts.items()], now(), save)
    failed: list[BeforeImage] = []
    not_shown = 0
    for side, account in accounts.items():
        outcome = await apply(account, jobs[side], now, repaired=ledger.repaired_on(side))
        for item_id in outcome.repaired:
            ledger.note_repaired(side, item_id, now())
        failed += [image for image in images[side] if image.item_id in _missed(jobs[side], outcome.verified)]
        hidden = {image.item_id for image in images[side] if image.hidden} & outcome.verified
        not_shown += len(await account.not_shown(hidden))
    ledger.before_images = tuple(failed)
    await save()
    return Undone(sum(map(len, jobs.values())) - len(failed), moved, not_supported, len(failed), not_shown)


async def set_position(
    account: Account,
    item_id: str,
    new_position: Callable[[int], int],
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> int:
    """Set the position of one item as its viewer would, and return the position stored.

    `new_position` is called with the present position; both are milliseconds, and the result is kept between 0 and the
    item's duration. 0 takes the item out of progress. `now` returns epoch milliseconds. Raises `AccountError` from
    `NotFound`, `NotSupported` (Plex cannot store 0), `NotStored`, or another error of the server.
    """
    await account.read_states({item_id}, now)
    base = account.state(item_id)
    if base is None:
        raise AccountError(account.account_id, NotFound("The server has no such item"))
    wanted = max(new_position(base.position_ms), 0)
    position = min(wanted, base.item.duration_ms or wanted)
    time = now()
    job = Job(item_id, base, position, Carried(Edit(time, time), time))
    await save_intents([(account, [job])], time, save)
    outcome = await apply(account, [job], now)
    if outcome.failed:
        raise AccountError(account.account_id, outcome.failed[item_id])
    if outcome.failure:
        raise outcome.failure
    if item_id not in outcome.verified:
        raise AccountError(account.account_id, NotStored("The server did not keep the position"))
    # A written position carries the edit of another account, so that it never travels back. This one is the viewer's
    # own, and travels to every pair.
    account.journal.attribute_to_viewer(item_id)
    await save()
    return position


def _still_held(account: Account, image: BeforeImage, now: int) -> Job | None:
    """Return the job that undoes a write; None where the item no longer shows the position of that write."""
    state = account.state(image.item_id)
    if state is None or abs(state.position_ms - image.after_ms) >= NOISE_MS or contradicts(state.item, image.keys):
        return None
    if image.hidden and not account.is_off_shelf(image.item_id):
        return None
    edit = image.before_edit or Edit(now, now)
    return Job(image.item_id, state, image.before_ms, Carried(edit, undone_at=now))


def _missed(jobs: list[Job], verified: frozenset[str]) -> set[str]:
    """Return the ids of the items that did not show their write when read back."""
    return {job.item_id for job in jobs} - verified

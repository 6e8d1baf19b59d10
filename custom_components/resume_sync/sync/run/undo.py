"""What somebody decides by hand: to put back what the last run wrote, or to set one position."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..journal.edit import NOISE_MS, Edit
from ..ledger import BeforeImage, Ledger
from ..media_server import NotFound, NotStored
from ..model import Side
from ..plan.decision import AccountError, Carried
from .account import Account
from .apply import Job, apply, save_intents


class NothingToUndo(Exception):
    """The last run that wrote has been undone already, or no run has written yet."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an undo, in titles: put back, moved by somebody since then, impossible there, failed."""

    restored: int = 0
    moved: int = 0
    not_supported: int = 0
    failed: int = 0


async def undo(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> Undone:
    """Put back what the last run that wrote did, where the target still holds it.

    What is put back stays so, for all pairs of that account, until a viewer moves the title. What failed may be undone
    again. Raises NothingToUndo, and AccountError where an account cannot be read.
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
        held = [job for image in images[side] if (job := _still_held(account, image, now()))]
        jobs[side] = [job for job in held if job.position_ms or account.server.traits.can_clear]
        moved += len(images[side]) - len(held)
        not_supported += len(held) - len(jobs[side])
    await save_intents([(account, jobs[side]) for side, account in accounts.items()], now(), save)
    failed: list[BeforeImage] = []
    for side, account in accounts.items():
        outcome = await apply(account, jobs[side], now)
        failed += [image for image in images[side] if image.item_id in _missed(jobs[side], outcome.verified)]
    ledger.before_images = tuple(failed)
    await save()
    return Undone(sum(map(len, jobs.values())) - len(failed), moved, not_supported, len(failed))


async def set_position(
    account: Account,
    item_id: str,
    new_position: Callable[[int], int],
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> int:
    """Set the position of one item as its viewer would, and return it; `new_position` gets the one it has.

    Positions are milliseconds, kept within the item's duration; 0 takes the item out of progress. Raises AccountError
    from NotFound, NotSupported (Plex has no 0), NotStored, or whatever else the server has to say.
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
    account.journal.attribute_to_viewer(item_id)
    await save()
    return position


def _still_held(account: Account, image: BeforeImage, now: int) -> Job | None:
    """Return the write that puts back what an item held, if it still holds what the run left there."""
    state = account.state(image.item_id)
    if state is None or abs(state.position_ms - image.after_ms) >= NOISE_MS:
        return None
    edit = image.before_edit or Edit(now, now)
    return Job(image.item_id, state, image.before_ms, Carried(edit, undone_at=now))


def _missed(jobs: list[Job], verified: frozenset[str]) -> set[str]:
    """Return the items whose write was not seen on the server."""
    return {job.item_id for job in jobs} - verified

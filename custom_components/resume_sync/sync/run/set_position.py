"""Setting the position of one item, as its viewer would."""

from collections.abc import Awaitable, Callable

from ..journal.edit import Edit
from ..media_server import NotFound, NotStored
from ..plan.decision import AccountError, Carried
from .account import Account
from .apply import apply, save_intents
from .history import Author, Origin
from .jobs import Job


async def set_position(
    account: Account,
    item_id: str,
    new_position: Callable[[int], int],
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
    run_id: str = "",
) -> int:
    """Set the position of one item as its viewer would, and return the position stored.

    `new_position` is called with the present position; both are milliseconds, and the result is kept between 0 and the
    item's duration. 0 takes the item out of progress. `now` returns epoch milliseconds, `run_id` names the write in the
    history. Raises `AccountError` from `NotFound`, `NotSupported` (Plex cannot store 0), `NotStored`, or another error
    of the server.
    """
    await account.read_states({item_id}, now)
    base = account.state(item_id)
    if base is None:
        raise AccountError(account.account_id, NotFound("The server has no such item"))
    wanted = max(new_position(base.position_ms), 0)
    position = min(wanted, base.item.duration_ms or wanted)
    time, entry = now(), account.journal.entries.get(item_id)
    edit = None if entry is None else entry.edit
    job = Job(item_id, base, position, Carried(Edit(time, time), time), before_edit=edit)
    await save_intents([(account, [job])], time, save, Origin(run_id, Author.HAND))
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

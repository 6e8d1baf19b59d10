"""Undoing in a household: the last run of a pair, one run, or all since a time."""

from collections import Counter

from custom_components.resume_sync.sync.model import Side
from custom_components.resume_sync.sync.run.undo import Fate, NothingToUndo, last_run, undo
from tests.households.over_the_port import Household


async def undo_pair(
    household: Household[str], pair: tuple[str, str] = ("left", "right"), *, run_id: str = "", since: int = 0
) -> Counter[Fate]:
    """Undo what a pair wrote on both accounts, its last run unless told otherwise; return how many titles fared how.

    Raises `NothingToUndo` where there is nothing to undo on either account.
    """
    histories = [household.accounts[name].history for name in pair]
    asked = run_id or last_run(histories, str(pair)) or "none"
    undo_id, ledger = f"undo {household.now()}", household.ledgers[pair]
    fates: list[Fate] = []
    idle = 0
    for side, name in zip(Side, pair, strict=True):
        account = household.accounts[name]
        lines = account.history.of_pair(str(pair), since) if since else account.history.of_run(asked)
        try:
            done = await undo(
                account,
                [line.line_id for line in lines],
                run_id=undo_id,
                now=household.now,
                save=household.save,
                repaired=ledger.repaired_on(side),
            )
        except NothingToUndo:
            idle += 1
            continue
        fates += done.fates.values()
        for line in done.repaired:
            ledger.note_repaired(side, line.item_id, household.now())
    if idle == len(pair):
        raise NothingToUndo
    return Counter(fates)

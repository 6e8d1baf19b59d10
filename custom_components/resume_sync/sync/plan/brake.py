"""What is held back until somebody has approved of it, and what a new pair may change before that."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Flag, auto

from ..ledger import Ledger
from ..model import Action, Reason
from .decision import Decision

MOST_FIRST_CHANGES = 25


class Approval(Flag):
    """What somebody has approved of: many changes by a new pair, many removals at once."""

    NOTHING = 0
    FIRST_SYNC = auto()
    REMOVALS = auto()
    EVERYTHING = FIRST_SYNC | REMOVALS


def hold_large_first_sync(decisions: Sequence[Decision], ledger: Ledger, approval: Approval) -> list[Decision]:
    """Hold everything that a new pair's first run would change, if that is more than a look at the preview shows."""
    held = {Action.WRITE} if Approval.REMOVALS in approval else {Action.WRITE, Action.CLEAR}
    changes = sum(decision.action in held for decision in decisions)
    if Approval.FIRST_SYNC in approval or ledger.approved or changes <= MOST_FIRST_CHANGES:
        return list(decisions)
    return [
        replace(decision, action=Action.WAIT, reason=Reason.HELD_FOR_APPROVAL) if decision.action in held else decision
        for decision in decisions
    ]

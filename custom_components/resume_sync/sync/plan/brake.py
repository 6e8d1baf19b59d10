"""The brake on a first sync: a new pair that would change many titles waits for approval."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Flag, auto

from ..ledger import Ledger
from ..model import Action, Reason
from .decision import Decision

MOST_FIRST_CHANGES = 25
"""A first sync that changes more titles than these needs approval."""


class Approval(Flag):
    """The brakes that are released for one run: the one on a first sync, the one on many removals."""

    NOTHING = 0
    FIRST_SYNC = auto()
    REMOVALS = auto()
    EVERYTHING = FIRST_SYNC | REMOVALS


def hold_large_first_sync(decisions: Sequence[Decision], ledger: Ledger, approval: Approval) -> list[Decision]:
    """Return the decisions with a large first sync held: 26 changes or more, unless approved.

    Smaller first syncs, and every run after one that was approved or small, pass unchanged.
    """
    # Approved removals pass on: the repair about held removals releases them alone, not the writes of a first sync.
    held = {Action.WRITE} if Approval.REMOVALS in approval else {Action.WRITE, Action.CLEAR}
    changes = sum(decision.action in held for decision in decisions)
    if Approval.FIRST_SYNC in approval or ledger.approved or changes <= MOST_FIRST_CHANGES:
        return list(decisions)
    return [
        replace(decision, action=Action.WAIT, reason=Reason.HELD_FOR_APPROVAL) if decision.action in held else decision
        for decision in decisions
    ]

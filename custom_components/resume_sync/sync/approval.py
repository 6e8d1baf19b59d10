"""What a new pair may change before anybody has approved of it."""

from collections.abc import Sequence
from dataclasses import replace

from .decision import Decision
from .ledger import Ledger
from .model import Action, Reason

MOST_FIRST_CHANGES = 25


def first_run_held(decisions: Sequence[Decision], ledger: Ledger) -> list[Decision]:
    """Hold everything that a new pair's first run would change, if that is more than a look at the preview shows."""
    changes = sum(decision.action in (Action.WRITE, Action.CLEAR) for decision in decisions)
    if ledger.approved or changes <= MOST_FIRST_CHANGES:
        return list(decisions)
    return [
        replace(decision, action=Action.WAIT, reason=Reason.HELD_FOR_APPROVAL)
        if decision.action in (Action.WRITE, Action.CLEAR)
        else decision
        for decision in decisions
    ]

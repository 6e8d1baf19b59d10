"""How a pair is, and what its last run found."""

from dataclasses import dataclass
from enum import StrEnum

from ..sync.model import Reason
from ..sync.plan.decision import Report


class PairStatus(StrEnum):
    """How a pair is."""

    IN_SYNC = "in_sync"
    PENDING = "pending"
    SYNCING = "syncing"
    WAITING = "waiting"
    PAUSED = "paused"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention"


@dataclass(frozen=True, slots=True)
class PairData:
    """What a run found. `left` and `right` are the names of the two accounts."""

    report: Report
    left: str
    right: str

    @property
    def is_held(self) -> bool:
        """Whether something waits for approval: changes that are many at once, or zeros that came together."""
        return any(decision.reason is Reason.HELD_FOR_APPROVAL for decision in self.report.decisions)

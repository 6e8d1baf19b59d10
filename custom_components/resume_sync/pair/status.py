"""How a pair is, and what its last run found."""

from dataclasses import dataclass
from enum import StrEnum

from ..sync.plan.decision import Report


class PairStatus(StrEnum):
    """How a pair is."""

    IN_SYNC = "in_sync"
    PENDING = "pending"
    SYNCING = "syncing"
    WAITING = "waiting"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PairData:
    """What a run found. `left` and `right` are the names of the two accounts."""

    report: Report
    left: str
    right: str

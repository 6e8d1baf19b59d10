"""Short ways to plan two shelves with one title, and rules to plan by."""

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Direction, PairRules, Reason, RemoveMode, ServerType, Side
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.scene import Copy, Shelf
from tests.sync.builders import decide, point, shelf

ANY = PairRules(min_seconds=0, delta_seconds=0, max_percent=100)
TO_PEER = PairRules(direction=Direction.TO_PEER)
FROM_PEER = PairRules(direction=Direction.FROM_PEER)
MIRROR = PairRules(direction=Direction.TO_PEER, remove=RemoveMode.MIRROR)
FINISHED = point(100, Cause.FINISHED)


def one(
    left: Copy | Shelf | None,
    right: Copy | Shelf | None,
    rules: PairRules | None = None,
    ledger: Ledger | None = None,
) -> Decision:
    """Return the decision about the only title."""
    (decision,) = decide(left, right, rules, ledger)
    return decision


def verdict(
    left: Copy | Shelf | None,
    right: Copy | Shelf | None,
    rules: PairRules | None = None,
    ledger: Ledger | None = None,
) -> tuple[Action, Reason, Side | None]:
    """Return action, reason and source of the decision about the only title."""
    decision = one(left, right, rules, ledger)
    return decision.action, decision.reason, decision.source


def plex(*copies: Copy) -> Shelf:
    """Return a shelf on a Plex server."""
    return shelf(*copies, kind=ServerType.PLEX)

"""Short ways to plan removals, as runs do that clear nothing."""

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Activity, Direction, PairRules, Reason, RemoveMode
from custom_components.resume_sync.sync.plan.brake import Approval, record_held, release
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.removal import record_tombstones
from custom_components.resume_sync.sync.plan.scene import Copy, Shelf
from tests.sync.builders import at, between, copy, decide, point, shelf
from tests.sync.world import film

RULES = PairRules(remove=RemoveMode.SOURCE)
MIRROR = PairRules(direction=Direction.TO_PEER, remove=RemoveMode.MIRROR)
FINISHED = point(100, Cause.FINISHED)
CLEARED = between(90, 100, Cause.CLEARED)
DAY = 24 * 60


def begun(**fields: object) -> Ledger:
    """Return the ledger of a pair that has run before, at minute 10."""
    ledger = Ledger(started_at=at(10), approved=True)
    for name, value in fields.items():
        setattr(ledger, name, value)
    return ledger


def zero(edit: Edit | None = FINISHED, *, activity: Activity | None = None, fresh: bool = True) -> Copy:
    """Return film 1 at 0."""
    watched = edit is not None and edit.cause is Cause.FINISHED
    return copy(0, edit, watched=watched, activity=activity, fresh=fresh)


def run(
    left: Copy | Shelf | None,
    right: Copy | Shelf | None,
    ledger: Ledger,
    rules: PairRules = RULES,
    *,
    now: float = 600,
    approval: Approval = Approval.NOTHING,
) -> list[Decision]:
    """Plan, and record the tombstones, as a run does that clears nothing."""
    release(ledger, approval)
    decisions = decide(left, right, rules, ledger, now=now, approval=approval)
    record_held(ledger, decisions, at(now))
    record_tombstones(ledger, decisions, at(now))
    return decisions


def outcome(
    left: Copy | Shelf | None, right: Copy | Shelf | None, ledger: Ledger, rules: PairRules = RULES, *, now: float = 600
) -> tuple[Action, Reason]:
    """Return action and reason of a run for the only title."""
    (decision,) = run(left, right, ledger, rules, now=now)
    return decision.action, decision.reason


AWAITING = (Action.WAIT, Reason.AWAITING_CONFIRMATION)


def household(removals: int, shelf_size: int, edit: Edit = FINISHED) -> tuple[Shelf, Shelf]:
    """Return shelves with so many removals on the right, which has so many titles in progress."""
    left = shelf(*(copy(0, edit, item=film(number)) for number in range(removals)))
    right = shelf(*(copy(20, point(50), item=film(number)) for number in range(shelf_size)))
    return left, right


def held(decisions: list[Decision]) -> int:
    """Count the removals that wait for approval."""
    return sum(one.reason is Reason.HELD_FOR_APPROVAL for one in decisions)

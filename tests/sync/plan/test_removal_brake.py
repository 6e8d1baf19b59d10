"""The brake on removals: held ones, approved ones, refused ones."""

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.ledger import Cleared, Dismissal
from custom_components.resume_sync.sync.model import Action, Activity, Reason, Side
from custom_components.resume_sync.sync.plan.brake import Approval
from tests.sync.builders import at, copy, point, shelf
from tests.sync.world import film

from .removals import AWAITING, CLEARED, DAY, MIRROR, begun, held, household, outcome, run, zero


@pytest.mark.parametrize(
    ("removals", "shelf_size", "expected"), [(10, 10, 0), (11, 11, 11), (11, 43, 11), (11, 44, 0), (12, 48, 0)]
)
def test_more_than_ten_and_more_than_a_quarter_of_the_shelf_are_held(
    removals: int, shelf_size: int, expected: int
) -> None:
    """Both bounds have to be passed."""
    assert held(run(*household(removals, shelf_size), begun())) == expected


def test_clears_of_the_last_day_count() -> None:
    """The shelf is counted as it was before them. Older clears and those of the other side do not count."""
    today = tuple(Cleared(Side.RIGHT, at(2000 - DAY) + 1) for _ in range(9))
    old = tuple(Cleared(Side.RIGHT, at(2000 - DAY)) for _ in range(9))
    other = tuple(Cleared(Side.LEFT, at(1999)) for _ in range(9))
    assert held(run(*household(2, 34), begun(recently_cleared=today), now=2000)) == 2
    assert held(run(*household(2, 35), begun(recently_cleared=today), now=2000)) == 0
    assert held(run(*household(2, 34), begun(recently_cleared=old + other), now=2000)) == 0


def test_the_brake_holds_no_writes() -> None:
    """Eleven removals are held, one write is made."""
    left, right = household(11, 12)
    copies = {**left.copies, "film-50": copy(50, point(200), item=film(50))}
    more = {**right.copies, "film-50": copy(20, point(100), item=film(50))}
    decisions = run(shelf(*copies.values()), shelf(*more.values()), begun())
    assert held(decisions) == 11
    assert sum(one.action is Action.WRITE for one in decisions) == 1


def test_held_removals_need_an_approval() -> None:
    """Later runs hold them too; an approved run clears all of them."""
    ledger = begun()
    sides = household(11, 11)
    for minute in (600, 601, 602):
        assert held(run(*sides, ledger, now=minute)) == 11
    assert {one.recorded_at for one in ledger.tombstones} == {at(600)}
    assert {one.action for one in run(*sides, ledger, now=603, approval=Approval.EVERYTHING)} == {Action.CLEAR}


def test_held_removals_stay_held_when_fewer_are_left() -> None:
    """Eleven are held. A viewer resumes one title: that is no answer for the other ten."""
    ledger = begun()
    left, right = household(11, 12, CLEARED)
    assert held(run(left, right, ledger)) == 11
    copies = {**left.copies, "film-0": copy(30, point(590), item=film(0))}
    moved = shelf(*copies.values())
    assert held(run(moved, right, ledger, now=601)) == 10
    assert {one.held for one in ledger.tombstones} == {True}
    decisions = run(moved, right, ledger, now=602, approval=Approval.REMOVALS)
    assert sum(one.action is Action.CLEAR for one in decisions) == 10


def test_an_approved_removal_is_not_held_again() -> None:
    """Paused on the target during the approved run, the eleventh title is cleared by a later run without a question."""
    ledger = begun()
    left, right = household(11, 12, CLEARED)
    run(left, right, ledger)
    played = {**right.copies, "film-0": copy(20, point(50), item=film(0), activity=Activity.PAUSED)}
    decisions = run(left, shelf(*played.values()), ledger, now=601, approval=Approval.REMOVALS)
    assert sum(one.action is Action.CLEAR for one in decisions) == 10
    (left_over,) = (one for one in ledger.tombstones if one.item.item_id == "film-0")
    assert not left_over.held
    alone = shelf(copy(0, CLEARED, item=film(0)))
    assert [one.action for one in run(alone, right, ledger, now=602) if not one.from_position_ms] == [Action.CLEAR]


@pytest.mark.parametrize("activity", [Activity.PLAYING, Activity.PAUSED])
def test_removals_that_wait_for_a_viewer_count(activity: Activity) -> None:
    """Eleven titles were cleared; one of them is open on the target, the other ten are held."""
    left, right = household(11, 12, CLEARED)
    played = {**right.copies, "film-0": copy(20, point(50), item=film(0), activity=activity)}
    decisions = run(left, shelf(*played.values()), begun())
    assert held(decisions) == 10
    assert sum(one.reason is Reason.PLAYING_ON_TARGET for one in decisions) == 1


def test_a_refused_removal_is_not_recorded_again() -> None:
    """A later finish on the source is recorded."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    assert ledger.clear_tombstones() == 1
    assert ledger.clear_tombstones() == 0
    for minute in (601, 602):
        assert outcome(zero(), copy(20, point(50)), ledger, now=minute) == (Action.NONE, Reason.IGNORED)
    assert outcome(zero(point(300, Cause.FINISHED)), copy(20, point(50)), ledger) == AWAITING


def test_a_refusal_ends_with_a_change_on_the_target() -> None:
    """Moved on the target, the title is a removal to record once more."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    ledger.clear_tombstones()
    assert outcome(zero(), copy(30, point(60)), ledger) == AWAITING
    assert not ledger.dismissed


def test_a_refusal_outlives_a_library_that_is_away() -> None:
    """When the library is back, the removal is still refused."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    ledger.clear_tombstones()
    assert run(zero(), None, ledger, now=601) == []
    assert outcome(zero(), copy(20, point(50)), ledger, now=602) == (Action.NONE, Reason.IGNORED)


def test_a_refusal_is_forgotten_with_its_title() -> None:
    """For a title that is gone, 90 days after its last edit."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    ledger.clear_tombstones()
    run(zero(), None, ledger, now=100 + 90 * DAY - 1)
    assert ledger.dismissed
    run(zero(), None, ledger, now=100 + 90 * DAY)
    assert not ledger.dismissed


def test_a_refusal_of_a_removal_without_edits_is_forgotten_with_its_title() -> None:
    """Mirror removes titles without edits, so there is no edit to count 90 days from."""
    ledger = begun(dismissed={"right|movie:imdb:tt0000001": Dismissal(None, None)})
    run(None, None, ledger, MIRROR)
    assert not ledger.dismissed

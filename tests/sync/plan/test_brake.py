"""The brake on replaced positions, the list of what is held, and the answers to it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.trail import Lost
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Reason
from custom_components.resume_sync.sync.plan.brake import Approval, answer, record_held, release
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.scene import Shelf
from tests.sync.builders import at, copy, decide, point, shelf
from tests.sync.world import film

from .removals import DAY, RULES, begun, held, household, run


def moved(count: int, shelf_size: int, *, minute: float = 50, edited: float = 200) -> tuple[Shelf, Shelf]:
    """Return shelves in which so many titles were moved on the left since both sides agreed; all are on the right."""
    left = [copy(minute, point(edited), item=film(number)) for number in range(count)]
    left += [copy(20, point(100), item=film(number)) for number in range(count, shelf_size)]
    return shelf(*left), shelf(*(copy(20, point(100), item=film(number)) for number in range(shelf_size)))


def writes(decisions: Sequence[Decision]) -> int:
    """Count the writes."""
    return sum(one.action is Action.WRITE for one in decisions)


def listed(ledger: Ledger) -> int:
    """Count the titles on the list that nobody has answered."""
    return sum(not one.approved for one in ledger.held.values())


@pytest.mark.parametrize(
    ("replaced", "shelf_size", "expected"), [(15, 15, 0), (16, 16, 16), (16, 31, 16), (16, 32, 0), (40, 40, 40)]
)
def test_more_than_fifteen_and_more_than_half_of_the_shelf_are_held(
    replaced: int, shelf_size: int, expected: int
) -> None:
    """Both bounds have to be passed."""
    decisions = run(*moved(replaced, shelf_size), begun())
    assert (held(decisions), writes(decisions)) == (expected, replaced - expected)


def test_what_is_new_on_the_target_replaces_nothing() -> None:
    """Forty films begun on the left while the right is empty: they are written."""
    left, _ = moved(40, 40)
    right = shelf(*(copy(0, item=film(number)) for number in range(40)))
    assert writes(run(left, right, begun())) == 40


@pytest.mark.parametrize(("ago", "expected"), [(DAY - 1, 10), (DAY, 0)])
def test_a_day_counts(ago: float, expected: int) -> None:
    """Eight titles of this direction were replaced since yesterday, and eight of the other, which do not count."""
    ledger = begun()
    for number in range(8):
        ledger.record_write(f"earlier-{number}", at(3000 - ago), replaces=f"right|earlier-{number}")
        ledger.record_write(f"other-{number}", at(3000), replaces=f"left|other-{number}")
    ledger.replaced = {key: min(when, at(3000 - ago)) for key, when in ledger.replaced.items()}
    assert held(run(*moved(10, 19), ledger, now=3000)) == expected


def test_a_title_counts_once() -> None:
    """Watched for an evening, a film is written every five minutes."""
    ledger = begun()
    for minute in range(20):
        ledger.record_write("film", at(minute), replaces="right|film")
    assert held(run(*moved(10, 11), ledger, now=100)) == 0
    assert ledger.updated_total == 20


def test_the_first_run_is_judged_by_its_size_alone() -> None:
    """25 positions replaced are its own limit, and do not count for the day."""
    ledger = begun(approved=False)
    assert writes(run(*moved(25, 25), ledger)) == 25
    ledger.record_write("film", at(10), replaces="right|film")
    assert not ledger.replaced


def test_a_place_that_is_given_back_replaces_nothing() -> None:
    """However many an account gets back of its own."""
    right = shelf(*(copy(20, point(100), item=film(number), shown=5, lost=Lost.LOST) for number in range(30)))
    left = shelf(*(copy(20, point(100), item=film(number)) for number in range(30)))
    for approved in (True, False):
        decisions = run(left, right, begun(approved=approved))
        assert {one.reason for one in decisions} == {Reason.PUT_BACK}
        assert writes(decisions) == 30


def test_a_held_title_leaves_the_list_with_a_later_edit() -> None:
    """Of forty one is moved on by its viewer on either side: it is judged by itself; the others stay held."""
    ledger = begun()
    left, right = moved(40, 40)
    assert held(run(left, right, ledger)) == 40
    on_left = shelf(*{**left.copies, "film-0": copy(60, point(590), item=film(0))}.values())
    decisions = run(on_left, right, ledger, now=601)
    assert (held(decisions), writes(decisions)) == (39, 1)
    on_right = shelf(*{**right.copies, "film-1": copy(65, point(595), item=film(1))}.values())
    decisions = run(on_left, on_right, ledger, now=602)
    assert (held(decisions), writes(decisions)) == (38, 2)
    assert listed(ledger) == 38


def test_a_held_title_leaves_the_list_when_both_sides_agree() -> None:
    """Set right by hand on the target: nothing is left to ask about."""
    ledger = begun()
    left, right = moved(16, 16)
    run(left, right, ledger)
    agreed = shelf(*{**right.copies, "film-0": copy(50, point(100), item=film(0))}.values())
    assert held(run(left, agreed, ledger, now=601)) == 15
    assert listed(ledger) == 15


def test_titles_that_were_not_on_the_list_are_judged_by_themselves() -> None:
    """While sixteen are held, one more is watched: it is written."""
    ledger = begun()
    run(*moved(16, 17), ledger)
    decisions = run(*moved(17, 17), ledger, now=601)
    assert (held(decisions), writes(decisions)) == (16, 1)


def test_few_that_are_left_stay_held() -> None:
    """Fewer than at first are no answer."""
    ledger = begun()
    left, right = moved(16, 16)
    run(left, right, ledger)
    alone = shelf(left.copies["film-0"])
    assert held(run(alone, right, ledger, now=601)) == 1


def test_a_held_title_stays_on_the_list_while_its_library_is_away() -> None:
    """Back after a day it is still held; 90 days after its last edit it is forgotten."""
    ledger = begun()
    left, right = moved(16, 16)
    run(left, right, ledger)
    run(None, None, ledger, now=601)
    assert held(run(shelf(left.copies["film-0"]), right, ledger, now=DAY)) == 1
    run(None, None, ledger, now=200 + 90 * DAY)
    assert not ledger.held


def test_only_what_was_shown_is_approved() -> None:
    """Three of forty are applied, three kept; the others wait on."""
    ledger = begun()
    sides = moved(40, 40)
    shown = run(*sides, ledger)
    answer(ledger, shown[:3], apply=True)
    answer(ledger, shown[3:6], apply=False)
    decisions = run(*sides, ledger, now=601)
    assert (held(decisions), writes(decisions)) == (34, 3)
    assert [(one.action, one.reason) for one in decisions[3:6]] == [(Action.NONE, Reason.IGNORED)] * 3
    assert listed(ledger) == 34


def test_an_answer_is_about_what_was_shown() -> None:
    """Moved once more since the question was shown, a title is not approved with it."""
    ledger = begun()
    sides = moved(40, 40)
    shown = run(*sides, ledger)
    answer(ledger, shown, apply=True)
    assert held(run(*moved(40, 40, minute=10, edited=300), ledger, now=601)) == 40


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_is_kept_stays_until_either_side_moves(side: str) -> None:
    """Then the later position is written as ever."""
    ledger = begun()
    left, right = moved(16, 16)
    answer(ledger, run(left, right, ledger), apply=False)
    for minute in (601, 602):
        assert {one.reason for one in run(left, right, ledger, now=minute)} == {Reason.IGNORED}
    later = copy(70, point(610), item=film(0))
    if side == "left":
        left = shelf(*{**left.copies, "film-0": later}.values())
    else:
        right = shelf(*{**right.copies, "film-0": later}.values())
    assert writes(run(left, right, ledger, now=620)) == 1


def test_kept_removals_are_no_removals_any_more() -> None:
    """Both sides keep what they have, and nothing waits to be confirmed."""
    ledger = begun()
    sides = household(11, 11)
    answer(ledger, run(*sides, ledger), apply=False)
    assert not ledger.waiting
    assert {one.reason for one in run(*sides, ledger, now=601)} == {Reason.IGNORED}
    assert not ledger.waiting


def test_approved_removals_are_cleared_and_count_no_more() -> None:
    """Eleven were approved: one more on that day is a household's own."""
    ledger = begun()
    sides = household(11, 13)
    answer(ledger, run(*sides, ledger), apply=True)
    decisions = decide(*sides, RULES, ledger, now=601)
    cleared = [one for one in decisions if one.action is Action.CLEAR]
    assert len(cleared) == 11
    for one in cleared:
        ledger.record_clear(one.target, one.key, at(601))
    assert (ledger.cleared_total, ledger.recently_cleared) == (11, ())


def test_an_approval_of_everything_goes_for_the_whole_list() -> None:
    """Of positions, of removals, or of both."""
    for approval, expected in (
        (Approval.NOTHING, 16),
        (Approval.REMOVALS, 16),
        (Approval.FIRST_SYNC, 0),
        (Approval.EVERYTHING, 0),
    ):
        ledger = begun()
        sides = moved(16, 16)
        run(*sides, ledger)
        assert held(run(*sides, ledger, now=601, approval=approval)) == expected


def test_an_approved_write_that_fails_is_not_asked_about_again() -> None:
    """It waits for the next try, and is written then."""
    ledger = begun()
    sides = moved(16, 16)
    answer(ledger, run(*sides, ledger), apply=True)
    tried = [replace(one, action=Action.WAIT, reason=Reason.WRITE_FAILED) for one in decide(*sides, RULES, ledger)]
    record_held(ledger, tried, at(601))
    assert writes(run(*sides, ledger, now=602)) == 16
    assert not ledger.held


def test_a_release_marks_what_it_is_for() -> None:
    """The list says so, for titles that cannot be written at once."""
    ledger = begun()
    run(*moved(16, 16), ledger)
    release(ledger, Approval.REMOVALS)
    assert listed(ledger) == 16
    release(ledger, Approval.FIRST_SYNC)
    assert listed(ledger) == 0

"""Writes that are not made: guardrails, viewers, failed attempts, and a large first sync."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Activity, Direction, PairRules, Reason, Side
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.scene import Shelf
from custom_components.resume_sync.sync.tries import Attempt
from tests.sync.builders import at, between, copy, decide, minutes, movie, point, shelf
from tests.sync.world import film

from .verdicts import ANY, one, plex, verdict


@pytest.mark.parametrize(
    ("position", "rules", "reason"),
    [
        (59.999 / 60, PairRules(), Reason.BELOW_MINIMUM),
        (1, PairRules(), Reason.ONLY_ON_SOURCE),
        (10 / 60, ANY, Reason.ONLY_ON_SOURCE),
        (119.999 / 60, PairRules(min_seconds=120), Reason.BELOW_MINIMUM),
        (2, PairRules(min_seconds=120), Reason.ONLY_ON_SOURCE),
        (94.999, PairRules(), Reason.ONLY_ON_SOURCE),
        (95, PairRules(), Reason.NEAR_END),
        (79.999, PairRules(max_percent=80), Reason.ONLY_ON_SOURCE),
        (80, PairRules(max_percent=80), Reason.NEAR_END),
    ],
)
def test_positions_below_the_minimum_and_from_the_percentage_on_are_not_written(
    position: float, rules: PairRules, reason: Reason
) -> None:
    """A position at the minimum is written; one at the percentage is not."""
    assert one(copy(position, point(200)), copy(0), rules).reason is reason


@pytest.mark.parametrize(
    ("position", "reason"),
    [
        (59.999 / 60, Reason.BELOW_MINIMUM),
        (1, Reason.ONLY_ON_SOURCE),
        (89.999, Reason.ONLY_ON_SOURCE),
        (90, Reason.NEAR_END),
    ],
)
def test_plex_stores_nothing_below_a_minute_and_from_its_threshold_on(position: float, reason: Reason) -> None:
    """Plex would answer 200 and keep its position, even where the pair's guardrails allow the write."""
    assert one(copy(position, point(200)), plex(copy(0)), ANY).reason is reason
    assert one(plex(copy(position, point(200))), copy(0), ANY).reason is Reason.ONLY_ON_SOURCE


@pytest.mark.parametrize(("difference", "reason"), [(29.999, Reason.BELOW_DELTA), (30, Reason.NEWER_POSITION)])
def test_small_steps_are_not_written(difference: float, reason: Reason) -> None:
    """The step is measured from the target's position, forwards and back, so that small steps add up."""
    step = difference / 60
    assert one(copy(20 + step, point(200)), copy(20, point(100))).reason is reason
    assert one(copy(20, point(200)), copy(20 + step, point(100))).reason is reason


def test_the_end_is_that_of_either_side() -> None:
    """The target's film may be a shorter cut; an unknown duration sets no limit."""
    short, unknown = film(1, "r", duration_ms=minutes(91)), film(1, "r")
    assert one(copy(87, point(200)), copy(0, item=short)).reason is Reason.NEAR_END
    assert one(copy(87, point(200)), copy(0, item=replace(unknown, duration_ms=None))).reason is Reason.ONLY_ON_SOURCE
    nowhere = movie("a", "tmdb:2", duration_ms=None)
    assert one(copy(900, point(200), item=nowhere), copy(0, item=nowhere)).reason is Reason.ONLY_ON_SOURCE


@pytest.mark.parametrize(("length", "reason"), [(90, Reason.ONLY_ON_SOURCE), (89.9, Reason.DURATION_DIFFERS)])
def test_another_length_is_another_cut(length: float, reason: Reason) -> None:
    """Lengths more than a tenth apart: a position in one cut is another scene in the other."""
    other = film(1, "r", duration_ms=minutes(length))
    assert one(copy(20, point(200)), copy(0, item=other)).reason is reason
    assert one(copy(0, item=other), copy(20, point(200))).reason is reason


@pytest.mark.parametrize("rules", [ANY, replace(ANY, direction=Direction.TO_PEER)])
def test_zero_is_never_written_as_a_position(rules: PairRules) -> None:
    """A 0 travels as a removal or not at all, even where every position may be written."""
    left = shelf(copy(0, point(200, Cause.FINISHED), watched=True), copy(20, point(50), item=film(1, "copy")))
    for target in (copy(0), copy(0, point(100, Cause.CLEARED)), copy(0, between(100, 300, Cause.CLEARED))):
        assert one(left, target, rules).action is Action.NONE
    right = shelf(copy(0, between(150, 250)), copy(40, point(50), item=film(1, "copy")))
    assert one(copy(0, between(150, 250)), right, rules).action is Action.NONE


def test_add_off_writes_nothing() -> None:
    """The switch comes before all guardrails."""
    rules = PairRules(add=False)
    assert verdict(copy(99, point(200)), copy(20, point(100)), rules) == (Action.NONE, Reason.ADD_OFF, Side.LEFT)


@pytest.mark.parametrize("activity", Activity)
def test_a_title_open_on_the_target_is_not_written(activity: Activity) -> None:
    """Playing or paused: the app would write its own position over it."""
    busy = copy(20, point(100), activity=activity)
    assert verdict(copy(50, point(200)), busy) == (Action.WAIT, Reason.PLAYING_ON_TARGET, Side.LEFT)


def test_a_title_playing_on_the_source_waits_until_it_pauses_or_stops() -> None:
    """The position is still moving."""
    playing, paused = (copy(50, point(200), activity=activity) for activity in Activity)
    assert verdict(playing, copy(20, point(100))) == (Action.WAIT, Reason.PLAYING_ON_SOURCE, Side.LEFT)
    assert verdict(paused, copy(20, point(100))) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)


def test_a_viewer_of_any_copy_counts() -> None:
    """The title's second copy, in 4K say, may be playing."""
    right = shelf(copy(20, point(100)), copy(0, item=film(1, "copy"), activity=Activity.PLAYING))
    assert verdict(copy(50, point(200)), right)[1] is Reason.PLAYING_ON_TARGET


def failed(reason: Reason, count: int, retry_at: float, position: float = 50) -> Ledger:
    """Return a ledger with a failed write to film 1 on the right."""
    ledger = Ledger(approved=True)
    ignored = count if reason is Reason.NOT_VERIFIED else 0
    ledger.attempts["right:film-1"] = Attempt(minutes(position), reason, count, at(retry_at), ignored)
    return ledger


@pytest.mark.parametrize("reason", [Reason.NOT_VERIFIED, Reason.WRITE_FAILED])
def test_a_write_that_did_not_work_waits_for_its_time(reason: Reason) -> None:
    """The title waits with the reason of the failure, and is written when the back-off is over."""
    left, right = copy(50, point(200)), copy(20, point(100))
    assert verdict(left, right, ledger=failed(reason, 3, 600.1)) == (Action.WAIT, reason, Side.LEFT)
    assert verdict(left, right, ledger=failed(reason, 3, 600)) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)


def test_another_position_is_another_write() -> None:
    """A position 1 min away is tried at once; one 5 s away waits for the back-off."""
    left, right = copy(50, point(200)), copy(20, point(100))
    noise = failed(Reason.NOT_VERIFIED, 3, 700, 50 + 5 / 60)
    assert verdict(left, right, ledger=noise)[0] is Action.WAIT
    assert verdict(left, right, ledger=failed(Reason.NOT_VERIFIED, 3, 700, 49))[0] is Action.WRITE


def test_a_position_that_plex_ignored_twice_is_near_the_end() -> None:
    """Credits begin before the threshold; other servers ignore nothing, and once is no proof."""
    left, right = copy(80, point(200)), copy(20, point(100))
    twice = failed(Reason.NOT_VERIFIED, 2, 0, 80)
    assert verdict(left, plex(right), ledger=twice) == (Action.NONE, Reason.NEAR_END, Side.LEFT)
    assert verdict(left, right, ledger=twice)[0] is Action.WRITE
    assert verdict(left, plex(right), ledger=failed(Reason.NOT_VERIFIED, 1, 0, 80))[0] is Action.WRITE
    assert verdict(left, plex(right), ledger=failed(Reason.WRITE_FAILED, 2, 0, 80))[0] is Action.WRITE


def many(count: int) -> tuple[Shelf, Shelf]:
    """Return shelves with so many positions to write to the right."""
    left = shelf(*(copy(20, point(200), item=film(number)) for number in range(count)))
    return left, shelf(*(copy(0, item=film(number)) for number in range(count)))


def test_many_changes_of_a_new_pair_wait_for_approval() -> None:
    """26 changes wait for approval, 25 do not."""
    assert {one.action for one in decide(*many(25))} == {Action.WRITE}
    held = decide(*many(26))
    assert {(one.action, one.reason) for one in held} == {(Action.WAIT, Reason.HELD_FOR_APPROVAL)}
    assert {one.action for one in decide(*many(26), approval=Approval.EVERYTHING)} == {Action.WRITE}
    assert {one.action for one in decide(*many(26), approval=Approval.FIRST_SYNC)} == {Action.WRITE}
    assert {one.action for one in decide(*many(26), approval=Approval.REMOVALS)} == {Action.WAIT}
    assert {one.action for one in decide(*many(26), ledger=Ledger(approved=True))} == {Action.WRITE}

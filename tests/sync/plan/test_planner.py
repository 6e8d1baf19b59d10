"""Every title gets one decision with one reason: the later edit wins, where there is one."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.trail import Began
from custom_components.resume_sync.sync.model import Action, Activity, PairRules, Reason, Side
from custom_components.resume_sync.sync.plan.decision import Carried, Decision
from custom_components.resume_sync.sync.plan.scene import Copy
from tests.sync.builders import at, between, copy, minutes, point
from tests.sync.world import film

from .verdicts import ANY, FROM_PEER, MIRROR, TO_PEER, one, verdict


def test_the_later_edit_wins_in_both_directions() -> None:
    """Also when it is the lower position: a rewind is an edit."""
    old, new = copy(50, point(100)), copy(20, point(200))
    assert verdict(new, old) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)
    assert verdict(old, new) == (Action.WRITE, Reason.NEWER_POSITION, Side.RIGHT)


def test_a_write_tells_everything_about_itself() -> None:
    """Positions, items, both edits, and the edit that the target takes over with its date."""
    left, right = copy(50, point(100), item=film(1, "l")), copy(20, point(200), item=film(1, "r"))
    assert one(left, right) == Decision(
        key="movie:imdb:tt0000001",
        item=film(1, "r"),
        action=Action.WRITE,
        reason=Reason.NEWER_POSITION,
        source=Side.RIGHT,
        source_item_id="r",
        target_item_ids=("l",),
        from_position_ms=minutes(20),
        to_position_ms=minutes(50),
        edit=point(200),
        target_edit=point(100),
        carried=Carried(point(200), at(200)),
    )


@pytest.mark.parametrize("edit", [None, point(100, Cause.FINISHED)])
def test_a_title_in_progress_on_one_side_only_is_written_to_the_other(edit: Edit | None) -> None:
    """Never touched on the target, or finished there earlier: a rewatch is written."""
    target = copy(0, edit, watched=edit is not None)
    assert verdict(copy(20, point(200)), target) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)
    assert verdict(target, copy(20, point(200))) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.RIGHT)


@pytest.mark.parametrize("difference", [0, 9.9 / 60, -9.9 / 60])
def test_positions_within_ten_seconds_are_equal(difference: float) -> None:
    """Although their edits are an hour and more apart."""
    assert verdict(copy(20, point(200)), copy(20 + difference, point(100)), ANY)[1] is Reason.IN_SYNC


def test_ten_seconds_are_a_difference() -> None:
    """From 10 s on the positions differ."""
    assert verdict(copy(20, point(200)), copy(20 + 10 / 60, point(100)), ANY)[1] is Reason.NEWER_POSITION


@pytest.mark.parametrize(("cause", "reason"), [(Cause.FINISHED, Reason.FINISHED_ON_TARGET)])
def test_a_title_finished_later_on_the_target_is_not_written(cause: Cause, reason: Reason) -> None:
    """One-way: the finish is newer than the position."""
    assert verdict(copy(20, point(100)), copy(0, point(200, cause), watched=True), TO_PEER) == (
        Action.NONE,
        reason,
        Side.LEFT,
    )


@pytest.mark.parametrize("cause", [Cause.CLEARED, Cause.RESTARTED])
def test_a_title_cleared_later_on_the_target_is_not_written(cause: Cause) -> None:
    """An older position does not bring back a title that was cleared or started over."""
    assert verdict(copy(20, point(100)), copy(0, point(200, cause)), TO_PEER)[1] is Reason.CLEARED_ON_TARGET


def test_without_an_order_the_higher_position_wins() -> None:
    """Both sides take over the later bound, and the target keeps its date."""
    low, high = copy(20, between(100, 200)), copy(50, between(150, 250))
    decision = one(low, high)
    assert (decision.reason, decision.source) == (Reason.HIGHER_POSITION, Side.RIGHT)
    assert decision.carried == Carried(point(250), None, reordered=True)
    assert verdict(high, low) == (Action.WRITE, Reason.HIGHER_POSITION, Side.LEFT)
    assert verdict(copy(20, point(100)), copy(50, point(100)))[1:] == (Reason.HIGHER_POSITION, Side.RIGHT)


def test_without_an_order_zero_never_wins() -> None:
    """A position that may be newer than the clear brings the title back."""
    zero = copy(0, between(100, 200, Cause.CLEARED))
    assert verdict(zero, copy(50, between(150, 250))) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.RIGHT)
    assert verdict(copy(50, between(150, 250)), zero) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)


def test_without_an_order_a_watched_target_is_left_alone() -> None:
    """The finish may be newer than the position."""
    finished = copy(0, between(100, 200, Cause.FINISHED), watched=True)
    for start in (90, 100):
        assert verdict(copy(50, between(start, 250)), finished) == (Action.NONE, Reason.FINISHED_ON_TARGET, Side.LEFT)


def test_without_an_order_a_rewatch_that_began_later_is_written() -> None:
    """Marked watched on one server, begun anew on the other 16 s later: both servers tell the start of a play."""
    finished = copy(0, between(100, 200, Cause.FINISHED), watched=True)
    decision = one(copy(50, between(100.3, 150)), finished)
    assert (decision.action, decision.reason, decision.source) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)
    assert decision.carried == Carried(point(200), None, reordered=True)


def test_a_finish_at_an_unknown_time_is_not_older_than_a_rewatch() -> None:
    """Watched at any time up to now: an old position does not bring the title back by a guess."""
    finished = copy(0, Edit(0, at(300), Cause.FINISHED), watched=True)
    assert verdict(copy(50, between(150, 250)), finished) == (Action.NONE, Reason.FINISHED_ON_TARGET, Side.LEFT)


def behind(place: Edit | None, position: float = 25, at_minute: float = 250) -> Copy:
    """Return a copy that was last played on Wednesday, from the place with this edit."""
    return replace(copy(position, point(300)), began=None if place is None else Began(place, at(at_minute)))


def test_a_play_that_started_behind_lowers_nothing() -> None:
    """Both at 20 min since minute 100, one side at 80 min since minute 200; the other is played from 20 to 25 min."""
    known = copy(80, point(200))
    assert one(behind(point(100)), known).target_item_ids == (known.item.item_id,)
    assert verdict(behind(point(100)), known) == (Action.WAIT, Reason.STARTED_BEHIND, Side.LEFT)
    assert verdict(known, behind(point(100))) == (Action.WAIT, Reason.STARTED_BEHIND, Side.RIGHT)
    assert verdict(behind(point(100)), known, TO_PEER) == (Action.WAIT, Reason.STARTED_BEHIND, Side.LEFT)
    assert one(behind(point(100), at_minute=200 - 0.9 / 60), known).reason is Reason.STARTED_BEHIND, (
        "dated to the second"
    )
    assert one(behind(point(100)), copy(80, between(240, 260))).reason is Reason.STARTED_BEHIND, "perhaps behind"


def test_a_play_is_not_behind_where_it_had_come_to_itself() -> None:
    """Played from 20 to 80 min, carried to the other side, and taken back to 25 min at once: a rewind, not behind."""
    began = Began(point(100), at(140))
    carried = replace(copy(80, between(140, 200)), began=began)
    assert verdict(replace(copy(25, point(300)), began=began), carried)[:2] == (Action.WRITE, Reason.NEWER_POSITION)


@pytest.mark.parametrize(
    "source", [behind(None), behind(point(200)), behind(between(150, 250)), behind(point(100), at_minute=199)]
)
def test_a_play_that_did_not_surely_start_behind_is_written(source: Copy) -> None:
    """A rewind from 80 to 25 min, and a play of which nobody knows where it began."""
    assert verdict(source, copy(80, point(200)))[:2] == (Action.WRITE, Reason.NEWER_POSITION)


def test_a_play_that_started_behind_and_caught_up_is_written() -> None:
    """From 20 on to 85 min, past the 80 min of the other side; or to the end, which is a removal as ever."""
    assert verdict(behind(point(100), 85), copy(80, point(200)))[:2] == (Action.WRITE, Reason.NEWER_POSITION)
    assert verdict(behind(point(100), 0), copy(80, point(200)))[:2] == (Action.NONE, Reason.REMOVE_OFF)


def test_what_would_not_be_written_did_not_start_behind() -> None:
    """A rule that forbids the write is the reason, wherever the play began."""
    known = copy(80, point(200))
    assert verdict(behind(point(100)), known, PairRules(add=False))[1] is Reason.ADD_OFF
    assert verdict(behind(point(100), 79.8), known)[1] is Reason.BELOW_DELTA


def test_mirror_goes_by_its_source_wherever_the_play_began() -> None:
    """The source decides, as an edit made now."""
    assert verdict(behind(point(100)), copy(80, point(200)), MIRROR)[:2] == (Action.WRITE, Reason.MIRRORED)


def test_one_way_without_an_order_the_targets_higher_position_is_left_alone() -> None:
    """The target's position may be the newer one."""
    low, high = copy(20, between(100, 200)), copy(50, between(150, 250))
    assert verdict(low, high, TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(high, low, TO_PEER) == (Action.WRITE, Reason.HIGHER_POSITION, Side.LEFT)


def test_of_two_positions_without_edits_the_higher_one_is_kept() -> None:
    """No viewer is known to have moved either side: nothing is written."""
    assert verdict(copy(50), copy(20), FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)
    assert verdict(copy(50), copy(20)) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)


def test_one_way_only_the_source_is_written_from() -> None:
    """A later position on the target is left alone, whichever side holds the pair."""
    old, new = copy(50, point(100)), copy(20, point(200))
    assert verdict(new, old, TO_PEER) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)
    assert verdict(old, new, TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(old, new, FROM_PEER) == (Action.WRITE, Reason.NEWER_POSITION, Side.RIGHT)
    assert verdict(new, old, FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)


def test_one_way_a_title_in_progress_on_the_target_alone_is_left_alone() -> None:
    """Its source is not even searched for the title."""
    assert verdict(None, copy(20, point(100)), TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)
    assert verdict(copy(20, point(100)), None, FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(copy(0), copy(20, point(100)), TO_PEER)[1] is Reason.TARGET_NEWER


def test_mirror_the_source_beats_a_later_edit_of_the_target() -> None:
    """The mirrored edit counts as made now; the date sent is that of the source's edit."""
    decision = one(copy(20, point(100)), copy(50, point(200)), MIRROR)
    assert (decision.action, decision.reason, decision.source) == (Action.WRITE, Reason.MIRRORED, Side.LEFT)
    assert decision.carried == Carried(point(600), at(100))
    undated = one(copy(20), copy(50, point(200)), MIRROR)
    assert undated.carried == Carried(point(600), None)


def test_mirror_obeys_guardrails_and_viewers() -> None:
    """Mirrored writes stop near the end, and while the title is open on the target."""
    watching = copy(50, point(200), activity=Activity.PAUSED)
    assert verdict(copy(99, point(100)), copy(50, point(200)), MIRROR)[1] is Reason.NEAR_END
    assert verdict(copy(20, point(100)), watching, MIRROR)[1] is Reason.PLAYING_ON_TARGET


def test_mirror_looks_for_a_title_in_progress_on_the_target_alone() -> None:
    """The source may hold the title at 0; a title missing there is kept."""
    assert verdict(None, copy(20, point(100)), MIRROR) == (Action.UNRESOLVED, Reason.NOT_FOUND, Side.RIGHT)

"""Every title gets one decision with one reason: the later edit wins, unless a rule stands against it."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.decision import Carried, Decision
from custom_components.resume_sync.sync.edit import Cause, Edit
from custom_components.resume_sync.sync.ledger import Attempt, FailedLookup, Ledger, Settled
from custom_components.resume_sync.sync.model import (
    Action,
    Activity,
    Direction,
    PairRules,
    Reason,
    RemoveMode,
    ServerType,
    Side,
)
from custom_components.resume_sync.sync.shelf import Copy, Shelf

from .builders import at, between, copy, decide, minutes, movie, point, shelf
from .world import film

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
    """Return what is decided about the only title, why, and whose position it is about."""
    decision = one(left, right, rules, ledger)
    return decision.action, decision.reason, decision.source


def plex(*copies: Copy) -> Shelf:
    """Return a shelf on a Plex server."""
    return shelf(*copies, kind=ServerType.PLEX)


# The later edit wins.


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
def test_what_is_in_progress_on_one_side_only_is_written_to_the_other(edit: Edit | None) -> None:
    """Whether nobody touched it there, or finished it before: a rewatch is written, marks stay as they are."""
    target = copy(0, edit, watched=edit is not None)
    assert verdict(copy(20, point(200)), target) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)
    assert verdict(target, copy(20, point(200))) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.RIGHT)


@pytest.mark.parametrize("difference", [0, 9.9 / 60, -9.9 / 60])
def test_positions_within_ten_seconds_are_equal(difference: float) -> None:
    """Whatever their edits say."""
    assert verdict(copy(20, point(200)), copy(20 + difference, point(100)), ANY)[1] is Reason.IN_SYNC


def test_ten_seconds_are_a_difference() -> None:
    """The bound itself is not equal any more."""
    assert verdict(copy(20, point(200)), copy(20 + 10 / 60, point(100)), ANY)[1] is Reason.NEWER_POSITION


@pytest.mark.parametrize(("cause", "reason"), [(Cause.FINISHED, Reason.FINISHED_ON_TARGET)])
def test_what_was_finished_later_elsewhere_is_not_written_there(cause: Cause, reason: Reason) -> None:
    """One-way: the target has it behind it."""
    assert verdict(copy(20, point(100)), copy(0, point(200, cause), watched=True), TO_PEER) == (
        Action.NONE,
        reason,
        Side.LEFT,
    )


@pytest.mark.parametrize("cause", [Cause.CLEARED, Cause.RESTARTED])
def test_what_was_cleared_later_elsewhere_is_not_written_there(cause: Cause) -> None:
    """A position does not come back from where it is older."""
    assert verdict(copy(20, point(100)), copy(0, point(200, cause)), TO_PEER)[1] is Reason.CLEARED_ON_TARGET


# Without an order.


def test_without_an_order_the_higher_position_wins() -> None:
    """Both sides are then known at the later bound, and the target keeps its date."""
    low, high = copy(20, between(100, 200)), copy(50, between(150, 250))
    decision = one(low, high)
    assert (decision.reason, decision.source) == (Reason.HIGHER_POSITION, Side.RIGHT)
    assert decision.carried == Carried(point(250), None, reordered=True)
    assert verdict(high, low) == (Action.WRITE, Reason.HIGHER_POSITION, Side.LEFT)
    assert verdict(copy(20, point(100)), copy(50, point(100)))[1:] == (Reason.HIGHER_POSITION, Side.RIGHT)


def test_without_an_order_zero_never_wins() -> None:
    """What may have been moved after it was cleared is brought back."""
    zero = copy(0, between(100, 200, Cause.CLEARED))
    assert verdict(zero, copy(50, between(150, 250))) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.RIGHT)
    assert verdict(copy(50, between(150, 250)), zero) == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)


def test_without_an_order_a_watched_target_is_left_alone() -> None:
    """It may well have been finished after that position."""
    finished = copy(0, between(100, 200, Cause.FINISHED), watched=True)
    assert verdict(copy(50, between(150, 250)), finished) == (Action.NONE, Reason.FINISHED_ON_TARGET, Side.LEFT)


def test_one_way_without_an_order_the_targets_higher_position_is_left_alone() -> None:
    """It may well be the newer one."""
    low, high = copy(20, between(100, 200)), copy(50, between(150, 250))
    assert verdict(low, high, TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(high, low, TO_PEER) == (Action.WRITE, Reason.HIGHER_POSITION, Side.LEFT)


def test_the_higher_of_two_positions_that_nobody_dated_wins() -> None:
    """Neither side is known to have been touched."""
    assert verdict(copy(50), copy(20), FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)
    assert verdict(copy(50), copy(20)) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)


# One-way.


def test_one_way_only_the_source_is_written_from() -> None:
    """A later position on the target is left alone, whichever side holds the pair."""
    old, new = copy(50, point(100)), copy(20, point(200))
    assert verdict(new, old, TO_PEER) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)
    assert verdict(old, new, TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(old, new, FROM_PEER) == (Action.WRITE, Reason.NEWER_POSITION, Side.RIGHT)
    assert verdict(new, old, FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)


def test_one_way_what_only_the_target_has_is_left_alone() -> None:
    """It is not even looked for."""
    assert verdict(None, copy(20, point(100)), TO_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.RIGHT)
    assert verdict(copy(20, point(100)), None, FROM_PEER) == (Action.NONE, Reason.TARGET_NEWER, Side.LEFT)
    assert verdict(copy(0), copy(20, point(100)), TO_PEER)[1] is Reason.TARGET_NEWER


# Mirror.


def test_mirror_the_source_decides_whatever_the_targets_edits() -> None:
    """Its decision counts as made now, with the date of its own edit."""
    decision = one(copy(20, point(100)), copy(50, point(200)), MIRROR)
    assert (decision.action, decision.reason, decision.source) == (Action.WRITE, Reason.MIRRORED, Side.LEFT)
    assert decision.carried == Carried(point(600), at(100))
    undated = one(copy(20), copy(50, point(200)), MIRROR)
    assert undated.carried == Carried(point(600), None)


def test_mirror_obeys_guardrails_and_viewers() -> None:
    """A mirrored write is a write."""
    watching = copy(50, point(200), activity=Activity.PAUSED)
    assert verdict(copy(99, point(100)), copy(50, point(200)), MIRROR)[1] is Reason.NEAR_END
    assert verdict(copy(20, point(100)), watching, MIRROR)[1] is Reason.PLAYING_ON_TARGET


def test_mirror_looks_for_what_only_the_target_has() -> None:
    """The source may hold it at 0; a title that it does not have is kept."""
    assert verdict(None, copy(20, point(100)), MIRROR) == (Action.UNRESOLVED, Reason.NOT_FOUND, Side.RIGHT)


# Guardrails.


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
def test_least_and_most_of_a_film_that_is_written(position: float, rules: PairRules, reason: Reason) -> None:
    """The bounds themselves: the least second is written, the percentage no more."""
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
    """It would answer 200 and keep what it has, whatever the pair's own guardrails allow."""
    assert one(copy(position, point(200)), plex(copy(0)), ANY).reason is reason
    assert one(plex(copy(position, point(200))), copy(0), ANY).reason is Reason.ONLY_ON_SOURCE


@pytest.mark.parametrize(("difference", "reason"), [(29.999, Reason.BELOW_DELTA), (30, Reason.NEWER_POSITION)])
def test_small_steps_are_not_written(difference: float, reason: Reason) -> None:
    """Compared with what the other side holds, so that they add up; either way."""
    step = difference / 60
    assert one(copy(20 + step, point(200)), copy(20, point(100))).reason is reason
    assert one(copy(20, point(200)), copy(20 + step, point(100))).reason is reason


def test_the_end_is_that_of_either_side() -> None:
    """The target's film may be a shorter cut; a duration that is not known bounds nothing."""
    short, unknown = film(1, "r", duration_ms=minutes(91)), film(1, "r")
    assert one(copy(87, point(200)), copy(0, item=short)).reason is Reason.NEAR_END
    assert one(copy(87, point(200)), copy(0, item=replace(unknown, duration_ms=None))).reason is Reason.ONLY_ON_SOURCE
    nowhere = movie("a", "tmdb:2", duration_ms=None)
    assert one(copy(900, point(200), item=nowhere), copy(0, item=nowhere)).reason is Reason.ONLY_ON_SOURCE


@pytest.mark.parametrize(("length", "reason"), [(90, Reason.ONLY_ON_SOURCE), (89.9, Reason.DURATION_DIFFERS)])
def test_another_length_is_another_cut(length: float, reason: Reason) -> None:
    """More than a tenth of the longer one: no position of one is a position of the other."""
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
    """It comes before all guardrails."""
    rules = PairRules(add=False)
    assert verdict(copy(99, point(200)), copy(20, point(100)), rules) == (Action.NONE, Reason.ADD_OFF, Side.LEFT)


# Viewers.


@pytest.mark.parametrize("activity", Activity)
def test_what_the_targets_user_has_open_is_not_written_to(activity: Activity) -> None:
    """Playing or paused: the app would write its own position over it."""
    busy = copy(20, point(100), activity=activity)
    assert verdict(copy(50, point(200)), busy) == (Action.WAIT, Reason.PLAYING_ON_TARGET, Side.LEFT)


def test_what_is_playing_on_the_source_waits_until_it_pauses_or_stops() -> None:
    """Its position is only one on the way."""
    playing, paused = (copy(50, point(200), activity=activity) for activity in Activity)
    assert verdict(playing, copy(20, point(100))) == (Action.WAIT, Reason.PLAYING_ON_SOURCE, Side.LEFT)
    assert verdict(paused, copy(20, point(100))) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)


def test_a_viewer_of_any_copy_counts() -> None:
    """Somebody may be watching the 4K copy of it."""
    right = shelf(copy(20, point(100)), copy(0, item=film(1, "copy"), activity=Activity.PLAYING))
    assert verdict(copy(50, point(200)), right)[1] is Reason.PLAYING_ON_TARGET


# Writes that did not work.


def failed(reason: Reason, count: int, retry_at: float, position: float = 50) -> Ledger:
    """Return a ledger with a failed write to film 1 on the right."""
    ledger = Ledger(approved=True)
    ignored = count if reason is Reason.NOT_VERIFIED else 0
    ledger.attempts["right:film-1"] = Attempt(minutes(position), reason, count, at(retry_at), ignored)
    return ledger


@pytest.mark.parametrize("reason", [Reason.NOT_VERIFIED, Reason.WRITE_FAILED])
def test_a_write_that_did_not_work_waits_for_its_time(reason: Reason) -> None:
    """It stays visible, and is tried again when its back-off is over."""
    left, right = copy(50, point(200)), copy(20, point(100))
    assert verdict(left, right, ledger=failed(reason, 3, 600.1)) == (Action.WAIT, reason, Side.LEFT)
    assert verdict(left, right, ledger=failed(reason, 3, 600)) == (Action.WRITE, Reason.NEWER_POSITION, Side.LEFT)


def test_another_position_is_another_write() -> None:
    """A viewer has moved on since; noise has not."""
    left, right = copy(50, point(200)), copy(20, point(100))
    noise = failed(Reason.NOT_VERIFIED, 3, 700, 50 + 5 / 60)
    assert verdict(left, right, ledger=noise)[0] is Action.WAIT
    assert verdict(left, right, ledger=failed(Reason.NOT_VERIFIED, 3, 700, 49))[0] is Action.WRITE


def test_what_plex_ignored_twice_is_near_its_end() -> None:
    """Credits begin before the threshold; other servers ignore nothing, and once is no proof."""
    left, right = copy(80, point(200)), copy(20, point(100))
    twice = failed(Reason.NOT_VERIFIED, 2, 0, 80)
    assert verdict(left, plex(right), ledger=twice) == (Action.NONE, Reason.NEAR_END, Side.LEFT)
    assert verdict(left, right, ledger=twice)[0] is Action.WRITE
    assert verdict(left, plex(right), ledger=failed(Reason.NOT_VERIFIED, 1, 0, 80))[0] is Action.WRITE
    assert verdict(left, plex(right), ledger=failed(Reason.WRITE_FAILED, 2, 0, 80))[0] is Action.WRITE


# Copies.


def test_the_newest_copy_speaks_for_a_title() -> None:
    """The position that was left in the other library long ago does not count."""
    left = shelf(copy(80, point(100), item=film(1, "hd")), copy(30, point(200), item=film(1, "uhd")))
    decision = one(left, copy(20, point(150)))
    assert (decision.reason, decision.source_item_id) == (Reason.NEWER_POSITION, "uhd")
    assert decision.from_position_ms == minutes(30)


def test_a_write_goes_to_the_copy_in_progress() -> None:
    """Of several in progress to the newest, of none to the first by stable order."""
    source = copy(50, point(200))
    target = shelf(copy(0, item=film(1, "a")), copy(20, point(100), item=film(1, "b")))
    assert one(source, target).target_item_ids == ("b",)
    target = shelf(copy(30, point(90), item=film(1, "a")), copy(20, point(100), item=film(1, "b")))
    assert one(source, target).target_item_ids == ("b",)
    target = shelf(copy(0, item=film(1, "b")), copy(0, item=film(1, "a")))
    assert one(source, target).target_item_ids == ("a",)


def test_a_title_whose_newest_copies_are_at_zero_on_both_sides_is_in_sync() -> None:
    """A position that was left in another library does not make it one to remove from where nothing is left."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), Ledger(approved=True, started_at=1)
    both = shelf(copy(0, FINISHED, watched=True), copy(20, point(50), item=film(1, "copy")))
    for other in (copy(0), copy(0, point(40, Cause.FINISHED)), copy(0, between(40, 60, Cause.CLEARED))):
        assert verdict(both, other, rules, ledger)[:2] == (Action.NONE, Reason.IN_SYNC)
        assert verdict(other, both, rules, ledger)[:2] == (Action.NONE, Reason.IN_SYNC)
    for one_way in (TO_PEER, MIRROR):
        assert verdict(both, copy(0, point(200, Cause.FINISHED)), one_way, ledger)[1] is Reason.IN_SYNC


def test_a_copy_left_in_progress_is_cleared_by_a_later_finish_elsewhere() -> None:
    """A clear that reached only the first of two copies comes back for the second."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), Ledger(approved=True, started_at=1)
    both = shelf(copy(0, FINISHED, watched=True), copy(20, point(50), item=film(1, "copy")))
    decision = one(both, copy(0, FINISHED, watched=True), rules, ledger)
    assert (decision.action, decision.reason) == (Action.WAIT, Reason.AWAITING_CONFIRMATION)
    assert (decision.source, decision.target_item_ids) == (Side.RIGHT, ("copy",))


# What is left alone.


@pytest.mark.parametrize("key", ["left:film-1", "right:film-1"])
def test_what_somebody_ignores_is_left_alone(key: str) -> None:
    """On either side, alone or matched."""
    ledger = Ledger(mappings={key: None})
    assert verdict(copy(50, point(200)), copy(20, point(100)), ledger=ledger)[:2] == (Action.NONE, Reason.IGNORED)
    left, right = (copy(50, point(200)), None) if key.startswith("left") else (None, copy(50, point(200)))
    assert verdict(left, right, ledger=ledger)[:2] == (Action.NONE, Reason.IGNORED)


def test_a_row_that_was_not_understood_waits() -> None:
    """Nothing is planned from what could not be read."""
    unreadable = copy(50, point(200), readable=False)
    assert verdict(unreadable, copy(20, point(100)))[:2] == (Action.WAIT, Reason.NOT_VERIFIED)
    assert verdict(copy(20, point(100)), unreadable)[:2] == (Action.WAIT, Reason.NOT_VERIFIED)


def test_what_was_put_back_stays_until_a_viewer_moves_it() -> None:
    """On either side of the pair, for moves on the other side too."""
    undone = copy(20, point(100), undone_at=at(300))
    for edit in (None, point(200), point(300)):
        assert verdict(undone, copy(50, edit))[:2] == (Action.NONE, Reason.UNDONE)
        assert verdict(copy(50, edit), undone)[:2] == (Action.NONE, Reason.UNDONE)
    assert verdict(undone, copy(50, point(301)))[1] is Reason.NEWER_POSITION


# Unresolved.


def test_a_title_without_ids_is_unresolved() -> None:
    """Nothing tells what it is."""
    lonely = copy(20, point(100), item=movie("a"))
    assert verdict(lonely, None) == (Action.UNRESOLVED, Reason.NO_IDS, Side.LEFT)
    assert verdict(None, lonely) == (Action.UNRESOLVED, Reason.NO_IDS, Side.RIGHT)


def test_a_title_that_fits_two_is_unresolved() -> None:
    """The copies that it might be are told apart by nobody."""
    left = copy(20, point(100), item=movie("a", "imdb:tt00001", "tmdb:1"))
    right = shelf(
        copy(0, point(1), item=movie("b", "imdb:tt00001", "tvdb:1")),
        copy(0, point(1), item=movie("c", "tmdb:1", "tvdb:2")),
    )
    assert verdict(left, right) == (Action.UNRESOLVED, Reason.AMBIGUOUS, Side.LEFT)


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.GONE, Reason.AMBIGUOUS])
def test_a_failed_lookup_is_told(reason: Reason) -> None:
    """As it was found out when it was looked for."""
    ledger = Ledger(failed={"left:film-1": FailedLookup(reason, frozenset(), at(500))})
    assert verdict(copy(20, point(100)), None, ledger=ledger) == (Action.UNRESOLVED, reason, Side.LEFT)


def test_a_settled_decision_is_told() -> None:
    """It need not be looked for again to know that nothing is to be done."""
    ledger = Ledger(settled={"left:film-1": Settled(minutes(20), point(100), Reason.NEAR_END, ("x",))})
    assert verdict(copy(20, point(100)), None, ledger=ledger) == (Action.NONE, Reason.NEAR_END, Side.LEFT)


def test_a_hand_made_link_joins_what_ids_do_not() -> None:
    """From whichever side it was made."""
    left, right = copy(20, point(200), item=movie("a")), copy(0, item=movie("b", "tmdb:9"))
    for mappings in ({"left:a": "b"}, {"right:b": "a"}):
        assert verdict(left, right, ledger=Ledger(mappings=dict(mappings)))[1] is Reason.ONLY_ON_SOURCE


def test_what_nobody_has_in_progress_is_no_matter() -> None:
    """There is nothing to decide about a 0 on both sides."""
    assert decide(copy(0, FINISHED, watched=True), copy(0)) == []
    assert decide(None, None) == []


# Approval of a new pair's first changes.


def many(count: int) -> tuple[Shelf, Shelf]:
    """Return shelves between which so many positions would be written."""
    left = shelf(*(copy(20, point(200), item=film(number)) for number in range(count)))
    return left, shelf(*(copy(0, item=film(number)) for number in range(count)))


def test_many_changes_of_a_new_pair_wait_for_approval() -> None:
    """More than a look at the preview shows: all of them wait, until somebody approved once."""
    assert {one.action for one in decide(*many(25))} == {Action.WRITE}
    held = decide(*many(26))
    assert {(one.action, one.reason) for one in held} == {(Action.WAIT, Reason.HELD_FOR_APPROVAL)}
    assert {one.action for one in decide(*many(26), approve=True)} == {Action.WRITE}
    assert {one.action for one in decide(*many(26), ledger=Ledger(approved=True))} == {Action.WRITE}


# Properties.

POSITIONS = st.sampled_from([0, 0.5, 1, 20, 20.1, 20.6, 50, 90, 96])
EDITS = st.none() | st.builds(
    lambda start, length, cause: between(start, start + length, cause),
    st.integers(0, 20),
    st.integers(0, 5),
    st.sampled_from(Cause),
)


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    """Return a shelf with copies of two films in any state."""
    copies = []
    for number, name in ((1, "one"), (1, "two"), (2, "three")):
        if draw(st.booleans()):
            position = draw(POSITIONS)
            one = copy(
                position,
                draw(EDITS),
                item=film(number, f"{name}"),
                watched=draw(st.booleans()),
                activity=draw(st.sampled_from([None, None, None, *Activity])),
                fresh=draw(st.booleans()),
            )
            copies.append(one)
    return shelf(*copies, kind=draw(st.sampled_from(ServerType)))


RULES = st.builds(
    PairRules,
    st.sampled_from(Direction),
    st.booleans(),
    st.sampled_from([RemoveMode.OFF, RemoveMode.SOURCE]),
    st.sampled_from([0, 60]),
    st.sampled_from([0, 30]),
    st.sampled_from([95, 100]),
)


@given(shelves(), shelves(), RULES, st.sampled_from([None, 1]))
def test_every_title_in_progress_has_one_decision_and_a_reason(
    left: Shelf, right: Shelf, rules: PairRules, started_at: int | None
) -> None:
    """Actions and reasons fit each other, and a write changes something to a position above 0."""
    decisions = decide(left, right, rules, Ledger(started_at=started_at))
    titles = {c.item.ids for c in (*left.copies.values(), *right.copies.values()) if c.position_ms}
    assert len(decisions) == len(titles) == len({decision.key for decision in decisions})
    writes = {Reason.NEWER_POSITION, Reason.ONLY_ON_SOURCE, Reason.HIGHER_POSITION, Reason.MIRRORED}
    for decision in decisions:
        assert (decision.action is Action.WRITE) is (decision.reason in writes)
        if decision.action is Action.WRITE:
            assert decision.carried
            assert decision.from_position_ms
            assert decision.from_position_ms != decision.to_position_ms


@given(shelves(), shelves(), RULES)
def test_a_newer_edit_is_never_replaced_by_an_older_one(left: Shelf, right: Shelf, rules: PairRules) -> None:
    """No write goes to a side whose last edit is certainly later."""
    for decision in decide(left, right, rules):
        if decision.action is Action.WRITE:
            assert decision.edit
            assert not (decision.target_edit and decision.target_edit.later_than(decision.edit))


def outline(decisions: list[Decision]) -> dict[str, tuple[Action, Reason, set[int | None]]]:
    """Return what is decided without saying on which side."""
    return {one.key: (one.action, one.reason, {one.from_position_ms, one.to_position_ms}) for one in decisions}


@given(shelves(), shelves(), st.sampled_from([PairRules(), PairRules(add=False), PairRules(remove=RemoveMode.SOURCE)]))
def test_it_does_not_matter_which_account_holds_a_two_way_pair(left: Shelf, right: Shelf, rules: PairRules) -> None:
    """The same decisions the other way round."""
    ledger = Ledger(started_at=1)
    assert outline(decide(left, right, rules, ledger)) == outline(decide(right, left, rules, ledger))

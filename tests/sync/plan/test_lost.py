"""Lost places: a position that its server no longer shows is given back, once, and lowers nothing anywhere."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.trail import Began, Lost
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Activity, PairRules, Reason, RemoveMode, Side
from custom_components.resume_sync.sync.plan.decision import Carried, Decision
from custom_components.resume_sync.sync.plan.scene import Copy
from custom_components.resume_sync.sync.tries import Attempt
from tests.sync.builders import at, copy, decide, minutes, point, shelf
from tests.sync.world import film

from .removals import begun
from .verdicts import FINISHED, FROM_PEER, MIRROR, TO_PEER, one, plex, verdict

EDIT = point(100)


def lost(position: float = 50, edit: Edit = EDIT, *, shown: float = 0, why: Lost = Lost.LOST) -> Copy:
    """Return a copy whose account stands at a position that its server does not show."""
    return copy(position, edit, shown=shown, lost=why)


def test_a_lost_place_is_given_back_with_its_own_edit() -> None:
    """50 min on both sides; an app failed on the right, and its server shows 0."""
    how = Began(point(20), at(90))
    left, right = copy(50, EDIT, item=film(1, "l")), replace(lost(), item=film(1, "r"), began=how)
    assert one(left, right) == Decision(
        key="movie:imdb:tt0000001",
        item=film(1, "l"),
        action=Action.WRITE,
        reason=Reason.PUT_BACK,
        source=Side.LEFT,
        source_item_id="l",
        target_item_ids=("r",),
        from_position_ms=minutes(50),
        to_position_ms=0,
        edit=EDIT,
        target_edit=EDIT,
        carried=Carried(EDIT, at(100), given_back=True, began=how),
        lost=Lost.LOST,
    )
    assert verdict(right, left) == (Action.WRITE, Reason.PUT_BACK, Side.RIGHT)


def test_its_own_place_is_given_back_although_the_other_side_is_a_little_off() -> None:
    """The right stands at 50 min, the left at 50:05, left there later: equal positions, so each keeps its own."""
    decision = one(copy(50 + 5 / 60, point(200)), lost())
    assert (decision.reason, decision.from_position_ms) == (Reason.PUT_BACK, minutes(50))
    # 20 s are a difference. It is too small to be written, but what counts is the 0 that the server shows.
    assert verdict(copy(50 + 20 / 60, point(200)), lost())[:2] == (Action.WRITE, Reason.NEWER_POSITION)
    decision = one(copy(50 - 20 / 60, point(50)), lost(), TO_PEER)
    assert (decision.reason, decision.from_position_ms) == (Reason.PUT_BACK, minutes(50))


def test_an_abandoned_play_is_put_right() -> None:
    """The television was switched off at 40 min; the server counted on to 47 min, and the place says 40."""
    decision = one(copy(40, EDIT), lost(40, shown=47))
    assert (decision.reason, decision.from_position_ms, decision.to_position_ms) == (
        Reason.PUT_BACK,
        minutes(40),
        minutes(47),
    )
    assert one(copy(40, EDIT), lost(40, shown=40.3)).reason is Reason.BELOW_DELTA


def test_a_lost_place_travels_like_any_other() -> None:
    """Not carried yet: it is written to the other side first, where that is older, and given back after that."""
    for other in (copy(20, point(50)), copy(0)):
        decision = one(other, lost())
        assert (decision.action, decision.source, decision.from_position_ms) == (
            Action.WRITE,
            Side.RIGHT,
            minutes(50),
        )
        assert decision.reason in (Reason.NEWER_POSITION, Reason.ONLY_ON_SOURCE)


def test_a_later_position_is_written_over_a_lost_place() -> None:
    """Watched on to 60 min on the left after the right had lost its 50 min, or rewound to 20 min."""
    for position in (60, 20):
        decision = one(copy(position, point(200)), lost())
        assert (decision.action, decision.reason) == (Action.WRITE, Reason.NEWER_POSITION)
        assert (decision.from_position_ms, decision.to_position_ms) == (minutes(position), 0)


def test_a_later_position_that_may_not_be_written_is_no_reason_to_give_back() -> None:
    """The left is at 97 percent since then, which no pair carries: the 50 min are older."""
    assert verdict(copy(97, point(200)), lost())[:2] == (Action.NONE, Reason.NEAR_END)


def test_a_place_that_no_rule_allows_to_be_written_is_not_given_back() -> None:
    """The rule is the reason."""
    assert verdict(copy(50, EDIT), lost(), PairRules(add=False))[:2] == (Action.NONE, Reason.ADD_OFF)
    assert verdict(copy(91, EDIT), plex(lost(91)))[:2] == (Action.NONE, Reason.NEAR_END)
    assert verdict(copy(0.5, EDIT), lost(0.5))[:2] == (Action.NONE, Reason.BELOW_MINIMUM)


def test_nothing_is_given_back_where_the_title_is_over_or_was_undone() -> None:
    """Finished on the other side later; or put back by an undo, which a viewer has not moved since."""
    assert verdict(copy(0, point(200, Cause.FINISHED), watched=True), lost())[:2] == (Action.NONE, Reason.REMOVE_OFF)
    undone = copy(20, EDIT, undone_at=at(300))
    assert verdict(undone, lost(80, point(200)))[1] is Reason.UNDONE
    assert verdict(copy(80, point(200)), replace(lost(20), undone_at=at(300)))[1] is Reason.UNDONE


def test_a_lost_place_that_an_undo_had_put_back_stays_an_undo() -> None:
    """Both sides at 20 min: what is given back is as undone as it was."""
    decision = one(copy(20, EDIT), replace(lost(20), undone_at=at(300)))
    assert decision.carried == Carried(EDIT, at(100), undone_at=at(300), given_back=True)


def test_of_two_lost_places_one_is_given_back_after_the_other() -> None:
    """A film was tried on two servers of the same disk: both show 0. The side whose place is later comes first."""
    decision = one(lost(50, point(90)), lost())
    assert (decision.reason, decision.target) == (Reason.PUT_BACK, Side.RIGHT)
    decision = one(lost(), lost(50, point(90)))
    assert (decision.reason, decision.target) == (Reason.PUT_BACK, Side.LEFT)
    # The one that is not kept does not keep the other one waiting.
    decision = one(lost(why=Lost.NOT_KEPT), lost(50, point(90)))
    assert (decision.reason, decision.target) == (Reason.PUT_BACK, Side.RIGHT)
    assert one(lost(), lost(50, point(90)), TO_PEER).target is Side.RIGHT


def test_two_lost_places_that_differ_are_brought_into_line_first() -> None:
    """50 min yesterday, 20 min the day before: the later one is written to both, one after the other."""
    decision = one(lost(20, point(50)), lost())
    assert (decision.reason, decision.target, decision.from_position_ms) == (
        Reason.NEWER_POSITION,
        Side.LEFT,
        minutes(50),
    )


@pytest.mark.parametrize("why", [Lost.LOST, Lost.NOT_KEPT])
def test_a_one_way_pair_does_not_write_to_its_source(why: Lost) -> None:
    """What the source shows does not travel; its place does."""
    assert verdict(lost(why=why), copy(50, EDIT), TO_PEER) == (Action.NONE, Reason.LOST_ON_SOURCE, Side.LEFT)
    assert verdict(copy(50, EDIT), lost(why=why), FROM_PEER) == (Action.NONE, Reason.LOST_ON_SOURCE, Side.RIGHT)
    assert verdict(lost(why=why), copy(50, EDIT), MIRROR) == (Action.NONE, Reason.LOST_ON_SOURCE, Side.LEFT)
    assert verdict(lost(why=why), copy(20, point(50)), TO_PEER)[:2] == (Action.WRITE, Reason.NEWER_POSITION)
    assert verdict(lost(why=why), copy(60, point(200)), TO_PEER)[:2] == (Action.NONE, Reason.TARGET_NEWER)


def test_the_target_of_a_one_way_pair_gets_its_own_place_back() -> None:
    """It had gone on to 60 min, later than the source, and lost that."""
    decision = one(copy(50, EDIT), lost(60, point(200)), TO_PEER)
    assert (decision.reason, decision.target, decision.from_position_ms) == (Reason.PUT_BACK, Side.RIGHT, minutes(60))


def test_a_place_that_is_not_kept_waits_for_a_viewer() -> None:
    """A later position of the other side is written all the same."""
    decision = one(copy(50, EDIT), lost(why=Lost.NOT_KEPT))
    assert (decision.action, decision.reason, decision.target) == (Action.WAIT, Reason.NOT_KEPT, Side.RIGHT)
    assert (decision.from_position_ms, decision.to_position_ms) == (minutes(50), 0)
    assert verdict(copy(60, point(200)), lost(why=Lost.NOT_KEPT))[:2] == (Action.WRITE, Reason.NEWER_POSITION)


@pytest.mark.parametrize("rules", [PairRules(), TO_PEER, FROM_PEER, MIRROR, PairRules(remove=RemoveMode.SOURCE)])
@pytest.mark.parametrize("other", [copy(50, EDIT), copy(60, point(200)), copy(0, FINISHED), lost()])
def test_a_place_of_a_mass_of_zeros_waits_for_an_answer(rules: PairRules, other: Copy) -> None:
    """Nine titles became 0 in one read. Nothing is written, cleared or given back, whatever the other side holds."""
    for decision in (one(other, lost(why=Lost.HELD), rules, begun()), one(lost(why=Lost.HELD), other, rules, begun())):
        assert (decision.action, decision.reason) == (Action.WAIT, Reason.HELD_FOR_APPROVAL)
        assert (decision.lost, decision.is_held_change) == (Lost.HELD, False)


def test_nothing_is_given_back_while_somebody_has_the_title_open() -> None:
    """Playing or paused on the side that lost it; on the other side only while it plays: the position grows."""
    open_there = replace(lost(), activity=Activity.PAUSED)
    decision = one(copy(50, EDIT), open_there)
    assert (decision.reason, decision.from_position_ms) == (Reason.PLAYING_ON_TARGET, minutes(50))
    assert one(copy(50, EDIT, activity=Activity.PLAYING), lost()).reason is Reason.PLAYING_ON_SOURCE
    assert one(copy(50, EDIT, activity=Activity.PAUSED), lost()).reason is Reason.PUT_BACK


def test_a_give_back_that_failed_is_tried_again_later() -> None:
    """As every write: by the position that would be written."""
    ledger = Ledger(attempts={"right:film-1": Attempt(minutes(50), Reason.NOT_VERIFIED, 1, at(700))})
    left, right = shelf(copy(50, EDIT)), shelf(lost())
    assert [one.reason for one in decide(left, right, ledger=ledger, now=600)] == [Reason.NOT_VERIFIED]
    assert [one.reason for one in decide(left, right, ledger=ledger, now=700)] == [Reason.PUT_BACK]


def test_a_lost_place_is_cleared_like_any_other() -> None:
    """Finished on the other side later: the account is to stand at 0, where its server shows it."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), begun()
    decision = one(copy(0, point(200, Cause.FINISHED), watched=True), lost(), rules, ledger)
    assert (decision.reason, decision.target_item_ids) == (Reason.AWAITING_CONFIRMATION, ("film-1",))
    assert (decision.from_position_ms, decision.to_position_ms) == (0, 0)


def test_a_lost_place_of_a_title_that_no_other_server_has_is_in_no_plan() -> None:
    """Its server shows it at 0. One that was abandoned is still shown in progress, and is looked for."""
    assert decide(lost(), None) == []
    decision = one(lost(40, shown=47), None)
    assert (decision.action, decision.reason) == (Action.UNRESOLVED, Reason.NOT_FOUND)


def test_an_older_copy_that_was_lost_is_left_alone() -> None:
    """The title goes by its newest copy: the 4K copy was lost at 30 min, the HD copy stands at 50 min."""
    copies = shelf(copy(50, EDIT, item=film(1, "hd")), copy(30, point(50), item=film(1, "4k"), shown=0, lost=Lost.LOST))
    assert verdict(copy(50, EDIT), copies)[:2] == (Action.NONE, Reason.IN_SYNC)

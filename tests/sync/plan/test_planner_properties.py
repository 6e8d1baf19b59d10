"""Plans of any two shelves: one decision for each title, and never an older edit over a newer one."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import example, given, strategies as st
import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.journal.trail import Began, Lost
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import (
    Action,
    Activity,
    Direction,
    Item,
    PairRules,
    Reason,
    RemoveMode,
    ServerType,
    Side,
)
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.scene import Shelf, fit
from tests.sync.builders import between, copy, decide, minutes, shelf
from tests.sync.world import MINUTE, NOON, film

from .verdicts import MIRROR

pytestmark = pytest.mark.slow

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
            position, edit = draw(POSITIONS), draw(EDITS)
            one = copy(
                position,
                edit,
                item=film(number, f"{name}"),
                watched=draw(st.booleans()),
                activity=draw(st.sampled_from([None, None, None, *Activity])),
                fresh=draw(st.booleans()),
            )
            # Lost: a position that somebody left there, and of which the server shows nothing, or what a play that was
            # abandoned counted on to.
            if position and edit and draw(st.booleans()):
                shown = draw(st.sampled_from([0, minutes(position + 7)]))
                one = replace(one, shown_ms=shown, lost=draw(st.sampled_from(Lost)))
            began = draw(EDITS)
            copies.append(
                replace(one, began=None if began is None else Began(began, NOON + draw(st.integers(-25, 25)) * MINUTE))
            )
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


def title_keys(left: Shelf, right: Shelf) -> set[frozenset[str]]:
    """Return the titles to decide on: in progress by where an account stands, and shown so or with a counterpart."""
    on_left, on_right = ({one.item.ids for one in side.copies.values()} for side in (left, right))
    copies = [*left.copies.values(), *right.copies.values()]
    shown = {one.item.ids for one in copies if one.shown}
    return {one.item.ids for one in copies if one.position_ms} & (shown | (on_left & on_right))


@given(shelves(), shelves(), RULES, st.sampled_from([None, 1]))
def test_every_title_in_progress_has_one_decision_and_a_reason(
    left: Shelf, right: Shelf, rules: PairRules, started_at: int | None
) -> None:
    """Actions and reasons fit each other, and a write changes something to a position above 0."""
    decisions = decide(left, right, rules, Ledger(started_at=started_at))
    titles = title_keys(left, right)
    assert len(decisions) == len(titles) == len({decision.key for decision in decisions})
    writes = {
        Reason.NEWER_POSITION,
        Reason.ONLY_ON_SOURCE,
        Reason.HIGHER_POSITION,
        Reason.MIRRORED,
        Reason.PUT_BACK,
    }
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
            assert decision.carried
            assert not (decision.target_edit and decision.target_edit.later_than(decision.carried.edit))


@given(shelves(), shelves(), RULES | st.just(MIRROR))
def test_an_account_gets_nothing_back_but_its_own_place(left: Shelf, right: Shelf, rules: PairRules) -> None:
    """What is put back is the position and the edit of the copy that is written to, which its server does not show."""
    shelves_of = {Side.LEFT: left, Side.RIGHT: right}
    for decision in decide(left, right, rules, Ledger(started_at=1)):
        if decision.reason is not Reason.PUT_BACK:
            assert not (decision.carried and decision.carried.given_back)
            continue
        (item_id,) = decision.target_item_ids
        own = shelves_of[decision.target].copies[item_id]
        assert own.lost is Lost.LOST
        assert own.activity is None
        assert (decision.from_position_ms, decision.to_position_ms) == (own.position_ms, own.shown)
        assert decision.carried
        assert (decision.carried.edit, decision.carried.given_back) == (own.edit, True)


@given(shelves(), shelves(), RULES | st.just(MIRROR))
def test_a_one_way_pair_never_targets_its_source(left: Shelf, right: Shelf, rules: PairRules) -> None:
    """Nothing is written to it, cleared or given back."""
    source = {Direction.TO_PEER: Side.LEFT, Direction.FROM_PEER: Side.RIGHT}.get(rules.direction)
    for decision in decide(left, right, rules, Ledger(started_at=1)):
        if decision.action in (Action.WRITE, Action.CLEAR):
            assert decision.target is not source


@given(shelves(), shelves(), RULES | st.just(MIRROR))
def test_nothing_is_done_about_a_title_of_a_mass_of_zeros(left: Shelf, right: Shelf, rules: PairRules) -> None:
    """Held: no pair changes such a title on either side before somebody answers."""
    held = {one.item.ids for side in (left, right) for one in side.copies.values() if one.lost is Lost.HELD}
    for decision in decide(left, right, rules, Ledger(started_at=1)):
        if decision.item.ids in held:
            assert decision.action in (Action.WAIT, Action.NONE, Action.UNRESOLVED)


def outline(decisions: list[Decision]) -> dict[str, tuple[Action, Reason, set[int | None]]]:
    """Return action, reason and positions by title, without the side."""
    return {one.key: (one.action, one.reason, {one.from_position_ms, one.to_position_ms}) for one in decisions}


LEFT_OVER = shelf(copy(0, between(1, 1), item=film(1, "one")), copy(0.5, item=film(1, "two")))
LEFT_OVER_BEFORE = shelf(copy(0, between(1, 1), item=film(1, "one")), copy(0.5, between(0, 0), item=film(1, "two")))


RESTARTED = shelf(
    copy(0, between(1, 1, Cause.RESTARTED), item=film(1, "one")), copy(0.5, between(0, 0), item=film(1, "two"))
)


@example(LEFT_OVER, LEFT_OVER_BEFORE, PairRules())
@example(LEFT_OVER_BEFORE, RESTARTED, PairRules())
@given(shelves(), shelves(), st.sampled_from([PairRules(), PairRules(add=False), PairRules(remove=RemoveMode.SOURCE)]))
def test_a_two_way_pair_decides_the_same_whichever_account_holds_it(
    left: Shelf, right: Shelf, rules: PairRules
) -> None:
    """With left and right exchanged the decisions are the same."""
    ledger = Ledger(started_at=1)
    assert outline(decide(left, right, rules, ledger)) == outline(decide(right, left, rules, ledger))


CUTS = st.lists(
    st.tuples(
        st.sampled_from([None, 70, 82, 85, 106, 120]), st.sampled_from([0, 12]), st.sampled_from([None, "4K", "Films"])
    ),
    min_size=1,
    max_size=4,
)


@given(st.sampled_from([None, 82, 106]), CUTS, st.permutations("abcd"))
def test_the_cut_that_is_written_does_not_depend_on_ids(
    length: int | None, cuts: list[tuple[int | None, int, str | None]], names: list[str]
) -> None:
    """Ids are random: whether a film is synced, and to a copy of which length and library, does not hang on them."""

    def target_of(item_ids: Sequence[str]) -> tuple[object, ...]:
        """Return what the chosen copy is like, if the copies have these ids."""
        copies = {
            item_id: copy(position, between(0, 1) if position else None, item=cut(item_id, minutes_long, library))
            for item_id, (minutes_long, position, library) in zip(item_ids, cuts, strict=False)
        }
        source = copy(40, between(30, 30), item=cut("source", length, "4K"))
        (decision,) = decide(shelf(source), shelf(*copies.values()))
        chosen = copies[decision.target_item_ids[0]]
        return decision.action, decision.reason, chosen.position_ms, fit(source.item, chosen.item)

    assert target_of(names) == target_of("abcd")


def cut(item_id: str, minutes_long: int | None, library: str | None) -> Item:
    """Return a cut of a film, in some library."""
    length = None if minutes_long is None else minutes(minutes_long)
    return replace(film(1, item_id), duration_ms=length, library=library)

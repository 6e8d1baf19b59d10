"""The memory of a pair: links by hand, look-ups, failed writes, refused removals, counters."""

from dataclasses import replace
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.ledger import (
    BeforeImage,
    Cleared,
    Dismissal,
    FailedLookup,
    Held,
    Ledger,
    Settled,
    Tombstone,
    item_key,
)
from custom_components.resume_sync.sync.model import Item, MediaKind, Reason, Side
from custom_components.resume_sync.sync.run.clock_step import step_back
from custom_components.resume_sync.sync.tries import FIRST_RETRY_MS, LONGEST_RETRY_MS, Attempt

from .builders import at, minutes, point
from .world import film

DAY = 24 * 60
KEYS = frozenset({"movie:tmdb:2"})
REMOVAL = Tombstone(
    "movie:tmdb:2", Side.RIGHT, film(1), "film-1", point(10), ("film-1",), point(5), 20, Reason.MIRRORED, at(20)
)


def full() -> Ledger:
    """Return a ledger with one of everything."""
    return Ledger(
        links={"left:a": ("b", "c")},
        mappings={"left:a": "b", "right:x": None},
        settled={"left:a": Settled(20, point(10), Reason.NEAR_END, ("b",))},
        failed={"left:a": FailedLookup(Reason.GONE, KEYS, at(10), "7")},
        attempts={"right:b": Attempt(20, Reason.NOT_VERIFIED, 2, at(30))},
        unresolved_since={"left:a": at(10)},
        waiting={"right|movie:tmdb:2": REMOVAL},
        dismissed={"right|movie:tmdb:3": Dismissal(None, point(5))},
        held={"movie:tmdb:4": Held(point(6), None, removes=True, approved=True)},
        replaced={"right|movie:tmdb:5": at(10)},
        recently_cleared=(Cleared(Side.RIGHT, at(10)),),
        before_images=(BeforeImage(Side.RIGHT, "b", 0, 20, point(4)),),
        updated_total=3,
        cleared_total=1,
        started_at=at(0),
        approved=True,
        mirror_agreed_at=at(1),
        rules="rules",
    )


def test_a_ledger_survives_json() -> None:
    """Stored and read back, it is the same, tombstones with their items included."""
    assert Ledger.from_dict(json.loads(json.dumps(full().to_dict()))) == full()
    assert Ledger.from_dict(json.loads(json.dumps(Ledger().to_dict()))) == Ledger()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"version": 1},
        {"links": {"left:a": "b"}},
        {"links": {"left:a": [1]}},
        {"settled": {"left:a": {"position_ms": 1, "edit": None, "reason": "bored", "other_item_ids": []}}},
        {"waiting": {"right|x": {"key": "x"}}},
        {"approved": 1},
        {"updated_total": "3"},
        {"before_images": {}},
    ],
)
def test_foreign_data_is_no_ledger(data: object) -> None:
    """Nothing is derived from it, least of all a removal."""
    with pytest.raises(ValueError, match=r".+"):
        Ledger.from_dict(data)


def test_a_copy_changes_without_its_original() -> None:
    """A preview leaves no trace."""
    ledger = full()
    copied = ledger.copy()
    assert copied == ledger
    copied.forget_settled()
    copied.clear_tombstones()
    copied.links.clear()
    copied.mappings.clear()
    copied.held.clear()
    copied.replaced.clear()
    copied.record_clear(Side.LEFT, "movie:tmdb:9", at(30))
    assert ledger == full()


def test_mapped_items_are_listed_left_to_right() -> None:
    """They may have been mapped from either side. Ignored items are no links, and item ids may hold colons."""
    ledger = Ledger(mappings={"left:a": "b", "right:d:1": "c", "left:e": None})
    assert ledger.linked_by_hand() == {"a": "b", "c": "d:1"}


def test_ignored_items_are_those_mapped_to_nothing() -> None:
    """Only on their own side."""
    ledger = Ledger(mappings={"left:a": "b", "left:e": None})
    assert ledger.ignores(Side.LEFT, "e")
    assert not ledger.ignores(Side.RIGHT, "e")
    assert not ledger.ignores(Side.LEFT, "a")
    assert not ledger.ignores(Side.LEFT, "z")


def test_a_full_run_forgets_settled_decisions() -> None:
    """Decisions, look-ups and retries go; links, tombstones and decisions by hand stay."""
    ledger = full()
    ledger.forget_settled()
    assert ledger == replace(full(), settled={}, failed={}, attempts={})


def test_other_rules_forget_settled_decisions() -> None:
    """Look-ups do not depend on rules."""
    ledger = full()
    ledger.reset_if_rules_changed("rules")
    assert ledger == full()
    ledger.reset_if_rules_changed("others")
    assert ledger == replace(full(), settled={}, rules="others")


def test_a_refused_removal_remembers_the_edits_of_both_sides() -> None:
    """As long as neither side has another edit, the same removal is not recorded again."""
    ledger = full()
    assert ledger.clear_tombstones() == 1
    assert not ledger.tombstones
    assert ledger.dismissed["right|movie:tmdb:2"] == Dismissal(point(10), point(5))


def failed(**changes: object) -> Ledger:
    """Return a ledger in which a look-up failed at minute 10, of a library that has a revision."""
    lookup = FailedLookup(Reason.NOT_FOUND, KEYS, at(10), "7")
    return Ledger(failed={"left:a": replace(lookup, **changes)})  # type: ignore[arg-type]


def test_a_failed_lookup_is_believed_for_a_day() -> None:
    """A revision that is unknown now changes nothing. The other side has look-ups of its own."""
    ledger = failed()
    assert ledger.lookup_failed(Side.LEFT, "a", KEYS, "7", at(10 + DAY) - 1) is Reason.NOT_FOUND
    assert ledger.lookup_failed(Side.LEFT, "a", KEYS, None, at(20)) is Reason.NOT_FOUND
    assert ledger.lookup_failed(Side.LEFT, "a", KEYS, "7", at(10 + DAY)) is None
    assert ledger.lookup_failed(Side.RIGHT, "a", KEYS, "7", at(20)) is None


def test_a_lookup_is_repeated_when_something_changed() -> None:
    """The library changed, or the item's ids, or this machine's clock was set back."""
    assert failed().lookup_failed(Side.LEFT, "a", KEYS, "8", at(20)) is None
    assert failed(revision=None).lookup_failed(Side.LEFT, "a", KEYS, "8", at(20)) is None
    assert failed().lookup_failed(Side.LEFT, "a", KEYS | {"movie:tvdb:1"}, "7", at(20)) is None
    assert failed().lookup_failed(Side.LEFT, "a", KEYS, "7", at(9)) is None


def test_failed_writes_wait_longer_each_time() -> None:
    """Twice as long as before, up to six hours."""
    ledger = Ledger()
    waits = []
    for _ in range(12):
        ledger.failed_attempt(Side.RIGHT, "b", minutes(20), Reason.NOT_VERIFIED, at(100))
        waits.append(ledger.attempts["right:b"].retry_at - at(100))
    assert waits[:4] == [FIRST_RETRY_MS * factor for factor in (1, 2, 4, 8)]
    assert waits[-1] == LONGEST_RETRY_MS
    assert ledger.attempts["right:b"].count == 12


def test_only_accepted_writes_count_as_ignored() -> None:
    """A server that was away has ignored nothing."""
    ledger = Ledger()
    for reason, ignored in ((Reason.WRITE_FAILED, 0), (Reason.NOT_VERIFIED, 1), (Reason.WRITE_FAILED, 1)):
        ledger.failed_attempt(Side.RIGHT, "b", minutes(20), reason, at(100))
        assert ledger.attempts["right:b"].ignored == ignored


def test_another_position_starts_the_count_again() -> None:
    """It is another write; noise around the same position is not."""
    ledger = Ledger()
    for position, count in ((minutes(20), 1), (minutes(20) + 9_999, 2), (minutes(21), 1)):
        ledger.failed_attempt(Side.RIGHT, "b", position, Reason.WRITE_FAILED, at(100))
        assert ledger.attempts["right:b"].count == count


def test_clears_are_counted_for_a_day_on_their_side() -> None:
    """The total counts them for ever."""
    ledger = Ledger()
    ledger.record_clear(Side.RIGHT, "movie:tmdb:9", at(0))
    ledger.record_clear(Side.LEFT, "movie:tmdb:9", at(10))
    ledger.record_clear(Side.RIGHT, "movie:tmdb:9", at(DAY))
    assert ledger.recently_cleared == (Cleared(Side.LEFT, at(10)), Cleared(Side.RIGHT, at(DAY)))
    assert ledger.cleared_since(Side.RIGHT, at(10)) == 1
    assert ledger.cleared_since(Side.RIGHT, at(DAY)) == 0
    assert ledger.cleared_total == 3


def test_items_no_longer_in_progress_are_dropped() -> None:
    """Their links, settled decisions and look-ups go; decisions by hand stay."""
    ledger = full()
    ledger.keep_only({"a"}, ())
    assert ledger == full()
    ledger.keep_only({"b"}, {"a"})
    assert ledger == replace(full(), links={}, settled={}, failed={})


ITEM_IDS = st.text(min_size=1, max_size=4)


@given(st.sampled_from(Side), ITEM_IDS, st.sampled_from(Side), ITEM_IDS)
def test_every_item_has_a_key_of_its_own(side: Side, item_id: str, other_side: Side, other_id: str) -> None:
    """Two items of a pair never share a memory."""
    assert (item_key(side, item_id) == item_key(other_side, other_id)) is ((side, item_id) == (other_side, other_id))


TIME = st.integers(0, 2**45)
EDITS = st.none() | st.builds(Edit, TIME, TIME, st.sampled_from(Cause))
ITEMS = st.builds(
    Item,
    ITEM_IDS,
    st.sampled_from(MediaKind),
    st.text(),
    st.frozensets(st.text(), max_size=2),
    st.none() | st.integers(),
    st.none() | TIME,
    st.none() | st.text(),
    st.frozensets(st.text(), max_size=2),
    st.none() | st.integers(0, 3),
    st.none() | st.integers(0, 3),
)


@given(
    st.builds(
        Tombstone,
        st.text(),
        st.sampled_from(Side),
        ITEMS,
        ITEM_IDS,
        EDITS,
        st.tuples(ITEM_IDS),
        EDITS,
        TIME,
        st.sampled_from(Reason),
        TIME,
    )
)
def test_any_tombstone_survives_json(tombstone: Tombstone) -> None:
    """Titles in every language, items with and without ids, edits known and unknown."""
    ledger = Ledger(waiting={"right|key": tombstone})
    assert Ledger.from_dict(json.loads(json.dumps(ledger.to_dict()))) == ledger


def test_stepping_back_lowers_every_time_that_is_compared_with_edits() -> None:
    """When the history began and mirroring was agreed to; edits of removals, refusals, decisions and before-images."""
    edit, earlier = point(100), point(90)
    ledger = Ledger(
        waiting={"right|movie": replace(REMOVAL, source_edit=edit, target_edit=None)},
        dismissed={"right|other": Dismissal(edit, earlier)},
        held={"movie": Held(edit, None)},
        settled={"left:a": Settled(20, edit, Reason.NEAR_END, ())},
        before_images=(BeforeImage(Side.LEFT, "a", 10, 20, edit), BeforeImage(Side.LEFT, "b", 10, 20)),
        started_at=at(95),
        mirror_agreed_at=at(96),
    )
    assert step_back([], [ledger], at(50))
    now = ledger.dismissed["right|other"].source_edit
    assert now is not None
    assert ledger.waiting["right|movie"].source_edit == ledger.settled["left:a"].edit == now
    assert ledger.held["movie"] == Held(now, None)
    assert [image.before_edit for image in ledger.before_images] == [now, None]
    before = ledger.dismissed["right|other"].target_edit
    assert before is not None
    assert ledger.started_at is not None
    assert ledger.mirror_agreed_at is not None
    assert before.latest < ledger.started_at < ledger.mirror_agreed_at < now.earliest < at(50)
    assert not step_back([], [ledger], at(50))

"""Item ids that stand for another title than before: each read confirms an id by the external ids of its item."""

import pytest

from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.journal.expected import ExpectedWrites
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Heard, Lost
from custom_components.resume_sync.sync.model import Item
from tests.sync.builders import (
    JELLYFIN,
    at,
    between,
    episode,
    minutes,
    movie,
    observe,
    point,
    snapshot,
    state,
    state_read,
)
from tests.sync.world import film

from .journals import written

ONE = film(1, "101")
TWO = film(2, "101")


def known_as_one() -> Journal:
    """Return a journal that has seen film 1 at 20 min, under the id 101."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, date=80, item=ONE)))
    return journal


def gone(journal: Journal) -> list[frozenset[str]]:
    """Return the external ids of the items that are gone."""
    return [entry.keys for entry in journal.entries.values() if entry.gone]


def test_a_reused_id_in_progress_is_a_new_item() -> None:
    """It is dated like any item that is new, and the known one is gone, with its edit."""
    journal = known_as_one()
    edit = journal.entries["101"].edit
    observe(journal, snapshot(300, state(40, date=200, item=TWO)))
    assert journal.entries["101"].edit == between(200, 240)
    (former,) = (entry for item_id, entry in journal.entries.items() if item_id != "101")
    assert (former.gone, former.edit, former.position_ms) == (True, edit, minutes(20))


def test_a_reused_id_at_zero_is_no_clear() -> None:
    """101 was film 1 at 20 min, and is film 2, which nobody ever touched."""
    journal = known_as_one()
    observe(journal, snapshot(300), state_read(301, state(0, item=TWO)))
    assert "101" not in journal.entries
    assert len(gone(journal)) == 1


@pytest.mark.parametrize(
    "other",
    [
        TWO,
        movie("101", "tmdb:77"),
        episode("101", "tvdb:11", show=["tvdb:1"]),
        episode("101"),
    ],
    ids=["another film", "one contradicting id", "an episode", "an episode without ids"],
)
def test_another_title(other: Item) -> None:
    """Contradicting ids, or another kind of thing."""
    journal = known_as_one()
    journal.observe_states(state_read(300, state(0, item=other)), (), JELLYFIN, at(301))
    assert (list(gone(journal)), "101" in journal.entries) == ([film(1).ids], False)


@pytest.mark.parametrize(
    "other",
    [
        movie("101"),
        movie("101", "tvdb:5"),
        movie("101", "imdb:tt0000001"),
        movie("101", "imdb:tt0000001", "tmdb:77"),
    ],
    ids=["no ids", "ids of another source", "fewer ids", "as many contradict as agree"],
)
def test_the_same_title(other: Item) -> None:
    """Ids that are left out or added, or one wrong one, make no other title: a 0 that nobody asked for is one of it."""
    journal = known_as_one()
    observe(journal, snapshot(300), state_read(301, state(0, date=80, item=other)))
    assert journal.entries["101"].lost is Lost.LOST
    assert gone(journal) == []


def test_an_episode_of_another_number() -> None:
    """Without ids of their own, episodes are told apart by their place in the show."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, item=episode("7", show=["tvdb:1"], number=1))))
    observe(journal, snapshot(200), state_read(201, state(0, item=episode("7", show=["tvdb:1"], number=2))))
    assert "7" not in journal.entries


def test_titles_that_exchange_their_ids_keep_their_edits() -> None:
    """Scanned in another order: each title goes on under its new id."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, date=80, item=film(1, "101")), state(30, date=90, item=film(2, "102"))))
    edits = [journal.entries[item_id].edit for item_id in ("101", "102")]
    observe(journal, snapshot(300, state(20, date=80, item=film(1, "102")), state(30, date=90, item=film(2, "101"))))
    assert [journal.entries[item_id].edit for item_id in ("102", "101")] == edits


def test_ids_that_move_on_and_lose_their_positions_clear_nothing() -> None:
    """Each title is lost under its new id, and keeps its place and its time."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, date=80, item=film(1, "101")), state(30, date=90, item=film(2, "102"))))
    edit = journal.entries["101"].edit
    moved = state_read(301, state(0, item=film(0, "101")), state(0, item=film(1, "102")), state(0, item=film(2, "103")))
    observe(journal, snapshot(300), moved)
    assert (journal.entries["102"].edit, journal.entries["102"].place.position_ms) == (edit, minutes(20))
    assert "101" not in journal.entries


def test_a_title_that_comes_back_to_its_id_goes_on() -> None:
    """Restored, and restored once more: both times its time is known."""
    journal = known_as_one()
    edit = journal.entries["101"].edit
    observe(journal, snapshot(200, state(40, date=150, item=TWO)))
    observe(journal, snapshot(300, state(20, date=80, item=ONE)))
    assert journal.entries["101"].edit == edit


def test_a_cleared_title_stays_cleared_under_its_new_id() -> None:
    """Its old id stands for another title."""
    journal = known_as_one()
    observe(journal, snapshot(200), state_read(201, state(0, item=ONE)))
    cleared = journal.entries["101"].edit
    journal.observe_states(state_read(300, state(0, item=TWO), state(0, item=film(1, "102"))), (), JELLYFIN, 0)
    assert journal.entries["102"].edit == cleared


def test_an_expected_write_goes_with_its_title() -> None:
    """20:00 we write 50 min to 101 · 20:01 the server is restored · film 1 shows our 50 min as 102, film 2 is 101."""
    journal = known_as_one()
    journal.unseen.add("101", written(50, point(90), made_at=200, date=90, keys=film(1).ids))
    observe(journal, snapshot(300, state(50, date=90, item=film(1, "102")), state(50, date=250, item=TWO)))
    assert journal.entries["102"].edit == point(90)
    assert journal.entries["101"].edit == between(250, 300)


def test_a_write_to_an_item_that_was_not_known_goes_with_its_title() -> None:
    """The first write to a title is expected before the journal knows the item."""
    journal = Journal()
    journal.unseen.add("101", written(50, point(70), made_at=200, date=90, keys=film(1).ids))
    observe(journal, snapshot(300, state(50, date=90, item=TWO)))
    assert journal.entries["101"].edit == between(90, 140)
    observe(journal, snapshot(310, state(50, date=90, item=TWO), state(50, date=90, item=film(1, "102"))))
    assert journal.entries["102"].edit == point(70)


def test_a_read_back_of_another_title_confirms_no_write() -> None:
    """The position is there, but on another film."""
    journal = known_as_one()
    journal.unseen.add("101", written(50, point(90), made_at=200, date=90, keys=film(1).ids))
    shown = state(50, date=90, item=TWO)
    assert not journal.record_write(shown, state_read(201, shown), JELLYFIN, at(201))


def test_a_read_that_is_too_early_says_nothing_of_an_id() -> None:
    """It left before our write, and the write was decided on a later read."""
    journal = known_as_one()
    journal.unseen.add("101", written(50, point(90), made_at=200, keys=film(1).ids))
    observe(journal, snapshot(199, state(40, item=TWO)))
    assert journal.entries["101"].keys == film(1).ids
    assert journal.entry_of(TWO) is None


def test_a_stop_that_was_heard_does_not_date_another_title() -> None:
    """Push named 101, and nobody knows which of both titles that was."""
    journal = known_as_one()
    journal.note_push("101", Heard(at(250), minutes(40)))
    observe(journal, snapshot(300, state(40, item=TWO)))
    assert journal.entries["101"].edit == Edit(0, at(300))


def test_the_former_title_is_forgotten_after_90_days() -> None:
    """Like everything that is gone."""
    journal = known_as_one()
    observe(journal, snapshot(300, state(40, item=TWO)))
    journal.prune(at(300 + 91 * 24 * 60))
    assert list(journal.entries) == ["101"]
    assert Journal.from_dict(journal.to_dict()) == journal


def test_writes_that_may_still_show_follow_an_item_to_its_new_id() -> None:
    """The latest one, and one that it overtook; what was expected of the new id before is another title's."""
    unseen = ExpectedWrites()
    for minute in (20, 80):
        unseen.add("101", written(minute, point(minute), made_at=minute))
    unseen.add("102", written(5, point(5), made_at=5))

    unseen.rename("101", "102")

    assert [write.place.position_ms for write in unseen.of("102")] == [minutes(80), minutes(20)]
    assert unseen.of("101") == ()

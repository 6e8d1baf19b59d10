"""Items under a new id: whether they continue a known item of their title."""

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.journal.trail import Lost
from custom_components.resume_sync.sync.model import Item
from tests.sync.builders import JELLYFIN, at, between, minutes, movie, observe, snapshot, state, state_read
from tests.sync.world import film

from .journals import FILM, watched_at


def test_a_new_id_of_the_same_title_at_the_same_position_inherits_the_entry() -> None:
    """A file upgrade: the server has another item with another date, and no viewer has moved it."""
    journal = watched_at(20, 80)
    upgraded = state(20, date=300, item=film(1, "new"))
    observe(journal, snapshot(300, upgraded), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit == between(80, 100)
    assert journal.entries[FILM].gone


@pytest.mark.parametrize("item", [film(2, "new"), movie("new", "imdb:tt7777777"), movie("new", "tmdb:1", "imdb:tt7")])
def test_another_title_inherits_nothing(item: Item) -> None:
    """It is new to the journal."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(300, state(20, date=300, item=item)), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit.earliest == at(300)


def test_a_new_id_of_a_title_that_is_gone_may_have_moved() -> None:
    """It was played on after its file was replaced: without a date, at any time since it was last seen."""
    journal = watched_at(20, None)
    observe(journal, snapshot(110, state(20)))
    observe(journal, snapshot(300, state(40, item=film(1, "new"))), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit == between(110, 301)


def test_a_new_id_that_is_found_later_may_have_moved() -> None:
    """As above, but the list left it out at first."""
    journal = watched_at(20, None)
    observe(journal, snapshot(110, state(20)))
    observe(journal, snapshot(200), state_read(201, absent=[FILM]))
    journal.observe_states(state_read(301, state(40, item=film(1, "new"))), (), JELLYFIN, at(302))
    assert journal.entries["new"].edit == between(110, 302)


def test_a_new_id_at_zero_goes_on_from_a_zero() -> None:
    """A title that was cleared stays cleared when its file is replaced."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(110), state_read(111, state(0)))
    cleared = journal.entries[FILM].edit
    journal.observe_states(state_read(301, state(0, item=film(1, "new"))), (), JELLYFIN, at(302))
    assert journal.entries["new"].edit == cleared


def test_a_new_id_without_the_mark_goes_on_from_a_finish() -> None:
    """A finished title stays finished if its mark is lost with its file, or was taken back before."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(110), state_read(111, state(0, date=80, watched=True)))
    finished = journal.entries[FILM].edit
    journal.observe_states(state_read(301, state(0, item=film(1, "copy"))), (), JELLYFIN, at(302))
    assert "copy" not in journal.entries
    journal.observe_states(state_read(401, state(0, item=film(1, "new")), absent=[FILM]), (), JELLYFIN, at(402))
    assert journal.entries["new"].edit == finished


def test_a_new_id_at_zero_may_have_been_finished_once_more() -> None:
    """It was at 0 under the old one as well, but has been played since."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(110), state_read(111, state(0, date=80, watched=True)))
    again = state(0, date=200, watched=True, item=film(1, "new"))
    journal.observe_states(state_read(401, again), (), JELLYFIN, at(402))
    assert journal.entries["new"].edit == between(200, 300, Cause.FINISHED)


def test_a_new_id_at_zero_clears_nothing_where_a_position_was() -> None:
    """The position was lost with the file: the account still stands there, and gives it back to its server."""
    journal = watched_at(20, 80)
    left = journal.entries[FILM].edit
    observe(journal, snapshot(110), state_read(111, absent=[FILM]))
    journal.observe_states(state_read(301, state(0, item=film(1, "new"))), (), JELLYFIN, at(302))
    new = journal.entries["new"]
    assert (new.edit, new.place.position_ms, new.position_ms, new.lost) == (left, minutes(20), 0, Lost.LOST)


def test_a_copy_that_is_still_there_leaves_nothing_to_inherit() -> None:
    """Two copies at the same position are two items."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(300, state(20, date=80), state(20, date=290, item=film(1, "copy"))))
    assert journal.entries["copy"].edit == between(290, 300)

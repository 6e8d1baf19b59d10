"""Our own writes in later reads, on one item or on linked copies, and paused apps that close over them."""

import json

import pytest

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.model import DateMeaning
from tests.sync.builders import (
    JELLYFIN,
    PLEX,
    START,
    WRITE,
    at,
    between,
    minutes,
    movie,
    observe,
    point,
    snapshot,
    state,
    state_read,
)
from tests.sync.world import film

from .journals import DAY, FILM, watched_at, write


def test_our_own_write_carries_the_sources_edit() -> None:
    """Plex stamps the write with its own date, and that is not the time of the edit."""
    journal = watched_at(20, 80, meaning=WRITE)
    write(journal, 60, point(95), made_at=105)
    assert journal.record_write(state(60, date=105), state_read(106, state(60, date=105)), PLEX, at(106))
    observe(journal, snapshot(110, state(60, date=105)), meaning=WRITE)
    assert journal.entries[FILM].edit == point(95)
    assert not journal.unseen.writes


def test_a_write_that_was_not_seen_is_not_recorded() -> None:
    """An item that was not written to, or shows another position, keeps its entry."""
    journal = watched_at(20, 80, meaning=WRITE)
    assert not journal.record_write(state(60), state_read(106, state(60)), PLEX, at(106))
    write(journal, 60, point(95), made_at=105)
    assert not journal.record_write(state(20, date=80), state_read(106, state(20, date=80)), PLEX, at(106))
    assert journal.entries[FILM].position_ms == minutes(20)
    assert FILM in journal.unseen.writes


@pytest.mark.parametrize("meaning", DateMeaning)
def test_a_write_is_recognised_after_a_crash(meaning: DateMeaning) -> None:
    """Power was lost between write and save: the write was expected in the saved state."""
    journal = watched_at(20, 80, meaning=meaning)
    write(journal, 60, point(95), made_at=105, date=95)
    journal = Journal.from_dict(json.loads(json.dumps(journal.to_dict())))
    observe(journal, snapshot(200, state(60, date=95)), meaning=meaning)
    assert journal.entries[FILM].edit == point(95)
    assert not journal.unseen.writes


def test_a_write_is_recognised_on_a_new_item() -> None:
    """The target had no history with the title before our write."""
    journal = Journal()
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(200, state(60, date=95)))
    assert journal.entries[FILM].edit == point(95)


def test_a_newer_edit_ends_the_wait_for_a_write() -> None:
    """A viewer moved the item: our older write is no longer expected."""
    journal = watched_at(20, 80)
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(200, state(40, date=150)))
    assert journal.entries[FILM].edit == between(150, 170)
    assert not journal.unseen.writes


def test_a_write_is_expected_for_a_day() -> None:
    """A write that no read has shown by then is given up."""
    journal = watched_at(20, 80)
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(105 + DAY - 1, state(20, date=80)))
    assert journal.unseen.writes
    observe(journal, snapshot(105 + DAY, state(20, date=80)))
    assert not journal.unseen.writes


def test_servers_that_link_copies_echo_our_write_on_all_of_them() -> None:
    """Jellyfin up to 10.10 keeps one position for copies with a common id: the other copy has not been moved."""
    journal = Journal()
    twin = film(1, "twin")
    observe(journal, snapshot(100, state(20, date=80), state(20, date=80, item=twin)))
    write(journal, 60, point(95), made_at=105, date=95)
    assert journal.record_write(state(60, date=95), state_read(106, state(60, date=95)), JELLYFIN, at(106))
    observe(journal, snapshot(200, state(60, date=95), state(60, date=95, item=twin)))
    assert journal.entries["twin"].edit == point(95)
    observe(journal, snapshot(300, state(60, date=95), state(20, date=80, item=twin)))
    assert journal.entries["twin"].edit == between(80, 100)


def test_a_new_linked_copy_is_an_echo_too() -> None:
    """Our write brought it into progress."""
    journal = Journal()
    write(journal, 60, point(95), made_at=105, date=95)
    assert journal.record_write(state(60, date=95), state_read(106, state(60, date=95)), JELLYFIN, at(106))
    observe(journal, snapshot(200, state(60, date=95), state(60, date=95, item=film(1, "twin"))))
    assert journal.entries["twin"].edit == point(95)


@pytest.mark.parametrize(
    ("position", "date", "item", "meaning"),
    [
        (60, 150, film(1, "twin"), START),
        (40, 95, film(1, "twin"), START),
        (60, 95, film(2, "twin"), START),
        (60, 95, movie("twin", "imdb:tt0000001", "tmdb:9"), START),
        (60, 95, film(1, "twin"), WRITE),
    ],
)
def test_another_date_position_or_title_is_no_linked_copy(
    position: float, date: float, item: object, meaning: DateMeaning
) -> None:
    """Nor is any copy on Plex, which keeps a position for each item."""
    journal = Journal()
    write(journal, 60, point(90), made_at=105, date=95)
    assert journal.record_write(
        state(60, date=95), state_read(106, state(60, date=95)), JELLYFIN if meaning is START else PLEX, at(106)
    )
    assert isinstance(item, type(film(1)))
    observe(journal, snapshot(200, state(60, date=95), state(position, date=date, item=item)), meaning=meaning)
    assert journal.entries["twin"].edit != point(90)
    assert not journal.unseen.writes


@pytest.mark.parametrize("meaning", DateMeaning)
def test_a_paused_app_that_closes_over_our_write_is_no_new_edit(meaning: DateMeaning) -> None:
    """Its position has its old time, so the newer one that we wrote wins again."""
    journal = watched_at(20, 80, meaning=meaning)
    before = journal.entries[FILM].edit
    write(journal, 60, point(150), made_at=160, date=150)
    assert journal.record_write(
        state(60, date=150), state_read(161, state(60, date=150)), JELLYFIN if meaning is START else PLEX, at(161)
    )
    date = 150 if meaning is START else 900
    observe(journal, snapshot(900, state(20, date=date)), meaning=meaning)
    assert journal.entries[FILM].edit == before

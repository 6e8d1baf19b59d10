"""Stops that push reports give edits their exact time, once a read shows them."""

import pytest

from custom_components.resume_sync.sync.journal.edit import DAY_MS, Cause, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Heard
from tests.sync.builders import JELLYFIN, at, between, minutes, observe, point, snapshot, state, state_read

from .journals import FILM, watched_at, write


def test_a_stop_reported_by_push_is_the_time_of_the_edit() -> None:
    """The server's date does not count then. The report is dropped once a read has shown the stop."""
    journal = watched_at(20, 80)
    journal.note_push(FILM, Heard(at(150), minutes(40)))
    observe(journal, snapshot(200, state(40, date=110)))
    assert journal.entries[FILM].edit == point(150)
    assert not journal.heard


def test_a_new_item_gets_the_time_that_push_reported() -> None:
    """It was begun and left between two reads."""
    journal = Journal()
    journal.note_push(FILM, Heard(at(110)))
    observe(journal, snapshot(200, state(40, date=80)))
    assert journal.entries[FILM].edit == point(110)


@pytest.mark.parametrize(
    "heard", [Heard(at(150), minutes(30)), Heard(at(90), minutes(40)), Heard(at(201), minutes(40))]
)
def test_a_report_that_does_not_fit_the_read_is_ignored(heard: Heard) -> None:
    """Another position, a time before the item was last seen, and a time in the future."""
    journal = watched_at(20, 80)
    journal.note_push(FILM, heard)
    observe(journal, snapshot(200, state(40, date=160)))
    assert journal.entries[FILM].edit == between(160, 180)


def test_a_finish_is_told_by_its_watched_mark() -> None:
    """The server stores 0, not the reported position. A 0 without the mark is a clear."""
    journal = watched_at(20, 80)
    journal.note_push(FILM, Heard(at(150), minutes(99)))
    observe(journal, snapshot(200), state_read(200, state(0, date=80, watched=True)))
    assert journal.entries[FILM].edit == point(150, Cause.FINISHED)
    journal = watched_at(20, 80)
    journal.note_push(FILM, Heard(at(150), minutes(99)))
    observe(journal, snapshot(200), state_read(200, state(0)))
    assert journal.entries[FILM].edit == Edit(at(100) + 1, at(200), Cause.CLEARED)


def test_a_play_that_goes_on_takes_its_reported_pause_back() -> None:
    """A report that no read shows within a day is dropped, too."""
    journal = watched_at(20, 80)
    journal.note_push(FILM, Heard(at(150), minutes(40)))
    journal.note_push(FILM, None)
    journal.note_push("other", Heard(at(150)))
    assert list(journal.heard) == ["other"]
    observe(journal, snapshot(150 + DAY_MS / 60_000, state(20, date=80)))
    assert not journal.heard


def test_a_push_of_our_own_write_is_ours() -> None:
    """Before the read back and for 15 seconds after the write. Another position is a viewer's."""
    journal = watched_at(20, 80)
    assert not journal.is_ours(FILM, minutes(20), at(101))
    assert not journal.is_ours("other", None, at(101))
    write(journal, 60, point(90), made_at=101, date=90)
    for told, ours in ((minutes(60), True), (None, True), (minutes(61), False)):
        assert journal.is_ours(FILM, told, at(101)) is ours
    assert journal.record_write(state(60, date=90), state_read(101, state(60, date=90)), JELLYFIN, at(101))
    assert journal.is_ours(FILM, minutes(60), at(101.1))
    assert not journal.is_ours(FILM, minutes(60), at(102))


def test_at_most_a_thousand_reports_are_kept() -> None:
    """A server that reports very many titles, none of which a read shows, does not fill the store: the oldest go."""
    journal = Journal()
    for number in range(1500):
        journal.note_push(f"{number}", Heard(at(150)))
    journal.note_push("600", Heard(at(160)))
    journal.note_push("2000", Heard(at(160)))

    assert len(journal.heard) == 1000
    assert "500" not in journal.heard
    assert journal.heard.keys() >= {"501", "600", "2000"}


@pytest.mark.parametrize(("position", "is_finish"), [(minutes(2), False), (minutes(99), True), (None, True)])
def test_a_stop_near_the_start_finished_nothing(position: int | None, is_finish: bool) -> None:
    """A title was opened for a moment: the mark that is read afterwards is an old one."""
    shown = state(0, watched=True)
    assert Heard(at(150), position).is_of(shown) is is_finish

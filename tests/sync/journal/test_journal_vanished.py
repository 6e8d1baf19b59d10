"""Items that a snapshot leaves out: finished, cleared, gone or still there, and how long they are remembered."""

from custom_components.resume_sync.sync.journal.edit import DAY_MS, Cause, Edit
from custom_components.resume_sync.sync.journal.journal import KEPT_MS, Journal
from tests.sync.builders import JELLYFIN, at, between, minutes, observe, point, snapshot, state, state_read
from tests.sync.world import film

from .journals import DAY, FILM, cleared, watched_at, written


def test_items_missing_from_a_snapshot_are_read_again() -> None:
    """Only those in progress; not those at 0, gone, unreadable, or just written by us."""
    journal = Journal()
    observe(journal, snapshot(100, *(state(20, date=80, item=film(number)) for number in range(5))))
    observe(journal, snapshot(105), state_read(106, state(0, item=film(0)), absent=["film-1"]))
    journal.unseen.add("film-2", written(60, point(95), made_at=109))
    assert journal.vanished(snapshot(108, unknown=["film-3"])) == {"film-4"}


def test_nothing_has_vanished_from_a_snapshot_with_nameless_rows() -> None:
    """Any of those rows may be the missing item."""
    assert watched_at(20, 80).vanished(snapshot(105, nameless_rows=1)) == frozenset()


def test_a_vanished_item_that_is_watched_was_finished() -> None:
    """Started at 80 from 0: at its end at 180, or earlier if the viewer skipped ahead; still in progress at 100."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=80, watched=True)))
    assert journal.entries[FILM].edit == Edit(at(100) + 1, at(180), Cause.FINISHED)


def test_a_vanished_item_that_was_marked_unplayed_was_cleared() -> None:
    """At any time since it was last seen."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0)))
    assert journal.entries[FILM].edit == Edit(at(100) + 1, at(201), Cause.CLEARED)


def test_a_vanished_item_that_is_still_there_is_kept() -> None:
    """A list may leave out an item by mistake. The read by id is then its last sight."""
    journal = watched_at(20, None)
    observe(journal, snapshot(200), state_read(201, state(20)))
    assert (journal.entries[FILM].position_ms, journal.entries[FILM].edit) == (minutes(20), Edit(0, at(100)))
    observe(journal, snapshot(300), state_read(301, state(40)))
    assert journal.entries[FILM].edit == between(201, 301)


def test_a_vanished_item_that_is_absent_is_gone_and_that_is_no_edit() -> None:
    """A deleted title, or a library that is away: the entry stays as it was, and the item is not asked for again."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, absent=[FILM, "elsewhere"]))
    entry = journal.entries[FILM]
    assert (entry.position_ms, entry.edit, entry.gone) == (minutes(20), between(80, 100), True)
    assert journal.vanished(snapshot(205)) == frozenset()
    assert "elsewhere" not in journal.entries


def test_a_library_that_came_back_with_its_positions_is_no_edit() -> None:
    """It was away for a day, and every item stands where it was."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, absent=[FILM]))
    observe(journal, snapshot(1500, state(20, date=80)))
    assert (journal.entries[FILM].edit, journal.entries[FILM].gone) == (between(80, 100), False)


def test_a_vanished_item_whose_row_is_not_understood_is_kept() -> None:
    """Nothing can be concluded from it."""
    journal = watched_at(20, None)
    observe(journal, snapshot(200), state_read(201, unknown=[FILM]))
    assert journal.entries[FILM].position_ms == minutes(20)
    observe(journal, snapshot(300, state(40)))
    assert journal.entries[FILM].edit == Edit(at(100) + 1, at(300))


def test_a_zero_means_nothing_while_a_session_plays_the_item() -> None:
    """Positions pass through 0 at the start and the end of a play."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=195)), active=[FILM])
    assert (journal.entries[FILM].position_ms, journal.entries[FILM].edit) == (minutes(20), between(80, 100))
    observe(journal, snapshot(205), state_read(206, state(0, date=195)))
    assert journal.entries[FILM].edit == point(195, Cause.RESTARTED)


def test_a_finish_is_dated_by_its_play_not_by_its_discovery() -> None:
    """A rewatch from 0 that no list ever showed is found by a later read of the item, long after."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=80, watched=True)))
    for minute in (500, 800):
        observe(journal, snapshot(minute))
    journal.observe_states(state_read(801, state(0, date=300, watched=True)), (), JELLYFIN, at(801))
    assert journal.entries[FILM].edit == between(300, 400, Cause.FINISHED)


def test_an_edit_to_zero_is_kept_for_ninety_days() -> None:
    """So that an old position of another copy or account does not come back."""
    journal = cleared()
    journal.prune(at(200) + KEPT_MS - 1)
    assert journal.entries
    journal.prune(at(200) + KEPT_MS)
    assert not journal.entries


def test_an_edit_to_zero_is_kept_while_the_title_is_in_progress_elsewhere() -> None:
    """Each run gives it another ninety days, and changes the state once a day at most."""
    journal = cleared()
    later = at(200) + 80 * DAY_MS
    journal.keep(FILM, later)
    entry = journal.entries[FILM]
    assert entry.kept_until == later + KEPT_MS
    journal.keep(FILM, later + DAY_MS - 1)
    assert journal.entries[FILM] is entry
    journal.prune(later + KEPT_MS - 1)
    assert journal.entries
    journal.prune(later + KEPT_MS)
    assert not journal.entries


def test_only_known_zeros_are_kept() -> None:
    """An item in progress, or an unknown one, needs no keeping."""
    journal = watched_at(20, 80)
    before = journal.copy()
    journal.keep(FILM, at(200) + KEPT_MS)
    journal.keep("elsewhere", at(200))
    assert journal == before


def test_an_edit_to_zero_is_kept_while_another_copy_is_in_progress() -> None:
    """The copy in the other library still stands where it was left long before the title was finished."""
    journal = cleared()
    observe(journal, snapshot(300, state(10, date=290, item=film(1, "copy"))), None)
    journal.prune(at(300) + 2 * KEPT_MS)
    assert journal.entries.keys() == {FILM, "copy"}
    observe(journal, snapshot(400), state_read(401, absent=["copy"]))
    journal.prune(at(401) + 2 * KEPT_MS)
    assert not journal.entries


def test_items_in_progress_are_never_dropped() -> None:
    """Even if they were moved years ago."""
    journal = watched_at(20, 80)
    journal.prune(at(80) + 10 * KEPT_MS)
    assert FILM in journal.entries


def test_gone_items_are_kept_for_ninety_days() -> None:
    """Counted from when they were found gone: a library that is away for a day loses no title of half a year ago."""
    journal = watched_at(20, 80)
    away = 100 + 180 * DAY
    observe(journal, snapshot(away), state_read(away, absent=[FILM]))
    journal.prune(at(away) + KEPT_MS - 1)
    assert FILM in journal.entries
    journal.observe_states(state_read(away + DAY, absent=[FILM]), (), JELLYFIN, at(away + DAY))
    journal.prune(at(away) + KEPT_MS)
    assert not journal.entries

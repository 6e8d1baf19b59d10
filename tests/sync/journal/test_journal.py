"""The trusted clock of one account: snapshots, the last sight of each item, and clocks that are set back."""

from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Began, Entry, Place
from custom_components.resume_sync.sync.model import MediaKind
from custom_components.resume_sync.sync.run.clock_step import step_back
from tests.sync.builders import JELLYFIN, PLEX, WRITE, at, between, minutes, observe, point, snapshot, state, state_read
from tests.sync.world import film

from .journals import FILM, cleared, watched_at, write, written


def test_the_first_snapshot_begins_the_history() -> None:
    """Later ones do not move its beginning."""
    journal = watched_at(20, 90)
    observe(journal, snapshot(105))
    assert (journal.started_at, journal.read_at) == (at(100), at(105))


def test_a_read_that_began_before_our_write_is_ignored() -> None:
    """It shows the item as it was before."""
    journal = watched_at(20, 90)
    write(journal, 60, point(110), made_at=120, date=110)
    observe(journal, snapshot(119, state(40, date=105)))
    assert journal.entries[FILM].edit == between(90, 100)
    assert journal.record_write(state(60, date=110), state_read(121, state(60, date=110)), JELLYFIN, at(121))
    observe(journal, snapshot(119, state(20, date=90)))
    assert journal.entries[FILM].position_ms == minutes(60)


def test_a_read_back_is_a_later_sight_than_the_snapshot_before() -> None:
    """A move that is seen next lies after the read back."""
    journal = watched_at(20, None)
    journal.observe_states(state_read(110, state(25)), (), JELLYFIN, at(110))
    observe(journal, snapshot(120, state(30)))
    assert journal.entries[FILM].edit == Edit(at(110) + 1, at(120))


def test_times_of_a_server_are_corrected_by_its_skew() -> None:
    """Three hours ahead: the play began at 80 all the same."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, date=80 + 180), skew_ms=minutes(180)))
    assert journal.entries[FILM].edit == between(80, 100)


def test_a_clock_that_stepped_back_lowers_stored_times_and_keeps_their_order() -> None:
    """All times, of all journals, end up just below now, so edits made from now on are later."""
    one, other = watched_at(20, 80, meaning=WRITE), watched_at(40, 90, meaning=WRITE)
    one.unseen.add(FILM, written(40, point(90), made_at=101))
    assert step_back([one, other], [], at(50))
    edits = [one.entries[FILM].edit, other.entries[FILM].edit]
    assert edits[1].later_than(edits[0])
    times = [one.read_at, one.unseen.writes[FILM][0].made_at, edits[1].latest, one.started_at]
    assert all(time is not None and at(50) - 10 <= time < at(50) for time in times)
    observe(other, snapshot(51, state(40.5)))
    assert other.entries[FILM].edit.later_than(edits[1])
    assert not step_back([one, other], [], at(52))


def test_stepping_back_lowers_every_time_in_a_journal() -> None:
    """Also the viewers' places in entries and in expected writes, our writes, single reads and undone positions."""
    journal = watched_at(50, 80, meaning=WRITE)
    write(journal, 60, point(90), made_at=101)
    assert journal.record_write(state(60), state_read(102, state(60)), PLEX, at(102))
    write(journal, 70, point(95), made_at=103)
    entry = journal.entries[FILM]
    journal.entries[FILM] = replace(
        entry, place=replace(entry.place, undone_at=at(103)), began=Began(point(99), at(98))
    )
    assert step_back([journal], [], at(50))
    entry, (sent,) = journal.entries[FILM], journal.unseen.writes[FILM]
    assert entry.before
    assert len(sent.before) == 2
    assert entry.began is not None
    assert entry.began.at < at(50)
    held = [entry.began.place, *(place.edit for place in (entry.place, *entry.before, sent.place, *sent.before))]
    times = [entry.seen_at, entry.written_at, entry.place.undone_at, sent.made_at, *(edit.latest for edit in held)]
    assert all(time is not None and time < at(50) for time in times)
    assert step_back([journal], [], at(50)) is False


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(20, 50))
def test_stepping_back_keeps_every_order(numbers: list[int], now: int) -> None:
    """Times may lie close together around the new now: none overtakes another, and none stays above now."""
    journal = Journal()
    for index, number in enumerate(numbers):
        entry = Entry(MediaKind.MOVIE, frozenset(), Place(1, Edit(number, number)), 1)
        journal.entries[str(index)] = entry
    step_back([journal], [], now)
    after = [journal.entries[str(index)].edit.latest for index in range(len(numbers))]
    assert all(time <= now for time in after)
    for one, was in zip(after, numbers, strict=True):
        assert one <= was
        assert all((one < two) is (was < other) for two, other in zip(after, numbers, strict=True))


def test_an_item_is_seen_as_it_is_in_every_snapshot() -> None:
    """A move lies after the last snapshot that showed the item where it was."""
    journal = watched_at(20, None)
    for minute in (105, 110):
        observe(journal, snapshot(minute, state(20)))
    observe(journal, snapshot(115, state(25)))
    assert journal.entries[FILM].edit == between(110, 115)


def test_a_snapshot_with_an_unreadable_row_is_no_sight() -> None:
    """With or without its id, the row may have been the item's: when it moved stays open."""
    for blind in (snapshot(105, unknown=[FILM]), snapshot(105, nameless_rows=1)):
        journal = watched_at(20, None)
        observe(journal, blind)
        assert journal.entries[FILM].position_ms == minutes(20)
        observe(journal, snapshot(115, state(25)))
        assert journal.entries[FILM].edit == Edit(at(100) + 1, at(115))


def test_a_known_zero_that_a_list_leaves_out_is_still_at_zero() -> None:
    """Lists hold only items in progress, so a new play began after the last list."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(105), state_read(106, state(0)))
    observe(journal, snapshot(110))
    observe(journal, snapshot(130, state(15)))
    assert journal.entries[FILM].edit == between(110, 130)


def test_untouched_items_at_zero_stay_unknown() -> None:
    """A finished item becomes known with its first read, dated by the server."""
    journal = watched_at(20, 80)
    finished = state(0, date=5, watched=True, item=film(3))
    journal.observe_states(state_read(101, state(0, item=film(2)), finished), (), JELLYFIN, at(101))
    assert journal.entries.keys() == {FILM, "film-3"}
    assert journal.entries["film-3"].edit == between(5, 101, Cause.FINISHED)


def test_a_decided_order_redates_an_entry() -> None:
    """Two unordered edits both move to the later bound; the cause of each stays."""
    journal = cleared()
    journal.redate(FILM, point(300))
    assert journal.entries[FILM].edit == point(300, Cause.CLEARED)

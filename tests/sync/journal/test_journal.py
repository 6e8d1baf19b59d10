"""The trusted clock of one account: what a snapshot shows, and when each item was last seen."""

from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Entry, Intent
from custom_components.resume_sync.sync.model import MediaKind
from custom_components.resume_sync.sync.run.clock_step import step_back
from tests.sync.builders import START, WRITE, at, between, minutes, observe, point, snapshot, state, state_read
from tests.sync.world import film

from .journals import FILM, cleared, watched_at, write


def test_the_first_snapshot_begins_the_history() -> None:
    """Later ones do not move its beginning."""
    journal = watched_at(20, 90)
    observe(journal, snapshot(105))
    assert (journal.started_at, journal.read_at) == (at(100), at(105))


def test_an_item_that_we_wrote_after_a_read_began_is_left_out_of_it() -> None:
    """What that read shows of it is older than our write."""
    journal = watched_at(20, 90)
    write(journal, 60, point(110), made_at=120, date=110)
    observe(journal, snapshot(119, state(40, date=105)))
    assert journal.entries[FILM].edit == between(90, 100)
    assert journal.record_write(state(60, date=110), state_read(121, state(60, date=110)), START, at(121))
    observe(journal, snapshot(119, state(20, date=90)))
    assert journal.entries[FILM].position_ms == minutes(60)


def test_what_was_read_back_after_a_snapshot_is_the_last_sight_of_it() -> None:
    """A move seen next lies after the read back, not after the older snapshot."""
    journal = watched_at(20, None)
    journal.observe_states(state_read(110, state(40)), (), START, at(110))
    observe(journal, snapshot(120, state(60)))
    assert journal.entries[FILM].edit == Edit(at(110) + 1, at(120))


def test_times_of_a_server_are_corrected_by_its_skew() -> None:
    """Three hours ahead: the play began at 80 all the same."""
    journal = Journal()
    observe(journal, snapshot(100, state(20, date=80 + 180), skew_ms=minutes(180)))
    assert journal.entries[FILM].edit == between(80, 100)


def test_a_clock_that_stepped_back_lowers_stored_times_and_keeps_their_order() -> None:
    """Everything is just below now, over all journals of a run, and edits made from now on are later."""
    one, other = watched_at(20, 80, meaning=WRITE), watched_at(40, 90, meaning=WRITE)
    one.unseen.intend(FILM, Intent(minutes(40), point(90), at(101)))
    assert step_back([one, other], [], at(50))
    edits = [one.entries[FILM].edit, other.entries[FILM].edit]
    assert edits[1].later_than(edits[0])
    times = [one.read_at, one.unseen.intents[FILM].made_at, edits[1].latest, one.started_at]
    assert all(time is not None and at(50) - 10 <= time < at(50) for time in times)
    observe(other, snapshot(51, state(60)))
    assert other.entries[FILM].edit.later_than(edits[1])
    assert not step_back([one, other], [], at(52))


def test_stepping_back_reaches_everything_that_a_journal_holds() -> None:
    """Left positions of entries and of intents, our writes, single reads and undone positions too."""
    journal = watched_at(50, 80, meaning=WRITE)
    write(journal, 60, point(90), made_at=101)
    assert journal.record_write(state(60), state_read(102, state(60)), WRITE, at(102))
    write(journal, 70, point(95), made_at=103)
    journal.entries[FILM] = replace(journal.entries[FILM], undone_at=at(103))
    assert step_back([journal], [], at(50))
    entry, intent = journal.entries[FILM], journal.unseen.intents[FILM]
    assert entry.left
    assert intent.left
    held = [entry.edit, entry.left.edit, intent.edit, intent.left.edit]
    times = [entry.seen_at, entry.written_at, entry.undone_at, intent.made_at, *(edit.latest for edit in held)]
    assert all(time is not None and time < at(50) for time in times)
    assert step_back([journal], [], at(50)) is False


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(20, 50))
def test_stepping_back_keeps_every_order(numbers: list[int], now: int) -> None:
    """However times crowd around the new now, none overtakes another and none stays above it."""
    journal = Journal()
    for index, number in enumerate(numbers):
        entry = Entry(MediaKind.MOVIE, frozenset(), 1, 1, Edit(number, number))
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
    observe(journal, snapshot(115, state(40)))
    assert journal.entries[FILM].edit == between(110, 115)


def test_a_snapshot_that_could_not_tell_is_no_sight() -> None:
    """Rows that were not understood, with or without their id, leave open when the item moved."""
    for blind in (snapshot(105, unknown=[FILM]), snapshot(105, nameless_rows=1)):
        journal = watched_at(20, None)
        observe(journal, blind)
        assert journal.entries[FILM].position_ms == minutes(20)
        observe(journal, snapshot(115, state(40)))
        assert journal.entries[FILM].edit == Edit(at(100) + 1, at(115))


def test_a_known_zero_that_a_list_leaves_out_is_still_at_zero() -> None:
    """Lists hold what is in progress: a new play began after the last one."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(105), state_read(106, state(0, date=80)))
    observe(journal, snapshot(110))
    observe(journal, snapshot(130, state(15)))
    assert journal.entries[FILM].edit == between(110, 130)


def test_items_at_zero_that_nobody_touched_stay_unknown() -> None:
    """Only what was finished is known from its first read on, at the time that the server tells."""
    journal = watched_at(20, 80)
    finished = state(0, date=5, watched=True, item=film(3))
    journal.observe_states(state_read(101, state(0, item=film(2)), finished), (), START, at(101))
    assert journal.entries.keys() == {FILM, "film-3"}
    assert journal.entries["film-3"].edit == between(5, 101, Cause.FINISHED)


def test_a_decided_order_redates_an_entry() -> None:
    """Between two edits without an order the later bound holds on both sides; what was done stays what it was."""
    journal = cleared()
    journal.redate(FILM, point(300))
    assert journal.entries[FILM].edit == point(300, Cause.CLEARED)

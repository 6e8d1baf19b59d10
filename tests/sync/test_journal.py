"""The trusted clock of one account: the eight rules, over snapshots and state reads."""

from dataclasses import replace
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.clock_step import step_back
from custom_components.resume_sync.sync.edit import Cause, Edit, ServerDate
from custom_components.resume_sync.sync.entry import Entry, Intent, Left
from custom_components.resume_sync.sync.journal import DAY_MS, KEPT_MS, Journal
from custom_components.resume_sync.sync.model import DateMeaning, Item, MediaKind

from .builders import START, WRITE, at, between, minutes, movie, observe, point, snapshot, state, state_read
from .world import film

FILM = "film-1"
DAY = DAY_MS / minutes(1)


def watched_at(position: float, date: float | None, *, read_at: float = 100, meaning: DateMeaning = START) -> Journal:
    """Return a journal that has seen film 1 once."""
    journal = Journal()
    observe(journal, snapshot(read_at, state(position, date=date)), meaning=meaning)
    return journal


def write(journal: Journal, position: float, edit: Edit, *, made_at: float, date: float | None = None) -> None:
    """Note a write to film 1 as a run does before it sends it."""
    entry = journal.entries.get(FILM)
    left = entry.left_by_viewer if entry else None
    sent = None if date is None else at(date)
    journal.intend(FILM, Intent(minutes(position), edit, at(made_at), sent, left=left))


# Rule 1: observing.


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
    one.intend(FILM, Intent(minutes(40), point(90), at(101)))
    assert step_back([one, other], [], at(50))
    edits = [one.entries[FILM].edit, other.entries[FILM].edit]
    assert edits[1].later_than(edits[0])
    times = [one.read_at, one.intents[FILM].made_at, edits[1].latest, one.started_at]
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
    entry, intent = journal.entries[FILM], journal.intents[FILM]
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


# Rule 3 and 4: edits of known items, items never known.


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


def test_a_new_id_of_the_same_title_at_the_same_position_inherits_the_entry() -> None:
    """A file upgrade: the server has another item with another date, and nobody has moved anything."""
    journal = watched_at(20, 80)
    upgraded = state(20, date=300, item=film(1, "new"))
    observe(journal, snapshot(300, upgraded), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit == between(80, 100)
    assert journal.entries[FILM].gone


@pytest.mark.parametrize("item", [film(2, "new"), movie("new", "imdb:tt7777777"), movie("new", "tmdb:1", "imdb:tt7")])
def test_another_title_inherits_nothing(item: Item) -> None:
    """It is an item never known."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(300, state(20, date=300, item=item)), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit.earliest == at(300)


def test_a_new_id_of_a_title_that_is_gone_may_have_moved() -> None:
    """It was played on after its file was replaced: after it was last seen, even where its clock is not to be known."""
    journal = watched_at(20, None)
    observe(journal, snapshot(110, state(20)))
    observe(journal, snapshot(300, state(40, item=film(1, "new"))), state_read(301, absent=[FILM]))
    assert journal.entries["new"].edit == between(110, 301)


def test_a_new_id_that_is_found_later_may_have_moved() -> None:
    """As above, when the list left it out at first."""
    journal = watched_at(20, None)
    observe(journal, snapshot(110, state(20)))
    observe(journal, snapshot(200), state_read(201, absent=[FILM]))
    journal.observe_states(state_read(301, state(40, item=film(1, "new"))), (), START, at(302))
    assert journal.entries["new"].edit == between(110, 302)


def test_a_new_id_at_zero_goes_on_from_a_zero() -> None:
    """A title that was cleared stays cleared when its file is replaced."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(110), state_read(111, state(0, date=80)))
    cleared = journal.entries[FILM].edit
    journal.observe_states(state_read(301, state(0, date=80, item=film(1, "new"))), (), START, at(302))
    assert journal.entries["new"].edit == cleared


def test_a_new_id_at_zero_tells_nothing_where_a_position_was() -> None:
    """The position was lost with the file."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(110), state_read(111, absent=[FILM]))
    journal.observe_states(state_read(301, state(0, item=film(1, "new"))), (), START, at(302))
    assert "new" not in journal.entries


def test_a_copy_that_is_still_there_leaves_nothing_to_inherit() -> None:
    """Two copies at the same position are two items."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(300, state(20, date=80), state(20, date=290, item=film(1, "copy"))))
    assert journal.entries["copy"].edit == between(290, 300)


def test_items_at_zero_that_nobody_touched_stay_unknown() -> None:
    """Only what was finished is known from its first read on, at the time that the server tells."""
    journal = watched_at(20, 80)
    finished = state(0, date=50, watched=True, item=film(3))
    journal.observe_states(state_read(101, state(0, item=film(2)), finished), (), START, at(101))
    assert journal.entries.keys() == {FILM, "film-3"}
    assert journal.entries["film-3"].edit == between(50, 101, Cause.FINISHED)


# Rule 5: echoes.


def test_our_own_write_carries_the_sources_edit() -> None:
    """Plex stamps it now, and it is no edit of now."""
    journal = watched_at(20, 80, meaning=WRITE)
    write(journal, 60, point(95), made_at=105)
    assert journal.record_write(state(60, date=105), state_read(106, state(60, date=105)), WRITE, at(106))
    observe(journal, snapshot(110, state(60, date=105)), meaning=WRITE)
    assert journal.entries[FILM].edit == point(95)
    assert not journal.intents


def test_a_write_that_was_not_seen_is_not_recorded() -> None:
    """Another position than ours, or an item that nothing was written to, advances nothing."""
    journal = watched_at(20, 80, meaning=WRITE)
    assert not journal.record_write(state(60), state_read(106, state(60)), WRITE, at(106))
    write(journal, 60, point(95), made_at=105)
    assert not journal.record_write(state(20, date=80), state_read(106, state(20, date=80)), WRITE, at(106))
    assert journal.entries[FILM].position_ms == minutes(20)
    assert FILM in journal.intents


@pytest.mark.parametrize("meaning", DateMeaning)
def test_an_intent_that_was_saved_turns_no_crash_into_an_edit(meaning: DateMeaning) -> None:
    """Power was lost between write and save: the next start finds its own write."""
    journal = watched_at(20, 80, meaning=meaning)
    write(journal, 60, point(95), made_at=105, date=95)
    journal = Journal.from_dict(json.loads(json.dumps(journal.to_dict())))
    observe(journal, snapshot(200, state(60, date=95)), meaning=meaning)
    assert journal.entries[FILM].edit == point(95)
    assert not journal.intents


def test_an_intent_shows_on_items_never_known_too() -> None:
    """The target had no history with the title before our write."""
    journal = Journal()
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(200, state(60, date=95)))
    assert journal.entries[FILM].edit == point(95)


def test_a_newer_edit_supersedes_an_intent() -> None:
    """A viewer moved the item: that our old write should show one day is no longer expected."""
    journal = watched_at(20, 80)
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(200, state(40, date=150)))
    assert journal.entries[FILM].edit == point(170)
    assert not journal.intents


def test_an_intent_is_dropped_after_a_day() -> None:
    """A write that has not shown by then will not."""
    journal = watched_at(20, 80)
    write(journal, 60, point(95), made_at=105, date=95)
    observe(journal, snapshot(105 + DAY - 1, state(20, date=80)))
    assert journal.intents
    observe(journal, snapshot(105 + DAY, state(20, date=80)))
    assert not journal.intents


def test_servers_that_link_copies_echo_our_write_on_all_of_them() -> None:
    """Jellyfin up to 10.10 keeps one position for copies with a common id: the other copy has not been moved."""
    journal = Journal()
    twin = film(1, "twin")
    observe(journal, snapshot(100, state(20, date=80), state(20, date=80, item=twin)))
    write(journal, 60, point(95), made_at=105, date=95)
    assert journal.record_write(state(60, date=95), state_read(106, state(60, date=95)), START, at(106))
    observe(journal, snapshot(200, state(60, date=95), state(60, date=95, item=twin)))
    assert journal.entries["twin"].edit == point(95)
    observe(journal, snapshot(300, state(60, date=95), state(20, date=80, item=twin)))
    assert journal.entries["twin"].edit == between(80, 100)


def test_a_linked_copy_never_known_is_an_echo_too() -> None:
    """Our write brought it into progress."""
    journal = Journal()
    write(journal, 60, point(95), made_at=105, date=95)
    assert journal.record_write(state(60, date=95), state_read(106, state(60, date=95)), START, at(106))
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
def test_what_does_not_show_our_write_is_no_linked_copy(
    position: float, date: float, item: object, meaning: DateMeaning
) -> None:
    """Another date, position or title; and Plex, which keeps a position for each item."""
    journal = Journal()
    write(journal, 60, point(90), made_at=105, date=95)
    assert journal.record_write(state(60, date=95), state_read(106, state(60, date=95)), meaning, at(106))
    assert isinstance(item, type(film(1)))
    observe(journal, snapshot(200, state(60, date=95), state(position, date=date, item=item)), meaning=meaning)
    assert journal.entries["twin"].edit != point(90)
    assert not journal.intents


# Rule 6: stale stops.


@pytest.mark.parametrize("meaning", DateMeaning)
def test_a_paused_app_that_closes_writes_its_old_position_and_its_old_time(meaning: DateMeaning) -> None:
    """The newer position that we wrote meanwhile wins once more."""
    journal = watched_at(20, 80, meaning=meaning)
    before = journal.entries[FILM].edit
    write(journal, 60, point(150), made_at=160, date=150)
    assert journal.record_write(state(60, date=150), state_read(161, state(60, date=150)), meaning, at(161))
    date = 150 if meaning is START else 900
    observe(journal, snapshot(900, state(20, date=date)), meaning=meaning)
    assert journal.entries[FILM].edit == before


# Rule 7: vanished.


def test_what_a_snapshot_leaves_out_is_to_be_read_again() -> None:
    """Known in progress and not listed; not what is at 0, gone, unreadable, or just written by us."""
    journal = Journal()
    observe(journal, snapshot(100, *(state(20, date=80, item=film(number)) for number in range(5))))
    observe(journal, snapshot(105), state_read(106, state(0, item=film(0)), absent=["film-1"]))
    journal.intend("film-2", Intent(minutes(60), point(95), at(109)))
    assert journal.vanished(snapshot(108, unknown=["film-3"])) == {"film-4"}


def test_nothing_has_vanished_from_a_snapshot_with_nameless_rows() -> None:
    """Any of them may be the missing one."""
    assert watched_at(20, 80).vanished(snapshot(105, nameless_rows=1)) == frozenset()


def test_a_vanished_item_that_is_watched_was_finished() -> None:
    """Started at 80 from 0: at its threshold at 170, at its end at 180."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=80, watched=True)))
    assert journal.entries[FILM].edit == between(170, 180, Cause.FINISHED)


def test_a_vanished_item_that_is_not_watched_was_cleared() -> None:
    """At any time since it was last seen."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=80)))
    assert journal.entries[FILM].edit == Edit(at(100) + 1, at(201), Cause.CLEARED)


def test_a_vanished_item_that_is_still_there_is_kept() -> None:
    """A list may leave out what the server holds; when it is moved is known from the read."""
    journal = watched_at(20, None)
    observe(journal, snapshot(200), state_read(201, state(20)))
    assert (journal.entries[FILM].position_ms, journal.entries[FILM].edit) == (minutes(20), Edit(0, at(100)))
    observe(journal, snapshot(300), state_read(301, state(40)))
    assert journal.entries[FILM].edit == between(201, 301)


def test_a_vanished_item_that_is_absent_is_gone_and_that_is_no_edit() -> None:
    """A deleted title, a library that is away: the entry stays as it was, and is not asked for again."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, absent=[FILM, "elsewhere"]))
    entry = journal.entries[FILM]
    assert (entry.position_ms, entry.edit, entry.gone) == (minutes(20), between(80, 100), True)
    assert journal.vanished(snapshot(205)) == frozenset()
    assert "elsewhere" not in journal.entries


def test_what_returns_as_it_was_has_not_been_touched() -> None:
    """A library that was away for a day brings its positions back."""
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


def test_a_finish_lies_where_its_play_can_have_ended_not_where_it_was_noticed() -> None:
    """A rewatch from 0 that no list ever showed is found by a later read of the item, long after."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(200), state_read(201, state(0, date=80, watched=True)))
    for minute in (500, 800):
        observe(journal, snapshot(minute))
    journal.observe_states(state_read(801, state(0, date=300, watched=True)), (), START, at(801))
    assert journal.entries[FILM].edit == between(390, 400, Cause.FINISHED)


# Rule 8: what is kept.


def cleared(read_at: float = 200) -> Journal:
    """Return a journal in which film 1 was cleared."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(read_at), state_read(read_at, state(0, date=80)))
    return journal


def test_an_edit_to_zero_is_kept_for_ninety_days() -> None:
    """So that a stale position does not come back."""
    journal = cleared()
    journal.prune(at(200) + KEPT_MS - 1)
    assert journal.entries
    journal.prune(at(200) + KEPT_MS)
    assert not journal.entries


def test_an_edit_to_zero_is_kept_while_the_title_is_in_progress_elsewhere() -> None:
    """Each run that sees it so gives it another ninety days, and changes the state at most once a day."""
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


def test_keeping_is_about_known_zeros() -> None:
    """What is in progress or unknown needs no keeping."""
    journal = watched_at(20, 80)
    before = journal.copy()
    journal.keep(FILM, at(200) + KEPT_MS)
    journal.keep("elsewhere", at(200))
    assert journal == before


def test_an_edit_to_zero_is_kept_while_another_copy_is_in_progress() -> None:
    """The copy in the other library was left where it was long before the title was finished."""
    journal = cleared()
    observe(journal, snapshot(300, state(10, date=290, item=film(1, "copy"))), None)
    journal.prune(at(300) + 2 * KEPT_MS)
    assert journal.entries.keys() == {FILM, "copy"}
    observe(journal, snapshot(400), state_read(401, absent=["copy"]))
    journal.prune(at(401) + 2 * KEPT_MS)
    assert not journal.entries


def test_what_is_in_progress_is_never_dropped() -> None:
    """However long ago it was moved."""
    journal = watched_at(20, 80)
    journal.prune(at(80) + 10 * KEPT_MS)
    assert FILM in journal.entries


def test_what_is_gone_is_kept_for_ninety_days_from_then() -> None:
    """A library that is away for a day does not lose what was moved half a year ago."""
    journal = watched_at(20, 80)
    away = 100 + 180 * DAY
    observe(journal, snapshot(away), state_read(away, absent=[FILM]))
    journal.prune(at(away) + KEPT_MS - 1)
    assert FILM in journal.entries
    journal.observe_states(state_read(away + DAY, absent=[FILM]), (), START, at(away + DAY))
    journal.prune(at(away) + KEPT_MS)
    assert not journal.entries


def test_a_decided_order_redates_an_entry() -> None:
    """Between two edits without an order the later bound holds on both sides; what was done stays what it was."""
    journal = cleared()
    journal.redate(FILM, point(300))
    assert journal.entries[FILM].edit == point(300, Cause.CLEARED)


# State.

TIME = st.integers(0, 2**45)
KEYS = st.frozensets(st.sampled_from(["movie:imdb:tt00001", "movie:tmdb:1", "movie:tvdb:1"]))
EDITS = st.builds(Edit, TIME, TIME, st.sampled_from(Cause))
DATES = st.none() | st.builds(ServerDate, TIME, TIME)
LEFT = st.none() | st.builds(Left, TIME, EDITS)
ENTRIES = st.builds(
    Entry,
    st.sampled_from(MediaKind),
    KEYS,
    TIME,
    TIME,
    EDITS,
    st.booleans(),
    DATES,
    st.none() | TIME,
    TIME,
    st.none() | TIME,
    st.none() | TIME,
    LEFT,
    st.booleans(),
    st.none() | TIME,
    TIME,
)
INTENTS = st.builds(Intent, TIME, EDITS, TIME, st.none() | TIME, st.booleans(), LEFT, st.none() | TIME)
JOURNALS = st.builds(
    Journal,
    st.dictionaries(st.text(), ENTRIES, max_size=3),
    st.dictionaries(st.text(), INTENTS, max_size=3),
    st.none() | TIME,
    st.none() | TIME,
)


@given(JOURNALS)
def test_a_journal_survives_json(journal: Journal) -> None:
    """What is stored is read back the same."""
    assert Journal.from_dict(json.loads(json.dumps(journal.to_dict()))) == journal


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "journal",
        {"positions": {}},
        {"entries": []},
        {"entries": {FILM: {}}},
        {"entries": {FILM: 20}},
        {"read_at": "yesterday"},
        {"read_at": 1.5},
        {"read_at": True},
        {1: 2},
        {"intents": {FILM: {"position_ms": 1, "edit": {"earliest": 0, "latest": 1, "cause": "eaten"}, "made_at": 2}}},
    ],
)
def test_foreign_data_is_no_journal(data: object) -> None:
    """Nothing is guessed, and nothing is half read."""
    with pytest.raises(ValueError, match=r".+"):
        Journal.from_dict(data)


def test_a_copy_changes_without_its_original() -> None:
    """A preview leaves no trace."""
    journal = cleared()
    before = journal.to_dict()
    copied = journal.copy()
    observe(copied, snapshot(300, state(60, date=290)))
    write(copied, 60, point(95), made_at=305)
    assert journal.to_dict() == before != copied.to_dict()

"""A 0 where a place with a position was: asked for by somebody, or lost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Began, Entry, Heard, Lost, Place, Write
from custom_components.resume_sync.sync.model import ItemState
from tests.sync.builders import PLEX, WRITE, at, between, minutes, movie, observe, point, snapshot, state, state_read
from tests.sync.world import film

from .journals import FILM
from .sightings import decided_by, entry_of, known, play, sighting

LEFT = entry_of(state(20, date=400, plays=1), point(420))
WATCHED = entry_of(state(20, date=400, watched=True, plays=1), point(420))
HEARD: dict[str, Any] = {"sessions_heard": True, "sessions_looked_at": True}


@pytest.mark.parametrize(
    ("row", "seen", "entry", "facts"),
    [
        ("one of many", state(0), LEFT, {"one_of_many": True}),
        ("restored", state(0, date=300), LEFT, {}),
        ("finished", state(0, date=400, watched=True), LEFT, {}),
        ("finished", state(0, date=510, watched=True), WATCHED, {}),
        ("finished", state(0, date=590, watched=True), WATCHED, {"plays": (play(595, 95),)}),
        ("finished", state(0, date=590, watched=True, plays=2), WATCHED, HEARD),
        ("finished", state(0, date=590, watched=True, plays=2), WATCHED, {"traits": PLEX}),
        ("taken off", state(0), LEFT, {}),
        ("taken off", state(0), WATCHED, {}),
        ("app failed", state(0, date=580), LEFT, {"plays": (play(590, 35),)}),
        ("app failed", state(0, date=400), LEFT, {"plays": (play(590, 35),)}),
        ("app failed", state(0, date=580, watched=True), WATCHED, {"plays": (play(590, 35),)}),
        ("started over", state(0, date=580), LEFT, {"plays": (play(590, 2),)}),
        ("started over", state(0, date=580), LEFT, {}),
        ("started over", state(0, date=590, watched=True), WATCHED, {}),
        ("nobody asked", state(0, date=400, plays=1), LEFT, {}),
        ("nobody asked", state(0, date=580), LEFT, HEARD),
        ("nobody asked", state(0, date=590, watched=True), WATCHED, HEARD | {"plays": (play(595, None),)}),
        ("nobody asked", state(0, date=590, watched=True, plays=1), WATCHED, {"traits": PLEX, **HEARD}),
        ("nobody asked", state(0, plays=1), LEFT, {}),
        ("nobody asked", state(0, item=movie("film-1", "tmdb:1")), LEFT, {}),
        ("nobody asked", state(0), replace(LEFT, gone=True), {}),
        ("nobody asked", replace(state(0), date_unreadable=True), LEFT, {}),
    ],
)
def test_the_row_that_decides(row: str, seen: ItemState, entry: Entry, facts: dict[str, Any]) -> None:
    """The first that fits: an accident is told from a wish by what apps and people really leave behind."""
    assert decided_by(seen, entry, **facts) == row


def test_a_restored_backup_may_hold_a_zero() -> None:
    """It is no removal: finished if it was watched then, else restarted."""
    assert known(state(0, date=300), LEFT).edit == point(300, Cause.RESTARTED)
    assert known(state(0, date=300, watched=True), LEFT).edit == point(300, Cause.FINISHED)


@pytest.mark.parametrize(
    ("seen", "facts", "expected"),
    [
        (state(0, date=510, watched=True), {}, between(510, 590, Cause.FINISHED)),
        (state(0, date=550, watched=True), {}, between(550, 600, Cause.FINISHED)),
        (state(0, date=400, watched=True), {}, between(500, 600, Cause.FINISHED)),
        (state(0, watched=True), {}, between(500, 600, Cause.FINISHED)),
        (state(0, date=550, watched=True, item=movie("film-1", "imdb:tt0000001", duration_ms=None)), {}, None),
        (state(0, date=550, watched=True), {"heard": Heard(at(570), minutes(99))}, point(570, Cause.FINISHED)),
        (state(0, date=550, watched=True, plays=2), {"traits": PLEX}, point(550, Cause.FINISHED)),
        (state(0, date=450, watched=True, plays=2), {"traits": PLEX}, point(500, Cause.FINISHED)),
    ],
)
def test_a_finish_is_an_interval(seen: ItemState, facts: dict[str, Any], expected: Edit | None) -> None:
    """From the start of the play, since people skip ahead, to the end of what was left; inside what is left open."""
    entry = entry_of(state(20, date=400, item=seen.item), point(420))
    assert known(seen, entry, **facts).edit == (expected or between(550, 600, Cause.FINISHED))


def test_taken_off_at_any_time_or_when_push_told_of_the_mark() -> None:
    """Without a message, at any time since it was last seen."""
    assert known(state(0), LEFT).edit == between(500, 600, Cause.CLEARED)
    marked = Heard(at(555), 0, mark=True)
    assert known(state(0), LEFT, heard=marked).edit == point(555, Cause.CLEARED)


def test_an_app_that_failed_leaves_its_last_report() -> None:
    """20 min were watched since it was started at 20 min: those stay known, and the 0 is lost."""
    entry = known(state(0, date=570), LEFT, plays=(play(590, 40),))
    assert (entry.place.position_ms, entry.edit, entry.lost) == (minutes(40), point(590), Lost.LOST)
    assert entry.position_ms == 0


def test_started_over_is_dated_by_its_report_or_its_date() -> None:
    """It is a 0 of its own, never a removal."""
    assert known(state(0, date=580), LEFT).edit == point(580, Cause.RESTARTED)
    assert known(state(0, date=580), LEFT, plays=(play(590, 2),)).edit == point(590, Cause.RESTARTED)
    assert known(state(0, date=450), LEFT).edit == point(500, Cause.RESTARTED)


def test_a_zero_that_nobody_asked_for_is_no_edit() -> None:
    """The place stays known; a second 0 of the same edit is not kept by the server."""
    entry = known(state(0, date=400), LEFT)
    assert (entry.place, entry.position_ms, entry.lost) == (LEFT.place, 0, Lost.LOST)
    assert known(state(0, date=400), entry) == entry
    given = replace(entry, place=replace(entry.place, given_back=True), position_ms=minutes(20), lost=None)
    assert known(state(0, date=400), given).lost is Lost.NOT_KEPT


def test_a_lost_place_may_still_be_taken_off_or_come_back() -> None:
    """What somebody does later decides."""
    lost = known(state(0, date=400), LEFT)
    assert known(state(0), lost).edit.cause is Cause.CLEARED
    assert known(state(0, date=400, watched=True), lost).edit.cause is Cause.FINISHED
    assert known(state(20, date=400, plays=1), lost) == LEFT
    assert known(state(5, date=595), lost).edit == between(595, 600)


def test_a_known_zero_stays_as_it_is() -> None:
    """Reading an item at 0 once more makes no edit, whatever a failing app did there."""
    before = entry_of(state(0, date=400, watched=True), point(450, Cause.FINISHED))
    assert known(state(0, date=400, watched=True), before) == before
    failed = known(state(0, date=590, watched=True), before, **HEARD)
    assert (failed.edit, failed.lost) == (before.edit, None)


def test_finished_once_more_is_a_newer_finish() -> None:
    """A rewatch from 0 between two reads: only its start is known, not how far it went."""
    before = entry_of(state(0, date=100, watched=True), between(190, 200, Cause.FINISHED))
    assert known(state(0, date=300, watched=True), before, last_seen=590).edit == between(300, 400, Cause.FINISHED)


def test_marked_watched_by_hand_is_a_finish() -> None:
    """A known 0 that becomes watched was finished or marked at some time since its last edit."""
    after = known(state(0, watched=True), entry_of(state(0), point(300, Cause.CLEARED)))
    assert after.edit == Edit(at(300) + 1, at(600), Cause.FINISHED)


def test_finished_while_its_library_was_away_is_a_finish() -> None:
    """A newer date or a new watched mark shows that a viewer has played it."""
    gone = replace(entry_of(state(40, date=400), point(450)), gone=True)
    assert known(state(0, date=520, watched=True), gone).edit == between(520, 580, Cause.FINISHED)


def shelf(count: int, **changes: Any) -> tuple[Journal, list[ItemState]]:
    """Return a journal that knows so many films in progress, and those films at 0."""
    journal = Journal()
    observe(journal, snapshot(100, *(state(20, date=50 + number, item=film(number)) for number in range(count))))
    return journal, [state(0, item=film(number), **changes) for number in range(count)]


def held(journal: Journal) -> int:
    """Return how many places are held."""
    return len(journal.held())


@pytest.mark.parametrize(
    ("shelf_size", "zeroed", "is_held"),
    [(1, 1, False), (2, 2, True), (4, 2, False), (4, 3, True), (9, 9, True), (20, 5, False), (20, 6, True)],
)
def test_many_zeros_at_once_are_held(shelf_size: int, zeroed: int, *, is_held: bool) -> None:
    """Two titles and more than half of the shelf, or more than five: a reset server. Their places stay known."""
    journal, zeros = shelf(shelf_size)
    left = [state(20, date=50 + number, item=film(number)) for number in range(zeroed, shelf_size)]
    observe(journal, snapshot(200, *left), state_read(201, *zeros[:zeroed]))
    assert held(journal) == (zeroed if is_held else 0)
    if is_held:
        assert journal.entries["film-0"].place.position_ms == minutes(20)


@pytest.mark.parametrize(
    ("dates", "is_held"),
    [([150, 160], False), ([None, None], False), ([150, 150], True), ([40, 160], True), (range(150, 156), True)],
)
def test_watched_marks_count_where_a_machine_made_them(dates: Sequence[float | None], *, is_held: bool) -> None:
    """Six at once, one date for all, or older dates; two films ended one after the other are a family's evening."""
    journal, zeros = shelf(len(dates))
    marked = [state(0, date=date, watched=True, item=zero.item) for date, zero in zip(dates, zeros, strict=True)]
    observe(journal, snapshot(200), state_read(201, *marked))
    assert held(journal) == (len(dates) if is_held else 0)


def test_an_answer_ends_the_hold() -> None:
    """It was meant, or the places are to be given back; others stay held."""
    journal, zeros = shelf(3)
    observe(journal, snapshot(200), state_read(201, *zeros))
    journal.answer_held({"film-0"}, meant=True, now=at(300))
    journal.answer_held({FILM}, meant=False, now=at(300))
    assert journal.entries["film-0"].place == Place(0, between(200, 300, Cause.CLEARED))
    assert journal.entries[FILM].lost is Lost.LOST
    assert journal.held().keys() == {"film-2"}


def test_the_zeros_of_a_library_that_is_away_wait_for_nobody() -> None:
    """The account is limited to other libraries now; nobody is asked about what it does not list."""
    journal, zeros = shelf(3)
    observe(journal, snapshot(200), state_read(201, *zeros))
    journal.limit_to({"another"}, at(210))
    assert not journal.held()


def test_a_place_that_was_chosen_counts_as_left_then() -> None:
    """A person chose it over that of another account, wherever its play began."""
    journal, _ = shelf(1)
    journal.entries["film-0"] = replace(journal.entries["film-0"], began=Began(between(0, 1), 0))
    position = journal.entries["film-0"].place.position_ms
    journal.choose("film-0", at(300))
    entry = journal.entries["film-0"]
    assert (entry.place.position_ms, entry.edit, entry.began) == (position, between(300, 300), None)


def test_a_list_never_judges_a_zero() -> None:
    """Jellyfin 12 lists ghosts at 0."""
    journal, zeros = shelf(1)
    before = journal.entries["film-0"].edit
    observe(journal, snapshot(200, *zeros))
    assert (journal.entries["film-0"].edit, journal.entries["film-0"].lost) == (before, None)


def test_least_kept_and_finished_from() -> None:
    """Jellyfin keeps nothing in the first 5 percent; Plex nothing below a minute, whatever the length."""
    assert sighting(state(0)).least_kept == minutes(5)
    assert sighting(state(0), traits=PLEX).least_kept == minutes(1)
    assert sighting(state(0)).finished_from == minutes(90)


def test_a_mark_that_spread_is_the_finish_it_echoes() -> None:
    """Finished on one Plex at 150, marked by plex.tv on the other at 180: the edit of 150. Else its own."""
    journal, other = Journal(), Journal()
    for one in (journal, other):
        observe(one, snapshot(100, state(20, date=80)), meaning=WRITE)
    observe(other, snapshot(160), state_read(161, state(0, date=150, watched=True, plays=1)), meaning=WRITE)
    marked = state_read(201, state(0, date=180, watched=True, plays=1))
    alone = journal.copy()
    journal.kin = lambda: [other]
    observe(journal, snapshot(200), marked, meaning=WRITE)
    assert journal.entries[FILM].edit == point(150, Cause.FINISHED)
    observe(alone, snapshot(200), marked, meaning=WRITE)
    assert alone.entries[FILM].edit == point(180, Cause.FINISHED)
    # Begun anew on a third server at 170, and written over the finish before its mark came over.
    anew, finished = alone.copy(), other.entries[FILM]
    anew.entries[FILM] = replace(finished, place=Place(minutes(20), point(80)), position_ms=minutes(20), watched=False)
    write = Write(Place(minutes(9), point(170), at(175)), before=finished.trail)
    other.entries[FILM] = replace(finished, place=write.place, before=write.before, position_ms=minutes(9))
    anew.kin = lambda: [other]
    observe(anew, snapshot(205), replace(marked, read_at=at(206)), meaning=WRITE)
    assert anew.entries[FILM].edit == point(150, Cause.FINISHED)
    # The title was hidden because of that finish before its mark came over, and is watched again where that was.
    hidden = journal.copy()
    hidden.entries[FILM] = replace(alone.entries[FILM], place=Place(0, point(150, Cause.FINISHED), at(170)))
    hidden.entries[FILM] = replace(hidden.entries[FILM], position_ms=minutes(20), watched=False)
    other.entries[FILM] = replace(other.entries[FILM], place=Place(minutes(9), point(190)), position_ms=minutes(9))
    observe(hidden, snapshot(205), replace(marked, read_at=at(206)), meaning=WRITE)
    assert hidden.entries[FILM].edit == point(150, Cause.FINISHED)
    finish = point(150, Cause.FINISHED)
    played = {"traits": PLEX, "finished_elsewhere": finish, "plays": (play(590, 95),)}
    assert decided_by(state(0, date=590, watched=True, plays=2), LEFT, **played) == "finished"

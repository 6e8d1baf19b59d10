"""Whose position does a read show, and when was it left? Row by row of the tables."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.resume_sync.sync.identity import match_keys
from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.evidence import judge
from custom_components.resume_sync.sync.journal.trail import Began, Entry, Heard, Lost, Place
from custom_components.resume_sync.sync.model import ItemState, ServerTraits
from tests.sync.builders import JELLYFIN, PLEX, at, between, minutes, movie, point, state
from tests.sync.world import film

from .journals import written
from .sightings import decided_by, entry_of, known, play, sighting, written_entry

EITHER = pytest.mark.parametrize("traits", [JELLYFIN, PLEX], ids=["Jellyfin", "Plex"])
LEFT = entry_of(state(20, date=400), point(420))
OURS = written_entry(80, point(450))


@pytest.mark.parametrize(
    ("row", "seen", "entry", "facts"),
    [
        ("early read", state(40, date=550), written_entry(80, point(450), at_minute=600), {}),
        ("early read", state(40, date=550), LEFT, {"writes": (written(80, point(450), made_at=600),)}),
        ("plays at 0", state(0, date=550), LEFT, {"playing": True}),
        ("ours", state(80, date=450), LEFT, {"writes": (written(80, point(450), made_at=500, date=450),)}),
        ("never known", state(40, date=550), None, {}),
        ("same", state(20, date=400), LEFT, {}),
        ("app closes", state(50, date=400), OURS, {}),
        ("abandoned play", state(37, date=540), LEFT, {"plays": (play(560, 30, ended=567),)}),
        # Taken back to 13 min, and counted on by chance to where the title had been left before.
        ("abandoned play", state(20, date=540), LEFT, {"plays": (play(560, 13, ended=567),)}),
        ("taken off", state(0), LEFT, {}),
        ("told late", state(50, date=400), LEFT, {"sessions_heard": True}),
        ("told late", state(50, date=510), LEFT, {"last_seen": 590}),
        ("a human", state(50, date=510), LEFT, {}),
        ("a human", state(50, date=400), LEFT, {"sessions_heard": True, "plays": (play(590, 50),)}),
    ],
)
def test_the_row_that_decides(row: str, seen: ItemState, entry: Entry | None, facts: dict[str, Any]) -> None:
    """One example of each row; the zeros have a table of their own."""
    assert decided_by(seen, entry, **facts) == row


def test_a_read_that_tells_nothing_changes_nothing() -> None:
    """It left before our write; or the item plays, and passes through 0."""
    assert judge(sighting(state(40), written_entry(80, point(450), at_minute=600))) is None
    assert judge(sighting(state(0), LEFT, playing=True)) is None


@pytest.mark.parametrize("position", [20 - 9.9 / 60, 20, 20 + 9.9 / 60])
def test_a_move_of_under_ten_seconds_is_no_edit_whatever_the_date_says(position: float) -> None:
    """Apps report such noise although no viewer moved anything. Everything else that the read shows is taken in."""
    after = known(state(position, date=550, watched=True), LEFT)
    assert after.edit == point(420)
    assert (after.position_ms, after.place.position_ms) == (minutes(position), minutes(20))
    assert after.watched


def test_noise_is_measured_from_where_the_edit_was_dated() -> None:
    """Many small steps in one direction add up to an edit."""
    entry = known(state(20 + 6 / 60, date=400), LEFT)
    assert entry.edit == point(420)
    assert known(state(20 + 12 / 60, date=400), entry).edit.earliest >= at(500)


def test_ten_seconds_are_an_edit() -> None:
    """The bound itself is a move."""
    assert known(state(20 + 10 / 60, date=550), LEFT).edit != LEFT.edit


@pytest.mark.parametrize(
    ("traits", "date", "position", "expected"),
    [
        (PLEX, 550, 50, point(550)),
        (PLEX, 450, 50, point(450)),
        (PLEX, 650, 50, point(600)),
        (JELLYFIN, 520, 50, between(520, 550)),
        (JELLYFIN, 520, 10, point(520)),
        (JELLYFIN, 590, 50, between(590, 600)),
        (JELLYFIN, None, 50, between(500, 600)),
    ],
)
def test_a_move_is_dated_inside_the_time_left_open(
    traits: ServerTraits, date: float | None, position: float, expected: Edit
) -> None:
    """The server's date; on Jellyfin and Emby up to the distance later, since viewers skip ahead. Without one, all."""
    assert known(state(position, date=date), entry_of(state(20, date=400), point(420)), traits=traits).edit == expected


def test_the_same_play_goes_on() -> None:
    """Its distance counts from where it began: at 480 at 0, left at 60 min up to 60 min later."""
    entry = entry_of(state(0), point(200))
    entry = known(state(10, date=480), entry, last_seen=480, now=490)
    assert (entry.edit, entry.began) == (between(480, 490), Began(point(200), at(480)))
    entry = known(state(60, date=480), entry, last_seen=490)
    assert (entry.edit, entry.began) == (Edit(at(490) + 1, at(540)), Began(point(200), at(480)))


def test_a_play_on_plex_goes_on_while_its_session_is_open() -> None:
    """Plex dates every pause anew; without a session each is a play of its own."""
    paused = known(state(30, date=540), LEFT, traits=PLEX)
    assert paused.began == Began(LEFT.edit, at(530))
    on = {"traits": PLEX, "last_seen": 545}
    assert known(state(40, date=590), paused, plays=(play(559, 40),), **on).began == paused.began
    assert known(state(40, date=590), paused, **on).began == Began(paused.edit, at(580))
    assert known(state(40, date=590), paused, plays=(play(589, 40),), **on).began == Began(paused.edit, at(559))


def test_an_edit_lies_after_the_last_one() -> None:
    """Two edits that meet at one read are still two."""
    before = entry_of(state(20, date=400), point(550))
    assert known(state(40, date=400), before).edit == Edit(at(550) + 1, at(550) + 1)


def test_a_date_that_an_earlier_list_should_have_shown_is_the_time() -> None:
    """An app told late: played at 450, seen at 20 min at 500, told at 600. It is not moved to after 500."""
    assert known(state(40, date=450), LEFT).edit == between(450, 470)


@EITHER
def test_an_older_date_is_a_restored_backup(traits: ServerTraits) -> None:
    """It is dated by the backup, even before the last edit, and never in the future."""
    before = entry_of(state(40, date=450), point(460))
    assert known(state(20, date=300), before, traits=traits).edit == point(300)
    # Further on than before by more than the time that went by: no tablet told it late, with a date of long ago.
    further = state(90, date=300)
    assert known(further, before, traits=traits, last_seen=590).edit == point(300)
    ahead = entry_of(state(40, date=900), point(460))
    assert known(state(20, date=800), ahead, traits=traits).edit == point(600)


def test_a_server_whose_clock_was_set_has_not_been_restored() -> None:
    """The date it stores is the same, only our correction of it differs."""
    before = entry_of(state(40, date=450), point(460))
    assert known(state(60, date=450), before, skew_ms=minutes(30)).edit.earliest >= at(500)


def test_told_late_never_wins_and_never_loses() -> None:
    """Nobody knows when the viewer left it: at any time since the last edit of a viewer there."""
    assert known(state(50, date=400), LEFT, sessions_heard=True).edit == between(420, 600)
    assert known(state(90, date=400), OURS, sessions_heard=True).edit == between(300, 600)


def test_a_stop_that_push_told_is_a_moment() -> None:
    """If it lies in the time that our reads leave open."""
    assert known(state(50, date=510), LEFT, heard=Heard(at(560), minutes(50))).edit == point(560)
    assert known(state(50, date=510), LEFT, heard=Heard(at(490), minutes(50))).edit == between(510, 540)


def test_a_paused_app_that_closes_gets_its_old_edit_back() -> None:
    """An app paused at 50 minutes reports that over our 80 when it closes: the 80 minutes are still the newer edit."""
    entry = known(state(50, date=400), OURS)
    assert (entry.position_ms, entry.edit, entry.written_at) == (minutes(50), point(300), None)


def test_an_app_that_closes_may_be_off_by_under_ten_seconds() -> None:
    """Players report the place at which they would resume, some seconds off the stop."""
    assert known(state(50 + 9 / 60, date=400), OURS).edit == point(300)
    assert known(state(50 + 10 / 60, date=400), OURS).edit != point(300)


def test_a_play_begun_after_our_write_is_no_closing_app() -> None:
    """The viewer went back to the old place: Jellyfin and Emby tell by the date."""
    assert known(state(50, date=550), OURS).edit.earliest >= at(500)


@pytest.mark.parametrize(("traits", "date"), [(PLEX, 590), (PLEX, None), (JELLYFIN, None)])
def test_a_paused_app_closes_where_no_date_tells_of_a_new_play(traits: ServerTraits, date: float | None) -> None:
    """Plex dates the stop itself, so its date says nothing."""
    assert known(state(50, date=date), OURS, traits=traits).edit == point(300)


def test_a_rewind_on_an_item_never_written_to_is_an_edit() -> None:
    """A closing app can only restore a place before our write, and only one that a viewer had left."""
    assert known(state(50, date=400), entry_of(state(80, date=400), point(450))).edit.earliest >= at(450)
    assert known(state(50, date=400), written_entry(80, point(450), left=None)).edit.earliest >= at(450)


def test_the_trail_is_what_another_write_leaves_behind() -> None:
    """The viewer's place is kept through all our writes, the oldest of ours are dropped, and a finish counts."""
    assert LEFT.trail == (LEFT.place,)
    assert OURS.trail == (OURS.place, Place(minutes(50), point(300)))
    assert OURS.by_viewer == point(300)
    finished = entry_of(state(0), point(300))
    assert finished.trail == (finished.place,)
    many = replace(OURS, before=(*(Place(number, point(1)) for number in range(1, 50)), *OURS.before))
    assert (len(many.trail), many.trail[0], many.trail[-1]) == (32, OURS.place, OURS.before[-1])


def test_noise_after_our_write_leaves_it_our_write() -> None:
    """An app that closes later still gets its old edit back."""
    entry = known(state(80 + 3 / 60, date=400), OURS)
    assert known(state(50, date=400), entry).edit == point(300)


def test_a_new_id_continues_the_entry_of_its_title() -> None:
    """After a file upgrade the new item has the old one's edit, our write, and the viewer's place before it."""
    new = movie("new", "imdb:tt0000001")
    heir = known(state(80, item=new), replace(OURS, gone=True))
    assert (heir.edit, heir.written_at, heir.gone) == (point(450), at(500), False)
    assert heir.before == (Place(minutes(50), point(300)),)
    assert heir.keys == match_keys(new)


def test_never_known_items_are_dated_at_first_sight() -> None:
    """In progress: from the play's start to its position. Finished: up to its length. Or as push told."""
    assert sighted(state(20, date=300)).edit == between(300, 320)
    assert sighted(state(0, date=300, watched=True)).edit == between(300, 400, Cause.FINISHED)
    assert sighted(state(20, date=300), heard=Heard(at(310))).edit == point(310)
    assert sighted(state(20, date=300), heard=Heard(at(290))).edit == between(300, 320)


def sighted(seen: ItemState, **facts: Any) -> Entry:
    """Return the entry of an item that is read for the first time."""
    entry = judge(sighting(seen, **facts))
    assert entry is not None
    return entry


def test_an_entry_stands_for_its_item() -> None:
    """Kind, ids and duration are enough to match and to compare; the name is not stored."""
    item = entry_of(state(0), point(1)).as_item("film-1")
    assert (match_keys(item), item.duration_ms, item.title) == (match_keys(film(1)), film(1).duration_ms, "")
    with pytest.raises(LookupError):
        assert sighting(state(20)).known


@pytest.mark.parametrize(
    ("traits", "seen", "shown"),
    [
        (JELLYFIN, state(80, date=400), True),
        (JELLYFIN, state(80 + 1 / 60, date=400), True),
        (JELLYFIN, state(80 + 2 / 60, date=400), False),
        (JELLYFIN, state(80, date=401), False),
        (JELLYFIN, state(80), False),
        (JELLYFIN, state(80, date=400, watched=True), False),
        (PLEX, state(80, date=599), True),
        (PLEX, state(80), True),
        (PLEX, state(50, date=400), False),
        (PLEX, state(80, watched=True), False),
    ],
)
def test_a_read_shows_our_write_by_position_date_and_mark(
    traits: ServerTraits, seen: ItemState, *, shown: bool
) -> None:
    """Jellyfin and Emby hold the date that we sent; Plex dates the write itself."""
    one = sighting(seen, LEFT, traits=traits, writes=(written(80, point(450), made_at=500, date=400),))
    assert (one.shown_write is not None) is shown


def test_a_write_without_a_date_shows_on_an_item_without_one() -> None:
    """An unordered edit is sent without a date: the item keeps its own, or none."""
    writes = (written(80, point(450), made_at=500),)
    assert sighting(state(80), LEFT, writes=writes).shown_write
    assert not sighting(state(80, date=500), LEFT, writes=writes).shown_write


def test_a_clear_may_bear_the_date_of_another_write() -> None:
    """Two pairs write to a slow server, a position with its date and then a clear: both arrive at once."""
    writes = (
        written(0, point(500, Cause.FINISHED), made_at=501, date=400),
        written(80, point(450), made_at=500, date=450),
    )
    assert known(state(0, date=450), LEFT, writes=writes).edit == point(500, Cause.FINISHED)


@pytest.mark.parametrize(
    ("seen", "ended", "fits"),
    [
        (state(37, date=540), 567, True),
        (state(36.3, date=540), 567, True),
        (state(35, date=540), 567, False),
        (state(33, date=540), 563, False),
        (state(45, date=540), 575, False),
        (state(0, date=540, watched=True), 567, True),
        (state(0, date=540), 567, False),
    ],
)
def test_an_abandoned_play_ends_minutes_after_its_last_report(seen: ItemState, ended: float, *, fits: bool) -> None:
    """5 to 10 minutes, and where the server's own counting would be; a finish that no report came near."""
    one = sighting(seen, LEFT, plays=(play(560, 30, ended=ended),))
    assert (one.abandoned is not None) is fits


def test_no_abandoned_play_where_anything_else_may_have_moved_the_item() -> None:
    """Two sessions, irregular reports, no end, no position, or a report near the end."""
    seen, finished = state(37, date=540), state(0, date=540, watched=True)
    left = play(560, 30, ended=567)
    for plays in (
        (left, left),
        (play(560, 30, ended=567, regular=False),),
        (play(560, 30),),
        (play(560, None, ended=567),),
    ):
        assert sighting(seen, LEFT, plays=plays).abandoned is None
    assert sighting(finished, LEFT, plays=(play(560, 95, ended=567),)).abandoned is None


def test_an_abandoned_play_stands_at_its_last_report() -> None:
    """Its own server shows another place, and is to be put right: what it shows is no edit until it moves."""
    entry = known(state(37, date=540), LEFT, plays=(play(560, 30, ended=567),))
    assert (entry.place.position_ms, entry.edit, entry.position_ms) == (minutes(30), point(560), minutes(37))
    assert entry.lost is Lost.LOST
    assert known(state(37, date=540), entry, last_seen=600, now=605) == entry
    assert known(state(30, date=540), entry, last_seen=600, now=605).lost is None
    assert known(state(50, date=602), entry, last_seen=600, now=620).edit == between(602, 615)


def test_an_abandoned_play_whose_last_report_was_read_keeps_its_edit() -> None:
    """While the server counts on, it stores what was reported last."""
    reported = entry_of(state(30, date=540), point(561))
    entry = known(state(37, date=540), reported, plays=(play(560, 30, ended=567),), last_seen=565)
    assert (entry.edit, entry.lost) == (point(561), Lost.LOST)

"""One read of one known item: noise, an edit, our write, a paused app that closes, a restored backup."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.identity import match_keys
from custom_components.resume_sync.sync.journal.edit import Cause, Edit, server_date
from custom_components.resume_sync.sync.journal.evidence import Sighting, echo, known, never_known, new_entry
from custom_components.resume_sync.sync.journal.trail import Entry, Intent, Left
from custom_components.resume_sync.sync.model import DateMeaning, ItemState
from tests.sync.builders import START, WRITE, at, between, minutes, movie, point, state
from tests.sync.world import film


def sighting(
    seen: ItemState, *, meaning: DateMeaning = START, last_seen: float = 500, now: float = 600, skew_ms: int = 0
) -> Sighting:
    """Return a read of film 1."""
    return Sighting(seen, server_date(seen, skew_ms), meaning, at(last_seen), at(now))


def entry_of(seen: ItemState, edit: Edit) -> Entry:
    """Return an entry as an earlier read made it."""
    return new_entry(sighting(seen), edit)


def written(
    position: float, edit: Edit, *, left: float | None = 50, at_minute: float = 500, date: float | None = 400
) -> Entry:
    """Return an entry that our write made, after a viewer had left the item elsewhere."""
    viewers = None if left is None else Left(minutes(left), point(300))
    intent = Intent(minutes(position), edit, at(at_minute), left=viewers)
    return echo(sighting(state(position, date=date)), intent)


@pytest.mark.parametrize("position", [20 - 9.9 / 60, 20, 20 + 9.9 / 60])
def test_a_move_of_under_ten_seconds_is_no_edit_whatever_the_date_says(position: float) -> None:
    """Apps report such noise although no viewer moved anything. Everything else that the read shows is taken in."""
    before = entry_of(state(20, date=400), point(420))
    after = known(sighting(state(position, date=550, watched=True)), before)
    assert after.edit == point(420)
    assert (after.position_ms, after.dated_position_ms) == (minutes(position), minutes(20))
    assert after.watched


def test_noise_is_measured_from_where_the_edit_was_dated() -> None:
    """Many small steps in one direction add up to an edit."""
    entry = entry_of(state(20, date=400), point(420))
    entry = known(sighting(state(20 + 6 / 60, date=400)), entry)
    assert entry.edit == point(420)
    assert known(sighting(state(20 + 12 / 60, date=400)), entry).edit.earliest >= at(500)


def test_ten_seconds_are_an_edit() -> None:
    """The bound itself is a move."""
    before = entry_of(state(20, date=400), point(420))
    assert known(sighting(state(20 + 10 / 60, date=550)), before).edit != before.edit


def test_the_same_play_is_dated_by_what_was_played_of_it() -> None:
    """The clock trap: a play begun long ago is dated by its start plus the distance since then."""
    entry = entry_of(state(0, date=None), point(200))
    entry = known(sighting(state(10, date=480), last_seen=480, now=490), entry)
    assert entry.edit == point(490)
    entry = known(sighting(state(60, date=480), last_seen=490, now=600), entry)
    assert entry.edit == point(540)


def test_an_edit_lies_after_the_last_one_and_after_it_was_last_seen() -> None:
    """Two edits that meet at one read are still two."""
    before = entry_of(state(20, date=400), point(550))
    after = known(sighting(state(40, date=400), last_seen=500), before)
    assert after.edit == Edit(at(550) + 1, at(550) + 1)


def test_a_move_without_a_date_may_be_at_any_time_since() -> None:
    """Without a date the whole time that our reads leave open counts."""
    assert known(sighting(state(40)), entry_of(state(20), point(300))).edit == between(500, 600)


@pytest.mark.parametrize("meaning", DateMeaning)
def test_an_older_date_is_a_restored_backup(meaning: DateMeaning) -> None:
    """It is dated by the backup, even before the last edit, and never in the future."""
    before = entry_of(state(40, date=450), point(460))
    assert known(sighting(state(20, date=300), meaning=meaning), before).edit == point(300)
    ahead = entry_of(state(40, date=900), point(460))
    assert known(sighting(state(20, date=800), meaning=meaning), ahead).edit == point(600)


def test_a_restored_backup_may_hold_a_zero() -> None:
    """It is no removal: finished if it was watched then, else restarted."""
    before = entry_of(state(40, date=450), point(460))
    assert known(sighting(state(0, date=300)), before).edit == point(300, Cause.RESTARTED)
    assert known(sighting(state(0, date=300, watched=True)), before).edit == point(300, Cause.FINISHED)


def test_a_server_whose_clock_was_set_has_not_been_restored() -> None:
    """The date it stores is the same, only our correction of it differs."""
    before = new_entry(sighting(state(40, date=450)), point(460))
    shifted = sighting(state(60, date=450), skew_ms=minutes(30))
    assert known(shifted, before).edit.earliest >= at(500)


def test_a_paused_app_that_closes_gets_its_old_edit_back() -> None:
    """An app paused at 50 minutes reports that over our 80 when it closes: the 80 minutes are still the newer edit."""
    entry = known(sighting(state(50, date=400)), written(80, point(450)))
    assert (entry.position_ms, entry.edit) == (minutes(50), point(300))
    assert entry.written_at is None


def test_a_stale_stop_may_be_off_by_under_ten_seconds() -> None:
    """Players report the place at which they would resume, some seconds off the stop."""
    assert known(sighting(state(50 + 9 / 60, date=400)), written(80, point(450))).edit == point(300)
    assert known(sighting(state(50 + 10 / 60, date=400)), written(80, point(450))).edit != point(300)


def test_a_play_begun_after_our_write_is_no_stale_stop() -> None:
    """The viewer went back to the old place: Jellyfin and Emby tell by the date."""
    entry = known(sighting(state(50, date=550)), written(80, point(450)))
    assert entry.edit.earliest >= at(500)


@pytest.mark.parametrize(("meaning", "date"), [(WRITE, 590), (WRITE, None), (START, None)])
def test_a_paused_app_closes_where_no_date_tells_of_a_new_play(meaning: DateMeaning, date: float | None) -> None:
    """Plex dates the stop itself, so its date says nothing."""
    assert known(sighting(state(50, date=date), meaning=meaning), written(80, point(450))).edit == point(300)


def test_a_rewind_on_an_item_never_written_to_is_an_edit() -> None:
    """A closing app can only restore a place before our write, and only one that a viewer had left."""
    assert known(sighting(state(50, date=400)), entry_of(state(80, date=400), point(450))).edit.earliest >= at(500)
    assert known(sighting(state(50, date=400)), written(80, point(450), left=None)).edit.earliest >= at(500)


def test_the_viewers_place_is_remembered_through_our_writes() -> None:
    """The second of two writes remembers where the viewer was before the first."""
    viewers = entry_of(state(50, date=300), point(300))
    assert viewers.left_by_viewer == Left(minutes(50), point(300))
    assert written(80, point(450)).left_by_viewer == Left(minutes(50), point(300))
    assert entry_of(state(0), point(300)).left_by_viewer is None


def test_noise_after_our_write_leaves_it_our_write() -> None:
    """An app that closes later still gets its old edit back."""
    entry = known(sighting(state(80 + 3 / 60, date=400)), written(80, point(450)))
    assert known(sighting(state(50, date=400)), entry).edit == point(300)


def test_a_known_zero_stays_as_it_is() -> None:
    """Reading an item at 0 once more makes no edit."""
    before = entry_of(state(0, date=400, watched=True), point(450, Cause.FINISHED))
    assert known(sighting(state(0, date=400, watched=True)), before) == before


def test_finished_once_more_is_a_newer_finish() -> None:
    """A rewatch from 0 between two reads: only its start is known, not how far it went."""
    before = entry_of(state(0, date=100, watched=True), between(190, 200, Cause.FINISHED))
    after = known(sighting(state(0, date=300, watched=True), last_seen=590), before)
    assert after.edit == between(300, 400, Cause.FINISHED)


def test_marked_watched_by_hand_is_a_finish() -> None:
    """A known 0 that becomes watched was finished or marked at some time since its last edit."""
    after = known(sighting(state(0, watched=True)), entry_of(state(0), point(300, Cause.CLEARED)))
    assert after.edit == Edit(at(300) + 1, at(600), Cause.FINISHED)


def test_a_library_that_came_back_without_positions_is_no_removal() -> None:
    """It was removed and added again. No viewer cleared the title."""
    gone = replace(entry_of(state(40, date=400), point(450)), gone=True)
    back = known(sighting(state(0, date=None)), gone)
    assert (back.edit, back.gone) == (point(450, Cause.RESTARTED), False)


def test_finished_while_its_library_was_away_is_a_finish() -> None:
    """A newer date or a new watched mark shows that a viewer has played it."""
    gone = replace(entry_of(state(40, date=400), point(450)), gone=True)
    assert known(sighting(state(0, date=520, watched=True)), gone).edit == between(570, 580, Cause.FINISHED)
    seen = replace(gone, watched=True)
    assert known(sighting(state(0, date=520, watched=True)), seen).edit == between(520, 580, Cause.FINISHED)


def test_a_new_id_continues_the_entry_of_its_title() -> None:
    """After a file upgrade the new item has the old one's edit, our write, and the viewer's place before it."""
    new = movie("new", "imdb:tt0000001")
    heir = known(sighting(state(80, item=new)), written(80, point(450)))
    assert (heir.edit, heir.written_at) == (point(450), at(500))
    assert heir.left == Left(minutes(50), point(300))
    assert heir.keys == match_keys(new)


def test_never_known_items_are_dated_at_first_sight() -> None:
    """In progress: from the play's start to its position. Finished: up to its length."""
    assert never_known(sighting(state(20, date=300))).edit == between(300, 320)
    assert never_known(sighting(state(0, date=300, watched=True))).edit == between(300, 400, Cause.FINISHED)


def test_an_entry_stands_for_its_item() -> None:
    """Kind, ids and duration are enough to match and to compare; the name is not stored."""
    item = entry_of(state(0), point(1)).as_item("film-1")
    assert (match_keys(item), item.duration_ms, item.title) == (match_keys(film(1)), film(1).duration_ms, "")


@pytest.mark.parametrize(
    ("meaning", "seen", "shown"),
    [
        (START, state(80, date=400), True),
        (START, state(80 + 1 / 60, date=400), True),
        (START, state(80 + 2 / 60, date=400), False),
        (START, state(80, date=401), False),
        (START, state(80), False),
        (START, state(80, date=400, watched=True), False),
        (WRITE, state(80, date=599), True),
        (WRITE, state(80), True),
        (WRITE, state(50, date=400), False),
        (WRITE, state(80, watched=True), False),
    ],
)
def test_a_read_shows_our_write_by_position_date_and_mark(
    meaning: DateMeaning, seen: ItemState, *, shown: bool
) -> None:
    """Jellyfin and Emby hold the date that we sent; Plex dates the write itself."""
    intent = Intent(minutes(80), point(450), at(500), at(400))
    assert intent.shown_by(seen, meaning) is shown


def test_a_write_without_a_date_shows_on_an_item_without_one() -> None:
    """An unordered edit is sent without a date: the item keeps its own, or none."""
    intent = Intent(minutes(80), point(450), at(500))
    assert intent.shown_by(state(80), START)
    assert not intent.shown_by(state(80, date=500), START)


@pytest.mark.parametrize("meaning", [WRITE, START])
def test_a_zero_with_the_same_date_is_a_clear(meaning: DateMeaning) -> None:
    """No play has begun since, and no position of ours was near the start."""
    before = entry_of(state(40, date=400), point(450))
    after = known(sighting(state(0, date=400), meaning=meaning), before)
    assert after.edit == Edit(at(500), at(600), Cause.CLEARED)


def test_a_zero_without_the_date_it_had_is_a_clear() -> None:
    """Marked unwatched: an app that was opened near the start, where we had written, would have left the date."""
    left_near_the_start = replace(written(40, point(450)), stood=(Left(minutes(1), point(300)),))
    assert known(sighting(state(0, date=400)), left_near_the_start).edit.cause is Cause.RESTARTED
    assert known(sighting(state(0)), left_near_the_start).edit.cause is Cause.CLEARED

"""Evidence: whose position does a read show, and when was it left? Ordered tables; the first row that fits decides.

A row has a name, a condition and a consequence. Switching one off must be noticed: `tests/soak` does that row by row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .edit import NOISE_MS, Cause, Edit, first_sight, unseen_finish
from .hidden import hidden_within
from .sighting import Sighting
from .trail import Entry, Lost, Place, Write


@dataclass(frozen=True, slots=True)
class Row[T]:
    """One row of a table: a case, the condition that it is met, and what follows."""

    name: str
    fits: Callable[[Sighting], object]
    then: Callable[[Sighting], T]


def _decide[T](table: Sequence[Row[T]], sighting: Sighting) -> T:
    """Return the consequence of the first row that fits. The last row of each table fits everything."""
    return next(row.then(sighting) for row in table if row.fits(sighting))


def judge(sighting: Sighting) -> Entry | None:
    """Return the entry of an item after one more read of it; None: the read tells nothing."""
    return _decide(WHOSE, sighting)


# --- Whose is this position? -----------------------------------------------------------------------------------------


def _off_shelf(sighting: Sighting, within: Edit) -> Entry:
    edit = hidden_within(sighting.date, within, sighting.on_hub_at)
    return replace(sighting.standing(edit, 0), play_from_ms=sighting.play_from_ms)


def _tells_nothing(_: Sighting) -> None:
    return None


def _as_written(sighting: Sighting) -> Entry:
    write = sighting.shown_write
    return never_known(sighting) if write is None else echo(sighting, write)


def _as_before(sighting: Sighting) -> Entry:
    seen = sighting.unmoved()
    return replace(seen, lost=None) if seen.lost and seen.is_shown else seen


def _back_where_it_was_opened(sighting: Sighting) -> Entry:
    place = sighting.reopened
    return sighting.moved(sighting.known.edit) if place is None else sighting.standing(place.edit, place.position_ms)


def _as_last_reported(sighting: Sighting) -> Entry:
    play, entry = sighting.last_report, sighting.known
    if play is None or play.position_ms is None or entry.place.is_at(play.position_ms, NOISE_MS - 1):
        return replace(sighting.unmoved(), lost=Lost.LOST)
    at = max(play.reported_at, entry.edit.latest + 1)
    edit = Edit(at, at)
    return replace(sighting.moved(edit), place=Place(play.position_ms, edit), lost=Lost.LOST)


def _finished_elsewhere(sighting: Sighting) -> Entry:
    return sighting.moved(sighting.finished_elsewhere or sighting.known.edit)


def _told_late(sighting: Sighting) -> Entry:
    return sighting.moved(Edit(sighting.known.by_viewer.latest, sighting.now))


def _by_a_human(sighting: Sighting) -> Entry:
    return sighting.moved(_decide(WHEN, sighting))


def _is_same(sighting: Sighting) -> bool:
    """Tell whether an item stands where it stood, at its place or where its server showed it."""
    entry, position = sighting.known, sighting.state.position_ms
    if not position and not entry.position_ms:
        # At 0 as before: no new play, no new mark, and nobody has marked it unplayed.
        wished = entry.place.position_ms and sighting.lost_its_date
        return not (sighting.is_newly_watched or sighting.is_played_since or wished)
    if not position:
        return False
    if entry.place.is_at(position, NOISE_MS - 1):
        return True
    return not entry.is_shown and abs(position - entry.position_ms) < NOISE_MS


def never_known(sighting: Sighting) -> Entry:
    """Return the entry of an item that is new to the journal."""
    state, date, now = sighting.state, sighting.date, sighting.now
    if sighting.is_newly_hidden:
        return sighting.standing(hidden_within(date, Edit(0, now)), 0)
    meaning = sighting.traits.date_meaning
    edit = unseen_finish(state, date, meaning, now) or first_sight(state, date, meaning, now)
    # Push tells the moment of what is seen for the first time, too.
    heard = sighting.heard
    if heard is not None and edit.earliest <= heard.at <= now:
        edit = replace(edit, earliest=heard.at, latest=heard.at)
    # Where the play began is unknown. Played without a break since its date, it cannot have come further than this:
    # first seen at 20:50 at 60 min, with the date 20:00: begun at 10 min.
    played_ms = max(now - date.local_ms, 0) if date else 0
    return replace(sighting.standing(edit), play_from_ms=max(state.position_ms - played_ms, 0))


def echo(sighting: Sighting, write: Write) -> Entry:
    """Return the entry of an item that shows our write. Its edit is that of the account the position came from."""
    seen = sighting.standing(write.place.edit)
    # Stored to the second by some, and hidden on Plex, where a removal leaves the position.
    position_ms = seen.position_ms if write.place.is_at(seen.position_ms) else write.place.position_ms
    place = replace(write.place, position_ms=position_ms)
    return replace(seen, place=place, before=write.before, began=write.began)


WHOSE: tuple[Row[Entry | None], ...] = (
    # 20:00:00 the list is requested · 20:00:02 we write 80 min · 20:00:03 the list arrives and shows 20 min.
    Row("early read", lambda one: one.is_early, _tells_nothing),
    # 20:00 somebody starts over, the server shows 0 · 20:10 it shows 10 min: only the stop counts.
    Row("plays at 0", lambda one: one.playing and not one.state.position_ms, _tells_nothing),
    # 20:00 we write 71 min · 20:07 the slow server shows them, perhaps under a new id: the source's edit, no new one.
    Row("ours", lambda one: one.shown_write, _as_written),
    Row("never known", lambda one: one.entry is None, never_known),
    # 20:00 left at 20 min · 21:00 taken off "Continue watching", where it stays at 20 min · 21:05 seen so.
    Row("hidden", lambda one: one.is_newly_hidden, lambda one: _off_shelf(one, one.within)),
    # 20:00 TV switched off at 20 min · 20:07 the server has counted on and stores 27 min, or a finish.
    Row("abandoned play", lambda one: one.abandoned, _as_last_reported),
    # 20:00 left at 20:00 min · 20:05 a list shows 20:06 min: noise, measured from where the edit was dated.
    Row("same", _is_same, _as_before),
    # Paused app closes: 20:00 paused at 20 min · 22:00 we write 80 min · 08:00 the app closes and tells 20 min again.
    Row("app closes", lambda one: one.state.position_ms and one.reopened, _back_where_it_was_opened),
    # 20:00 finished on one Plex · 23:00 plex.tv marks it on the other one too, where nobody played.
    Row("echo of a finish", lambda one: one.finished_elsewhere and not one.plays, _finished_elsewhere),
    Row("zero", lambda one: not one.state.position_ms, lambda one: _decide(ZEROS, one)),
    # 18:00 a tablet plays on the train to 50 min · 22:00 it is back and tells them: nobody knows when they were left.
    Row("told late", lambda one: one.was_told_late, _told_late),
    # 20:00 left at 20 min · 20:30 a list shows 35 min.
    Row("a human", lambda _: True, _by_a_human),
)


# --- A 0 where a place with a position was ---------------------------------------------------------------------------


def _restored_at_zero(sighting: Sighting) -> Entry:
    at = min(sighting.date.local_ms, sighting.now) if sighting.date else sighting.now
    return sighting.moved(Edit(at, at, Cause.FINISHED if sighting.state.watched else Cause.RESTARTED))


def _finished(sighting: Sighting) -> bool:
    """Tell whether a viewer finished the title, or marked it watched."""
    if sighting.is_newly_watched:
        return True
    if not sighting.state.watched or not sighting.is_played_since:
        return False
    # From here on the mark is an old one, and there was a play since. Plex counts each finish.
    if not sighting.dates_starts:
        return sighting.is_counted_again
    # Jellyfin and Emby keep the mark of a title that is begun again: only a report near the end, or time enough to get
    # there, tells a second finish from a moment's look. Or it was marked again, by a press of a button.
    report = sighting.last_report
    if report is not None and (report.position_ms or 0) >= sighting.finished_from:
        return True
    marked_again = sighting.is_counted_again and sighting.sessions_heard and not sighting.plays
    return marked_again or (report is None and sighting.had_time_to_finish)


def _when_finished(sighting: Sighting) -> Entry:
    return sighting.moved(replace(_decide(FINISHES, sighting), cause=Cause.FINISHED))


def _was_taken_off(sighting: Sighting) -> bool:
    """Tell whether somebody marked the title unplayed: the one gesture that real servers have for taking it off."""
    entry, state = sighting.known, sighting.state
    asked_for = sighting.lost_its_date and not state.play_count and not state.watched
    # An item that was away, or has other ids now, has an empty row for other reasons.
    return asked_for and not entry.gone and sighting.standing(entry.edit).keys == entry.keys


def _when_taken_off(sighting: Sighting) -> Entry:
    return sighting.moved(replace(_at_its_moment(sighting) or sighting.within, cause=Cause.CLEARED))


def _has_played(sighting: Sighting) -> bool:
    return sighting.is_played_since or bool(sighting.plays)


def _app_failed(sighting: Sighting) -> bool:
    report = sighting.last_report
    told = None if report is None else report.position_ms
    return told is not None and sighting.least_kept <= told < sighting.finished_from and _has_played(sighting)


def _started_over(sighting: Sighting) -> bool:
    """Tell whether a new play ended below the server's minimum, as far as anybody can know."""
    report = sighting.last_report
    near_the_start = report is not None and (report.position_ms or 0) < sighting.least_kept
    nobody_knows = report is None and not sighting.sessions_looked_at
    return _has_played(sighting) and (near_the_start or nobody_knows)


def _when_started_over(sighting: Sighting) -> Entry:
    report = sighting.last_report
    at = report.reported_at if report else sighting.date.local_ms if sighting.date else sighting.now
    return sighting.moved(sighting.dated(Edit(at, at, Cause.RESTARTED)))


def _lost(sighting: Sighting) -> Entry:
    seen = sighting.unmoved()
    if not seen.place.position_ms:
        return seen
    # Given back once, and gone again. An item that was away, or has a new id, lost it in another way.
    again = seen.place.given_back and not sighting.known.gone
    return replace(seen, lost=Lost.NOT_KEPT if again else Lost.LOST)


ZEROS: tuple[Row[Entry], ...] = (
    # 03:00 the database is lost · 03:05 all nine titles are at 0 at once: one question, for all of them.
    Row("one of many", lambda one: one.one_of_many, lambda one: replace(one.unmoved(), lost=Lost.HELD)),
    # Tuesday left at 40 min · Wednesday the server is back at Sunday's backup, at 0.
    Row("restored", lambda one: one.is_older, _restored_at_zero),
    # 20:00 started at 20 min, 100 min long · 21:20 over.
    Row("finished", _finished, _when_finished),
    # 20:00 left at 20 min · 21:00 marked unplayed: date and play count are gone.
    Row("taken off", _was_taken_off, _when_taken_off),
    # 20:00 started at 20 min · 20:15 the headphones go, the app stops at 0: the viewer was at 35 min.
    Row("app failed", _app_failed, _as_last_reported),
    # 20:00 left at 80 min · 21:00 begun anew and stopped after 30 s, which the server does not keep.
    Row("started over", _started_over, _when_started_over),
    # 20:00 left at 20 min · 20:05 an app that cannot play stops at 0, without a start: the place is still 20 min.
    Row("nobody asked", lambda _: True, _lost),
)


# --- When was it left? -----------------------------------------------------------------------------------------------


def _at_its_moment(sighting: Sighting) -> Edit | None:
    """Return the moment at which push told what the read shows; None: it told nothing that fits."""
    heard, within = sighting.heard, sighting.within
    fits = heard is not None and within.earliest <= heard.at <= within.latest
    return Edit(heard.at, heard.at) if heard is not None and fits else None


def _told_moment(sighting: Sighting) -> Edit:
    return _at_its_moment(sighting) or sighting.within


def _by_date(sighting: Sighting, longest_ms: int) -> Edit:
    """Return the interval from the server's date to so much later; Plex dates the end itself."""
    at = sighting.date.local_ms if sighting.date else sighting.now
    return Edit(at, at + (max(longest_ms, 0) if sighting.dates_starts else 0))


def _played_ms(sighting: Sighting) -> int:
    return sighting.state.position_ms - sighting.play_from_ms


def _left_to_play(sighting: Sighting) -> int | None:
    duration = sighting.state.item.duration_ms
    return None if duration is None else max(duration - sighting.play_from_ms, 0)


def _should_have_been_shown(sighting: Sighting) -> bool:
    """Tell whether the last sight of the item, in a list, came after its date and did not show it."""
    date, entry = sighting.date, sighting.known
    return (
        date is not None
        and entry.in_progress
        and sighting.is_new_play
        and date.local_ms < sighting.last_seen - NOISE_MS
    )


def _over_before_last_seen(sighting: Sighting) -> bool:
    left = _left_to_play(sighting)
    return left is not None and _by_date(sighting, left).latest < sighting.within.earliest


WHEN: tuple[Row[Edit], ...] = (
    # 20:31 push tells a stop at 50 min · 20:35 the list shows 50 min.
    Row("told by push", _at_its_moment, _told_moment),
    # Tuesday left at 40 min · Wednesday the server is back at Sunday's 20 min: that is Sunday's edit.
    Row("restored", lambda one: one.is_older, lambda one: _capped(_by_date(one, 0), one)),
    # 18:00 played on a tablet out of reach · 20:00 a list shows nothing of it · 22:00 it is told, dated 18:00.
    Row("dated late", _should_have_been_shown, lambda one: _capped(_by_date(one, _played_ms(one)), one)),
    # Without a date the whole time that our reads leave open counts.
    Row("no date", lambda one: one.date is None, lambda one: one.within),
    # Started 20:00 at 10 min, stands at 40 min: left between 20:00 (skipped ahead) and 20:30 (watched all of it). Seen
    # at 10 min until 21:00: left after 21:00 (a long pause). Plex dates the stop itself.
    Row("dated", lambda _: True, lambda one: one.dated(_by_date(one, _played_ms(one)))),
)


def _capped(edit: Edit, sighting: Sighting) -> Edit:
    """Return an edit that is not in the future, and not moved into the time that our reads leave open."""
    return Edit(min(edit.earliest, sighting.now), min(edit.latest, sighting.now))


FINISHES: tuple[Row[Edit], ...] = (
    # 21:12 push tells a stop near the end · 21:15 the title is at 0 and watched.
    Row("told by push", _at_its_moment, _told_moment),
    Row("no date", lambda one: one.date is None, lambda one: one.within),
    # 20:00 started, 40 min left · 21:30 still in progress · 23:00 at 0: paused meanwhile, or marked by hand later.
    Row("over before last seen", lambda one: one.dates_starts and _over_before_last_seen(one), lambda one: one.within),
    # Started 20:00 with 80 min left: finished between 20:00 (skipped ahead, or marked) and 21:20; up to now where the
    # length is unknown.
    Row("dated", lambda _: True, lambda one: one.dated(_by_date(one, _until_the_end(one)))),
)


def _until_the_end(sighting: Sighting) -> int:
    left = _left_to_play(sighting)
    began = sighting.date.local_ms if sighting.date else sighting.now
    return sighting.now - began if left is None else left

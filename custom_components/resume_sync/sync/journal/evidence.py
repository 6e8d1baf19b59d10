"""Evidence: the journal's entry of an item after one more read of it."""

from dataclasses import dataclass, replace

from ..identity import match_keys
from ..model import DateMeaning, ItemState
from .edit import NOISE_MS, Cause, Edit, ServerDate, Zeroed, first_sight, move, unseen_finish, zero
from .trail import STORED_TOLERANCE_MS, Entry, Intent, Left, opened_at

_LEAST_KEPT_PERCENT = 5
"""Jellyfin keeps no position in the first 5 percent of a title (`MinResumePct`), Emby in the first 2, by default."""

_RECENT_PLACES = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of one item.

    `date` is the server's date on both clocks. `last_seen` is when the item was last seen as the journal knows it,
    `now` is the present. `heard_at` is when a push message reported the stop that this read shows; None: no message
    did.
    """

    state: ItemState
    date: ServerDate | None
    meaning: DateMeaning
    last_seen: int
    now: int
    heard_at: int | None = None

    def is_played_since(self, entry: Entry) -> bool:
        """Tell whether the server's date is that of a later play than the known one."""
        return self.date is not None and self.date.newer_than(entry.date)

    def at_its_moment(self, edit: Edit, within: Edit) -> Edit:
        """Return an edit at the moment at which push reported it, if that lies inside `within`."""
        if self.heard_at is None or not within.earliest <= self.heard_at <= within.latest:
            return edit
        return replace(edit, earliest=self.heard_at, latest=self.heard_at)


def new_entry(sighting: Sighting, edit: Edit) -> Entry:
    """Return an entry that stands where the read shows it, with this edit and no writes of ours."""
    state = sighting.state
    return Entry(
        kind=state.item.kind,
        keys=match_keys(state.item),
        position_ms=state.position_ms,
        dated_position_ms=state.position_ms,
        edit=edit,
        watched=state.watched,
        date=sighting.date,
        duration_ms=state.item.duration_ms,
        play_from_ms=state.position_ms,
    )


def echo(sighting: Sighting, intent: Intent) -> Entry:
    """Return the entry of an item that shows our write. Its edit is that of the account the position came from."""
    written = new_entry(sighting, intent.edit)
    return replace(written, written_at=intent.made_at, left=intent.left, stood=intent.stood, undone_at=intent.undone_at)


def never_known(sighting: Sighting) -> Entry:
    """Return the entry of an item that is new to the journal."""
    state, date, meaning, now = sighting.state, sighting.date, sighting.meaning, sighting.now
    edit = unseen_finish(state, date, meaning, now) or first_sight(state, date, meaning, now)
    entry = new_entry(sighting, sighting.at_its_moment(edit, Edit(edit.earliest, now)))
    # Where the play began is unknown. Played without a break since its date, it cannot have come further than this:
    # first seen at 20:50 at 60 min, with the date 20:00: begun at 10 min.
    played_ms = max(now - date.local_ms, 0) if date else 0
    return replace(entry, play_from_ms=max(state.position_ms - played_ms, 0))


def known(sighting: Sighting, entry: Entry) -> Entry:
    """Return the entry of a known item after a read that shows none of our writes.

    The item is unmoved, a paused app has closed over our write, a backup was restored, or a viewer has moved it.
    """
    state = sighting.state
    if not state.position_ms:
        return _known_at_zero(sighting, entry)
    # From here on the item is in progress. Steps below 10 s are noise. They are measured from the dated position, so
    # many small steps in one direction add up to an edit.
    if abs(state.position_ms - entry.dated_position_ms) < NOISE_MS:
        return _unmoved(sighting, entry)
    # From here on the item has moved, and not by our write. Paused app closes: 20:00 paused at 20 min · 22:00 we write
    # 80 min · 08:00 the app closes and tells 20 min again. That is the edit of 20:00, so the 80 min are written again.
    stale = _stale_stop(sighting, entry)
    if stale is not None:
        return replace(new_entry(sighting, stale.edit), dated_position_ms=stale.position_ms)
    # Restored backup: Tuesday left at 40 min · Wednesday the server is back at Sunday's 20 min: that is Sunday's edit.
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        return new_entry(sighting, Edit(restored_to, restored_to))
    # From here on a viewer moved the item, after it was last seen. Push tells the moment; otherwise the server's date
    # does, as far as it fits between our reads.
    play_from = _play_from(sighting, entry)
    within = _within(sighting, entry)
    edit = sighting.at_its_moment(move(state.position_ms - play_from, sighting.date, sighting.meaning, within), within)
    return replace(new_entry(sighting, edit), play_from_ms=play_from)


def _known_at_zero(sighting: Sighting, entry: Entry) -> Entry:
    """Return the entry of a known item that is read at 0.

    It is unmoved, its library came back without positions, a backup was restored, an app has closed below the minimum,
    or a viewer finished, cleared or restarted it.
    """
    state = sighting.state
    newly_watched = state.watched and not entry.watched
    played_since = sighting.is_played_since(entry)
    if not newly_watched and not played_since:
        # At 0 as before, with no new play and no new mark.
        if not entry.position_ms:
            return _unmoved(sighting, entry)
        # Library came back: 20:00 left at 20 min · 21:00 the library is removed, 22:00 added again without its
        # positions. No viewer cleared the title: it keeps its time, and the 0 is no reason to clear it elsewhere.
        if entry.gone:
            return new_entry(sighting, replace(entry.edit, cause=Cause.RESTARTED))
    # Restored backup: as above. A 0 out of a backup is no clear.
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        cause = Cause.FINISHED if state.watched else Cause.RESTARTED
        return new_entry(sighting, Edit(restored_to, restored_to, cause))
    # From here on the item came to 0 after it was last seen.
    within = _within(sighting, entry)
    # Stop below the minimum: an app closes over our write, and its server keeps no position there. No clear either.
    if not newly_watched and not played_since and _is_stop_below_minimum(sighting, entry):
        return new_entry(sighting, replace(within, cause=Cause.RESTARTED))
    # From here on a viewer did it: finished, cleared, or started over.
    zeroed = Zeroed(_play_from(sighting, entry), entry.date, entry.watched, state, sighting.date)
    return new_entry(sighting, sighting.at_its_moment(zero(zeroed, sighting.meaning, within), within))


def _is_stop_below_minimum(sighting: Sighting, entry: Entry) -> bool:
    """Tell whether a 0 may come from an app that closed at a place where its server keeps no position."""
    # Marked unwatched: all three servers drop the date then. They never do when an app stops.
    if sighting.date is None and entry.date is not None:
        return False
    # Opened where no position was kept: 20:00 opened and paused after 1 min, no position is stored · 22:00 we write
    # 40 min · 23:00 the app closes, the server stores 0.
    if entry.left is not None and not entry.left.position_ms:
        return True
    # Plex drops a report below its minimum and keeps the position it had.
    if sighting.meaning is not DateMeaning.PLAY_START:
        return False
    # From here on the server is Jellyfin or Emby. Opened at a place of ours near the start, where viewers can leave
    # none: 20:00 we write 3 min · 20:10 an app is opened there and left open · 21:00 we write 41 min · 22:00 the app
    # closes at 3 min, the server stores 0.
    ours = [one.position_ms for one in entry.stood]
    # The same at our latest place, but only if there was a play since we wrote it. Otherwise no app was opened there:
    # 20:00 we write 3 min · 21:00 a 0 with the same date is a viewer's clear.
    if entry.written_at is not None and (entry.date is None or entry.date.local_ms > entry.written_at):
        ours.append(entry.position_ms)
    return any(position_ms * 100 < (sighting.state.item.duration_ms or 0) * _LEAST_KEPT_PERCENT for position_ms in ours)


def _unmoved(sighting: Sighting, entry: Entry) -> Entry:
    """Return the entry as the read shows it, but with its edit, its dated position and its trail as before."""
    seen = new_entry(sighting, entry.edit)
    return replace(
        seen,
        dated_position_ms=entry.dated_position_ms,
        date=seen.date if _differs(seen.date, entry.date) else entry.date,
        play_from_ms=_play_from(sighting, entry),
        written_at=entry.written_at,
        left=entry.left,
        stood=entry.stood,
        seen_at=entry.seen_at,
        undone_at=entry.undone_at,
        kept_until=entry.kept_until,
        keys=seen.keys or entry.keys,
    )


def _play_from(sighting: Sighting, entry: Entry) -> int:
    """Return the position at which the latest play began: a new date is a new play, begun where the item stood."""
    return entry.position_ms if _differs(sighting.date, entry.date) else entry.play_from_ms


def _differs(date: ServerDate | None, known_date: ServerDate | None) -> bool:
    """Tell whether the server stores another date than before, compared on its own clock."""
    if date is None or known_date is None:
        return date is not known_date
    return date.server_ms != known_date.server_ms


def _stale_stop(sighting: Sighting, entry: Entry) -> Left | None:
    """Return the place before our write that a closing app has restored; None: a viewer moved the item."""
    # Without a write of ours there is nothing to close over: the viewer went back.
    if entry.written_at is None:
        return None
    # A play begun after our write is a viewer who went back to the old place. Jellyfin and Emby tell by the date of its
    # start. No date, or the same as before, shows no new play. Plex dates the stop itself, so its date proves nothing.
    date = sighting.date
    begun_before = sighting.meaning is DateMeaning.LAST_WRITE or date is None or not _differs(date, entry.date)
    if not begun_before and date is not None and date.local_ms > entry.written_at:
        return None
    # From here on the app may have been opened before our write, at any place where the item stood then. The latest
    # places may be off by 10 s: players resume a little before the place. An app opened many writes ago and never
    # played on tells its place to the second.
    position = sighting.state.position_ms
    places = opened_at(entry)
    recent = (one for one in places[:_RECENT_PLACES] if abs(position - one.position_ms) < NOISE_MS)
    earlier = (one for one in places[_RECENT_PLACES:] if abs(position - one.position_ms) <= STORED_TOLERANCE_MS)
    return next((one for one in (*recent, *earlier) if one.position_ms), None)


def _restored_to(sighting: Sighting, entry: Entry) -> int | None:
    """Return the time to which a restored backup took the item back; None: its date is not older than before."""
    date = sighting.date
    if date is None or entry.date is None or not entry.date.newer_than(date):
        return None
    return min(date.local_ms, sighting.now)


def _within(sighting: Sighting, entry: Entry) -> Edit:
    """Return the time in which a new edit of a known item must lie: after its last sight and after its last edit."""
    # A list that leaves out an item at 0 counts as a sight of it. It proves nothing in three cases:
    # The item was gone: 20:00 left at 11 min · 21:00 its library is away, a list comes · 22:00 the library is back.
    # It is at 0 again: 20:00 finished once more · 21:00 a list comes, and would not have shown the item before either.
    # The server dates a new play: 20:00 left at 22 min · 21:00 a list comes and leaves the item out by mistake.
    at_zero_still = not sighting.state.position_ms
    unseen = not entry.position_ms and (entry.gone or at_zero_still or sighting.is_played_since(entry))
    earliest = max(0 if unseen else sighting.last_seen, entry.edit.latest + 1)
    return Edit(earliest, max(sighting.now, earliest))

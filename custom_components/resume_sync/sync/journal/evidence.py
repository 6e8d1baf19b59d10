"""What one read of one item makes of what the journal knows of it."""

from dataclasses import dataclass, replace

from ..identity import match_keys
from ..model import DateMeaning, ItemState
from .edit import NOISE_MS, Cause, Edit, ServerDate, Zeroed, first_sight, move, unseen_finish, zero
from .trail import STORED_TOLERANCE_MS, Entry, Intent, Left, opened_at

_LEAST_KEPT_PERCENT = 5
_RECENT_PLACES = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of one item: its state, its date on both clocks, when it was last seen before, and the time now.

    `heard_at`: when the server told of what this read shows; None: it did not.
    """

    state: ItemState
    date: ServerDate | None
    meaning: DateMeaning
    last_seen: int
    now: int
    heard_at: int | None = None

    def is_played_since(self, entry: Entry) -> bool:
        """Tell whether the server dates a later play than the one that is known."""
        return self.date is not None and self.date.newer_than(entry.date)

    def at_its_moment(self, edit: Edit, within: Edit) -> Edit:
        """Return an edit at the moment when the server told of it, if that is within the time left open."""
        if self.heard_at is None or not within.earliest <= self.heard_at <= within.latest:
            return edit
        return replace(edit, earliest=self.heard_at, latest=self.heard_at)


def new_entry(sighting: Sighting, edit: Edit) -> Entry:
    """Return an entry for an item as it was just read."""
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
    """Return the entry of an item that shows our write: the edit is the source's."""
    written = new_entry(sighting, intent.edit)
    return replace(written, written_at=intent.made_at, left=intent.left, stood=intent.stood, undone_at=intent.undone_at)


def never_known(sighting: Sighting) -> Entry:
    """Return the entry of an item that the journal never knew, as if played without a break since its date."""
    state, date, meaning, now = sighting.state, sighting.date, sighting.meaning, sighting.now
    edit = unseen_finish(state, date, meaning, now) or first_sight(state, date, meaning, now)
    entry = new_entry(sighting, sighting.at_its_moment(edit, Edit(edit.earliest, now)))
    played_ms = max(now - date.local_ms, 0) if date else 0
    return replace(entry, play_from_ms=max(state.position_ms - played_ms, 0))


def known(sighting: Sighting, entry: Entry) -> Entry:
    """Return what a read makes of a known item: nothing new, an edit, a stale stop, or a restored backup."""
    state = sighting.state
    if not state.position_ms:
        return _known_at_zero(sighting, entry)
    if abs(state.position_ms - entry.dated_position_ms) < NOISE_MS:
        return _unmoved(sighting, entry)
    stale = _stale_stop(sighting, entry)
    if stale is not None:
        return replace(new_entry(sighting, stale.edit), dated_position_ms=stale.position_ms)
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        return new_entry(sighting, Edit(restored_to, restored_to))
    play_from = _play_from(sighting, entry)
    within = _within(sighting, entry)
    edit = sighting.at_its_moment(move(state.position_ms - play_from, sighting.date, sighting.meaning, within), within)
    return replace(new_entry(sighting, edit), play_from_ms=play_from)


def _known_at_zero(sighting: Sighting, entry: Entry) -> Entry:
    """Judge an explicit position 0."""
    state = sighting.state
    newly_watched = state.watched and not entry.watched
    played_since = sighting.is_played_since(entry)
    if not newly_watched and not played_since:
        if not entry.position_ms:
            return _unmoved(sighting, entry)
        if entry.gone:
            return new_entry(sighting, replace(entry.edit, cause=Cause.RESTARTED))
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        cause = Cause.FINISHED if state.watched else Cause.RESTARTED
        return new_entry(sighting, Edit(restored_to, restored_to, cause))
    within = _within(sighting, entry)
    if not newly_watched and not played_since and _is_stop_below_minimum(sighting, entry):
        return new_entry(sighting, replace(within, cause=Cause.RESTARTED))
    zeroed = Zeroed(_play_from(sighting, entry), entry.date, entry.watched, state, sighting.date)
    return new_entry(sighting, sighting.at_its_moment(zero(zeroed, sighting.meaning, within), within))


def _is_stop_below_minimum(sighting: Sighting, entry: Entry) -> bool:
    """Tell whether a 0 may come from an app that stopped where its server keeps no position.

    It was opened where none was kept, or at one of ours in the first percents of the title, where viewers can leave
    none: 5 on Jellyfin (`MinResumePct`), 2 on Emby, unless somebody has set it otherwise. At our latest one only if
    somebody has played since. No app takes a date away: whoever marks a title unwatched does.
    """
    if sighting.date is None and entry.date is not None:
        return False
    if entry.left is not None and not entry.left.position_ms:
        return True
    if sighting.meaning is not DateMeaning.PLAY_START:
        return False
    ours = [one.position_ms for one in entry.stood]
    if entry.written_at is not None and (entry.date is None or entry.date.local_ms > entry.written_at):
        ours.append(entry.position_ms)
    return any(position_ms * 100 < (sighting.state.item.duration_ms or 0) * _LEAST_KEPT_PERCENT for position_ms in ours)


def _unmoved(sighting: Sighting, entry: Entry) -> Entry:
    """Return the entry with what the read shows of it, its edit as it was."""
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
    """Return where the latest play began: where the item stood when its date changed last."""
    return entry.position_ms if _differs(sighting.date, entry.date) else entry.play_from_ms


def _differs(date: ServerDate | None, known_date: ServerDate | None) -> bool:
    """Tell whether the server stores another date, whatever its clock says of itself now."""
    if date is None or known_date is None:
        return date is not known_date
    return date.server_ms != known_date.server_ms


def _stale_stop(sighting: Sighting, entry: Entry) -> Left | None:
    """Return the old position that an app wrote over ours when it closed: it was left open, or paused, there.

    Apps that were opened long before, and nobody played on, tell the very position that they were opened at.
    """
    if entry.written_at is None:
        return None
    date = sighting.date
    begun_before = sighting.meaning is DateMeaning.LAST_WRITE or date is None or not _differs(date, entry.date)
    if not begun_before and date is not None and date.local_ms > entry.written_at:
        return None
    position = sighting.state.position_ms
    places = opened_at(entry)
    recent = (one for one in places[:_RECENT_PLACES] if abs(position - one.position_ms) < NOISE_MS)
    earlier = (one for one in places[_RECENT_PLACES:] if abs(position - one.position_ms) <= STORED_TOLERANCE_MS)
    return next((one for one in (*recent, *earlier) if one.position_ms), None)


def _restored_to(sighting: Sighting, entry: Entry) -> int | None:
    """Return the time that the server went back to when a backup was restored; None where it did not."""
    date = sighting.date
    if date is None or entry.date is None or not entry.date.newer_than(date):
        return None
    return min(date.local_ms, sighting.now)


def _within(sighting: Sighting, entry: Entry) -> Edit:
    """Return the time in which a new edit of a known item must lie: after it was last seen, and after its last edit.

    Lists leave out what is at 0, and now and then what is not: that an item was not in them tells nothing of when it
    was finished once more, nor of an item that was gone, nor of a play that the server dates.
    """
    at_zero_still = not sighting.state.position_ms
    unseen = not entry.position_ms and (entry.gone or at_zero_still or sighting.is_played_since(entry))
    earliest = max(0 if unseen else sighting.last_seen, entry.edit.latest + 1)
    return Edit(earliest, max(sighting.now, earliest))

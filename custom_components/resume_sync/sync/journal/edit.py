"""Edits: the time at which a viewer moved an item, as an interval drawn from server dates and our own reads."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..model import DateMeaning, ItemState

DAY_MS = 86_400_000

NOISE_MS = 10_000
"""Positions closer than this are equal: apps report such differences although no viewer moved anything."""

DATE_TOLERANCE_MS = 1_000
"""Servers store dates to the second, and HTTP tells their clock to the second."""

_PLAYED_PERCENT = 90


class Cause(StrEnum):
    """The kinds of edit.

    `MOVED`: left at a position. `FINISHED`: watched to the end, or marked watched. `CLEARED`: taken out of progress on
    purpose. `RESTARTED`: at 0 without such a purpose, as after starting over; never a reason to clear the title
    elsewhere.
    """

    MOVED = "moved"
    FINISHED = "finished"
    CLEARED = "cleared"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Edit:
    """A viewer's edit. It happened within `[earliest, latest]` on this machine's clock; often both are the same."""

    earliest: int
    latest: int
    cause: Cause = Cause.MOVED

    def later_than(self, other: Edit) -> bool:
        """Tell whether this edit certainly came after the other: their intervals do not overlap."""
        return self.earliest > other.latest

    def at_later_bound(self, other: Edit) -> Edit:
        """Return this edit at the later of the two upper bounds: neither of the unordered edits is later than that."""
        latest = max(self.latest, other.latest)
        return replace(self, earliest=latest, latest=latest)


@dataclass(frozen=True, slots=True)
class ServerDate:
    """A "last played" date, as the server stores it and as it reads on this machine's clock."""

    server_ms: int
    local_ms: int

    def newer_than(self, other: ServerDate | None) -> bool:
        """Tell whether this date is later than the other by more than a second, on both clocks."""
        # A clock that is set makes no new play: the date seems to move on one of the two clocks only.
        return other is None or (
            self.server_ms > other.server_ms + DATE_TOLERANCE_MS and self.local_ms > other.local_ms + DATE_TOLERANCE_MS
        )


def server_date(state: ItemState, skew_ms: int) -> ServerDate | None:
    """Return an item's date on both clocks; None: the server tells none."""
    if state.last_played_server_ms is None:
        return None
    return ServerDate(state.last_played_server_ms, state.last_played_server_ms - skew_ms)


def clamped(time: int, earliest: int, latest: int) -> int:
    """Return the time within `[earliest, latest]` that is nearest to `time`."""
    return max(earliest, min(time, latest))


def first_sight(state: ItemState, date: ServerDate | None, meaning: DateMeaning, now: int) -> Edit:
    """Date the position of an item that is new to the journal."""
    # No date: at any time up to now.
    if date is None:
        return Edit(0, now)
    earliest = min(date.local_ms, now)
    # Plex dates the stop itself.
    if meaning is DateMeaning.LAST_WRITE:
        return Edit(earliest, earliest)
    # Jellyfin and Emby date the start of the play. Started 20:00, stands at 20 min: left between 20:00 (the viewer
    # skipped ahead) and 20:20 (the viewer watched all of it).
    return Edit(earliest, min(date.local_ms + state.position_ms, now))


def unseen_finish(state: ItemState, date: ServerDate | None, meaning: DateMeaning, now: int) -> Edit | None:
    """Date the finish of an item that is new to the journal; None: it is not finished.

    Items at 0 without a watched mark, and rewatches in progress, are not finished.
    """
    if not state.watched or state.position_ms:
        return None
    duration = 0 if meaning is DateMeaning.LAST_WRITE else state.item.duration_ms
    began = None if date is None else min(date.local_ms, now)
    # Too short to be finished: watched last year · opened at 20:00 for a moment · seen at 20:05. The date belongs to a
    # play that cannot have reached the end, so it does not date the finish.
    if began is None or duration is None or now - began < _watched_at(duration):
        return Edit(0, now, Cause.FINISHED)
    # Started 20:00, 100 min long: finished between 20:00 (marked by hand, or skipped ahead) and 21:40. On Plex the date
    # is that of the finish itself: the duration counts as 0.
    return Edit(began, min(began + duration, now), Cause.FINISHED)


def move(played_ms: int, date: ServerDate | None, meaning: DateMeaning, within: Edit) -> Edit:
    """Date a known item's new position inside `within`, the time that our own reads leave open.

    `played_ms` is the distance from where the latest play began; a negative one is a rewind.
    """
    if date is None:
        return within
    # Plex dates the stop itself. Jellyfin and Emby date the start: started 20:00 at 10 min, stands at 40 min: stopped
    # at 20:30. The result never leaves `within`: seen at 10 min until 21:00 means stopped after 21:00 (a long pause).
    ahead = max(played_ms, 0) if meaning is DateMeaning.PLAY_START else 0
    point = clamped(date.local_ms + ahead, within.earliest, within.latest)
    return Edit(point, point)


@dataclass(frozen=True, slots=True)
class Zeroed:
    """An item that is read at 0, and how it was before.

    `play_from_ms` is where its latest play began; `last_date` and `was_watched` are as known before, `state` and `date`
    as read now.
    """

    play_from_ms: int
    last_date: ServerDate | None
    was_watched: bool
    state: ItemState
    date: ServerDate | None


def zero(zeroed: Zeroed, meaning: DateMeaning, within: Edit) -> Edit:
    """Tell a finish from a clear from a start over, and date it inside `within`, the time that our reads leave open."""
    # Started over: a new play ended below the server's minimum.
    started_over = _started_over(zeroed, meaning, within.latest)
    if started_over is not None:
        point = clamped(started_over.local_ms, within.earliest, within.latest)
        return Edit(point, point, Cause.RESTARTED)
    # From here on the title was not started over. Without a watched mark it was not finished either: it was cleared.
    if not zeroed.state.watched:
        return replace(within, cause=Cause.CLEARED)
    # From here on the title is watched: finished. Only its time is left to find.
    if zeroed.date is None:
        return replace(within, cause=Cause.FINISHED)
    # Plex dates the finish itself.
    if meaning is DateMeaning.LAST_WRITE:
        point = clamped(zeroed.date.local_ms, within.earliest, within.latest)
        return Edit(point, point, Cause.FINISHED)
    # From here on the server is Jellyfin or Emby, and the date is the start of the play.
    duration = zeroed.state.item.duration_ms
    if duration is None:
        return Edit(clamped(zeroed.date.local_ms, within.earliest, within.latest), within.latest, Cause.FINISHED)
    # Unseen second play: a title watched before was begun again between two reads, and may have been closed right away.
    # 20:00 opened for a moment here · 20:30 left at 40 min on another server: that one may be later, so the interval
    # begins at 20:00.
    unseen_again = zeroed.was_watched and zeroed.date.newer_than(zeroed.last_date)
    to_be_played = 0 if unseen_again else max(_watched_at(duration) - zeroed.play_from_ms, 0)
    # Otherwise it lies between the watched threshold and the end. Started 20:00 from 20 min, 100 min long: watched from
    # 90 min on (21:10), over at 100 min (21:20).
    threshold = zeroed.date.local_ms + to_be_played
    end = zeroed.date.local_ms + max(duration - zeroed.play_from_ms, 0)
    # Over before it was last seen: 20:00 started · 21:30 still in progress · 23:00 at 0. It was paused meanwhile, or
    # marked by hand later. Too short to be finished: 20:00 started · 20:10 at 0. The viewer skipped ahead, marked it by
    # hand, or began a new play after the finish. In both cases the date tells nothing.
    if end < within.earliest or threshold > within.latest:
        return replace(within, cause=Cause.FINISHED)
    earliest = clamped(threshold, within.earliest, within.latest)
    return Edit(earliest, clamped(end, earliest, within.latest), Cause.FINISHED)


def _started_over(zeroed: Zeroed, meaning: DateMeaning, now: int) -> ServerDate | None:
    """Return the date of a new play that ended below the server's minimum; None: the 0 has another cause."""
    date = zeroed.date
    if date is None or not date.newer_than(zeroed.last_date):
        return None
    # From here on a new play began since the item was last seen. Without a mark it did not reach the end.
    if not zeroed.state.watched:
        return date
    # A new mark is a finish. Plex dates every finish anew, so an old mark with a newer date is one more finish.
    if not zeroed.was_watched or meaning is DateMeaning.LAST_WRITE:
        return None
    # From here on the mark is an old one and proves nothing. Started 20:00 from 0, 100 min long, read at 0 at 20:20:
    # too short to have reached the end again.
    duration = zeroed.state.item.duration_ms or 0
    reached_the_end = now - date.local_ms >= _watched_at(duration) - zeroed.play_from_ms
    return None if reached_the_end else date


def _watched_at(duration_ms: int) -> int:
    """Return the position from which an item counts as watched: 90 percent, the default of Plex, Jellyfin and Emby."""
    return duration_ms * _PLAYED_PERCENT // 100

"""When a human moved an item, as far as that can be known from a server's dates and our own reads."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..model import DateMeaning, ItemState

DAY_MS = 86_400_000

NOISE_MS = 10_000
"""Positions closer than this are equal: apps report such differences without anybody touching them."""

DATE_TOLERANCE_MS = 1_000
"""Servers store dates to the second, and HTTP tells their clock to the second."""

_PLAYED_PERCENT = 90


class Cause(StrEnum):
    """What a human did to an item."""

    MOVED = "moved"
    FINISHED = "finished"
    CLEARED = "cleared"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Edit:
    """A human's edit: it happened within `[earliest, latest]`, mostly a point."""

    earliest: int
    latest: int
    cause: Cause = Cause.MOVED

    def later_than(self, other: Edit) -> bool:
        """Tell whether this edit certainly came after the other."""
        return self.earliest > other.latest

    def at_later_bound(self, other: Edit) -> Edit:
        """Return this edit at the one time that neither of two edits without an order can be later than."""
        latest = max(self.latest, other.latest)
        return replace(self, earliest=latest, latest=latest)


@dataclass(frozen=True, slots=True)
class ServerDate:
    """A "last played" date: as the server stores it, and on this machine's clock."""

    server_ms: int
    local_ms: int

    def newer_than(self, other: ServerDate | None) -> bool:
        """Tell whether this is another, later date, on either clock, should one of them have been set."""
        return other is None or (
            self.server_ms > other.server_ms + DATE_TOLERANCE_MS and self.local_ms > other.local_ms + DATE_TOLERANCE_MS
        )


def server_date(state: ItemState, skew_ms: int) -> ServerDate | None:
    """Return an item's date, corrected by the skew of the server's clock."""
    if state.last_played_server_ms is None:
        return None
    return ServerDate(state.last_played_server_ms, state.last_played_server_ms - skew_ms)


def clamped(time: int, earliest: int, latest: int) -> int:
    """Return the time within `[earliest, latest]` that is nearest to `time`."""
    return max(earliest, min(time, latest))


def first_sight(state: ItemState, date: ServerDate | None, meaning: DateMeaning, now: int) -> Edit:
    """Date the position of an item that the journal never knew."""
    if date is None:
        return Edit(0, now)
    earliest = min(date.local_ms, now)
    if meaning is DateMeaning.LAST_WRITE:
        return Edit(earliest, earliest)
    return Edit(earliest, min(date.local_ms + state.position_ms, now))


def unseen_finish(state: ItemState, date: ServerDate | None, meaning: DateMeaning, now: int) -> Edit | None:
    """Date the finish of an item at 0 that the journal never knew; None where nobody finished it.

    A play that cannot have come to its end yet may have begun on an item that was watched long before.
    """
    if not state.watched or state.position_ms:
        return None
    duration = 0 if meaning is DateMeaning.LAST_WRITE else state.item.duration_ms
    began = None if date is None else min(date.local_ms, now)
    if began is None or duration is None or now - began < _watched_at(duration):
        return Edit(0, now, Cause.FINISHED)
    return Edit(began, min(began + duration, now), Cause.FINISHED)


def move(played_ms: int, date: ServerDate | None, meaning: DateMeaning, within: Edit) -> Edit:
    """Date a known item's new position inside the time in which it must have been made.

    Jellyfin and Emby date the start of a play: what was played forward since then is added.
    """
    if date is None:
        return within
    ahead = max(played_ms, 0) if meaning is DateMeaning.PLAY_START else 0
    point = clamped(date.local_ms + ahead, within.earliest, within.latest)
    return Edit(point, point)


@dataclass(frozen=True, slots=True)
class Zeroed:
    """What is known of an item whose position became 0: where its latest play began, and how it was before."""

    play_from_ms: int
    last_date: ServerDate | None
    was_watched: bool
    state: ItemState
    date: ServerDate | None


def zero(zeroed: Zeroed, meaning: DateMeaning, within: Edit) -> Edit:
    """Tell finished from cleared from started over, and date it inside the time in which it must have happened.

    A play that must have been over before the item was last seen was paused meanwhile, or marked by hand later. One
    that cannot be over yet may have begun after the finish, went forward in leaps, or the title was marked by hand. One
    that nobody saw, of a title watched before, may have ended right after its start: what was left elsewhere since then
    may be later.
    """
    started_over = _started_over(zeroed, meaning, within.latest)
    if started_over is not None:
        point = clamped(started_over.local_ms, within.earliest, within.latest)
        return Edit(point, point, Cause.RESTARTED)
    if not zeroed.state.watched:
        return replace(within, cause=Cause.CLEARED)
    if zeroed.date is None:
        return replace(within, cause=Cause.FINISHED)
    if meaning is DateMeaning.LAST_WRITE:
        point = clamped(zeroed.date.local_ms, within.earliest, within.latest)
        return Edit(point, point, Cause.FINISHED)
    duration = zeroed.state.item.duration_ms
    if duration is None:
        return Edit(clamped(zeroed.date.local_ms, within.earliest, within.latest), within.latest, Cause.FINISHED)
    unseen_again = zeroed.was_watched and zeroed.date.newer_than(zeroed.last_date)
    to_be_played = 0 if unseen_again else max(_watched_at(duration) - zeroed.play_from_ms, 0)
    threshold = zeroed.date.local_ms + to_be_played
    end = zeroed.date.local_ms + max(duration - zeroed.play_from_ms, 0)
    if end < within.earliest or threshold > within.latest:
        return replace(within, cause=Cause.FINISHED)
    earliest = clamped(threshold, within.earliest, within.latest)
    return Edit(earliest, clamped(end, earliest, within.latest), Cause.FINISHED)


def _started_over(zeroed: Zeroed, meaning: DateMeaning, now: int) -> ServerDate | None:
    """Return when a new play began that ended below the server's minimum; None where the 0 has another cause."""
    date = zeroed.date
    if date is None or not date.newer_than(zeroed.last_date):
        return None
    if not zeroed.state.watched:
        return date
    if not zeroed.was_watched or meaning is DateMeaning.LAST_WRITE:
        return None
    duration = zeroed.state.item.duration_ms or 0
    reached_the_end = now - date.local_ms >= _watched_at(duration) - zeroed.play_from_ms
    return None if reached_the_end else date


def _watched_at(duration_ms: int) -> int:
    """Return the position from which servers take an item as watched, unless told otherwise."""
    return duration_ms * _PLAYED_PERCENT // 100

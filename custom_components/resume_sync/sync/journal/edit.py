"""Edits: the time at which a viewer moved an item, as an interval drawn from server dates and our own reads."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..model import DateMeaning, ItemState

DAY_MS = 86_400_000

NOISE_MS = 10_000
"""Positions closer than this are equal: apps report such differences although no viewer moved anything."""

MOST_AT_ONCE = 5
"""Titles that people take off between two reads, however many are in progress; more are a fault of the server."""

DATE_TOLERANCE_MS = 1_000
"""Servers store dates to the second, and HTTP tells their clock to the second."""

_PLAYED_PERCENT = 90


class Cause(StrEnum):
    """The kinds of edit.

    `MOVED`: left at a position. `FINISHED`: watched to the end, or marked watched. `CLEARED`: taken out of progress on
    `MOVED`: left at a position. `FINISHED`: watched to the end, or marked watched. `CLEARED`: taken out of progress on
    purpose. `HIDDEN`: taken off "Continue watching" with its position kept, which counts as 0. `RESTARTED`: started
    over, at 0 without such a purpose; never a reason to clear the title elsewhere.
    """

    MOVED = "moved"
    FINISHED = "finished"
    CLEARED = "cleared"
    HIDDEN = "hidden"
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


def _watched_at(duration_ms: int) -> int:
    """Return the position from which an item counts as watched: 90 percent, the default of Plex, Jellyfin and Emby."""
    return duration_ms * _PLAYED_PERCENT // 100

"""What playback reports, marks and writes make of a user's state on Jellyfin and Emby. Pure functions."""

from dataclasses import dataclass, replace

from tests.simulators.state import WatchState


@dataclass(frozen=True, slots=True)
class ResumeLimits:
    """Between which shares of the duration a position is kept, and from which duration on."""

    minimum_percent: float
    maximum_percent: float
    minimum_seconds: int


def started(state: WatchState, at: float, *, unmarks: bool) -> WatchState:
    """A start report counts a play and stamps the date; the position stays until the first progress report.

    `unmarks`: the watched mark goes.
    """
    watched = state.watched and not unmarks
    return replace(state, play_count=state.play_count + 1, last_played=at, hidden=False, watched=watched)


def reported(state: WatchState, position_ms: int, duration_ms: int | None, limits: ResumeLimits) -> WatchState:
    """A progress or stop report: near the start and the end there is no position, and the end means watched.

    Exactly the minimum and exactly the maximum are kept; 0 is stored as it is; a watched mark is never taken away.
    """
    finished = False
    if duration_ms is None:
        finished = True
    elif position_ms > 0:
        percent = position_ms / duration_ms * 100
        if percent < limits.minimum_percent:
            position_ms = 0
        else:
            at_end = percent > limits.maximum_percent or position_ms >= duration_ms - 1000
            finished = at_end or duration_ms < limits.minimum_seconds * 1000
    return replace(state, position_ms=0 if finished else position_ms, watched=state.watched or finished)


def stopped_without_position(state: WatchState) -> WatchState:
    """A stop report that names no position counts as watched to the end."""
    return replace(state, position_ms=0, watched=True, play_count=state.play_count + 1)


def marked_watched(state: WatchState, at: float, date_played: float | None, *, count_dated: bool) -> WatchState:
    """Mark as watched; `count_dated`: a given date counts as one more play (Jellyfin)."""
    plays = state.play_count + (1 if count_dated and date_played is not None else 0)
    last_played = date_played if date_played is not None else state.last_played
    return replace(
        state,
        position_ms=0,
        watched=True,
        play_count=max(plays, 1),
        last_played=at if last_played is None else last_played,
    )


def marked_unwatched(state: WatchState) -> WatchState:
    """Mark as unwatched: nothing is left of the history."""
    return replace(state, position_ms=0, watched=False, play_count=0, last_played=None)

"""What a Plex Media Server makes of playback reports, marks and the viewer's other clicks."""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import floor
from typing import override

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry
from tests.simulators.playback import CHECK_IN_SECONDS, PlaySession, Viewer
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState

from .accounts import PlexUser
from .household import PlexHousehold

SMALLEST_STORED_MS = 60_000
SILENCE_SECONDS = 300.0

type Change = Callable[[WatchState], WatchState]


@dataclass(slots=True)
class _Reported:
    """What a session told so far. `armed`: it was seen between the start and the played threshold."""

    position_ms: int = 0
    at: float = 0.0
    armed: bool = False


class PlexViewer(Viewer):
    """A viewer in a Plex app, who can also take an item off "Continue watching" without touching its position."""

    def __init__(self, server: PlexPlayback, user_name: str, device: str) -> None:
        """Sit down, with nothing playing."""
        super().__init__(server, user_name, device)
        self._plex = server

    def hide(self, item_id: str) -> None:
        """Remove an item from "Continue watching"; the position stays."""
        self._plex.hide(self.user_name, item_id)


class PlexPlayback(PlexHousehold, ABC):
    """The rules by which reports change a user's state.

    A position is stored from one minute on and below the played threshold, stamped with the server's clock. A report at
    or above the threshold marks as watched only in a session that reported a position below it before; otherwise it
    stores nothing. Position 0 stores nothing.
    """

    def __init__(
        self,
        *,
        name: str = "Attic",
        version: str = "1.43.2.10687-563d026ea",
        clock: SimulatedClock | None = None,
        machine_id: str | None = None,
        linked_copies: bool = False,
    ) -> None:
        """Make a server on which nothing plays."""
        super().__init__(name=name, version=version, clock=clock, machine_id=machine_id, linked_copies=linked_copies)
        self.timeline.silence_seconds = SILENCE_SECONDS
        self._reported: dict[str, _Reported] = {}

    @override
    def viewer(self, user_name: str, device: str = "Living Room TV") -> PlexViewer:
        if user_name not in self.users:
            raise KeyError(user_name)
        return PlexViewer(self, user_name, device)

    def watched_from(self, entry: Entry, duration_ms: int | None) -> float | None:
        """Return the position in milliseconds from which an item counts as watched; None: its length is unknown."""
        duration = entry.duration_ms or duration_ms
        if not duration:
            return None
        by_percent = duration * self.played_threshold / 100
        markers = [marker for marker in self.markers.get(entry.item_id, ()) if marker.kind == "credits"]
        if not markers or self.played_at == 0:
            return by_percent
        if self.played_at == 1:
            return next((marker.start_ms for marker in markers if marker.final), by_percent)
        first = min(marker.start_ms for marker in markers)
        return first if self.played_at == 2 else min(first, by_percent)

    # Reports of viewers

    @override
    def on_play_start(self, session: PlaySession, at: float) -> None:
        self.take(session, at, Cause.PLAY_START)

    @override
    def on_play_progress(self, session: PlaySession, at: float) -> None:
        self.take(session, at, Cause.PLAY_PROGRESS)

    @override
    def on_play_stop(self, session: PlaySession, at: float) -> None:
        """Take the end of a session that came by itself: a session that went silent stores nothing any more."""
        if session.checks_in:
            self.take(session, at, Cause.PLAY_STOP)
        self.forget(session)

    @override
    def close_session(self, session: PlaySession, position_ms: int | None) -> None:
        self.settle()
        self.timeline.end(session, position_ms)
        self.take(session, self.now(), Cause.PLAY_STOP)
        self.forget(session)

    def forget(self, session: PlaySession) -> None:
        """Drop what a session reported."""
        self._reported.pop(session.session_id, None)

    def take(self, session: PlaySession, at: float, cause: Cause, call: Call | None = None) -> None:
        """Apply one report, whose position is in the session; `call`: it came over HTTP."""
        entry = self.holdings.get(session.item_id)
        user = next((user for user in self.users.values() if user.user_id == session.user_id), None)
        if entry is None or user is None:
            return
        before = self._reported.setdefault(session.session_id, _Reported(at=at))
        change = self._change(session, before, self.watched_from(entry, session.duration_ms), at)
        before.position_ms, before.at = session.position_ms, at
        if call is not None:
            self.write(call, user, entry, change or _nothing, cause)
        elif change is not None:
            self.store(user.user_id, entry, change(self.state_of(user, entry)), cause)

    def _change(self, session: PlaySession, before: _Reported, watched_from: float | None, at: float) -> Change | None:
        """Return what a report changes; None: nothing."""
        position = session.position_ms
        played_on = session.checks_in and at - before.at > CHECK_IN_SECONDS and position > before.position_ms
        if watched_from is not None and position >= watched_from:
            if played_on and before.position_ms + CHECK_IN_SECONDS * 1000 < watched_from:
                before.armed = True
            if not before.armed:
                return None
            before.armed = False
            crossed = max(before.at, at - (position - watched_from) / 1000) if played_on else at
            return self._finished(crossed)
        before.armed = before.armed or position > 0
        return self._positioned(position, at) if position >= SMALLEST_STORED_MS else None

    def _positioned(self, position_ms: int, at: float) -> Change:
        """Return the change to a position that was reported at `at`, or lands later."""
        late_from = self.now()
        return lambda state: replace(
            state, position_ms=position_ms, last_played=self._stamp(at, late_from), hidden=False
        )

    def _finished(self, at: float) -> Change:
        """Return the change to one more time watched."""
        late_from = self.now()
        return lambda state: replace(
            state,
            position_ms=0,
            watched=True,
            play_count=state.play_count + 1,
            last_played=self._stamp(at, late_from),
            hidden=False,
        )

    def _stamp(self, at: float, late_from: float) -> int:
        """Return the date to store, in whole seconds: when it happened, plus what a delayed write took to land."""
        return floor(at + self.now() - late_from)

    # Marks

    @override
    def mark(self, user_name: str, item_id: str, *, watched: bool) -> None:
        self.settle()
        self.apply_mark(self.users[user_name], self.holdings[item_id], watched=watched)

    def take_from_plex_tv(self, user: PlexUser, guid: str, *, watched: bool, at: float | None) -> None:
        """Take over that a title was marked as watched or unwatched elsewhere; `at` None: it is dated now."""
        date = self.now() if at is None else at
        for entry in self.entries_with_guid(guid):
            before = self.state_of(user, entry)
            if before.watched is not watched:
                change = self._finished(date) if watched else _unwatched
                self.store(user.user_id, entry, change(before), Cause.SYNC)

    def apply_mark(self, user: PlexUser, entry: Entry, *, watched: bool, call: Call | None = None) -> None:
        """Mark an item, or all episodes below it; unwatched forgets position, count and date."""
        change = self._finished(self.now()) if watched else _unwatched
        for leaf in self.leaves(entry):
            if call is not None:
                self.write(call, user, leaf, change, Cause.MARK)
            else:
                self.store(user.user_id, leaf, change(self.state_of(user, leaf)), Cause.MARK)

    @override
    def clear(self, user_name: str, item_id: str) -> None:
        """Mark as unwatched: the only way in which a viewer gets rid of a position."""
        self.mark(user_name, item_id, watched=False)

    def hide(self, user_name: str, item_id: str) -> None:
        """Remove from "Continue watching", which leaves the position as it is."""
        self.settle()
        user, entry = self.users[user_name], self.holdings[item_id]
        self.store(user.user_id, entry, hidden(self.state_of(user, entry)), Cause.MARK)

    @override
    def store(self, user_id: str, entry: Entry, state: WatchState, cause: Cause) -> None:
        """Store a state; watched is what has been viewed at least once."""
        count = max(state.play_count, int(state.watched))
        super().store(user_id, entry, replace(state, play_count=count, watched=count > 0), cause)


def hidden(state: WatchState) -> WatchState:
    """Return a state that "Continue watching" leaves out."""
    return replace(state, hidden=True)


def _nothing(state: WatchState) -> WatchState:
    """Return a state as it was."""
    return state


def _unwatched(state: WatchState) -> WatchState:
    """Return a state of which nothing is left but the user's own rating."""
    return WatchState(favorite=state.favorite, rating=state.rating)

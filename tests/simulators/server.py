"""What every simulated media server has: users, libraries, viewers, a clock, faults and an HTTP port."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import override

from .clock import SimulatedClock
from .faults import DelayedWrite, IgnoredWrite
from .holdings import Entry
from .library import Catalogue
from .playback import PlaySession, Viewer
from .port import HttpPort
from .posters import Pictures
from .routes import Call
from .shelves import Shelves
from .state import Cause, StateStore, WatchState
from .timeline import Timeline
from .users import User


class SimulatedServer[U: User](HttpPort, Shelves, ABC):
    """A media server. Subclasses add the routes, the ids, and what playback reports do to a user's state.

    `skew`: this server's clock minus the simulated clock, in seconds. `persist_seconds`: what a stop leaves is stored
    only that much simulated time later, after the stop was pushed; 0: at once.
    Public methods take users by name.
    """

    def __init__(self, *, name: str, version: str, clock: SimulatedClock | None = None, base_path: str = "") -> None:
        """Make a server with no users and empty libraries; `start` opens its port."""
        self.clock = clock or SimulatedClock()
        self.skew = 0.0
        self.persist_seconds = 0.0
        self.name = name
        self.version = version
        self.users: dict[str, U] = {}
        self.states = StateStore()
        self.pictures = Pictures()
        self.timeline = Timeline(self.clock)
        Shelves.__init__(self)
        HttpPort.__init__(self, base_path=base_path)
        self.clock.on_advance(self.settle)

    @override
    def now(self) -> float:
        """Return the time on this server's own clock."""
        return self.clock.now() + self.skew

    @abstractmethod
    def on_play_start(self, session: PlaySession, at: float) -> None:
        """Take a start report; `at` is on the server's clock."""

    @abstractmethod
    def on_play_progress(self, session: PlaySession, at: float) -> None:
        """Take a progress report, whose position and pause are in the session by now."""

    @abstractmethod
    def on_play_stop(self, session: PlaySession, at: float) -> None:
        """Take a stop report, whose position is in the session by now."""

    @abstractmethod
    def mark(self, user_name: str, item_id: str, *, watched: bool) -> None:
        """Mark an item, or all below it, in the server's own user interface."""

    @abstractmethod
    def clear(self, user_name: str, item_id: str) -> None:
        """Take an item off "Continue watching" as the server's own user interface does."""

    def zero(self, user_name: str, item_id: str) -> None:
        """Write the position 0 as a tool does."""
        self.settle()
        user, entry = self.users[user_name], self.holdings[item_id]
        self.store(user.user_id, entry, replace(self.state_of(user, entry), position_ms=0), Cause.WRITE)

    def fail(self, user_name: str, item_id: str, device: str, *, started: bool) -> None:
        """Take the reports of an app that could not play: a stop at 0, with a start before it or without."""
        self.settle()
        entry = self.holdings[item_id]
        session = self.timeline.new_session(self.users[user_name].user_id, entry, entry, 0, device)
        session.session_id = self.session_id_of(session)
        if started:
            self.begin(session)
        self.close_session(session, 0)

    def state_key(self, entry: Entry) -> str:
        """Return what an item's states are stored under: the item itself, unless the server shares them."""
        return entry.item_id

    def entries_of_state(self, key: str) -> list[Entry]:
        """Return the items that show the states stored under a key."""
        entry = self.holdings.get(key)
        return [] if entry is None else [entry]

    def viewer(self, user_name: str, device: str = "Living Room TV") -> Viewer:
        """Return a user with an app of their own."""
        if user_name not in self.users:
            raise KeyError(user_name)
        return Viewer(self, user_name, device)

    def open_session(
        self, user_name: str, item_id: str, *, at_ms: int | None, version_id: str | None, device: str
    ) -> PlaySession:
        """Start playback at `at_ms`, or where this user left the item."""
        self.settle()
        entry = self.holdings[version_id or item_id]
        position = self.watch_state(user_name, entry.item_id).position_ms if at_ms is None else at_ms
        session = self.timeline.new_session(
            self.users[user_name].user_id, self.holdings[item_id], entry, position, device
        )
        session.session_id = self.session_id_of(session)
        self.begin(session)
        return session

    def session_id_of(self, session: PlaySession) -> str:
        """Return the id under which a server lists a session: each play is one of its own."""
        return session.session_id

    def begin(self, session: PlaySession) -> None:
        """Let a session start now."""
        session.checked_in_at = self.clock.now()
        self.timeline.open(session)
        self.on_play_start(session, self.now())

    def report(self, session: PlaySession, position_ms: int | None, *, paused: bool) -> None:
        """Take a progress report; a session that the server had given up is taken up again."""
        self.settle()
        self.timeline.note(session, position_ms, paused=paused)
        self.on_play_progress(session, self.now())

    def close_session(self, session: PlaySession, position_ms: int | None) -> None:
        """Take a stop report, also for a session that the server had given up before."""
        self.settle()
        self.timeline.end(session, position_ms)
        self.on_play_stop(session, self.now())

    @override
    def settle(self) -> None:
        """Live through the time that passed: apps check in, films end, silent sessions end, late writes land."""
        self.timeline.settle(self)

    def watch_state(self, user_name: str, item_id: str) -> WatchState:
        """Return what is stored for a user and an item now."""
        self.settle()
        return self.state_of(self.users[user_name], self.holdings[item_id])

    def state_of(self, user: User, entry: Entry) -> WatchState:
        """Return what is stored for a user and an item."""
        return self.states.get(user.user_id, self.state_key(entry))

    def in_progress(self, user_name: str) -> Mapping[str, WatchState]:
        """Return a user's visible items with a position, by item id."""
        self.settle()
        user = self.users[user_name]
        return {
            entry.item_id: self.states.get(user.user_id, key)
            for key in self.states.in_progress(user.user_id)
            for entry in self.entries_of_state(key)
            if self.can_see(user, entry)
        }

    def set_state(
        self,
        user_name: str,
        item_id: str,
        *,
        position_ms: int | None = None,
        watched: bool | None = None,
        play_count: int | None = None,
        last_played: float | None = None,
        favorite: bool | None = None,
        rating: float | None = None,
    ) -> None:
        """Set up history, whatever the server would have made of it; `last_played` is on the server's clock."""
        given = {
            "position_ms": position_ms,
            "watched": watched,
            "play_count": play_count,
            "last_played": last_played,
            "favorite": favorite,
            "rating": rating,
        }
        entry = self.holdings[item_id]
        state = self.state_of(self.users[user_name], entry)
        changed = replace(state, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        self.store(self.users[user_name].user_id, entry, changed, Cause.SETUP)

    def store(self, user_id: str, entry: Entry, state: WatchState, cause: Cause) -> None:
        """Store a state: the one way in which anything a user has changes."""
        key = self.state_key(entry)
        if cause is Cause.PLAY_STOP and self.persist_seconds:
            self.timeline.later(self.persist_seconds, lambda: self.states.put(user_id, key, state, cause))
        else:
            self.states.put(user_id, key, state, cause)

    def write(
        self, call: Call, user: User, entry: Entry, change: Callable[[WatchState], WatchState], cause: Cause
    ) -> WatchState:
        """Store what a request asks for, unless a fault keeps or delays it; return the state to answer with."""
        self.traffic.write()
        state = change(self.state_of(user, entry))
        if call.fault(IgnoredWrite) is not None:
            return state
        if delayed := call.fault(DelayedWrite):
            self.timeline.later(
                delayed.seconds, lambda: self.store(user.user_id, entry, change(self.state_of(user, entry)), cause)
            )
            return state
        self.store(user.user_id, entry, state, cause)
        return state

    def can_see(self, user: User, entry: Entry) -> bool:
        """Tell whether a user gets to see an item."""
        return entry.library.mounted and user.may_see(entry.library)

    def share(self, library: str, user_name: str) -> None:
        """Let a user see a library (by name)."""
        self.users[user_name].share(self.library(library))

    def unshare(self, library: str, user_name: str) -> None:
        """Hide a library (by name) from a user."""
        self.users[user_name].unshare(self.library(library), self.libraries.values())

    def fill(self, catalogue: Catalogue, *, films: str = "Films", shows: str = "Shows") -> None:
        """Put a whole catalogue into two libraries."""
        for film in catalogue.films:
            self.add_film(film, library=films)
        for show in catalogue.shows:
            self.add_show(show, library=shows)

"""What happens on a server by itself as time passes: sessions that play on, and work put off."""

from collections.abc import Callable
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from math import floor
from typing import Protocol

from .clock import SimulatedClock
from .holdings import Entry
from .playback import CHECK_IN_SECONDS, PlaySession


class SessionEvent(StrEnum):
    """What happens to a session."""

    STARTED = "started"
    REPORTED = "reported"
    ENDED = "ended"


type Listener = Callable[[PlaySession, SessionEvent], None]


class Reports(Protocol):
    """Who takes the reports that a timeline makes."""

    skew: float

    def on_play_progress(self, session: PlaySession, at: float) -> None:
        """Take a progress report."""

    def on_play_stop(self, session: PlaySession, at: float) -> None:
        """Take a stop report."""


class Timeline:
    """The sessions and the put-off work of one server.

    `silence_seconds`: after that long without a report the server ends a session by itself; None: never.
    `idle_check_seconds`: how often it looks for such sessions; None: at any time. `runs_on`: it ends them where its own
    counting has come to, otherwise at the last position that was reported.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        """Start with nothing going on."""
        self._clock = clock
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count(1)
        self._settling = False
        self._listeners: list[Listener] = []
        self.silence_seconds: float | None = None
        self.idle_check_seconds: float | None = None
        self.runs_on = False
        self._checks_from = clock.now()
        self.sessions: list[PlaySession] = []

    def on_change(self, listener: Listener) -> None:
        """Call `listener` whenever something happens to a session, before it is stored."""
        self._listeners.append(listener)

    def new_session(
        self, user_id: str, item: Entry, version: Entry, position_ms: int, device: str, *, client: str = "Player"
    ) -> PlaySession:
        """Make a session, not yet open."""
        now = self._clock.now()
        number = next(self._order)
        return PlaySession(
            session_id=f"{number:032x}",
            user_id=user_id,
            item_id=item.item_id,
            version_id=version.item_id,
            device_id=f"{device}-{number}".replace(" ", "-").lower(),
            device_name=device,
            client=client,
            started_at=now,
            reported_at=now,
            position_ms=position_ms,
            duration_ms=version.duration_ms,
        )

    def open(self, session: PlaySession) -> None:
        """Take a session in."""
        session.ended = False
        if session not in self.sessions:
            self.sessions.append(session)
            self._tell(session, SessionEvent.STARTED)

    def note(self, session: PlaySession, position_ms: int | None, *, paused: bool) -> None:
        """Keep what a report says; None: where playback is by now."""
        now = self._clock.now()
        session.position_ms = session.position_at(now) if position_ms is None else position_ms
        session.reported_at = session.checked_in_at = now
        session.paused = paused
        self.open(session)
        self._tell(session, SessionEvent.REPORTED)

    def end(self, session: PlaySession, position_ms: int | None) -> None:
        """Drop a session."""
        now = self._clock.now()
        session.position_ms = session.position_at(now) if position_ms is None else position_ms
        session.reported_at = now
        session.ended = True
        if session in self.sessions:
            self.sessions.remove(session)
        self._tell(session, SessionEvent.ENDED)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when that much time has passed."""
        heappush(self._later, (self._clock.now() + seconds, next(self._order), action))

    def settle(self, reports: Reports) -> None:
        """Let everything happen that was due by now, in its order."""
        if self._settling:
            return
        self._settling = True
        try:
            now = self._clock.now()
            while self._later and self._later[0][0] <= now:
                due, _, action = heappop(self._later)
                self._live_until(due, reports)
                action()
            self._live_until(now, reports)
        finally:
            self._settling = False

    def _live_until(self, until: float, reports: Reports) -> None:
        """Let each session do what it does by itself, the latest report of each only."""
        events = [
            (when, session) for session in self.sessions if (when := self._next_event(session, until)) is not None
        ]
        for when, session in sorted(events, key=lambda event: event[0]):
            ends_at = session.ends_at()
            at_end = session.checks_in and ends_at is not None and when >= ends_at
            if session.checks_in or self.runs_on:
                session.position_ms = session.position_at(when)
            if at_end:
                # An app that plays on reports every ten seconds up to the end.
                silent_for = (when - session.reported_at) % CHECK_IN_SECONDS
                session.checked_in_at = when - silent_for
            session.reported_at = when
            if at_end or not session.checks_in:
                session.ended = True
                self.sessions.remove(session)
                self._tell(session, SessionEvent.ENDED)
                reports.on_play_stop(session, when + reports.skew)
            else:
                session.checked_in_at = when
                self._tell(session, SessionEvent.REPORTED)
                reports.on_play_progress(session, when + reports.skew)

    def given_up_at(self, session: PlaySession) -> float | None:
        """Return when the server ends a session that stays silent; None: never."""
        if self.silence_seconds is None:
            return None
        at = session.reported_at + self.silence_seconds
        if not self.idle_check_seconds:
            return at
        checks = floor((at - self._checks_from) / self.idle_check_seconds) + 1
        return self._checks_from + checks * self.idle_check_seconds

    def _tell(self, session: PlaySession, event: SessionEvent) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener(session, event)

    def _next_event(self, session: PlaySession, until: float) -> float | None:
        """Return when a session last did something by itself up to `until`; None: nothing since its last report."""
        silent_for = until - session.reported_at
        if not session.checks_in:
            due = self.given_up_at(session)
            return due if due is not None and due <= until else None
        ends_at = session.ends_at()
        if ends_at is not None and ends_at <= until:
            return ends_at
        if silent_for < CHECK_IN_SECONDS:
            return None
        return session.reported_at + silent_for // CHECK_IN_SECONDS * CHECK_IN_SECONDS

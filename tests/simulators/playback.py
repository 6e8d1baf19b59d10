"""People in front of screens: a viewer with an app that plays, reports, pauses, sleeps and stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .state import WatchState

CHECK_IN_SECONDS = 10.0


@dataclass(slots=True, eq=False)
class PlaySession:
    """One app playing one item. Times are epoch seconds of the simulated clock, without the server's skew.

    `position_ms` is what the app last reported, at `reported_at`. `checks_in`: the app reports every ten seconds by
    itself; False: it sleeps, crashed, or is a client that speaks HTTP on its own. `checked_in_at` is when the app last
    said that it plays; None: it never did. `item_id` is the item as the app sees it, `version_id` the version (media
    source) that it plays. `guests` are the ids of users who watch with the one who is signed in.
    """

    session_id: str
    user_id: str
    item_id: str
    version_id: str
    device_id: str
    device_name: str
    client: str
    started_at: float
    reported_at: float
    position_ms: int
    duration_ms: int | None
    paused: bool = False
    checks_in: bool = True
    ended: bool = False
    checked_in_at: float | None = None
    guests: tuple[str, ...] = ()

    def position_at(self, now: float) -> int:
        """Return where playback is by now: a playing session moves on between its reports."""
        if self.paused or self.ended:
            return self.position_ms
        position = self.position_ms + int((now - self.reported_at) * 1000)
        return position if self.duration_ms is None else min(position, max(self.duration_ms, self.position_ms))

    def ends_at(self) -> float | None:
        """Return when playback reaches the end; None while paused or where the duration is unknown."""
        if self.paused or self.duration_ms is None:
            return None
        return self.reported_at + max(self.duration_ms - self.position_ms, 0) / 1000


class PlaybackServer(Protocol):
    """What a viewer needs of a server."""

    def settle(self) -> None:
        """Live through the time that passed."""

    def open_session(
        self, user_name: str, item_id: str, *, at_ms: int | None, version_id: str | None, device: str
    ) -> PlaySession:
        """Start playback."""

    def report(self, session: PlaySession, position_ms: int | None, *, paused: bool) -> None:
        """Take a progress report; None: where playback is by now."""

    def close_session(self, session: PlaySession, position_ms: int | None) -> None:
        """Take a stop report; None: where playback is by now."""

    def mark(self, user_name: str, item_id: str, *, watched: bool) -> None:
        """Mark an item in the server's own user interface."""

    def clear(self, user_name: str, item_id: str) -> None:
        """Take an item off "Continue watching" as the server's own user interface does."""

    def zero(self, user_name: str, item_id: str) -> None:
        """Write the position 0, as tools do that know no better way to end a title."""

    def fail(self, user_name: str, item_id: str, device: str, *, started: bool) -> None:
        """Take the reports of an app that could not play."""

    def watch_state(self, user_name: str, item_id: str) -> WatchState:
        """Return what is stored."""

    def in_progress(self, user_name: str) -> Mapping[str, WatchState]:
        """Return what is stored with a position."""


class Viewer:
    """A user with one app. Several viewers may be the same user on several devices."""

    def __init__(self, server: PlaybackServer, user_name: str, device: str) -> None:
        """Sit down, with nothing playing."""
        self._server = server
        self.user_name = user_name
        self.device = device
        self._session: PlaySession | None = None

    @property
    def session(self) -> PlaySession:
        """The last playback of this app; raises where nothing was played yet."""
        if self._session is None:
            message = f"{self.user_name} plays nothing on {self.device}"
            raise RuntimeError(message)
        return self._session

    def play(self, item_id: str, at_ms: int | None = None, *, version_id: str | None = None) -> PlaySession:
        """Start an item where it was left, or at `at_ms`; whatever this app played before is stopped."""
        if self._session is not None and not self._session.ended:
            self.stop()
        self._session = self._server.open_session(
            self.user_name, item_id, at_ms=at_ms, version_id=version_id, device=self.device
        )
        return self._session

    def progress(self, position_ms: int) -> None:
        """Report a position while playing, as the app does every ten seconds of the clock by itself."""
        self._server.report(self.session, position_ms, paused=False)

    seek = progress

    def pause(self) -> None:
        """Pause; the app stays open and keeps reporting."""
        self._server.report(self.session, None, paused=True)

    def resume(self) -> None:
        """Play on after a pause or a sleep."""
        self.session.checks_in = True
        self._server.report(self.session, self.session.position_ms, paused=False)

    def sleep(self) -> None:
        """Let the device sleep: the app pauses and reports no more; `stop` may still come, hours later."""
        self._server.report(self.session, None, paused=True)
        self.session.checks_in = False

    def switch_off(self) -> None:
        """Take the device from the mains in the middle of a play: nothing is reported any more, not even a pause."""
        self._server.settle()
        self.session.checks_in = False

    def fail(self, item_id: str, *, started: bool = False) -> None:
        """Try to play what cannot be played, as on a share that is not mounted: the app stops at 0.

        `started`: it reports a start first, as where the sound device goes away.
        """
        self._server.fail(self.user_name, item_id, self.device, started=started)

    def zero(self, item_id: str) -> None:
        """Let a tool write the position 0; date, watched mark and count stay."""
        self._server.zero(self.user_name, item_id)

    def stop(self, at_ms: int | None = None) -> None:
        """Close the player here, or at `at_ms`; after a pause or a sleep at the position that the app still has."""
        session = self.session
        if at_ms is None and (session.ended or not session.checks_in):
            at_ms = session.position_ms
        self._server.close_session(session, at_ms)

    def finish(self) -> None:
        """Watch to the very end."""
        session = self.session
        self._server.report(session, max(session.position_ms, 1000), paused=False)
        self._server.close_session(session, session.duration_ms)

    def mark_watched(self, item_id: str) -> None:
        """Mark as watched by hand."""
        self._server.mark(self.user_name, item_id, watched=True)

    def mark_unwatched(self, item_id: str) -> None:
        """Mark as unwatched by hand."""
        self._server.mark(self.user_name, item_id, watched=False)

    def clear(self, item_id: str) -> None:
        """Remove from "Continue watching" by hand, as the server's own apps do it."""
        self._server.clear(self.user_name, item_id)

    def state(self, item_id: str) -> WatchState:
        """Return what the server holds for this user now."""
        return self._server.watch_state(self.user_name, item_id)

    def in_progress(self) -> Mapping[str, WatchState]:
        """Return this user's visible items with a position, by item id."""
        return self._server.in_progress(self.user_name)

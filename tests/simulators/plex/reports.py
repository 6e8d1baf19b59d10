"""The routes by which clients report playback to a Plex Media Server and set marks."""

from http import HTTPStatus

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call
from tests.simulators.state import Cause

from .accounts import PlexRole, PlexUser
from .listings import SignedInHandler, signed_in
from .markup import bad_request, container, html_error, not_found, unauthorized
from .playback import PlexPlayback

_STATES = frozenset({"playing", "paused", "buffering", "stopped"})


class ReportRoutes:
    """Timeline, progress, scrobble and unscrobble.

    A timeline report without a duration or a client identifier is answered like any other and ignored.
    `/:/progress`, which no document names, is refused to friends; `progress_refusal`: to everybody, with this status.
    `get_refusal`: the status with which GET is refused where only POST or PUT are documented.
    """

    def __init__(self, server: PlexPlayback) -> None:
        """Register the routes."""
        self._server = server
        self._sessions: dict[tuple[str, str, str], PlaySession] = {}
        self.progress_refusal: int | None = None
        self.get_refusal: int | None = None
        for method, path, handler in (
            ("POST", "/:/timeline", self._timeline),
            ("PUT", "/:/progress", self._progress),
            ("PUT", "/:/scrobble", self._scrobble),
            ("PUT", "/:/unscrobble", self._unscrobble),
        ):
            server.routes.add(method, path, signed_in(server, handler))
            server.routes.add("GET", path, signed_in(server, self._by_get(handler)))

    def _by_get(self, handler: SignedInHandler) -> SignedInHandler:
        """Return a handler of GET, where another verb is the documented one."""

        async def answer(call: Call, user: PlexUser) -> web.StreamResponse:
            if self.get_refusal is not None:
                return html_error(self.get_refusal, HTTPStatus(self.get_refusal).phrase)
            return await handler(call, user)

        return answer

    async def _timeline(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Take a report of a client that plays; unknown items and incomplete reports change nothing."""
        entry = self._server.item(call.argument("ratingKey"), user)
        client = call.header("X-Plex-Client-Identifier") or call.argument("X-Plex-Client-Identifier")
        state, time_ms = call.argument("state"), call.number("time", -1)
        complete = client and call.number("duration") > 0 and state in _STATES and time_ms >= 0
        if entry is not None and complete:
            self._take(call, user, entry, client)
        return container(call, {})

    def _take(self, call: Call, user: PlexUser, entry: Entry, client: str) -> None:
        """Apply a complete report to the session that it belongs to."""
        time_ms, state = call.number("time"), call.argument("state")
        name = call.header("X-Plex-Session-Identifier") or call.argument("X-Plex-Session-Identifier")
        key = (user.user_id, client, name)
        session = self._sessions.get(key)
        if session is not None and session.item_id != entry.item_id:
            self._close(key, session, session.position_ms)
            session = None
        if session is None:
            session = self._open(call, user, entry, client)
        if state == "stopped":
            self._close(key, session, time_ms, call=call)
            return
        self._sessions[key] = session
        self._server.timeline.note(session, time_ms, paused=state == "paused")
        self._server.take(session, self._server.now(), Cause.PLAY_PROGRESS, call)

    def _open(self, call: Call, user: PlexUser, entry: Entry, client: str) -> PlaySession:
        """Make a session for a client that speaks for itself."""
        session = self._server.timeline.new_session(
            user.user_id,
            entry,
            entry,
            call.number("time"),
            call.header("X-Plex-Device-Name") or client,
            client=call.header("X-Plex-Product") or "Plex",
        )
        session.device_id = client
        session.checks_in = False
        session.duration_ms = session.duration_ms or call.number("duration")
        return session

    def _close(
        self, key: tuple[str, str, str], session: PlaySession, position_ms: int, *, call: Call | None = None
    ) -> None:
        """End a session; with a call its last position is a report."""
        self._sessions.pop(key, None)
        self._server.timeline.end(session, position_ms)
        if call is not None:
            self._server.take(session, self._server.now(), Cause.PLAY_STOP, call)
        self._server.forget(session)

    async def _progress(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Take a position alone, as a session of one report."""
        if self.progress_refusal is not None:
            return html_error(self.progress_refusal, HTTPStatus(self.progress_refusal).phrase)
        if user.role is PlexRole.FRIEND:
            return unauthorized(call)
        item_id = call.argument("key").rpartition("/")[2]
        time_ms = call.number("time", -1)
        if not item_id or time_ms < 0 or not call.argument("identifier"):
            return bad_request()
        entry = self._server.item(item_id, user)
        if entry is None:
            return not_found()
        session = self._server.timeline.new_session(user.user_id, entry, entry, time_ms, "progress")
        self._server.take(session, self._server.now(), Cause.PLAY_STOP, call)
        self._server.forget(session)
        return container(call, {})

    async def _scrobble(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Mark as watched."""
        return self._mark(call, user, watched=True)

    async def _unscrobble(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Mark as unwatched, which forgets the position too."""
        return self._mark(call, user, watched=False)

    def _mark(self, call: Call, user: PlexUser, *, watched: bool) -> web.StreamResponse:
        """Mark an item or all that lies below it."""
        item_id = call.argument("key").rpartition("/")[2]
        if not item_id or not call.argument("identifier"):
            return bad_request()
        entry = self._server.item(item_id, user)
        if entry is None:
            return not_found()
        self._server.apply_mark(user, entry, watched=watched, call=call)
        return container(call, {})

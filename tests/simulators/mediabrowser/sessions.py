"""The routes of playback: reports of players, and who plays what."""

from collections.abc import Mapping

from aiohttp import web

from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call
from tests.simulators.state import Cause
from tests.simulators.timeline import SessionEvent

from .accounts import Token
from .rows import Json
from .server import MediaBrowserServer
from .thresholds import stopped_without_position
from .values import Refusal, Refused, milliseconds, parse_date

_IDLE_SECONDS = 600.0


class SessionRoutes:
    """Takes playback reports of clients that speak HTTP, one session per device, and lists all sessions.

    `over` are the sessions that have ended, by their ids.
    """

    filters_by_activity = False
    guest_path = "/Sessions/{session}/Users/{user}"

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes."""
        self.server = server
        self._of_device: dict[str, PlaySession] = {}
        self.over: dict[str, PlaySession] = {}
        server.timeline.on_change(self._session_changed)
        add = server.routes.add
        add("GET", "/Sessions", server.guarded(self.sessions))
        add("POST", "/Sessions/Playing", server.guarded(self.start))
        add("POST", "/Sessions/Playing/Progress", server.guarded(self.progress))
        add("POST", "/Sessions/Playing/Stopped", server.guarded(self.stop))
        add("POST", self.guest_path, server.guarded(self.invite))

    def sessions(self, call: Call, token: Token) -> web.Response:
        """List the sessions that a token may see."""
        device_id = call.argument("DeviceId")
        rows = [
            row
            for row in self.rows_for(token)
            if (not device_id or row["DeviceId"] == device_id) and not call.argument("ControllableByUserId")
        ]
        within = call.number("ActiveWithinSeconds") if self.filters_by_activity else 0
        if within:
            since = self.server.now() - within
            rows = [row for row in rows if parse_date(row["LastActivityDate"]) >= since]
        return self.server.json(rows)

    def start(self, call: Call, token: Token) -> web.Response:
        """Take a start report."""
        body = self._body(call)
        if (session := self._session(call, token, body)) is not None:
            session.position_ms = self._position(body) or 0
            session.paused = body.get("IsPaused") is True
            self.server.begin(session)
        return web.Response(status=204)

    def progress(self, call: Call, token: Token) -> web.Response:
        """Take a progress report; one without a position only keeps the session alive."""
        body = self._body(call)
        position = self._position(body)
        if (session := self._session(call, token, body)) is not None:
            self.server.report(session, position, paused=body.get("IsPaused") is True)
        return web.Response(status=204)

    def stop(self, call: Call, token: Token) -> web.Response:
        """Take a stop report; without a position the item counts as watched."""
        body = self._body(call)
        position = self._position(body)
        session = self._session(call, token, body)
        if session is None:
            return web.Response(status=204)
        if position is not None:
            self.server.close_session(session, position)
        else:
            self.server.timeline.end(session, None)
            entry = self.server.stored_on(session)
            if entry is not None and token.user is not None:
                state = stopped_without_position(self.server.state_of(token.user, entry))
                self.server.store(token.user.user_id, entry, state, Cause.PLAY_STOP)
        del self._of_device[token.value]
        return web.Response(status=204)

    def invite(self, call: Call, token: Token) -> web.Response:
        """Let another user watch in a session."""
        guest = self.server.accounts.user_by_id(self.server.parse_user_id(call.path["user"]))
        for session in self.server.timeline.sessions:
            if guest is not None and session.session_id == call.path["session"]:
                self.server.invite(session, guest.name)
        return web.Response(status=204)

    def rows_for(self, token: Token) -> list[Json]:
        """Return the sessions that a token may see: all, or those in which the user watches."""
        user_id = token.user.user_id if token.user is not None else None
        return [
            row
            for row in self._rows()
            if token.admin or user_id in [row.get("UserId"), *(guest["UserId"] for guest in row["AdditionalUsers"])]
        ]

    def guests(self, session: PlaySession | None) -> list[Json]:
        """Return the guests of a session."""
        users = self.server.watching(session)[1:] if session is not None else []
        return [{"UserId": user.user_id, "UserName": user.name} for user in users]

    def _session_changed(self, session: PlaySession, event: SessionEvent) -> None:
        """Keep the session of a device after a play: it stays listed for a while."""
        before = self.over.pop(session.session_id, None)
        if session.checked_in_at is None and before is not None:
            session.checked_in_at = before.checked_in_at
        if event is SessionEvent.ENDED:
            self.over[session.session_id] = session

    def _rows(self) -> list[Json]:
        """Return every session: what plays, devices that were active lately, and viewers who have stopped."""
        server = self.server
        by_session = {id(session): value for value, session in self._of_device.items()}
        playing = [
            (server.accounts.tokens.get(by_session.get(id(session), "")), session)
            for session in server.timeline.sessions
        ]
        busy = {token.value for token, _ in playing if token is not None}
        idle = [
            (token, self.over.get(token.session_id))
            for token in server.accounts.tokens.values()
            if token.user is not None and token.value not in busy and server.now() - token.last_activity < _IDLE_SECONDS
        ]
        devices = {token.session_id for token in server.accounts.tokens.values()}
        over = [
            (None, session)
            for session in self.over.values()
            if session.session_id not in devices and server.clock.now() - session.reported_at < _IDLE_SECONDS
        ]
        return [server.session_row(token, session) for token, session in (*playing, *idle, *over)]

    def _session(self, call: Call, token: Token, body: Mapping[str, object]) -> PlaySession | None:
        """Return the session that a report is about, a new one for another item; None: an API key plays for nobody."""
        if token.user is None:
            return None
        item = self.server.visible(token.user, str(body.get("ItemId") or ""))
        source = str(body.get("MediaSourceId") or "").removeprefix("mediasource_")
        version = self.server.holdings.get(self.server.parse_item_id(source)) if source else None
        session = self._of_device.get(token.value)
        if session is None or session.item_id != item.item_id or (version and session.version_id != version.item_id):
            if session is not None and not session.ended:
                self.server.close_session(session, None)
            session = self.server.timeline.new_session(
                token.user.user_id, item, version or item, 0, token.client.device, client=token.client.name
            )
            session.device_id = token.client.device_id
            session.session_id = token.session_id
            session.checks_in = False
            self._of_device[token.value] = session
        return session

    @staticmethod
    def _body(call: Call) -> Mapping[str, object]:
        """Read a report; raises Refused."""
        try:
            body = call.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(Refusal.MALFORMED_BODY, "$", "")
        return body

    @staticmethod
    def _position(body: Mapping[str, object]) -> int | None:
        """Return the position that a report names; raises Refused where it is below 0."""
        value = body.get("PositionTicks")
        if not isinstance(value, int):
            return None
        if value < 0:
            raise Refused(Refusal.OUT_OF_RANGE, "PositionTicks", str(value))
        return milliseconds(value)

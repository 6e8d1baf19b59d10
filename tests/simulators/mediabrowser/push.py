"""What Jellyfin and Emby push over WebSockets."""

from collections.abc import Callable, Iterable
import json
from typing import Any

from aiohttp import web

from tests.simulators.holdings import Entry, EntryKind, LibraryChange
from tests.simulators.playback import PlaySession
from tests.simulators.push import PushSocket
from tests.simulators.routes import Call
from tests.simulators.state import Cause, StateChange
from tests.simulators.timeline import SessionEvent

from .accounts import Token
from .rows import Json, RowOptions
from .server import MediaBrowserServer
from .sessions import SessionRoutes
from .values import Refusal, Refused, hex_id

_PUSHED_CAUSES = frozenset({Cause.PLAY_START, Cause.PLAY_STOP, Cause.MARK, Cause.WRITE})


class MediaBrowserPush:
    """Sessions, user data and library changes, as both servers push them.

    `user_data_seconds` (real time) is how long changes of a user's data are gathered, `library_seconds` (the simulated
    clock) those of the library. `keep_alive_seconds`: a client that does not send KeepAlive as often is cut off; None:
    nobody asks for that.
    """

    reports_at_once = False

    def __init__(self, server: MediaBrowserServer, sessions: SessionRoutes, paths: Iterable[str]) -> None:
        """Add the routes and follow what happens on the server."""
        self.server = server
        self.user_data_seconds = 0.5
        self.library_seconds = 30.0
        self.keep_alive_seconds: float | None = None
        self._sessions = sessions
        self._numbers = 0
        self._intervals: dict[PushSocket, float] = {}
        self._changed: dict[str, dict[str, None]] = {}
        self._library: dict[str, list[str]] | None = None
        for path in paths:
            server.routes.add("GET", path, self._open)
        server.timeline.on_change(self._session_changed)
        server.states.on_change(self._state_changed)
        server.holdings.on_change(self._library_changed)

    def admit(self, call: Call) -> tuple[Token | None, web.Response | None]:
        """Return who opens a socket, or how that is refused."""
        try:
            return self.server.authenticate(call), None
        except Refused as error:
            return None, self.server.refusal(error)

    def sees_sessions(self, token: Token) -> bool:
        """Tell whether a token gets lists of sessions at all."""
        return token.admin

    def message(self, kind: str, data: object = None) -> Json:
        """Return a message."""
        self._numbers += 1
        text: Json = {"MessageType": kind, "MessageId": hex_id("message", str(self._numbers))}
        return text if data is None else text | {"Data": data}

    async def _open(self, call: Call) -> web.StreamResponse:
        """Open a socket, where that is what is asked for."""
        if call.header("Upgrade").casefold() != "websocket":
            return self.server.refusal(Refused(Refusal.UNKNOWN_PATH))
        token, refusal = self.admit(call)
        if refusal is not None:
            return refusal
        try:
            return await self.server.push.serve(call, token, self._hear, self._begin)
        finally:
            for socket in tuple(self._intervals):
                if socket not in self.server.push.sockets:
                    del self._intervals[socket]

    def _begin(self, socket: PushSocket) -> None:
        """Say what keeps a socket open."""
        if (seconds := self.keep_alive_seconds) is not None:
            socket.push(self.message("ForceKeepAlive", int(seconds)))
            socket.after(seconds, "keep alive", socket.abort)

    def _hear(self, socket: PushSocket, text: str) -> None:
        """Take what a client says."""
        message: Any = json.loads(text)
        if message["MessageType"] == "KeepAlive" and self.keep_alive_seconds is not None:
            socket.after(self.keep_alive_seconds, "keep alive", socket.abort, restart=True)
            socket.push(self.message("KeepAlive"))
        elif message["MessageType"] == "SessionsStart" and socket.owner is not None:
            if self.sees_sessions(socket.owner):
                self._intervals[socket] = int(message["Data"].partition(",")[2]) / 1000
        elif message["MessageType"] == "SessionsStop":
            self._intervals.pop(socket, None)

    def _session_changed(self, session: PlaySession, event: SessionEvent) -> None:
        """Send lists of sessions, at once when one starts or ends, otherwise at the interval asked for.

        `reports_at_once`: also when a player reports.
        """
        for socket, interval in self._intervals.items():
            at_once = self.reports_at_once or event is not SessionEvent.REPORTED
            socket.after(0 if at_once else interval, "sessions", self._sender(socket, interval), restart=at_once)

    def _sender(self, socket: PushSocket, interval: float) -> Callable[[], None]:
        """Return what sends a list of sessions, and the next one as long as something plays."""

        def send() -> None:
            """Send the list now."""
            socket.push(self.message("Sessions", self._sessions.rows_for(socket.owner)))
            if any(not session.paused for session in self.server.timeline.sessions):
                socket.after(interval, "sessions", send)

        return send

    def _state_changed(self, change: StateChange) -> None:
        """Gather a change of a user's data."""
        if change.cause not in _PUSHED_CAUSES:
            return
        for socket in self.server.push.sockets:
            user = None if socket.owner is None else socket.owner.user
            if user is not None and user.user_id == change.user_id:
                self._changed.setdefault(change.user_id, {})[change.key] = None
                socket.after(self.user_data_seconds, "user data", self._user_data_sender(socket), restart=True)

    def _user_data_sender(self, socket: PushSocket) -> Callable[[], None]:
        """Return what sends the gathered changes of a user's data."""
        user = socket.owner.user
        changed = self._changed[user.user_id]

        def send() -> None:
            """Send them now, to all sockets of the user at about the same time."""
            self._changed.pop(user.user_id, None)
            entries = [entry for key in changed for entry in self.server.entries_of_state(key)]
            rows = [self.user_data(user, entry) for entry in self._with_folders(entries)]
            rows += self.library_folders(user, entries)
            socket.push(self.message("UserDataChanged", {"UserId": user.user_id, "UserDataList": rows}))

        return send

    def user_data(self, user: Any, entry: Entry) -> Json:
        """Return a user's data of an item as they are pushed."""
        return self.server.rows.user_data(user, entry, RowOptions(detail=True)) | {"ItemId": entry.item_id}

    def library_folders(self, user: Any, entries: Iterable[Entry]) -> list[Json]:
        """Return the data of folders that are told with the films in them."""
        return []

    def _with_folders(self, entries: Iterable[Entry]) -> Iterable[Entry]:
        """Return items with the seasons that they lie in."""
        found: dict[str, Entry] = {}
        for entry in entries:
            found[entry.item_id] = entry
            if entry.kind is EntryKind.EPISODE and entry.season_id is not None:
                found[entry.season_id] = self.server.holdings[entry.season_id]
        return found.values()

    def _library_changed(self, change: LibraryChange) -> None:
        """Gather a change of the library."""
        if not self.server.push.sockets:
            return
        if self._library is None:
            self._library = {"ItemsAdded": [], "ItemsRemoved": [], "ItemsUpdated": []}
            self.server.timeline.later(self.library_seconds, self._send_library)
        kind = "ItemsRemoved" if change.removed else "ItemsUpdated" if change.updated else "ItemsAdded"
        self._library[kind].append(change.entry.item_id)

    def _send_library(self) -> None:
        """Send the gathered changes of the library."""
        changed, self._library = self._library or {}, None
        folders: Json = {"FoldersAddedTo": [], "FoldersRemovedFrom": []}
        self.server.push.push(
            self.message("LibraryChanged", folders | changed | {"CollectionFolders": [], "IsEmpty": False})
        )

"""What a Plex Media Server pushes: the notification WebSocket."""

from collections.abc import Callable, Mapping

from aiohttp import web

from tests.simulators.holdings import Entry, EntryKind, LibraryChange
from tests.simulators.playback import PlaySession
from tests.simulators.push import PushSocket
from tests.simulators.routes import Call
from tests.simulators.state import Cause, StateChange
from tests.simulators.timeline import SessionEvent

from .accounts import PlexUser
from .listings import IDENTIFIER
from .markup import html_error, unauthorized
from .playback import PlexPlayback

type Row = Mapping[str, object]

_TYPES = {EntryKind.FILM: 1, EntryKind.SHOW: 2, EntryKind.SEASON: 3, EntryKind.EPISODE: 4}


class PlexPush:
    """Notifications of sessions, without users, and of the library.

    The owner hears of all sessions. `others`: the status that everybody else is refused with; None: they are let in
    and hear of their own sessions. `stored_entries`: a stop or a mark is followed by a timeline entry of the item.
    """

    def __init__(self, server: PlexPlayback) -> None:
        """Add the route and follow what happens on the server."""
        self.server = server
        self.others: int | None = None
        self.stored_entries = True
        server.routes.add("GET", "/:/websockets/notifications", self._open)
        server.timeline.on_change(self._session_changed)
        server.states.on_change(self._state_changed)
        server.holdings.on_change(self._library_changed)

    async def _open(self, call: Call) -> web.StreamResponse:
        """Open a socket."""
        user = self.server.user_of(call)
        if user is None or (not user.is_owner and self.others == 401):
            return unauthorized(call)
        if not user.is_owner and self.others is not None:
            return html_error(self.others, "Forbidden")
        if call.header("Upgrade").casefold() != "websocket":
            return html_error(400, "Bad Request")
        return await self.server.push.serve(call, user)

    def notify(self, kind: str, name: str, row: Row, wanted: Callable[[PlexUser], bool] = lambda _: True) -> None:
        """Send a notification to everybody whom it is for."""
        container = {"type": kind, "size": 1, name: [row]}
        for socket in self.server.push.sockets:
            if wanted(socket.owner):
                socket.push({"NotificationContainer": container})

    def _session_changed(self, session: PlaySession, event: SessionEvent) -> None:
        """Tell the state of a session, at each report."""
        state = "paused" if session.paused else "playing"
        row: Row = {
            "sessionKey": str(int(session.session_id, 16)),
            "clientIdentifier": session.device_id,
            "guid": "",
            "ratingKey": session.item_id,
            "url": "",
            "key": f"/library/metadata/{session.item_id}",
            "viewOffset": session.position_at(self.server.clock.now()),
            "playQueueItemID": 4821,
            "playQueueID": 7,
            "state": "stopped" if event is SessionEvent.ENDED else state,
        }

        def wanted(user: PlexUser) -> bool:
            """Tell whether a user hears of this session."""
            return user.is_owner or user.user_id == session.user_id

        self.notify("playing", "PlaySessionStateNotification", row, wanted)

    def _state_changed(self, change: StateChange) -> None:
        """Tell that an item was updated, when a stop or a mark was stored."""
        if self.stored_entries and change.cause in (Cause.PLAY_STOP, Cause.MARK, Cause.SYNC):
            for entry in self.server.entries_of_state(change.key):
                self._entry(entry, 5, {})

    def _library_changed(self, change: LibraryChange) -> None:
        """Tell that an item came, went or was updated, and that a scan found it."""
        if not self.server.push.sockets:
            return
        if change.removed:
            self._entry(change.entry, 9, {"metadataState": "deleted"})
        elif change.updated:
            self._entry(change.entry, 5, {})
        else:
            for number, name in enumerate(("created", "progress", "matching", "downloading", "loading")):
                self._entry(change.entry, number, {"metadataState": name})
            self._entry(change.entry, 5, {})
        for socket in self.server.push.sockets:
            socket.after(0.05, "scan", self._scan_sender(socket, change.entry.library.library_id))

    def _scan_sender(self, socket: PushSocket, library_id: str) -> Callable[[], None]:
        """Return what tells of a scan."""

        def send() -> None:
            """Tell its course and its end."""
            for event in ("started", "updated", "ended"):
                activity: Row = {
                    "uuid": "39cc0658",
                    "type": "library.update.section",
                    "cancellable": False,
                    "userID": 1,
                    "title": "Scanning",
                    "subtitle": "",
                    "progress": 42,
                    "Context": {"librarySectionID": library_id},
                }
                row: Row = {"event": event, "uuid": "39cc0658", "Activity": activity}
                container = {"type": "activity", "size": 1, "ActivityNotification": [row]}
                socket.push({"NotificationContainer": container})
            status = {"title": "Library scan complete", "description": "", "notificationName": "LIBRARY_UPDATE"}
            socket.push({"NotificationContainer": {"type": "status", "size": 1, "StatusNotification": [status]}})

        return send

    def _entry(self, entry: Entry, state: int, more: Row) -> None:
        """Send a timeline entry of an item."""
        row: Row = {
            "identifier": IDENTIFIER,
            "sectionID": entry.library.library_id,
            "itemID": entry.item_id,
            "type": _TYPES[entry.kind],
            "title": entry.title,
            "state": state,
            "updatedAt": int(self.server.now()),
        }
        self.notify("timeline", "TimelineEntry", {**row, **more})

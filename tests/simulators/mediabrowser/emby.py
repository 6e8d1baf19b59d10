"""An Emby server, as versions 4.8 and 4.9 behave."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from math import floor
from typing import override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState

from .accounts import Client, MediaBrowserUser, Token, emby_client
from .administration import AdministrationRoutes
from .emby_push import EmbyPush
from .emby_routes import EmbyItemRoutes, EmbySignInRoutes, EmbyUserDataRoutes
from .emby_rows import EmbyRows
from .listing import ListQuery
from .rows import Json, RowOptions
from .server import MediaBrowserServer
from .sessions import SessionRoutes
from .thresholds import ResumeLimits, marked_watched
from .values import Refusal, Refused, guid, ticks

_REFUSALS = {
    Refusal.UNAUTHORIZED: (401, "Access token is invalid or expired."),
    Refusal.BAD_LOGIN: (401, "Invalid username or password. Please try again."),
    Refusal.FORBIDDEN: (403, "User does not have access to this feature."),
    Refusal.ILLEGAL: (403, "User is not allowed access at this time."),
    Refusal.OTHER_USER: (403, "User does not have access to this user."),
    Refusal.PREFERENCES: (403, "User does not have access to this feature."),
    Refusal.UNKNOWN_USER: (404, "User not found."),
    Refusal.UNKNOWN_ITEM: (404, "Item not found."),
    Refusal.UNKNOWN_SERIES: (404, "Item not found."),
    Refusal.UNKNOWN_PATH: (404, "Unable to find the specified file."),
    Refusal.WRONG_METHOD: (404, "Unable to find the specified file."),
    Refusal.MALFORMED_ARGUMENT: (400, "Unrecognized date format."),
    Refusal.MALFORMED_BODY: (400, "Unable to read the request body."),
    Refusal.WRONG_CONTENT_TYPE: (400, "Unable to read the request body."),
    Refusal.OUT_OF_RANGE: (400, "Specified argument was out of the range of valid values."),
    Refusal.BROKEN: (500, "Object reference not set to an instance of an object."),
}


class SimulatedEmby(MediaBrowserServer):
    """Emby. What nobody knows for sure is a switch, set to what asks most of a client.

    `strict`: a user data body resets what it leaves out; otherwise it is a patch. `token_in_authorization`: a token in
    the Authorization header counts. `states_by_ids`: copies of a title share their states.
    """

    def __init__(
        self,
        *,
        version: str = "4.9.5.0",
        name: str = "Emby",
        clock: SimulatedClock | None = None,
        base_path: str = "",
        strict: bool = True,
        states_by_ids: bool = False,
    ) -> None:
        """Make a server of one version."""
        super().__init__(name=name, version=version, clock=clock, base_path=base_path)
        self.strict = strict
        self.states_by_ids = states_by_ids
        self.token_in_authorization = False
        self.release = tuple(int(part) for part in version.split(".")[:2])
        self.timeline.silence_seconds = 300.0
        self._numbers = count(101)
        self.rows = EmbyRows(self.server_id, self.holdings, self.states, self.state_key)
        sign_in = EmbySignInRoutes(self)
        self.administration = AdministrationRoutes(self, sign_in, self.scanner)
        EmbyItemRoutes(self)
        EmbyUserDataRoutes(self, strict=lambda: self.strict, answers=self.release >= (4, 9))
        paths = ("/embywebsocket", "/socket", "/")
        self.session_routes = SessionRoutes(self)
        self.pushes = EmbyPush(self, self.session_routes, paths)

    @override
    def new_item_id(self, kind: EntryKind, path: str) -> str:
        return str(next(self._numbers))

    @override
    def parse_user_id(self, text: str) -> str:
        parsed = guid(text)
        if parsed is None:
            raise Refused(Refusal.MALFORMED_ID, "userId", text)
        return parsed

    @override
    def parse_item_id(self, text: str, field: str = "itemId") -> str:
        if not text.isdecimal():
            raise Refused(Refusal.UNKNOWN_PATH, field, text)
        return text

    @override
    def limits(self, entry: Entry) -> ResumeLimits:
        library = entry.library
        return ResumeLimits(library.minimum_percent, library.maximum_percent, library.minimum_seconds)

    @override
    def data_key(self, entry: Entry) -> str:
        if entry.primary_id is not None:
            return f"item:{entry.item_id}"
        if entry.kind is EntryKind.EPISODE and entry.show_id is not None and (show := self.holdings.get(entry.show_id)):
            return f"{self.data_key(show)}/{entry.season}/{entry.number}"
        sources = ("tvdb", "imdb") if entry.kind is EntryKind.SHOW else ("tmdb", "imdb")
        found = next((f"{source}:{entry.ids[source]}" for source in sources if entry.ids.get(source)), None)
        return found if found is not None and entry.kind is not EntryKind.SEASON else f"item:{entry.item_id}"

    @override
    def stamp(self, at: float) -> float:
        return float(floor(at))

    @override
    def marked(self, state: WatchState, date_played: float | None) -> WatchState:
        return marked_watched(state, self.stamp(self.now()), date_played, count_dated=False)

    def hide(self, user_name: str, item_id: str) -> None:
        """Take an item off "Continue watching" with its position kept, as Emby's own button does."""
        self.settle()
        user, entry = self.users[user_name], self.holdings[item_id]
        self.store(user.user_id, entry, replace(self.state_of(user, entry), hidden=True), Cause.MARK)

    @override
    def client_of(self, call: Call) -> Client:
        return emby_client(call, token_in_authorization=self.token_in_authorization)

    @override
    def refusal(self, error: Refused) -> web.Response:
        if error.refusal is Refusal.MALFORMED_ID:
            return web.Response(status=500, text="Unrecognized Guid format.")
        if error.refusal is Refusal.MISSING_CLIENT:
            return web.Response(status=400, text=f"Value cannot be null. (Parameter '{error.field}')")
        status, text = _REFUSALS[error.refusal]
        return web.Response(status=status, text=text)

    @override
    def resumable(self, user: MediaBrowserUser, query: ListQuery, *, resume_route: bool) -> Iterable[Entry]:
        entries = [
            entry
            for key in self.states.in_progress(user.user_id)
            for entry in self.entries_of_state(key)
            if entry.primary_id is None
        ]
        if not resume_route:
            return entries
        states = ((entry, self.state_of(user, entry)) for entry in entries)
        return [entry for entry, state in states if not state.hidden and not state.watched]

    @override
    def inner_path(self, path: str) -> str:
        return path[len("/emby") :] if path.casefold().startswith("/emby/") else path

    @override
    def while_starting(self, call: Call) -> web.StreamResponse | None:
        self.booting(call)
        page = "<html><body>Server is loading</body></html>"
        return web.Response(status=503, text=page, content_type="text/html")

    @override
    def headers(self) -> dict[str, str]:
        return {"Server": "UPnP/1.0 DLNADOC/1.50", "Private-Network-Access-Id": self.server_id, "Expires": "-1"}

    @override
    def session_row(self, token: Token | None, session: PlaySession | None) -> Json:
        user = token.user if token else self.accounts.user_by_id(session.user_id) if session else None
        plays = session is not None and not session.ended
        state: Json = {"CanSeek": plays, "IsPaused": False, "IsMuted": False, "RepeatMode": "RepeatNone"}
        state |= {"SleepTimerMode": "None", "SubtitleOffset": 0, "Shuffle": False, "PlaybackRate": 1}
        row: Json = {
            "PlayState": state,
            "AdditionalUsers": self.session_routes.guests(session),
            "RemoteEndPoint": "127.0.0.1",
            "Protocol": "HTTP/1.1",
            "PlayableMediaTypes": [],
            "PlaylistIndex": 0,
            "PlaylistLength": 0,
            "Id": session.session_id if session else token.session_id if token else "",
            "ServerId": self.server_id,
            "Client": session.client if session else token.client.name if token else "",
            "LastActivityDate": self.rows.date(token.last_activity if token else self.now()),
            "DeviceName": session.device_name if session else token.client.device if token else "",
            "InternalDeviceId": 4,
            "DeviceId": session.device_id if session else token.client.device_id if token else "",
            "ApplicationVersion": "1.0.0",
            "SupportedCommands": [],
            "SupportsRemoteControl": False,
        }
        if user is not None:
            row |= {"UserId": user.user_id, "UserName": user.name}
        item = self.holdings.get(session.item_id) if session and plays else None
        if session is not None and item is not None:
            state["IsPaused"] = session.paused
            state["PositionTicks"] = ticks(session.position_at(self.clock.now()))
            state |= {"MediaSourceId": f"mediasource_{session.version_id}", "PlayMethod": "DirectStream"}
            row["NowPlayingItem"] = self.rows.item(item, None, RowOptions(detail=True))
        return row

"""A Jellyfin server, as versions 10.9 to 12 behave."""

from collections.abc import Callable
from typing import override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState
from tests.simulators.users import User

from .accounts import Client, MediaBrowserUser, Token, jellyfin_client
from .administration import AdministrationRoutes
from .jellyfin_answers import jellyfin_refusal
from .jellyfin_lists import JellyfinLists
from .jellyfin_memory import JellyfinMemory, finished_elsewhere
from .jellyfin_push import JellyfinPush
from .jellyfin_quick_connect import QuickConnectRoutes
from .jellyfin_routes import JellyfinItemRoutes, JellyfinSignInRoutes, JellyfinUserDataRoutes
from .jellyfin_rows import JellyfinRows
from .jellyfin_sessions import JellyfinSessionRoutes, jellyfin_session
from .jellyfin_ways import ways_of
from .rows import Json
from .server import Boot, MissingParent
from .thresholds import ResumeLimits
from .values import Refusal, Refused, guid, hex_id


class SimulatedJellyfin(JellyfinLists):
    """Jellyfin. `minimum_percent`, `maximum_percent` and `minimum_seconds` are its resume settings.

    What its version does otherwise than others is a table (`jellyfin_ways`). `legacy_auth` is a setting, too. Up to
    10.10 items that share a provider id share their states; from 12 on each version of an item has its own.
    `grouped` are the keys of films and shows in collections, where lists are set to show those instead of them.
    """

    def __init__(
        self,
        *,
        version: str = "10.11.11",
        name: str = "Jellyfin",
        clock: SimulatedClock | None = None,
        base_path: str = "",
    ) -> None:
        """Make a server of one version."""
        super().__init__(name=name, version=version, clock=clock, base_path=base_path)
        self.ways = ways_of(tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")))
        self.legacy_auth = self.ways.legacy_auth
        self.states_by_ids = self.ways.shared_by_ids
        self.start_unmarks = self.ways.start_unmarks
        self.replaced_keeps = self.ways.replaced_keeps
        self.minimum_percent = 5.0
        self.maximum_percent = 90.0
        self.minimum_seconds = 300
        self.grouped: frozenset[str] = frozenset()
        self.missing_parent = MissingParent.REFUSED
        self.timeline.silence_seconds = self.timeline.idle_check_seconds = 300.0
        self.timeline.runs_on = True
        self._reporting: PlaySession | None = None
        self.empty_shows = set()
        self.memory = JellyfinMemory(self.ways, self.states)
        self.jellyfin_rows = JellyfinRows(
            self.server_id, self.holdings, self.states, ways=self.ways, memory=self.memory, empty=self.is_empty
        )
        self.rows = self.jellyfin_rows
        self.sign_in = JellyfinSignInRoutes(self, self._limits)
        self.quick_connect = QuickConnectRoutes(self, self.sign_in)
        self.administration = AdministrationRoutes(self, self.sign_in, self.scanner)
        JellyfinItemRoutes(self, self.ways, lambda: self.grouped)
        JellyfinUserDataRoutes(self)
        self.session_routes = JellyfinSessionRoutes(self)
        self.pushes = JellyfinPush(self, self.session_routes, ("/socket",))
        self.pushes.own_sessions = self.ways.own_sessions
        self.pushes.keep_alive_seconds = 60.0

    def approve_quick_connect(self, code: str, user_name: str) -> None:
        """Let a user approve a Quick Connect code in their own app."""
        self.quick_connect.approve(code, self.users[user_name])

    @override
    def new_item_id(self, kind: EntryKind, path: str) -> str:
        return hex_id(self.server_id, path)

    @override
    def parse_user_id(self, text: str) -> str:
        return self.parse_item_id(text, "userId")

    @override
    def parse_item_id(self, text: str, field: str = "itemId") -> str:
        parsed = guid(text)
        if parsed is None:
            raise Refused(Refusal.MALFORMED_ID, field, text)
        return parsed

    @override
    def limits(self, entry: Entry) -> ResumeLimits:
        return self._limits()

    def _limits(self) -> ResumeLimits:
        """Return the server's resume settings."""
        return ResumeLimits(self.minimum_percent, self.maximum_percent, self.minimum_seconds)

    @override
    def data_key(self, entry: Entry) -> str:
        return self.jellyfin_rows.data_key(entry)

    @override
    def client_of(self, call: Call) -> Client:
        return jellyfin_client(call, legacy=self.legacy_auth)

    @override
    def refusal(self, error: Refused) -> web.Response:
        return jellyfin_refusal(error)

    @override
    def state_of(self, user: User, entry: Entry) -> WatchState:
        return self.memory.single(user.user_id, entry, super().state_of(user, entry))

    @override
    def store(self, user_id: str, entry: Entry, state: WatchState, cause: Cause) -> None:
        super().store(user_id, entry, state, cause)
        self.memory.written(user_id, entry, state, self._reporting)

    @override
    def _played(self, session: PlaySession, change: Callable[[WatchState, Entry], WatchState], cause: Cause) -> None:
        self._reporting = session
        try:
            super()._played(session, change, cause)
        finally:
            self._reporting = None
        entry = self.stored_on(session)
        for user in self.watching(session):
            watched = entry is not None and self.state_of(user, entry).watched
            if watched and entry is not None and cause is not Cause.PLAY_START:
                self._finish_versions(user, entry)

    def _finish_versions(self, user: MediaBrowserUser, entry: Entry) -> None:
        """Mark the other versions of what was watched, where each has its own data."""
        primary = self.holdings[entry.primary_id or entry.item_id]
        for version in (primary.item_id, *primary.versions) if self.ways.versions_apart else ():
            if version != entry.item_id:
                other = self.holdings[version]
                state = finished_elsewhere(self.state_of(user, other))
                self.store(user.user_id, other, state, Cause.MARK)

    @override
    def of_player(self, session: PlaySession, user: MediaBrowserUser, entry: Entry) -> WatchState:
        stored = self.states.get(user.user_id, self.state_key(entry))
        return self.memory.of_player(session, user.user_id, entry, stored)

    @override
    def changed(self, entry: Entry, *, key_changed: bool) -> None:
        stored = {
            user.user_id: self.states.get(user.user_id, self.state_key(entry))
            for user in self.users.values()
            if self.state_key(entry) in self.states.known(user.user_id)
        }
        if key_changed:
            self.memory.keys_changed(entry, stored)
        self.memory.scanned(entry, self.timeline.sessions, stored)

    @override
    def restart(self) -> None:
        super().restart()
        for (user_id, item_id), state in self.memory.restarted().items():
            if self.holdings.get(item_id) is not None:
                self.states.put(user_id, item_id, state, Cause.SETUP)

    @override
    def stored_on(self, session: PlaySession) -> Entry | None:
        if self.ways.versions_apart:
            return self.holdings.get(session.version_id)
        return super().stored_on(session)

    @override
    def page_fields(self, start: int) -> Json:
        return {"StartIndex": start}

    @override
    def inner_path(self, path: str) -> str:
        for prefix in ("/emby/", "/mediabrowser/"):
            if self.ways.legacy_auth and path.casefold().startswith(prefix):
                return path[len(prefix) - 1 :]
        return path

    @override
    def outside_base_path(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{self.base_path}/web/"})

    @override
    def while_starting(self, call: Call) -> web.StreamResponse | None:
        own = self.booting(call) is Boot.LATE or not self.ways.start_up_server
        if not own and call.route == "GET /System/Info/Public":
            return self.json({name[0].lower() + name[1:]: value for name, value in self.sign_in.public().items()})
        if not own and call.route == "GET /health":
            return web.Response(text="Degraded")
        page = "<!DOCTYPE html><html><body>Jellyfin is starting</body></html>"
        headers = {} if own else {"Retry-After": "005"}
        return web.Response(status=503, text=page, content_type="text/html", headers=headers)

    @override
    def headers(self) -> dict[str, str]:
        return {"Server": "Kestrel"}

    @override
    def session_row(self, token: Token | None, session: PlaySession | None) -> Json:
        return jellyfin_session(self, self.session_routes, token, session)

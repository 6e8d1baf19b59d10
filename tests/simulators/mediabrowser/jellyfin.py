"""A Jellyfin server, as versions 10.10, 10.11 and 12 behave."""

from collections.abc import Iterable
from dataclasses import replace
from typing import override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call
from tests.simulators.state import Cause

from .accounts import Client, MediaBrowserUser, Token, jellyfin_client
from .administration import AdministrationRoutes
from .jellyfin_answers import jellyfin_refusal
from .jellyfin_push import JellyfinPush
from .jellyfin_quick_connect import QuickConnectRoutes
from .jellyfin_routes import JellyfinItemRoutes, JellyfinSessionRoutes, JellyfinSignInRoutes, JellyfinUserDataRoutes
from .jellyfin_rows import JellyfinRows
from .listing import ListQuery
from .rows import Json, RowOptions
from .server import MediaBrowserServer, MissingParent
from .thresholds import ResumeLimits
from .values import NEVER, Refusal, Refused, guid, hex_id, ticks


class SimulatedJellyfin(MediaBrowserServer):
    """Jellyfin. `minimum_percent`, `maximum_percent` and `minimum_seconds` are its resume settings.

    `legacy_auth`: tokens in X-Emby-Token and `api_key` count; off in version 12, which also knows `/emby` no more.
    Up to 10.10 items that share a provider id share their states; from 12 on each version of an item has its own.
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
        self.release = tuple(int(part) for part in version.split(".")[:2])
        self.legacy_auth = self.release < (12, 0)
        self.states_by_ids = self.release < (10, 11)
        self.minimum_percent = 5.0
        self.maximum_percent = 90.0
        self.minimum_seconds = 300
        self.grouped: frozenset[str] = frozenset()
        self.missing_parent = MissingParent.REFUSED
        self.timeline.silence_seconds = 300.0
        self.jellyfin_rows = JellyfinRows(
            self.server_id, self.holdings, self.states, by_ids=self.states_by_ids, merges=self.release >= (12, 0)
        )
        self.rows = self.jellyfin_rows
        sign_in = JellyfinSignInRoutes(self, self._limits)
        self.quick_connect = QuickConnectRoutes(self, sign_in)
        self.administration = AdministrationRoutes(self, sign_in, self.scanner)
        JellyfinItemRoutes(self, lambda: self.grouped)
        JellyfinUserDataRoutes(self)
        self.pushes = JellyfinPush(self, JellyfinSessionRoutes(self), ("/socket",))
        self.pushes.own_sessions = self.release >= (10, 11)
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
    def clear(self, user_name: str, item_id: str) -> None:
        self.settle()
        user, entry = self.users[user_name], self.holdings[item_id]
        self.store(user.user_id, entry, replace(self.state_of(user, entry), position_ms=0), Cause.WRITE)

    @override
    def client_of(self, call: Call) -> Client:
        return jellyfin_client(call, legacy=self.legacy_auth)

    @override
    def refusal(self, error: Refused) -> web.Response:
        return jellyfin_refusal(error)

    @override
    def stored_on(self, session: PlaySession) -> Entry | None:
        if self.release >= (12, 0):
            return self.holdings.get(session.version_id)
        return super().stored_on(session)

    @override
    def resumable(self, user: MediaBrowserUser, query: ListQuery, *, resume_route: bool) -> Iterable[Entry]:
        entries = [entry for key in self.states.in_progress(user.user_id) for entry in self.entries_of_state(key)]
        if self.release < (12, 0):
            return [entry for entry in entries if entry.primary_id is None]
        if not resume_route:
            return [*entries, *self._partly_watched(user)]
        latest: dict[str, Entry] = {}
        for entry in entries:
            group = entry.primary_id or entry.item_id
            known = latest.get(group)
            if known is None or self._played_at(user, entry) > self._played_at(user, known):
                latest[group] = entry
        shown = [entry for entry in latest.values() if self.rows.state(user, entry).position_ms]
        return [*shown, *self._partly_watched(user)]

    def _played_at(self, user: MediaBrowserUser, entry: Entry) -> float:
        """Return when a version was last played."""
        return self.state_of(user, entry).last_played or 0

    def _partly_watched(self, user: MediaBrowserUser) -> list[Entry]:
        """Return the shows and seasons of which some episodes were played: they count as in progress from 12 on."""
        touched = [self.holdings.get(key) for key in self.states.known(user.user_id)]
        folders = dict.fromkeys(
            folder
            for entry in touched
            if entry is not None and entry.kind is EntryKind.EPISODE
            for folder in (entry.season_id, entry.show_id)
            if folder is not None
        )
        partly = []
        for folder in folders:
            states = [self.state_of(user, episode) for episode in self.rows.episodes(self.holdings[folder])]
            begun = any(state.watched or state.position_ms for state in states)
            if begun and not all(state.watched for state in states):
                partly.append(self.holdings[folder])
        return partly

    @override
    def page_fields(self, start: int) -> Json:
        return {"StartIndex": start}

    @override
    def inner_path(self, path: str) -> str:
        for prefix in ("/emby/", "/mediabrowser/"):
            if self.release < (12, 0) and path.casefold().startswith(prefix):
                return path[len(prefix) - 1 :]
        return path

    @override
    def outside_base_path(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{self.base_path}/web/"})

    @override
    def while_starting(self, call: Call) -> web.StreamResponse | None:
        if call.route == "GET /System/Info/Public":
            return None
        page = "<!DOCTYPE html><html><body>Jellyfin is starting</body></html>"
        return web.Response(status=503, text=page, content_type="text/html", headers={"Retry-After": "005"})

    @override
    def headers(self) -> dict[str, str]:
        return {"Server": "Kestrel"}

    @override
    def session_row(self, token: Token | None, session: PlaySession | None) -> Json:
        user = token.user if token else self.accounts.user_by_id(session.user_id) if session else None
        state: Json = {"CanSeek": session is not None, "IsPaused": False, "IsMuted": False}
        state |= {"RepeatMode": "RepeatNone", "PlaybackOrder": "Default"}
        activity = token.last_activity if token else self.now()
        row: Json = {
            "PlayState": state,
            "AdditionalUsers": [],
            "Capabilities": {"PlayableMediaTypes": [], "SupportedCommands": [], "SupportsMediaControl": False},
            "RemoteEndPoint": "127.0.0.1",
            "PlayableMediaTypes": [],
            "Id": session.session_id if session else token.session_id if token else "",
            "UserId": user.user_id if user else "0" * 32,
            "UserName": user.name if user else "",
            "Client": session.client if session else token.client.name if token else "",
            "LastActivityDate": self.rows.date(activity),
            "LastPlaybackCheckIn": NEVER,
            "DeviceName": session.device_name if session else token.client.device if token else "",
            "DeviceId": session.device_id if session else token.client.device_id if token else "",
            "ApplicationVersion": "1.0.0",
            "IsActive": True,
            "SupportsMediaControl": False,
            "SupportsRemoteControl": False,
            "NowPlayingQueue": [],
            "HasCustomDeviceName": False,
            "ServerId": self.server_id,
            "SupportedCommands": [],
        }
        item = self.holdings.get(session.item_id) if session else None
        if session is not None and item is not None:
            state["IsPaused"] = session.paused
            state["PositionTicks"] = ticks(session.position_at(self.clock.now()))
            state |= {"MediaSourceId": session.version_id, "PlayMethod": "DirectPlay", "VolumeLevel": 100}
            row["LastPlaybackCheckIn"] = self.rows.date(session.reported_at + self.skew)
            row["NowPlayingItem"] = self.rows.item(item, None, RowOptions(detail=True))
            del row["NowPlayingItem"]["MediaSources"]
        return row

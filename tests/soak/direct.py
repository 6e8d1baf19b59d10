"""The port to a media server, straight to a simulated server's state: as the clients, but without HTTP."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from math import floor

from custom_components.resume_sync.servers.http import HTTP_DATE_TOLERANCE_MS
from custom_components.resume_sync.sync.identity import search_keys, typed_id
from custom_components.resume_sync.sync.media_server import NotAllowed, NotFound, NotSupported, PushEvent
from custom_components.resume_sync.sync.model import (
    Activity,
    Hub,
    Item,
    ItemState,
    MediaKind,
    OpenSession,
    PositionWrite,
    ServerTraits,
    ServerType,
    SessionRead,
    Snapshot,
    StateRead,
)
from tests.households.media_servers import Server, kind_of
from tests.households.traits import TRAITS
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.playback import PlaySession
from tests.simulators.plex.playback import hidden
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.state import Cause, WatchState

_KINDS = {EntryKind.FILM: MediaKind.MOVIE, EntryKind.EPISODE: MediaKind.EPISODE, EntryKind.SHOW: MediaKind.SHOW}


class DirectServer:
    """One user's view of a simulated server. Implements `MediaServer`.

    `delay_seconds`: writes land that much later; `on_their_way` counts those that have not landed, the one
    that landed last was sent at `landed_sent_at`, in seconds. Tests with the real clients show that these see the same.
    """

    def __init__(self, server: Server, user: str, now: Callable[[], int]) -> None:
        """Look at a server as one user; `now` is the time on this machine's clock, in epoch milliseconds."""
        self._server = server
        self._now = now
        self._user = server.users[user]
        self.delay_seconds = 0.0
        self.on_their_way = 0
        self.landed_sent_at = 0.0

    @property
    def traits(self) -> ServerTraits:
        """How this kind of server behaves."""
        return TRAITS[kind_of(self._server)]

    @property
    def library_revision(self) -> str | None:
        """The library's revision, and which libraries are there."""
        mounted = "".join(str(int(library.mounted)) for library in self._server.libraries.values())
        return f"{self._server.holdings.revision}/{mounted}"

    async def in_progress(self) -> Snapshot:
        """Return everything with a position."""
        read_at, skew_ms = self._now(), self._skew_ms()
        held = self._server.in_progress(self._user.name)
        items = {item_id: self._state(self._server.holdings[item_id]) for item_id in held}
        return Snapshot(items, read_at, skew_ms)

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:
        """Return single items."""
        read_at, skew_ms = self._now(), self._skew_ms()
        self._server.settle()
        found = {item_id: entry for item_id in item_ids if (entry := self._visible(item_id)) is not None}
        items = {item_id: self._state(entry) for item_id, entry in found.items()}
        return StateRead(items, frozenset(set(item_ids) - found.keys()), read_at, skew_ms)

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return items that share an id with the wanted ones."""
        entries = self._server.holdings.of_kinds((EntryKind.FILM, EntryKind.EPISODE))
        items = [self._item(entry) for entry in entries if self._visible(entry.item_id)]
        return {
            one.item_id: tuple(item for item in items if search_keys(item) & search_keys(one) and item.kind is one.kind)
            for one in wanted
        }

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Propose nothing: there is nobody to choose."""
        return ()

    async def open_sessions(self) -> SessionRead:
        """Return this user's sessions."""
        return self.sessions_now()

    def sessions_now(self) -> SessionRead:
        """Return this user's sessions; a Jellyfin tells when a player last reported, also after its play has ended."""
        self._server.settle()
        sessions = (self._session(one) for one in self._server.timeline.sessions if self._takes_part(one))
        over = self._server.session_routes.over if isinstance(self._server, SimulatedJellyfin) else {}
        idle = (
            OpenSession(one.session_id, reported_at=self._checked_in(one))
            for one in over.values()
            if self._takes_part(one)
        )
        return SessionRead((*sessions, *idle), self._now())

    def _takes_part(self, session: PlaySession) -> bool:
        """Tell whether this user watches in a session."""
        return self._user.user_id in (session.user_id, *session.guests)

    def _session(self, session: PlaySession) -> OpenSession:
        """Return a session that plays or is paused."""
        activity = Activity.PAUSED if session.paused else Activity.PLAYING
        position = session.position_at(self._server.clock.now())
        checked_in = self._checked_in(session) if isinstance(self._server, SimulatedJellyfin) else None
        reported = position if checked_in is None else session.position_ms
        items = tuple(dict.fromkeys((session.item_id, session.version_id)))
        key = session.session_id
        key = str(int(key, 16)) if isinstance(self._server, PlexMediaServer) else key
        return OpenSession(key, items, activity, position, reported, checked_in)

    def _checked_in(self, session: PlaySession) -> int | None:
        """Return when the player of a session last reported, on this machine's clock."""
        if session.checked_in_at is None:
            return None
        server_ms = floor((session.checked_in_at + self._server.skew) * 1000)
        return min(server_ms - self._skew_ms(), self._now())

    def events(self) -> AsyncGenerator[PushEvent]:
        """Push nothing: what happens is found by looking."""
        raise NotAllowed("There is no push here")

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position as this kind of server does."""
        entry = self._existing(write.base)
        if isinstance(self._server, PlexMediaServer):
            self._land(lambda: self._report_to_plex(entry, write.position_ms))
            return
        self._land(lambda: self._store(entry, write))

    async def confirm_identity(self) -> None:
        """It is always the same server."""

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return none: what the user may not see has no state here."""
        return frozenset()

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Return the libraries that hold some items."""
        entries = ((item_id, self._server.holdings.get(item_id)) for item_id in item_ids)
        return {item_id: entry.library.name for item_id, entry in entries if entry is not None}

    async def clear_position(self, base: ItemState) -> None:
        """Store position 0."""
        if isinstance(self._server, PlexMediaServer):
            raise NotSupported("Plex cannot clear a position")
        entry = self._existing(base)
        self._land(lambda: self._store(entry, PositionWrite(base, 0)))

    async def hub(self) -> Hub | None:
        """Return what Plex shows as "Continue watching"."""
        if not isinstance(self._server, PlexMediaServer):
            return None
        read_at = self._now()
        self._server.settle()
        shown = self._server.hub_routes.shown(self._server.users[self._user.name])
        return Hub({entry.item_id: entry.show_id or entry.item_id for entry in shown}, read_at)

    async def hide(self, base: ItemState) -> None:
        """Hide an item on Plex."""
        server = self._server
        if not isinstance(server, PlexMediaServer):
            raise NotSupported("Only Plex hides")
        entry = self._existing(base)
        user_id = self._user.user_id
        self._land(lambda: server.store(user_id, entry, hidden(server.states.get(user_id, entry.item_id)), Cause.WRITE))

    def forget(self) -> None:
        """Nothing is cached here."""

    async def close(self) -> None:
        """Nothing is open here."""

    def _land(self, write: Callable[[], None]) -> None:
        """Let a write take effect, now or later."""
        if not self.delay_seconds:
            write()
            return

        sent_at = self._server.now() - self._server.skew

        def land() -> None:
            self.on_their_way -= 1
            self.landed_sent_at = sent_at
            write()

        self.on_their_way += 1
        self._server.timeline.later(self.delay_seconds, land)

    def _report_to_plex(self, entry: Entry, position_ms: int) -> None:
        """Send one report, as a session of its own."""
        server = self._server
        assert isinstance(server, PlexMediaServer)
        session = server.timeline.new_session(self._user.user_id, entry, entry, position_ms, "progress")
        server.take(session, server.now(), Cause.WRITE)
        server.forget(session)

    def _store(self, entry: Entry, write: PositionWrite) -> None:
        """Store user data, all of them where the client names all."""
        state, base = self._server.state_of(self._user, entry), write.base
        if write.with_all_data or self.traits.writes_full_set:
            own = base.last_played_server_ms
            state = WatchState(
                watched=base.watched,
                play_count=base.play_count,
                last_played=None if own is None else own / 1000,
                favorite=base.favorite,
                rating=base.rating,
                hidden=state.hidden and not write.position_ms,
            )
        date_ms = write.last_played_server_ms
        last_played = state.last_played if date_ms is None else date_ms / 1000
        changed = replace(state, position_ms=write.position_ms, last_played=last_played)
        self._server.store(self._user.user_id, entry, changed, Cause.WRITE)

    def _existing(self, base: ItemState) -> Entry:
        """Return an item that is to be written."""
        entry = self._visible(base.item_id)
        if entry is None:
            raise NotFound("There is no such item")
        return entry

    def _visible(self, item_id: str) -> Entry | None:
        """Return an item, if this user gets to see it."""
        entry = self._server.holdings.get(item_id)
        return entry if entry is not None and self._server.can_see(self._user, entry) else None

    def _skew_ms(self) -> int:
        """Return the skew as HTTP dates tell it."""
        skew = floor(self._server.now()) * 1000 + 500 - self._now()
        return 0 if abs(skew) <= HTTP_DATE_TOLERANCE_MS else skew

    def _state(self, entry: Entry) -> ItemState:
        """Return an item with what is stored for this user."""
        state = self._server.state_of(self._user, entry)
        return ItemState(
            item=self._item(entry),
            position_ms=state.position_ms,
            watched=state.watched,
            play_count=state.play_count,
            last_played_server_ms=None if state.last_played is None else floor(state.last_played * 1000),
            favorite=state.favorite,
            rating=state.rating,
            hidden=state.hidden and kind_of(self._server) is ServerType.EMBY,
        )

    def _item(self, entry: Entry) -> Item:
        """Return an item as the clients tell it."""
        show = self._server.holdings[entry.show_id] if entry.show_id else None
        return Item(
            item_id=entry.item_id,
            kind=_KINDS[entry.kind],
            title=entry.title,
            ids=self._ids(entry),
            year=entry.year,
            duration_ms=entry.duration_ms,
            show_title=show.title if show else None,
            show_ids=self._ids(show) if show else frozenset(),
            season=entry.season if show else None,
            episode=entry.number if show else None,
        )

    def _ids(self, entry: Entry) -> frozenset[str]:
        """Return the typed ids of an item."""
        kind = _KINDS[entry.kind]
        ids = {typed_id(kind, source, value) for source, value in entry.ids.items()}
        if isinstance(self._server, PlexMediaServer):
            ids.add(typed_id(kind, "plex", self._server.guid(entry).rpartition("/")[2]))
        return frozenset(one for one in ids if one is not None)

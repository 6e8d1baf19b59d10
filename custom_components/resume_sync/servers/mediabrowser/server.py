"""One user's view of a server, as far as Jellyfin and Emby agree."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Protocol
from urllib.parse import quote

import aiohttp

from ...sync.media_server import BadResponse, InvalidAuth, NotAllowed, NotFound, NotSupported, PushEvent
from ...sync.model import (
    Hub,
    Item,
    ItemState,
    PositionWrite,
    ServerTraits,
    SessionRead,
    Snapshot,
    StateRead,
    Unreadable,
)
from ...sync.off_loop import off_loop
from ..chosen_libraries import ChosenLibraries
from ..http import CONFIRM_SECONDS, JsonConnection, Query, real_now
from ..limits import LIBRARY_SECONDS
from ..push import Endpoint, listen
from ..sign_in import Library, ServerInfo
from .batches import BROKEN
from .dialect import Dialect
from .library_names import LibraryNames
from .listing import RowListing, UserLibrary
from .proposals import propose
from .push import HEARTBEAT_SECONDS, MediaBrowserPush
from .rows import (
    LIMITS_OF_SESSIONS,
    TICKS_PER_MS,
    Row,
    StateRow,
    StateRows,
    iso_date,
    json_object,
    open_sessions,
    state_rows,
    without_ids,
)
from .views import UserViews
from .who_answers import WhoAnswers

PAGE = 500


class Lookup(Protocol):
    """Finds another server's titles in the library, with or without an index."""

    @property
    def revision(self) -> str | None:
        """A digest of the films and shows in the index; None without one."""

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`."""

    def drop(self, item_ids: Collection[str]) -> None:
        """Take items that are gone out of the index."""

    def forget(self) -> None:
        """Drop the index."""


class MediaBrowserServer(ABC):
    """One user's view of a Jellyfin or Emby server; implements `MediaServer`.

    `url` may have a base path, `token` may be the user's, an administrator's or an API key. `now` is epoch
    milliseconds. `libraries` limits listings and look-ups to these, by id; none: all libraries.
    """

    dialect: ClassVar[Dialect]

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        token: str,
        user_id: str,
        device_id: str,
        server_id: str | None = None,
        libraries: Collection[str] = (),
        now: Callable[[], int] = real_now,
        timeout_seconds: float = LIBRARY_SECONDS,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        """Ask nothing yet. `server_id`: the server that has to answer; `session` belongs to the caller.

        No request takes longer than `timeout_seconds`. After a 401 the server is asked once more, `confirm_seconds`
        later.
        """
        dialect = self.dialect
        self._user_id = user_id
        self._now = now
        self._public = JsonConnection(
            session, url, dialect.headers(device_id), now=now, timeout_seconds=timeout_seconds
        )
        self._connection = JsonConnection(
            session,
            url,
            dialect.headers(device_id, token),
            now=now,
            timeout_seconds=timeout_seconds,
            confirm_seconds=confirm_seconds,
        )
        self._endpoint = Endpoint(
            url=dialect.socket_of(url, device_id, token),
            headers=dialect.headers(device_id, token),
            connector=lambda: session.connector,
            owned=False,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            timeout_seconds=timeout_seconds,
        )
        self._who = WhoAnswers(self._public, dialect, server_id)
        self._chosen = ChosenLibraries(libraries, now)
        self._views = UserViews(self._connection, dialect, user_id, self._who)
        self._library = UserLibrary(
            self._connection, dialect, user_id, now, chosen=self._chosen, views=self._views, who=self._who
        )
        self._library_names = LibraryNames(self._connection, dialect.item_id, user_id, now, who=self._who)
        self._lookup = self._new_lookup()

    @property
    def traits(self) -> ServerTraits:
        """How this kind of server behaves."""
        return self.dialect.traits

    @property
    def library_revision(self) -> str | None:
        """A digest of the library's films and shows; None while there is no index."""
        return self._lookup.revision

    async def verify(self) -> ServerInfo:
        """Check server, version, token and user, and return the server.

        The token is sent only to the expected server. Raises `AnotherServer`, `ServerBusy` while it starts,
        `UnsupportedVersion`, and `InvalidAuth` for a token that is refused or another user's.
        """
        info = await self._who.info()
        user = await self._current_user()
        if user.get("Id") != self._user_id:
            raise InvalidAuth("The token is another user's")
        return info

    async def in_progress(self) -> Snapshot:
        """Return all films and episodes with a position: one request for each 500, one more if it brings new shows.

        Raises LibraryGone where a chosen library is missing.
        """
        self._who.doubt()
        listing = await self._resumable()
        parsed = await off_loop(len(listing.rows), lambda: self._read_rows(listing))
        self._library_names.listed(parsed.rows)
        states = await self._library.states(row for row in parsed.rows.values() if row.state.position_ms > 0)
        for item_id in without_ids(parsed.rows) & states.keys():
            item = replace(states[item_id].item, identifiable=False)
            states[item_id] = replace(states[item_id], item=item)
        return Snapshot(
            states,
            listing.sent_at,
            listing.skew_ms,
            parsed.unknown,
            nameless_rows=parsed.nameless,
            other_rows=parsed.others,
        )

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:
        """Return the states of items: one request for each 100, and some more on Jellyfin.

        An id of another form than this server's is absent without a request.
        """
        wanted = {key for key in item_ids if self.dialect.item_id.fullmatch(key)}
        read_at = self._now()
        read = await self._library.batches(wanted)
        server_now = read.first.server_now if read.first else read_at
        batch = state_rows(read.rows, self.dialect.item_id, server_now)
        missing = wanted.difference(batch.rows, batch.unknown, read.broken, read.unasked)
        others = await self._left_out(missing, batch, for_write=for_write) if missing else StateRows({})
        rows = {**batch.rows, **others.rows}
        self._library_names.read(rows)
        unknown = {**batch.unknown, **others.unknown, **dict.fromkeys(read.broken, BROKEN)}
        for item_id in await self._hidden(batch.rows):
            del rows[item_id]
        absent = frozenset(item_ids).difference(rows, unknown, read.unasked, others.unasked)
        self._library.drop(absent)
        self._lookup.drop(absent)
        sent_at, skew_ms = (read.first.sent_at, read.first.skew_ms) if read.first else (read_at, 0)
        return StateRead(await self._library.states(rows.values()), absent, sent_at, skew_ms, unknown)

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:  # noqa: ARG002  # the port's signature
        """Return none: nothing but a write would tell."""
        return frozenset()

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of the libraries that hold some items: one request for each folder or show, once a day."""
        return await self._library_names.of(item_ids)

    async def open_sessions(self) -> SessionRead | None:
        """Return the sessions in which this user takes part; None where they cannot be read.

        A user's token sees that user's sessions; an administrator's token and an API key see all of them. One release
        of Jellyfin failed with 500 for everybody else.
        """
        try:
            answer = await self._connection.get("/Sessions", limits=LIMITS_OF_SESSIONS)
            answered_at = (answer.sent_at + self._now()) // 2
            sessions = open_sessions(answer.body, self._user_id, self.dialect.item_id, answered_at, answer.skew_ms)
        except NotAllowed, NotFound, BadResponse:
            return None
        return SessionRead(sessions, answer.sent_at)

    async def confirm_identity(self) -> None:
        """Ask who answers, unless a row of this round has told."""
        await self._who.confirm()

    def events(self) -> AsyncGenerator[PushEvent]:
        """Connect once and yield this user's events; `MediaBrowserPush` says which tokens get which messages."""
        return listen(
            self._endpoint,
            lambda inbox: MediaBrowserPush(
                inbox, self._connection, self._user_id, self.dialect.item_id, self._check_push
            ),
            self._now,
        )

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`."""
        return await self._lookup.find(wanted)

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Return up to five items most like a title by name, year and duration, best first."""
        return await propose(self._library, self.dialect, wanted)

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position. CannotConnect may mean that it was stored all the same: read it back."""
        await self._write(write)

    async def clear_position(self, base: ItemState) -> None:
        """Store the position 0; date, watched mark and play count stay as in `base`."""
        await self._write(PositionWrite(base, 0))

    async def hub(self) -> Hub | None:
        """Return None: Emby tells in each row what is hidden, and Jellyfin hides nothing."""
        return None

    async def hide(self, base: ItemState) -> None:  # noqa: ARG002  # the port's signature
        """Raise NotSupported: titles are cleared here."""
        raise NotSupported("Titles are cleared here, not hidden")

    async def libraries(self) -> tuple[Library, ...]:
        """Return the libraries of films and shows that this user sees, in the server's order."""
        return await self._views.libraries()

    def forget(self) -> None:
        """Drop every index and cache."""
        self._library.forget()
        self._library_names.forget()
        self._lookup.forget()

    async def close(self) -> None:
        """Drop every index and cache; the session stays open, it is the caller's."""
        self.forget()

    @abstractmethod
    async def _check_push(self) -> None:
        """Raise NotAllowed where the server takes a connection and then tells nothing."""

    @abstractmethod
    def _new_lookup(self) -> Lookup:
        """Return the look-up of this kind of server."""

    @abstractmethod
    async def _current_user(self) -> Row:
        """Return the user that the token is for, or that it may act for."""

    @abstractmethod
    async def _resumable(self) -> RowListing:
        """Return the complete listing of the user's titles in progress."""

    async def _hidden(self, rows: Mapping[str, StateRow]) -> frozenset[str]:  # noqa: ARG002  # for Jellyfin
        """Return the items of a batch that the user may not see any more."""
        return frozenset()

    async def _left_out(
        self,
        item_ids: Collection[str],
        batch: StateRows,
        *,
        for_write: bool,  # noqa: ARG002  # for Jellyfin
    ) -> StateRows:
        """Return the rows of items that a batch lacks; those without a row are absent.

        All are, unless a row without an id came: it could be any of them.
        """
        return StateRows({}, dict.fromkeys(item_ids, Unreadable("a row without an id")) if batch.nameless else {})

    @abstractmethod
    async def _write(self, write: PositionWrite) -> None:
        """Store a position, 0 as well."""

    def _read_rows(self, listing: RowListing) -> StateRows:
        """Read the films and episodes of a listing."""
        return state_rows(listing.rows, self.dialect.item_id, listing.server_now)

    async def _store(self, item_id: str, path: str, body: Mapping[str, object], query: Query) -> None:
        """Post a user's data of an item; raises NotFound for ids that cannot be this server's, without asking.

        Nothing is written to a server that no row of this round has proven to be the right one, nor its own word.
        """
        if self.dialect.item_id.fullmatch(item_id) is None:
            raise NotFound("This server has no such item")
        await self._who.confirm()
        await self._connection.post(path, body, query)

    async def _user(self) -> Row:
        """Return the account's user; raises InvalidAuth where there is none of that id any more."""
        try:
            answer = await self._connection.get(f"/Users/{quote(self._user_id, safe='')}")
        except NotFound:
            raise InvalidAuth("The server does not have this user any more") from None
        return json_object(answer.body)


def position_and_date(write: PositionWrite) -> dict[str, object]:
    """Return a body of user data that names the position, and the date where one is to be stored."""
    body: dict[str, object] = {"PlaybackPositionTicks": write.position_ms * TICKS_PER_MS}
    if write.last_played_server_ms is not None:
        body["LastPlayedDate"] = iso_date(write.last_played_server_ms)
    return body


def full_set(write: PositionWrite) -> dict[str, object]:
    """Return a body of user data that names everything, the rest as it was read: a field left out may change."""
    base = write.base
    rest: dict[str, object] = {"Played": base.watched, "PlayCount": base.play_count, "IsFavorite": base.favorite}
    if base.last_played_server_ms is not None:
        rest["LastPlayedDate"] = iso_date(base.last_played_server_ms)
    if base.rating is not None:
        rest["Rating"] = base.rating
    return rest | position_and_date(write)

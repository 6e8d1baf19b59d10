"""One user's view of one Plex Media Server, behind the port of a sync."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Final
from xml.etree.ElementTree import Element

import aiohttp

from ...sync.media_server import (
    AnotherServer,
    BadResponse,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    NotSupported,
    PushEvent,
)
from ...sync.model import (
    DateMeaning,
    Hub,
    Item,
    ItemState,
    PositionWrite,
    ServerTraits,
    ServerType,
    SessionRead,
    Snapshot,
    StateRead,
    Unreadable,
)
from ...sync.off_loop import off_loop
from ..http import CONFIRM_SECONDS, real_now
from ..limits import LIBRARY_SECONDS
from ..push import Endpoint, listen
from ..push_inbox import PushInbox
from ..sign_in import Library, ServerInfo
from .details import PlexDetails
from .http_session import plex_headers
from .hub import read_hub
from .listing import SLIM, PlexLibrary, Query
from .lookup import PlexLookup
from .proposals import propose
from .push import HEARTBEAT_SECONDS, PlexPush
from .rows import read_rows
from .sections import MediaType
from .sessions import LIMITS_OF_SESSIONS, OWNER_ID, PlexAccounts, PlexSession, owner_sessions, read_sessions
from .sign_in import DEFAULT_WATCHED_PERCENT, owners_accounts, server_info, watched_percent
from .transport import PlexTransport, media_container
from .writing import PlexWriting

# Reports of less are not stored ("somewhere around a minute", seen by several clients on 1.43).
MINIMUM_MS: Final = 60_000
_REVISION_EVERY_MS: Final = 15 * 60 * 1000


def _in_progress(media_type: MediaType) -> Query:
    """Return the query for all films or all episodes with a position.

    `viewOffset>>` is "greater than"; the attribute is absent from a row when it is 0.
    """

    def wanted(row: Element) -> bool:
        """Tell whether a row has a position and is of the type asked for."""
        return row.get("viewOffset", "0") != "0" and row.get("type") in (None, media_type.name.lower())

    return Query("in_progress", media_type, {"viewOffset>>": 0, **SLIM}, wanted)


class PlexServer:
    """One user's view of a Plex Media Server; implements `MediaServer`.

    `user_id` is the id that the server itself uses: `1` for the owner, the plex.tv id for others, else `name:…`.
    `libraries` limits listings and look-ups to these sections, by key; none: all sections. No request takes longer than
    `timeout` seconds; after a 401 it is asked once more, `confirm_seconds` later. `now` is epoch milliseconds.
    """

    def __init__(
        self,
        *,
        url: str,
        token: str,
        user_id: str,
        user_name: str,
        device_id: str,
        server_id: str | None = None,
        verify_ssl: bool = True,
        libraries: Collection[str] = (),
        now: Callable[[], int] = real_now,
        timeout: float = LIBRARY_SECONDS,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        """Connect to nothing yet."""
        self._is_owner = user_id == OWNER_ID
        self._user_name = user_name
        self._now = now
        self._transport = PlexTransport(
            url=url,
            token=token,
            device_id=device_id,
            now=now,
            server_id=server_id,
            verify_ssl=verify_ssl,
            timeout=timeout,
            confirm_seconds=confirm_seconds,
        )
        self._device_id = device_id
        self._endpoint = Endpoint(
            url=f"{url.strip().rstrip('/')}/:/websockets/notifications",
            headers=plex_headers(device_id, token),
            connector=lambda: aiohttp.TCPConnector(ssl=verify_ssl, resolver=aiohttp.ThreadedResolver()),
            owned=True,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            timeout_seconds=timeout,
        )
        self._library = PlexLibrary(self._transport, now, libraries)
        self._details = PlexDetails(self._library, now)
        self._lookup = PlexLookup(self._library, self._details, now)
        self._writing = PlexWriting(self._transport, is_owner=self._is_owner)
        self._watched_percent = DEFAULT_WATCHED_PERCENT
        self._accounts: PlexAccounts | None = None
        self._believed: tuple[Mapping[str, ItemState], Mapping[str, Unreadable], int] | None = None
        self._user_checked = self._is_owner

    @property
    def traits(self) -> ServerTraits:
        """How this server behaves."""
        return ServerTraits(
            server_type=ServerType.PLEX,
            date_meaning=DateMeaning.LAST_WRITE,
            can_clear=False,
            takes_date=False,
            writes_at_once=1,
            minimum_ms=MINIMUM_MS,
            watched_percent=self._watched_percent,
            can_hide=True,
        )

    @property
    def library_revision(self) -> str | None:
        """A digest of when each section changed, the same after a restart; None before the sections are read."""
        return self._library.sections.revision

    async def verify(self) -> ServerInfo:
        """Check server, version, and that the token is this user's; for the owner, read the watched threshold too.

        Raises CannotConnect, BadResponse where another server answers, UnsupportedVersion, InvalidAuth.
        """
        info = await server_info(self._transport)
        accounts = await owners_accounts(self._transport)
        if self._is_owner:
            if accounts is None:
                raise InvalidAuth("The token is not that of the server's owner")
            self._accounts = accounts
            self._watched_percent = await watched_percent(self._transport)
        elif accounts is not None:
            raise InvalidAuth("The server takes this user for its owner")
        await self._library.sections.types()
        return info

    async def confirm_identity(self) -> None:
        """Ask who answers, in one request; raises AnotherServer."""
        await self._transport.confirm_identity()

    async def libraries(self) -> tuple[Library, ...]:
        """Return the sections of films and shows that this user sees, in the server's order."""
        return await self._library.sections.libraries()

    async def in_progress(self) -> Snapshot:
        """Return all films and episodes with a position: two requests if nothing is new, or one per chosen section.

        The hub "Continue Watching" is not used: it is capped, leaves items out and adds next episodes. Raises
        LibraryGone where a chosen section is missing.
        """
        films = await self._library.list(_in_progress(MediaType.MOVIE))
        episodes = await self._library.list(_in_progress(MediaType.EPISODE))
        listed = [*films.rows, *episodes.rows]
        rows = await off_loop(len(listed), lambda: read_rows(listed, films.server_now))
        items = await self._details.complete(list(rows.read.values()))
        read = items, rows.unknown, rows.nameless
        self._user_checked = self._is_owner
        if read != self._believed:
            await self._check_user()
        self._believed = read
        await self._watch_library()
        return Snapshot(
            items=items,
            read_at=films.sent_at,
            skew_ms=films.skew_ms or episodes.skew_ms,
            unknown=rows.unknown,
            nameless_rows=rows.nameless,
            other_rows=rows.others,
        )

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:  # noqa: ARG002  # for Jellyfin
        """Return the states of these items, read now: one request for each 100, one more for ids not seen yet."""
        return await self._details.states(item_ids)

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:  # noqa: ARG002  # the port's signature
        """Return none: a read by ids leaves out what the user may not see."""
        return frozenset()

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002  # the port's signature
        """Return none: each row names its library."""
        return {}

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`."""
        return await self._lookup.find(wanted)

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Return up to five items most like a title by name, year and duration, best first."""
        return await propose(self._library, wanted)

    async def open_sessions(self) -> SessionRead | None:
        """Return the owner's sessions; None for other users, who may not read sessions."""
        read_at = self._now()
        rows = await self._sessions() if self._is_owner else None
        return None if rows is None else SessionRead(owner_sessions(rows, self._user_name, self._accounts), read_at)

    async def events(self) -> AsyncGenerator[PushEvent]:
        """Connect once and yield this user's events; `PlexPush` says which users get which messages."""
        try:
            async with aclosing(listen(self._endpoint, self._conversation, self._now)) as events:
                async for event in events:
                    yield event
        finally:
            # A connection that ends may be a server that goes, and another one comes.
            self._transport.doubt()

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position; the server dates it. A write that was sent is awaited even by a cancelled caller."""
        await self._check_user()
        await self._writing.write(write)

    async def clear_position(self, base: ItemState) -> None:  # noqa: ARG002  # the port's signature
        """Raise NotSupported: on Plex only a mark as unwatched takes an item out of progress."""
        raise NotSupported("Plex cannot take a title out of progress")

    async def hub(self) -> Hub | None:
        """Return what "Continue Watching" shows, in one request; None where the server does not answer it."""
        return await read_hub(self._transport)

    async def hide(self, base: ItemState) -> None:
        """Take an item off "Continue Watching"; a request that was sent is awaited even by a cancelled caller."""
        await self._check_user()
        await self._writing.hide(base)

    def forget(self) -> None:
        """Drop every index and cache."""
        self._library.forget()
        self._details.forget()
        self._lookup.forget()

    async def close(self) -> None:
        """End the running request, and close the connections."""
        await self._transport.close()

    def _conversation(self, inbox: PushInbox) -> PlexPush:
        """Return the protocol of one connection; what came back may be another server."""
        self._transport.doubt()
        return PlexPush(
            inbox,
            self._device_id,
            self._owner_sessions if self._is_owner else None,
            self._check_user,
            lambda: self._transport.read("/library/sections"),
        )

    async def _owner_sessions(self) -> Mapping[str, PlexSession | None]:
        """Return all sessions by key; none where the server refuses them."""
        sessions = await self._sessions()
        return {} if sessions is None else dict(read_sessions(sessions, self._user_name, self._accounts))

    async def _sessions(self) -> Element | None:
        """Return all sessions; None where the server refuses them or cannot tell them."""
        try:
            answer = await self._transport.read("/status/sessions", limits=LIMITS_OF_SESSIONS, confirm=False)
            return media_container(answer)
        except AnotherServer:
            raise
        except InvalidAuth, NotAllowed, NotFound, BadResponse:
            return None

    async def _check_user(self) -> None:
        """Make sure, once per listing, that the server does not take this user for its owner; raises InvalidAuth.

        In a network that is "allowed without auth", a dead token silently becomes the owner's. So what only
        the owner may read has to be refused.
        """
        if self._user_checked:
            return
        if await owners_accounts(self._transport) is not None:
            raise InvalidAuth("The server takes this user for its owner")
        self._user_checked = True

    async def _watch_library(self) -> None:
        """See now and then whether the library changed, as long as something could not be found in it."""
        if self._lookup.missed and self._now() - self._library.sections.read_at >= _REVISION_EVERY_MS:
            with suppress(MediaServerError):
                await self._library.sections.types()

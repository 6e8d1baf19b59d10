"""Jellyfin 10.9 to 12: one user's view of a server."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, override

from ...sync.media_server import BadResponse, CannotConnect, NotAllowed, NotFound, ServerBusy
from ...sync.model import ItemState
from ..http import Query
from ..listing import joined
from ..sign_in import ServerInfo
from .dialect import JELLYFIN, Dialect
from .jellyfin_lookup import JellyfinLookup
from .jellyfin_sign_in import token_user
from .listing import STABLE_SORT, RowListing
from .rows import TICKS_PER_MS, Row, StateRow, StateRows, iso_date, state_rows
from .server import PAGE, MediaBrowserServer
from .sign_in import is_administrator, read_server_info

WAY_KEPT_MS = 6 * 3600_000
VERSIONS_APART_SINCE = (12, 0)
PUSH_TO_KEYS_SINCE = (10, 11)

_LAST_PLAYED = "/UserItems/Resume"
_RESUMABLE: Query = {"IncludeItemTypes": "Movie,Episode", "Fields": JELLYFIN.fields, "EnableImages": "false"}


@dataclass(frozen=True, slots=True)
class _ListingWay:
    """How this server has to be asked for what is in progress, and until when to believe that.

    `hidden_libraries`: those that the user took off the home screen, where the listing of version 12 leaves them out.
    """

    versions_apart: bool
    hidden_libraries: tuple[str, ...]
    until: int


class JellyfinServer(MediaBrowserServer):
    """One user's view of a Jellyfin server.

    Up to 10.11 every position belongs to an item of the library, and the library lists those with one in an order of
    our choice. Version 12 keeps positions by version of a film (cut, quality); only `/UserItems/Resume` shows these,
    sorted by last play, and without the libraries that the user took off the home screen, unless asked for each.
    """

    dialect: ClassVar[Dialect] = JELLYFIN
    _way: _ListingWay | None = None

    @override
    async def verify(self) -> ServerInfo:
        """Verify server, token and user, and keep how the listing has to be asked for."""
        info = await super().verify()
        self._way = await self._way_of(info)
        return info

    @override
    def forget(self) -> None:
        """Drop the index, every cache, and what is known of the server."""
        super().forget()
        self._way = None

    @override
    def _new_lookup(self) -> JellyfinLookup:
        """Return a look-up by index: Jellyfin cannot be asked for an external id."""
        return JellyfinLookup(self._library, self._now)

    @override
    async def _current_user(self) -> Row:
        """Return the token's user, or for an administrator's token or an API key the account's user."""
        own = await token_user(self._connection)
        if own is not None and (own.get("Id") == self._user_id or not is_administrator(own)):
            return own
        return await self._user()

    @override
    async def _check_push(self) -> None:
        """Raise NotAllowed for an API key before 10.11: user data go to users, lists of sessions to administrators."""
        info = await read_server_info(self._public, self.dialect)
        if self.dialect.supported(info.version) < PUSH_TO_KEYS_SINCE and await token_user(self._connection) is None:
            raise NotAllowed("This version of Jellyfin pushes nothing to API keys")

    @override
    async def _resumable(self) -> RowListing:
        """Return what the user has in progress; a server that was away may come back as another version."""
        way = await self._listing_way()
        try:
            if not way.versions_apart:
                path, user = self.dialect.items_of(self._user_id)
                query = {**user, **_RESUMABLE, "Filters": "IsResumable", "Recursive": "true", **STABLE_SORT}
                return await self._library.in_progress(path, query, PAGE)
            query = {"userId": self._user_id, **_RESUMABLE}
            listing = await self._library.in_progress(_LAST_PLAYED, query, PAGE)
            hidden = [
                await self._library.pages(_LAST_PLAYED, {**query, "ParentId": library}, PAGE)
                for library in (() if self._chosen else way.hidden_libraries)
            ]
        except CannotConnect, ServerBusy, BadResponse:
            self._way = None
            raise
        return joined(listing, *hidden)

    @override
    async def _left_out(self, item_ids: Collection[str], batch: StateRows) -> StateRows:
        """Ask for each by itself: batches hide the versions beside an item's first one."""
        rows: dict[str, StateRow] = {}
        unknown: dict[str, str] = {}
        for item_id in sorted(item_ids):
            try:
                listing = await self._library.item(item_id)
            except NotFound:
                continue
            single = state_rows(listing.rows, self.dialect.item_id)
            rows |= single.rows
            unknown |= single.unknown
        return StateRows(rows, unknown)

    @override
    async def _write(self, base: ItemState, position_ms: int, last_played_server_ms: int | None) -> None:
        """Send the position, and the date where one is given: fields left out stay as they are."""
        body: dict[str, object] = {"PlaybackPositionTicks": position_ms * TICKS_PER_MS}
        if last_played_server_ms is not None:
            body["LastPlayedDate"] = iso_date(last_played_server_ms)
        await self._store(base.item_id, f"/UserItems/{base.item_id}/UserData", body, {"userId": self._user_id})

    async def _way_of(self, info: ServerInfo) -> _ListingWay:
        """Return how a server has to be asked for a user's positions."""
        apart = self.dialect.supported(info.version) >= VERSIONS_APART_SINCE
        hidden = _hidden_libraries(await self._user()) if apart else ()
        return _ListingWay(apart, hidden, self._now() + WAY_KEPT_MS)

    async def _listing_way(self) -> _ListingWay:
        """Return how to ask, found out anew after some hours."""
        if self._way is None or not 0 < self._way.until - self._now() <= WAY_KEPT_MS:
            self._way = await self._way_of(await read_server_info(self._public, self.dialect))
        return self._way


def _hidden_libraries(user: Row) -> tuple[str, ...]:
    """Return the libraries that a user took off the home screen."""
    configuration = user.get("Configuration")
    excluded = configuration.get("LatestItemsExcludes") if isinstance(configuration, dict) else None
    texts = (key for key in (excluded if isinstance(excluded, list) else []) if isinstance(key, str))
    ids = (key.replace("-", "").lower() for key in texts)
    return tuple(sorted({key for key in ids if JELLYFIN.item_id.fullmatch(key)}))

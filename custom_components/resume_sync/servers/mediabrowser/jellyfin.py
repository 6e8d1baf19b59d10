"""One user's view of a Jellyfin server, versions 10.9 to 12."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, override

from ...sync.media_server import BadResponse, CannotConnect, NotAllowed, ServerBusy
from ...sync.model import PositionWrite, ServerTraits, Snapshot
from ..http import Query
from ..listing import joined
from ..sign_in import ServerInfo
from .dialect import JELLYFIN, Dialect
from .jellyfin_access import JellyfinAccess
from .jellyfin_lookup import JellyfinLookup
from .jellyfin_sign_in import token_user
from .listing import STABLE_SORT, RowListing
from .rows import Row, StateRow, StateRows
from .server import PAGE, MediaBrowserServer, full_set, position_and_date
from .sign_in import is_administrator, read_server_info

WAY_KEPT_MS = 6 * 3600_000
VERSIONS_APART_SINCE = (12, 0)
NEW_SHOWS_EMPTY_SINCE = (10, 11)
PUSH_TO_KEYS_SINCE = (10, 11)
FULL_SET_SINCE = (10, 11)

_LAST_PLAYED = "/UserItems/Resume"
_RESUMABLE: Query = {"IncludeItemTypes": "Movie,Episode", "Fields": JELLYFIN.fields, "EnableImages": "false"}


@dataclass(frozen=True, slots=True)
class _ListingWay:
    """How this server has to be asked, by its version, and until when to believe that.

    `versions_apart`: from version 12 on, see `JellyfinServer`. `new_shows_empty`: on 10.11, see `JellyfinLookup`.
    `hidden_libraries`: those that the user took off the home screen, which the listing of version 12 leaves out.
    """

    versions_apart: bool
    new_shows_empty: bool
    hidden_libraries: tuple[str, ...]
    until: int


class JellyfinServer(MediaBrowserServer):
    """One user's view of a Jellyfin server.

    Up to 10.11 a position belongs to an item, and the library lists the items with a position in any order. Version 12
    keeps a position for each version of a film (cut, quality). Only `/UserItems/Resume` lists these, sorted by last
    play. It leaves out the libraries that the user took off the home screen, unless it is asked for each of them.

    Reads by id, and on version 12 lists of what is in progress below a library, answer items that the user may not see
    any more: `JellyfinAccess` asks for those.
    """

    dialect: ClassVar[Dialect] = JELLYFIN
    _way: _ListingWay | None = None
    _traits: ServerTraits = JELLYFIN.traits

    @property
    @override
    def traits(self) -> ServerTraits:
        """How this server behaves; taken for a new one until its version is known."""
        return self._traits

    @cached_property
    def _access(self) -> JellyfinAccess:
        """Which items the user may see."""
        return JellyfinAccess(self._library, self._now)

    @override
    async def verify(self) -> ServerInfo:
        """Verify server, token and user, and note which listing this version needs."""
        info = await super().verify()
        self._way = await self._way_of(info)
        return info

    @override
    def forget(self) -> None:
        """Drop the index, every cache, and which listing this version needs."""
        super().forget()
        self._way = None
        self._access.forget()

    @override
    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        return await self._access.withdrawn(item_ids)

    @override
    async def in_progress(self) -> Snapshot:
        """Return all films and episodes with a position; see `MediaBrowserServer.in_progress`."""
        snapshot = await super().in_progress()
        self._access.listed(snapshot.items)
        return snapshot

    @override
    def _new_lookup(self) -> JellyfinLookup:
        """Return a look-up by index: Jellyfin cannot be asked for an external id."""

        async def new_shows_empty() -> bool:
            """Tell whether this is a version that hides the episodes of new shows."""
            return (await self._listing_way()).new_shows_empty

        return JellyfinLookup(self._library, self._now, new_shows_empty)

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
        """List the items with a position; after an error the version is read anew, it may have been upgraded."""
        way = await self._listing_way()
        try:
            if not way.versions_apart:
                path, user = self.dialect.items_of(self._user_id)
                query = {**user, **_RESUMABLE, "Filters": "IsResumable", "Recursive": "true", **STABLE_SORT}
                return await self._library.in_progress(path, query, PAGE)
            query = {"userId": self._user_id, **_RESUMABLE}
            listing = await self._library.in_progress(_LAST_PLAYED, query, PAGE, unguarded=True)
            hidden = [
                await self._library.pages(_LAST_PLAYED, {**query, "ParentId": library}, PAGE)
                for library in await self._hidden_libraries(way)
            ]
        except CannotConnect, ServerBusy, BadResponse:
            self._way = None
            raise
        return joined(listing, *hidden)

    async def _hidden_libraries(self, way: _ListingWay) -> list[str]:
        """Return the libraries off the home screen that have to be listed: those that the user still sees."""
        if self._chosen or not way.hidden_libraries:
            return []
        there = await self._views.library_ids()
        return [library for library in way.hidden_libraries if library in there]

    @override
    async def _hidden(self, rows: Mapping[str, StateRow]) -> frozenset[str]:
        return await self._access.hidden(rows)

    @override
    async def _left_out(self, item_ids: Collection[str], batch: StateRows, *, for_write: bool) -> StateRows:
        """Take missing items as absent up to 10.11; from 12 on they may be versions, and are asked for alone."""
        if not (await self._listing_way()).versions_apart:
            return await super()._left_out(item_ids, batch, for_write=for_write)
        alone = await self._access.alone(item_ids, limited=not for_write)
        if not for_write or not alone.rows:
            return alone
        # The item's own route may tell of an old copy, the resume list does not. It lists one version of each film.
        listing = await self._resumable()
        listed = self._read_rows(listing).rows
        return replace(alone, rows={**alone.rows, **{key: listed[key] for key in alone.rows.keys() & listed.keys()}})

    @override
    async def _write(self, write: PositionWrite) -> None:
        """Send the full set as a list told it, from 10.11 on; else position and date, which leaves the rest as it is.

        Newer servers merge a write into a copy in memory, which may be older than what their lists tell. Older ones
        know no other data than those copies.
        """
        base = write.base
        everything = write.with_all_data or (self._traits.writes_full_set and base.listed)
        body = full_set(write) if everything else position_and_date(write)
        await self._store(base.item_id, f"/UserItems/{base.item_id}/UserData", body, {"userId": self._user_id})
        self._access.proven([base.item_id])

    async def _way_of(self, info: ServerInfo) -> _ListingWay:
        """Return which listing a version needs, with the libraries that are hidden from it."""
        version = self.dialect.supported(info.version)
        apart = version >= VERSIONS_APART_SINCE
        hidden = _hidden_libraries(await self._user()) if apart else ()
        new_shows_empty = version >= NEW_SHOWS_EMPTY_SINCE and not apart
        self._traits = replace(JELLYFIN.traits, writes_full_set=version >= FULL_SET_SINCE)
        return _ListingWay(apart, new_shows_empty, hidden, self._now() + WAY_KEPT_MS)

    async def _listing_way(self) -> _ListingWay:
        """Return which listing to use, found out anew after six hours."""
        if self._way is None or not 0 < self._way.until - self._now() <= WAY_KEPT_MS:
            self._way = await self._way_of(await self._who.info())
        return self._way


def _hidden_libraries(user: Row) -> tuple[str, ...]:
    """Return the libraries that a user took off the home screen."""
    configuration = user.get("Configuration")
    excluded = configuration.get("LatestItemsExcludes") if isinstance(configuration, dict) else None
    texts = (key for key in (excluded if isinstance(excluded, list) else []) if isinstance(key, str))
    ids = (key.replace("-", "").lower() for key in texts)
    return tuple(sorted({key for key in ids if JELLYFIN.item_id.fullmatch(key)}))

"""One user's library on Jellyfin or Emby: complete listings, batches by id, the ids of shows, seasons."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import batched

from ...sync.media_server import BadResponse, InvalidAuth, NotAllowed, NotFound
from ...sync.model import Item, ItemState
from ...sync.off_loop import off_loop
from ..chosen_libraries import ChosenLibraries
from ..http import Answer, JsonConnection, Query, UnexpectedStatusError
from ..listing import Listing, Page, joined, read_pages
from .dialect import Dialect
from .rows import ItemRow, StateRow, item_rows, page_rows, row_id, with_show_ids
from .views import UserViews

BATCH = 100
MOST_BYTES = 64 * 1024 * 1024
SHOW_IDS_KEPT_MS = 24 * 3600_000
MISSING_SHOW_IDS_KEPT_MS = 3600_000
SEASON_KEPT_MS = 5 * 60_000
STABLE_SORT: Query = {"SortBy": "DateCreated,SortName", "SortOrder": "Ascending"}


type RowListing = Listing[object]


@dataclass(frozen=True, slots=True)
class _ShowIds:
    """The ids of a show, and until when to believe them."""

    ids: frozenset[str]
    until: int


class UserLibrary:
    """Reads the library of one user. Everything kept here can be forgotten at any time.

    Limited to `chosen` libraries, a listing takes one request for each of them: both servers take the id of one parent
    only. Reads by id are not limited.
    """

    def __init__(
        self,
        connection: JsonConnection,
        dialect: Dialect,
        user_id: str,
        now: Callable[[], int],
        *,
        chosen: ChosenLibraries,
        views: UserViews,
    ) -> None:
        """Remember nothing yet."""
        self._chosen = chosen
        self._views = views
        self._connection = connection
        self._dialect = dialect
        self._user_id = user_id
        self._now = now
        self._show_ids: dict[str, _ShowIds] = {}
        self._seasons: dict[tuple[str, int], tuple[int, tuple[ItemRow, ...]]] = {}

    def forget(self) -> None:
        """Drop the ids of shows, the seasons and the belief in the chosen libraries."""
        self._show_ids.clear()
        self._seasons.clear()
        self._chosen.forget()

    async def in_progress(self, path: str, query: Query, page_size: int) -> RowListing:
        """Return all rows of a listing of the titles in progress.

        Raises LibraryGone where a chosen library is missing. The list of libraries is read when other rows came than
        the time before, and once an hour while a library is empty.
        """
        parts = await self._parts(path, query, page_size)
        found = {key: self._ids(part) for key, part in parts.items()}
        if self._chosen and self._chosen.doubts(found):
            self._chosen.confirm(await self._views.library_ids(), found)
        return joined(*parts.values())

    async def listing(self, query: Query, page_size: int) -> RowListing:
        """Return all of a user's items that a query selects, in a stable order; raises LibraryGone, BadResponse."""
        path, user = self._dialect.items_of(self._user_id)
        parts = await self._parts(path, {**user, "Recursive": "true", **query, **STABLE_SORT}, page_size)
        if self._chosen:
            self._chosen.confirm(await self._views.library_ids())
        return joined(*parts.values())

    async def pages(self, path: str, query: Query, page_size: int) -> RowListing:
        """Return the rows of all pages of a list; raises BadResponse where it is not complete."""

        async def read(start: int) -> Page[object]:
            """Read the page that begins after `start` rows; a page with fewer rows than asked for is the last one."""
            answer = await self._list(path, {**query, "StartIndex": start, "Limit": page_size})
            rows, total = page_rows(answer.body)
            return Page(rows, answer, total, last=len(rows) < page_size)

        return await read_pages(read, self._row_id, most_bytes=MOST_BYTES, total_counts_repeats=False)

    async def search(self, query: Query) -> list[Item]:
        """Return the hits of a search up to its limit, in the server's order; raises LibraryGone."""
        path, user = self._dialect.items_of(self._user_id)
        hits: list[Item] = []
        for library in self._scopes().values():
            answer = await self._list(path, {**user, "Recursive": "true", **query, **library})
            rows, _ = page_rows(answer.body)
            hits += (row.item for row in item_rows(rows, self._dialect.item_id))
        if self._chosen and not self._chosen.confirmed:
            self._chosen.confirm(await self._views.library_ids())
        return hits

    async def by_ids(self, item_ids: Collection[str], fields: str, extra: Query) -> RowListing:
        """Return the rows of up to `BATCH` well-formed ids; an item that the server does not show has no row.

        Raises BadResponse where other items come back: asked for unknown ids only, Jellyfin answers with everything.
        """
        path, user = self._dialect.items_of(self._user_id)
        query = {**user, "Ids": ",".join(item_ids), "Fields": fields, "EnableImages": "false", **extra}
        answer = await self._list(path, query)
        rows, total = page_rows(answer.body)
        ids = {row_id(row, self._dialect.item_id) for row in rows} - {None}
        if total > len(rows) or not ids.issubset(item_ids):
            raise BadResponse("A batch of items has other rows than were asked for")
        return Listing(tuple(rows), answer.sent_at, answer.skew_ms)

    async def item(self, item_id: str) -> RowListing:
        """Return one item with the user's data, even one that batches hide (a second version); raises NotFound."""
        path, user = self._dialect.items_of(self._user_id)
        answer = await self._connection.get(f"{path}/{item_id}", user)
        if row_id(answer.body, self._dialect.item_id) != item_id:
            raise BadResponse("Another item came back than was asked for")
        return Listing((answer.body,), answer.sent_at, answer.skew_ms)

    async def states(self, rows: Iterable[StateRow]) -> dict[str, ItemState]:
        """Return the states of rows by item id, reading the ids of shows that are not known yet."""
        rows = list(rows)
        await self._read_shows(row.show_item_id for row in rows)
        return await off_loop(len(rows), lambda: self._completed(rows))

    async def items(self, rows: Iterable[ItemRow]) -> list[Item]:
        """Return the items of rows, reading the ids of shows that are not known yet."""
        rows = list(rows)
        await self._read_shows(row.show_item_id for row in rows)
        return [self._complete(row.item, row.show_item_id) for row in rows]

    def learn_shows(self, shows: Iterable[Item]) -> None:
        """Keep the ids of shows from another listing: for a day, or for an hour where a show has none yet."""
        now = self._now()
        for show in shows:
            kept = SHOW_IDS_KEPT_MS if show.ids else MISSING_SHOW_IDS_KEPT_MS
            self._show_ids[show.item_id] = _ShowIds(show.ids, now + kept)

    async def season(self, show: Item, season: int) -> list[Item]:
        """Return the episodes of a season, 0 for specials; kept for five minutes.

        A season may hold specials that aired during it. Episodes without a file are left out. Raises NotFound where the
        show is gone.
        """
        now, key = self._now(), (show.item_id, season)
        self._seasons = {key: kept for key, kept in self._seasons.items() if 0 <= now - kept[0] < SEASON_KEPT_MS}
        if key not in self._seasons:
            self._seasons[key] = (now, await self._read_season(show, season))
        return [with_show_ids(row.item, show.ids) for row in self._seasons[key][1]]

    def drop(self, item_ids: Collection[str]) -> None:
        """Forget the seasons that hold one of these items, which are gone."""
        gone = set(item_ids)
        self._seasons = {
            key: (read_at, rows)
            for key, (read_at, rows) in self._seasons.items()
            if key[0] not in gone and not any(row.item.item_id in gone for row in rows)
        }

    def _row_id(self, row: object) -> str | None:
        """Return the id of a row; None where it is missing or malformed."""
        return row_id(row, self._dialect.item_id)

    def _ids(self, listing: RowListing) -> frozenset[str]:
        """Return the ids of the rows that have one."""
        return frozenset(key for row in listing.rows if (key := self._row_id(row)) is not None)

    def _scopes(self) -> Mapping[str, Query]:
        """Return the query parameters for each chosen library, by its id; a single empty set without chosen ones."""
        return {key: {"ParentId": key} for key in self._chosen.ids} or {"": {}}

    async def _parts(self, path: str, query: Query, page_size: int) -> Mapping[str, RowListing]:
        """Return a listing for each library, or one of everything."""
        return {key: await self.pages(path, {**query, **scope}, page_size) for key, scope in self._scopes().items()}

    async def _list(self, path: str, query: Query) -> Answer[object]:
        """GET a list; a 404 is a BadResponse, because every server has the list.

        For a chosen library that the user no longer sees, Jellyfin answers 401 or 400, though the token is good
        (ItemsController.GetItems). So the libraries are read then, and LibraryGone is raised where one is missing.
        """
        try:
            return await self._connection.get(path, query)
        except (InvalidAuth, NotAllowed, NotFound, UnexpectedStatusError) as error:
            if "ParentId" in query:
                self._chosen.confirm(await self._views.library_ids())
            if isinstance(error, NotFound):
                raise BadResponse("The server does not have this list, or does not know the user") from None
            raise

    async def _read_season(self, show: Item, season: int) -> tuple[ItemRow, ...]:
        """Read the episodes of a season."""
        query: Query = {
            "UserId": self._user_id,
            "Season": season,
            "Fields": self._dialect.item_fields,
            "EnableImages": "false",
            "EnableUserData": "false",
        }
        answer = await self._connection.get(f"/Shows/{show.item_id}/Episodes", query)
        rows, total = page_rows(answer.body)
        if total > len(rows):
            raise BadResponse("A season is incomplete")
        parsed = item_rows(rows, self._dialect.item_id)
        return tuple(row for row in parsed if not row.virtual)

    async def _read_shows(self, show_item_ids: Iterable[str | None]) -> None:
        """Read the ids of those shows that are not known, or not any more."""
        now = self._now()
        known = {key for key, show in self._show_ids.items() if show.until > now}
        missing = sorted({key for key in show_item_ids if key is not None} - known)
        for chunk in batched(missing, BATCH, strict=False):
            listing = await self.by_ids(chunk, self._dialect.item_fields, {"EnableUserData": "false"})
            self._show_ids |= dict.fromkeys(chunk, _ShowIds(frozenset(), now + MISSING_SHOW_IDS_KEPT_MS))
            self.learn_shows(row.item for row in item_rows(listing.rows, self._dialect.item_id))

    def _completed(self, rows: Iterable[StateRow]) -> dict[str, ItemState]:
        """Return rows as states, with the known ids of their shows."""
        return {
            row.state.item_id: replace(row.state, item=self._complete(row.state.item, row.show_item_id)) for row in rows
        }

    def _complete(self, item: Item, show_item_id: str | None) -> Item:
        """Return an item with the known ids of its show."""
        show = None if show_item_id is None else self._show_ids.get(show_item_id)
        return item if show is None else with_show_ids(item, show.ids)

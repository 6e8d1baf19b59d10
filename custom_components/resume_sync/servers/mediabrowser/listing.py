"""One user's library on Jellyfin or Emby: complete listings, batches by id, the ids of shows, seasons."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from ...sync.media_server import BadResponse, InvalidAuth, NotAllowed, NotFound
from ...sync.model import Item, ItemState
from ...sync.off_loop import off_loop
from ..chosen_libraries import ChosenLibraries
from ..http import Answer, JsonConnection, Query, UnexpectedStatusError
from ..limits import MOST_ROWS_AT_ONCE, Limits, rows_of_library
from ..listing import Listing, Page, joined, read_pages
from .batches import Batches, BatchRead
from .dialect import Dialect
from .rows import ItemRow, StateRow, item_rows, page_rows, row_id, with_show_ids
from .show_ids import ShowIds
from .views import UserViews
from .who_answers import WhoAnswers

NUMBERED_PAGE = 1000
SEASON_KEPT_MS = 5 * 60_000
STABLE_SORT: Query = {"SortBy": "DateCreated,SortName", "SortOrder": "Ascending"}


type RowListing = Listing[object]


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
        who: WhoAnswers,
    ) -> None:
        """Remember nothing yet."""
        self._chosen = chosen
        self._views = views
        self._who = who
        self._connection = connection
        self._dialect = dialect
        self._user_id = user_id
        self._now = now
        self._seasons: dict[tuple[str, int | None], tuple[int, tuple[ItemRow, ...]]] = {}
        self._state_batches = Batches(lambda ids: self.by_ids(ids, dialect.fields, {}))
        self._shows = ShowIds(
            lambda ids: self.by_ids(ids, dialect.item_fields, {"EnableUserData": "false"}), dialect, now
        )

    def forget(self) -> None:
        """Drop the ids of shows, the seasons and the belief in the chosen libraries."""
        self._shows.forget()
        self._seasons.clear()
        self._chosen.forget()

    async def in_progress(self, path: str, query: Query, page_size: int, *, unguarded: bool = False) -> RowListing:
        """Return all rows of a listing of the titles in progress.

        Raises LibraryGone where a chosen library is missing. The list of libraries is read when other rows came than
        the time before, and once an hour while a library is empty. `unguarded`: this list goes on to answer for a
        library that was taken from the user, so that of libraries is read each time.
        """
        parts = await self._parts(path, query, page_size)
        found = {key: self._ids(part) for key, part in parts.items()}
        if self._chosen and (unguarded or self._chosen.doubts(found)):
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
            page = {**query, "StartIndex": start, "Limit": page_size}
            answer = await self._list(path, page, rows_of_library(page_size))
            rows, total = page_rows(answer.body)
            return Page(rows, answer, total, last=len(rows) < page_size)

        return await read_pages(read, self._row_id, total_counts_repeats=False)

    async def search(self, query: Query) -> list[Item]:
        """Return the hits of a search up to its limit, in the server's order; raises LibraryGone."""
        path, user = self._dialect.items_of(self._user_id)
        hits: list[Item] = []
        for library in self._scopes().values():
            limited = rows_of_library(int(query["Limit"]))
            answer = await self._list(path, {**user, "Recursive": "true", **query, **library}, limited)
            rows, _ = page_rows(answer.body)
            hits += (row.item for row in item_rows(rows, self._dialect.item_id))
        if self._chosen and not self._chosen.confirmed:
            self._chosen.confirm(await self._views.library_ids())
        return hits

    async def by_ids(self, item_ids: Collection[str], fields: str, extra: Query) -> RowListing:
        """Return the rows of some well-formed ids; an item that the server does not show has no row.

        Raises BadResponse where other items come back: asked for unknown ids only, Jellyfin answers with everything.
        """
        path, user = self._dialect.items_of(self._user_id)
        query = {**user, "Ids": ",".join(item_ids), "Fields": fields, "EnableImages": "false", **extra}
        answer = await self._list(path, query, rows_of_library(len(item_ids)))
        rows, total = page_rows(answer.body)
        ids = {row_id(row, self._dialect.item_id) for row in rows} - {None}
        if total > len(rows) or not ids.issubset(item_ids):
            raise BadResponse("A batch of items has other rows than were asked for")
        return Listing(tuple(rows), answer.sent_at, answer.skew_ms)

    async def batches(self, item_ids: Collection[str]) -> BatchRead:
        """Return the rows of any number of well-formed ids, with the user's data."""
        return await self._state_batches.read(item_ids)

    async def item(self, item_id: str) -> RowListing:
        """Return one item with the user's data, even one that batches hide (a second version); raises NotFound.

        The user may see such an item, unlike one that a batch tells of.
        """
        path, user = self._dialect.items_of(self._user_id)
        answer = await self._connection.get(f"{path}/{item_id}", user)
        self._who.check(answer.body)
        if row_id(answer.body, self._dialect.item_id) != item_id:
            raise BadResponse("Another item came back than was asked for")
        return Listing((answer.body,), answer.sent_at, answer.skew_ms)

    async def states(self, rows: Iterable[StateRow]) -> dict[str, ItemState]:
        """Return the states of rows by item id, reading the ids of shows that are not known yet."""
        rows = list(rows)
        await self._shows.read(row.show_item_id for row in rows)
        return await off_loop(len(rows), lambda: self._completed(rows))

    async def items(self, rows: Iterable[ItemRow]) -> list[Item]:
        """Return the items of rows, reading the ids of shows that are not known yet."""
        rows = list(rows)
        await self._shows.read(row.show_item_id for row in rows)
        return [self._shows.complete(row.item, row.show_item_id) for row in rows]

    def learn_shows(self, shows: Iterable[Item]) -> None:
        """Keep the ids of shows from another listing."""
        self._shows.learn(shows)

    async def season(self, show: Item, season: int | None) -> list[Item]:
        """Return the episodes of a season, 0 for specials, None for all of the show; kept for five minutes.

        A season may hold specials that aired during it. Episodes without a file are left out. Raises NotFound where the
        show is gone.
        """
        now, key = self._now(), (show.item_id, season)
        self._seasons = {key: kept for key, kept in self._seasons.items() if 0 <= now - kept[0] < SEASON_KEPT_MS}
        if key not in self._seasons:
            self._seasons[key] = (now, await self._read_season(show, season))
        return [with_show_ids(row.item, show.ids) for row in self._seasons[key][1]]

    async def numbered(self, show: Item, season: int, episode: int) -> list[Item]:
        """Return the episodes of a show that have these numbers, looked for in the whole library."""
        listing = await self.listing(
            {
                "IncludeItemTypes": "Episode",
                "ParentIndexNumber": season,
                "IndexNumber": episode,
                "Fields": self._dialect.item_fields,
                "EnableImages": "false",
                "EnableUserData": "false",
            },
            NUMBERED_PAGE,
        )
        return [
            with_show_ids(row.item, show.ids)
            for row in item_rows(listing.rows, self._dialect.item_id)
            if row.show_item_id == show.item_id and not row.virtual
        ]

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

    async def _list(self, path: str, query: Query, limits: Limits) -> Answer[object]:
        """GET a list; a 404 is a BadResponse, because every server has the list.

        For a chosen library that the user no longer sees, Jellyfin answers 401 or 400, though the token is good
        (ItemsController.GetItems). So the libraries are read then, and LibraryGone is raised where one is missing.
        """
        try:
            answer = await self._connection.get(path, query, limits)
        except (InvalidAuth, NotAllowed, NotFound, UnexpectedStatusError) as error:
            if "ParentId" in query:
                self._chosen.confirm(await self._views.library_ids())
            if isinstance(error, NotFound):
                raise BadResponse("The server does not have this list, or does not know the user") from None
            raise
        self._who.check(answer.body)
        return answer

    async def _read_season(self, show: Item, season: int | None) -> tuple[ItemRow, ...]:
        """Read the episodes of a season, or of all seasons."""
        query: Query = {
            "UserId": self._user_id,
            **({} if season is None else {"Season": season}),
            "Fields": self._dialect.item_fields,
            "EnableImages": "false",
            "EnableUserData": "false",
        }
        limits = rows_of_library(MOST_ROWS_AT_ONCE)
        answer = await self._connection.get(f"/Shows/{show.item_id}/Episodes", query, limits)
        self._who.check(answer.body)
        rows, total = page_rows(answer.body)
        if total > len(rows):
            raise BadResponse("A season is incomplete")
        parsed = item_rows(rows, self._dialect.item_id)
        return tuple(row for row in parsed if not row.virtual)

    def _completed(self, rows: Iterable[StateRow]) -> dict[str, ItemState]:
        """Return rows as states, with the known ids of their shows."""
        states = (replace(row.state, item=self._shows.complete(row.state.item, row.show_item_id)) for row in rows)
        return {state.item_id: state for state in states}

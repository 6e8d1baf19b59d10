"""The look-up of another server's titles on Jellyfin, with as few requests as its API allows.

Up to three titles, while there is no index: one search by title each, whose hits count only if they share an id. The
rest, and anything more: an index of all films and shows, read once in slim pages (see `LibraryIndex`). Episodes are
looked for in the season of their show; those with ids of their own that are not there, in all of their show.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ...sync.identity import agreement, match_keys, own_ids, place_ids
from ...sync.media_server import NotFound
from ...sync.model import Item, MediaKind
from ...sync.off_loop import off_loop
from ..http import Query
from ..listing import Listing
from ..title_index import FEW_TITLES, LibraryIndex, TitleIndex
from .dialect import JELLYFIN
from .listing import UserLibrary
from .rows import iso_date, item_rows

INDEX_PAGE = 1000
SEARCH_HITS = 50

_CLOCK_MARGIN_MS = 2 * 60_000
# Where films and shows are grouped into collections (a setting of the server), lists of them hold one row for all of a
# collection, unless asked not to (Jellyfin, Folder.AllowBoxSetCollapsing).
_SLIM: Query = {
    "Fields": JELLYFIN.item_fields,
    "EnableImages": "false",
    "EnableUserData": "false",
    "CollapseBoxSetItems": "false",
}


@dataclass(frozen=True, slots=True)
class _Search:
    """One search by title; `year` of a film, where it is known."""

    kind: MediaKind
    title: str
    year: int | None

    def query(self) -> Query:
        """Return the request; years may differ by one between sources, so three are asked for."""
        query: dict[str, str | int] = {
            **_SLIM,
            "IncludeItemTypes": "Movie" if self.kind is MediaKind.MOVIE else "Series",
            "SearchTerm": self.title,
            "Limit": SEARCH_HITS,
            "EnableTotalRecordCount": "false",
        }
        if self.year is not None:
            query["Years"] = f"{self.year - 1},{self.year},{self.year + 1}"
        return query


class JellyfinCatalogue:
    """Reads films and shows in slim pages, and tells the library the ids of the shows."""

    def __init__(self, library: UserLibrary) -> None:
        """Read nothing yet."""
        self._library = library

    async def everything(self) -> Listing[Item]:
        """Return all films and shows."""
        return await self._read({})

    async def changed_since(self, server_ms: int) -> Listing[Item]:
        """Return the films and shows that were saved since a time on the server's clock.

        10.9 and 10.10 answer `MinDateLastSaved` with 500; this parameter filters alike on all versions.
        """
        return await self._read({"MinDateLastSavedForUser": iso_date(server_ms)})

    async def _read(self, query: Query) -> Listing[Item]:
        """Read films and shows."""
        listing = await self._library.listing({**_SLIM, "IncludeItemTypes": "Movie,Series", **query}, INDEX_PAGE)
        items = await off_loop(
            len(listing.rows), lambda: tuple(row.item for row in item_rows(listing.rows, JELLYFIN.item_id))
        )
        self._library.learn_shows(item for item in items if item.kind is MediaKind.SHOW)
        return Listing(items, listing.sent_at, listing.skew_ms)


class JellyfinLookup:
    """Finds titles in one user's library, and keeps the index of it."""

    def __init__(
        self, library: UserLibrary, now: Callable[[], int], new_shows_empty: Callable[[], Awaitable[bool]]
    ) -> None:
        """Read nothing yet; `new_shows_empty` tells whether this version hides the episodes of new shows."""
        self._library = library
        self._new_shows_empty = new_shows_empty
        self._index = LibraryIndex(JellyfinCatalogue(library), now, overlap_ms=_CLOCK_MARGIN_MS)

    @property
    def revision(self) -> str | None:
        """A digest of the library's films and shows; None while there is no index."""
        return self._index.revision

    def forget(self) -> None:
        """Drop the index."""
        self._index.forget()

    def drop(self, item_ids: Collection[str]) -> None:
        """Take items that are gone out of the index, so that the next look-up for them misses."""
        self._index.drop(item_ids)

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`."""
        found: dict[str, tuple[Item, ...]] = {each.item_id: () for each in wanted}
        rest = [each for each in wanted if _can_be_found(each)]
        searches = {_search(each) for each in rest}
        if not self._index.loaded and len(searches) <= FEW_TITLES:
            hits = TitleIndex()
            for search in sorted(filter(None, searches), key=lambda search: (search.kind, search.title)):
                hits.add(await self._library.search(search.query()))
            rest = await self._take(rest, hits, found)
        if rest:
            await self._index.load()
            rest = await self._take(rest, self._index.titles, found)
            if rest and await self._index.refresh():
                await self._take(rest, self._index.titles, found)
        return found

    async def _take(self, wanted: Sequence[Item], index: TitleIndex, found: dict[str, tuple[Item, ...]]) -> list[Item]:
        """Look titles up in an index, put their copies into `found`, and return those that a fresher index may have.

        An episode whose show was found is not among them: its season was read just now.
        """
        rest: list[Item] = []
        seasons: dict[tuple[str, int | None], TitleIndex] = {}
        for each in wanted:
            if each.kind is MediaKind.EPISODE:
                copies = await self._episodes(each, each.season, index, seasons)
                # Seasons are years on one server and numbers on the other: S2014 E1 is S1 E2 here, by its own ids.
                if each.season is not None and own_ids(each) and not any(_agree(each, copy) for copy in copies):
                    copies = await self._episodes(each, None, index, seasons)
                settled = bool(index.sharing(each.show_ids))
            else:
                copies, settled = index.copies_of(each), False
            found[each.item_id] = tuple(copies)
            if not copies and not settled:
                rest.append(each)
        return rest

    async def _episodes(
        self, wanted: Item, season: int | None, index: TitleIndex, seasons: dict[tuple[str, int | None], TitleIndex]
    ) -> list[Item]:
        """Return the copies of an episode in the shows that it may belong to; `seasons` were read for others before.

        `season` None: in all seasons of these shows.
        """
        copies: dict[str, Item] = {}
        for show in index.shows_of(wanted):
            key = show.item_id, season
            try:
                if key not in seasons:
                    seasons[key] = TitleIndex(await self._library.season(show, season))
                told = seasons[key].copies_of(wanted) or await self._of_new_show(wanted, show, season)
            except NotFound:
                index.drop([show.item_id])
            else:
                copies |= {copy.item_id: copy for copy in told}
        return [copies[item_id] for item_id in sorted(copies)]

    async def _of_new_show(self, wanted: Item, show: Item, season: int | None) -> list[Item]:
        """Return the copies of an episode in a show that tells no episode at all.

        10.11 tells none of a show that was scanned once: 20:00 a new show · 08:00 the next scan. Until then its seasons
        are empty, while a list of the whole library has the episodes, with the id of their show (jellyfin#17293).
        """
        if season is None or wanted.episode is None:
            return []
        if await self._library.season(show, season) or not await self._new_shows_empty():
            return []
        if await self._library.season(show, None):
            return []
        return TitleIndex(await self._library.numbered(show, season, wanted.episode)).copies_of(wanted)


def _can_be_found(wanted: Item) -> bool:
    """Tell whether an item has anything that a library could share with it."""
    if wanted.kind is MediaKind.EPISODE:
        return bool(own_ids(wanted) or place_ids(wanted))
    return bool(wanted.ids)


def _agree(wanted: Item, copy: Item) -> bool:
    """Tell whether two items are one title by all that is known of them."""
    return agreement(match_keys(wanted), match_keys(copy)) > 0


def _search(wanted: Item) -> _Search | None:
    """Return the search that may find a film or an episode's show."""
    if wanted.kind is MediaKind.EPISODE:
        return _Search(MediaKind.SHOW, wanted.show_title, None) if wanted.show_title else None
    return _Search(MediaKind.MOVIE, wanted.title, wanted.year) if wanted.title else None

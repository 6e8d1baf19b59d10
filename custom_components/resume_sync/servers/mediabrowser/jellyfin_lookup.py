"""Finding the titles of another server on Jellyfin, with as few requests as its API allows.

A few titles, with no index read yet: one search by title each, whose hits count only if their ids prove it. Whatever
that leaves open, and anything more: an index of all films and shows, read once in slim pages. A look-up that misses
refreshes it with what was saved since; a day later it is read anew, because deletions are not told. Episodes come from
the season of their show.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ...sync.media_server import NotFound
from ...sync.model import Item, MediaKind
from ...sync.off_loop import off_loop
from ..http import Query
from ..title_index import TitleIndex
from .dialect import JELLYFIN
from .listing import RowListing, UserLibrary, matches
from .rows import iso_date, item_rows

INDEX_PAGE = 1000
INDEX_KEPT_MS = 24 * 3600_000
INDEX_FRESH_MS = 5 * 60_000
FEW_TITLES = 3
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
        """Return what to ask; years differ by one between sources."""
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


class JellyfinLookup:
    """Finds titles in one user's library, and keeps the index."""

    def __init__(self, library: UserLibrary, now: Callable[[], int]) -> None:
        """Read nothing yet."""
        self._library = library
        self._now = now
        self._index: TitleIndex | None = None
        self._read_at = 0
        self._refreshed_at = 0
        self._saved_since = 0

    @property
    def revision(self) -> str | None:
        """What the index is like; None while there is none."""
        return None if self._index is None else self._index.revision

    def forget(self) -> None:
        """Drop the index."""
        self._index = None

    def drop(self, item_ids: Collection[str]) -> None:
        """Leave items out of the index that are gone, so that looking for them again misses."""
        if self._index is not None:
            self._index.drop(item_ids)

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return, by `item_id` of each wanted item, the items of the library that share an id with it."""
        found: dict[str, tuple[Item, ...]] = {each.item_id: () for each in wanted}
        rest = [each for each in wanted if _can_be_found(each)]
        searches = {_search(each) for each in rest}
        if not self._has_index() and len(searches) <= FEW_TITLES:
            hits = TitleIndex()
            for search in sorted(filter(None, searches), key=lambda search: (search.kind, search.title)):
                hits.add(await self._library.search(search.query()))
            rest = await self._take(rest, hits, found)
        if rest:
            index = await self._index_for_use()
            rest = await self._take(rest, index, found)
            if rest and await self._refresh(index):
                await self._take(rest, index, found)
        return found

    async def _take(self, wanted: Sequence[Item], index: TitleIndex, found: dict[str, tuple[Item, ...]]) -> list[Item]:
        """Look titles up in an index, put them into `found`, and return those that another index may have.

        An episode that its show does not have is nowhere else: seasons are read fresh.
        """
        rest: list[Item] = []
        for each in wanted:
            if each.kind is MediaKind.EPISODE and each.season is not None:
                candidates = await self._episodes(index, each, each.season)
                settled = bool(index.sharing(each.show_ids))
            else:
                candidates, settled = index.sharing(each.ids), False
            found[each.item_id] = matches(each, candidates)
            if not found[each.item_id] and not settled:
                rest.append(each)
        return rest

    async def _episodes(self, index: TitleIndex, wanted: Item, season: int) -> list[Item]:
        """Return the episodes of a season in all shows that a wanted one may belong to."""
        episodes: list[Item] = []
        for show in index.shows_of(wanted):
            try:
                episodes += await self._library.season(show, season)
            except NotFound:
                index.drop([show.item_id])
        return episodes

    def _has_index(self) -> bool:
        """Tell whether there is an index that may still be used."""
        return self._index is not None and 0 <= self._now() - self._read_at < INDEX_KEPT_MS

    async def _index_for_use(self) -> TitleIndex:
        """Return the index, read first where there is none or it is a day old."""
        if self._index is None or not self._has_index():
            listing = await self._read({})
            index = await off_loop(len(listing.rows), lambda: _index_of(listing))
            self._index, self._read_at = index, listing.sent_at
            self._library.learn_shows(index.shows)
        return self._index

    async def _refresh(self, index: TitleIndex) -> bool:
        """Bring an index up to date that is older than some minutes; tells whether it was."""
        if 0 <= self._now() - self._refreshed_at < INDEX_FRESH_MS:
            return False
        listing = await self._read({"MinDateLastSaved": iso_date(self._saved_since)})
        changed = await off_loop(len(listing.rows), lambda: _items_of(listing))
        index.add(changed)
        self._library.learn_shows(item for item in changed if item.kind is MediaKind.SHOW)
        return bool(changed)

    async def _read(self, query: Query) -> RowListing:
        """Read films and shows, and keep from when on changes are still to be read."""
        listing = await self._library.listing({**_SLIM, "IncludeItemTypes": "Movie,Series", **query}, INDEX_PAGE)
        self._refreshed_at = listing.sent_at
        self._saved_since = listing.sent_at + listing.skew_ms - _CLOCK_MARGIN_MS
        return listing


def _items_of(listing: RowListing) -> list[Item]:
    """Return the films and shows of a listing."""
    return [row.item for row in item_rows(listing.rows, JELLYFIN.item_id)]


def _index_of(listing: RowListing) -> TitleIndex:
    """Return an index of a listing."""
    return TitleIndex(_items_of(listing))


def _can_be_found(wanted: Item) -> bool:
    """Tell whether an item has anything that a library could share with it."""
    if wanted.kind is MediaKind.EPISODE:
        return wanted.season is not None and bool(wanted.ids or (wanted.show_ids and wanted.episode is not None))
    return bool(wanted.ids)


def _search(wanted: Item) -> _Search | None:
    """Return the search that may find a film or an episode's show."""
    if wanted.kind is MediaKind.EPISODE:
        return _Search(MediaKind.SHOW, wanted.show_title, None) if wanted.show_title else None
    return _Search(MediaKind.MOVIE, wanted.title, wanted.year) if wanted.title else None

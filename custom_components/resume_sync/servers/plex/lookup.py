"""The look-up of other servers' titles in a Plex library.

A Plex server finds items by `plex://` guid and by title, but not by external id (seen on version 1.43). So the ways to
a title are, cheapest first: its `plex://` guid, if it has one; a query by title, while there is no index and no more
than three films or shows are wanted; an index of all films or shows. A hit counts only if it shares an id.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import batched
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.media_server import NotAllowed, NotFound
from ...sync.model import Item, MediaKind
from ..title_index import FEW_TITLES, LibraryIndex, TitleIndex
from .details import PlexDetails
from .episodes import PlexEpisodes
from .guids import global_guid
from .http_session import RequestRejected
from .index import OVERLAP_MS, PlexCatalogue
from .listing import FilterIgnored, PlexLibrary, query_title
from .rows import read_rows
from .sections import MediaType

_GUIDS_AT_ONCE: Final = 20

type Found = dict[str, dict[str, Item]]


class PlexLookup:
    """Finds titles in one user's library, and keeps its indexes. `missed`: some title was not found since `forget`."""

    def __init__(self, library: PlexLibrary, details: PlexDetails, now: Callable[[], int]) -> None:
        """Read nothing yet."""
        self._library = library
        self._details = details
        self._films = LibraryIndex(PlexCatalogue(library, MediaType.MOVIE), now, overlap_ms=OVERLAP_MS)
        self._shows = LibraryIndex(PlexCatalogue(library, MediaType.SHOW), now, overlap_ms=OVERLAP_MS)
        self._episodes = PlexEpisodes(library, details, now)
        self._guids_answered = True
        self.missed = False

    def forget(self) -> None:
        """Drop every index, and try again what the server refused."""
        self._films.forget()
        self._shows.forget()
        self._episodes.forget()
        self._guids_answered = True
        self.missed = False

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`."""
        found: Found = {item.item_id: {} for item in wanted}
        searchable = [item for item in wanted if item.ids or item.show_ids]
        await self._find_by_guid(searchable, found)
        await self._find_films([item for item in _missing(searchable, found) if item.kind is MediaKind.MOVIE], found)
        episodes = [item for item in _missing(searchable, found) if item.kind is MediaKind.EPISODE]
        if episodes:
            await self._episodes.find(episodes, await self._shows_of(episodes), found)
        self.missed = self.missed or any(_missing(searchable, found))
        return {key: tuple(items[number] for number in sorted(items, key=int)) for key, items in found.items()}

    async def _find_by_guid(self, wanted: Sequence[Item], found: Found) -> None:
        """Look up guids, several in one request: the server takes a comma as "or". What this misses is asked otherwise.

        An index of films that was read holds their guids too.
        """
        for media_type, kind in ((MediaType.MOVIE, MediaKind.MOVIE), (MediaType.EPISODE, MediaKind.EPISODE)):
            if kind is MediaKind.MOVIE and self._films.loaded:
                continue
            guids = {guid for item in wanted if item.kind is kind for typed in item.ids if (guid := global_guid(typed))}
            for chunk in batched(sorted(guids), _GUIDS_AT_ONCE, strict=False):
                items = await self._query(media_type, {"guid": ",".join(chunk)}, chunk)
                _take(wanted, TitleIndex(items), found)

    async def _query(self, media_type: MediaType, filters: Mapping[str, str], guids: Sequence[str]) -> list[Item]:
        """Return the items of these guids; none, from then on, where the server does not look up guids."""
        if not (self._library.takes_queries and self._guids_answered):
            return []

        def asked(row: Element) -> bool:
            """Tell whether the row has one of the guids."""
            return row.get("guid") in guids

        try:
            listing = await self._library.ask(media_type, filters, wanted=asked)
        except FilterIgnored, RequestRejected, NotFound, NotAllowed:
            self._guids_answered = False
            return []
        states = await self._details.complete(list(read_rows(listing.rows, listing.server_now).read.values()))
        return [state.item for state in states.values()]

    async def _find_films(self, wanted: Sequence[Item], found: Found) -> None:
        """Find films by title and id, or by id in the index."""
        if len(wanted) <= FEW_TITLES and not self._films.loaded:
            for item in wanted:
                _take([item], TitleIndex(await self._titled(MediaType.MOVIE, item.title)), found)
        missing = _missing(wanted, found)
        if not missing:
            return
        await self._films.load()
        _take(missing, self._films.titles, found)
        missing = _missing(missing, found)
        if missing and await self._films.refresh():
            _take(missing, self._films.titles, found)

    async def _shows_of(self, episodes: Sequence[Item]) -> dict[str, dict[str, Item]]:
        """Return, by `item_id` of the wanted episodes, the shows that they may be in, by rating key.

        A show shares an id with the wanted episode's; where none does, shows of the same name are candidates for
        episodes that have ids of their own.
        """
        shows: Found = {item.item_id: {} for item in episodes}
        names = {item.show_title for item in episodes}
        if len(names) <= FEW_TITLES and not self._shows.loaded:
            named = {name: TitleIndex(await self._titled(MediaType.SHOW, name)) for name in names if name}
            for item in episodes:
                if item.show_title:
                    _take_shows([item], named[item.show_title], shows)
        missing = _missing(episodes, shows)
        if missing:
            await self._shows.load()
            _take_shows(missing, self._shows.titles, shows)
            missing = _missing(missing, shows)
            if missing and await self._shows.refresh():
                _take_shows(missing, self._shows.titles, shows)
        for item in _missing(missing, shows):
            if item.ids and item.show_title:
                namesakes = sorted(self._shows.titles.shows_of(item), key=lambda show: int(show.item_id))
                shows[item.item_id] = {show.item_id: show for show in namesakes[:FEW_TITLES]}
        self._details.remember({key: hit.ids for hits in shows.values() for key, hit in hits.items()})
        return shows

    async def _titled(self, media_type: MediaType, title: str) -> list[Item]:
        """Return the films or shows whose titles contain this one; nothing where the server takes no such query."""
        part = query_title(title)
        if part is None or not self._library.takes_queries:
            return []
        try:
            listing = await self._library.ask(media_type, {"title": part})
        except RequestRejected, NotFound, NotAllowed:
            return []
        return [row.item for row in read_rows(listing.rows, listing.server_now).read.values()]


def _take(wanted: Iterable[Item], index: TitleIndex, found: Found) -> None:
    """Add to `found` the items of an index that share an id with a wanted one."""
    for item in wanted:
        found[item.item_id] |= {hit.item_id: hit for hit in index.copies_of(item)}


def _take_shows(episodes: Iterable[Item], index: TitleIndex, shows: Found) -> None:
    """Add to `shows` the shows of an index that share an id with the show of a wanted episode."""
    for item in episodes:
        shows[item.item_id] |= {show.item_id: show for show in index.sharing(item.show_ids)}


def _missing(wanted: Iterable[Item], found: Mapping[str, Mapping[str, Item]]) -> list[Item]:
    """Return the wanted items of which nothing was found."""
    return [item for item in wanted if not found[item.item_id]]

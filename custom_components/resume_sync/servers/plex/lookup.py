"""The look-up of other servers' titles in a Plex library.

A Plex server finds items by `plex://` guid and by title, but not by external id (seen on version 1.43). So, cheapest
first: the guid where the wanted item has one; a title query for each where no more than three films or shows are asked
for and no index was read yet; an index of all films or shows. Whatever is found has to share an id with what is wanted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import batched
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.media_server import NotAllowed, NotFound
from ...sync.model import Item, MediaKind
from .details import PlexDetails
from .episodes import PlexEpisodes
from .guids import global_guid
from .http_session import RequestRejected
from .index import PlexIndex
from .listing import FilterIgnored, PlexLibrary, query_title
from .rows import read_rows
from .sections import MediaType

FEW: Final = 3
_GUIDS_AT_ONCE: Final = 20

type Found = dict[str, dict[str, Item]]


class PlexLookup:
    """Finds titles in one library and remembers what it read for that. `missed`: something was not found."""

    def __init__(self, library: PlexLibrary, details: PlexDetails, now: Callable[[], int]) -> None:
        """Read nothing yet."""
        self._library = library
        self._details = details
        self._films = PlexIndex(library, MediaType.MOVIE, now)
        self._shows = PlexIndex(library, MediaType.SHOW, now)
        self._episodes = PlexEpisodes(library, details, now)
        self._guids_answered = True
        self.missed = False

    def forget(self) -> None:
        """Drop every index."""
        self._films.forget()
        self._shows.forget()
        self._episodes.forget()
        self._guids_answered = True
        self.missed = False

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the items that share an id with each wanted one; see `MediaServer.find`."""
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
                for item in wanted:
                    found[item.item_id] |= {key: hit for key, hit in items.items() if not item.ids.isdisjoint(hit.ids)}

    async def _query(self, media_type: MediaType, filters: Mapping[str, str], guids: Sequence[str]) -> dict[str, Item]:
        """Return what the server finds by these guids; nothing, from now on, where it does not look up guids."""
        if not (self._library.takes_queries and self._guids_answered):
            return {}

        def asked(row: Element) -> bool:
            """Tell whether the row has one of the guids."""
            return row.get("guid") in guids

        try:
            listing = await self._library.ask(media_type, filters, wanted=asked)
        except FilterIgnored, RequestRejected, NotFound, NotAllowed:
            self._guids_answered = False
            return {}
        states = await self._details.complete(list(read_rows(listing.rows).read.values()))
        return {key: state.item for key, state in states.items()}

    async def _find_films(self, wanted: Sequence[Item], found: Found) -> None:
        """Find films by title and id, or by id in the index."""
        if len(wanted) <= FEW and not self._films.loaded:
            for item in wanted:
                named = await self._titled(MediaType.MOVIE, item.title)
                found[item.item_id] |= {key: hit for key, hit in named.items() if not item.ids.isdisjoint(hit.ids)}
        missing = _missing(wanted, found)
        if not missing:
            return
        await self._films.load()
        for item in missing:
            found[item.item_id] |= self._films.with_ids(item.ids)
        missing = _missing(missing, found)
        if missing and await self._films.refresh():
            for item in missing:
                found[item.item_id] |= self._films.with_ids(item.ids)

    async def _shows_of(self, episodes: Sequence[Item]) -> dict[str, dict[str, Item]]:
        """Return, by `item_id` of the wanted episodes, the shows that they may be in, by rating key.

        A show shares an id with the wanted episode's; where none does, shows of the same name are candidates for
        episodes that have ids of their own.
        """
        shows: Found = {item.item_id: {} for item in episodes}
        names = {item.show_title for item in episodes}
        if len(names) <= FEW and not self._shows.loaded:
            named = {name: await self._titled(MediaType.SHOW, name) for name in names if name}
            for item in episodes:
                candidates = named.get(item.show_title or "", {})
                shows[item.item_id] = {key: hit for key, hit in candidates.items() if item.show_ids & hit.ids}
        missing = _missing(episodes, shows)
        if missing:
            await self._shows.load()
            self._take_shows(missing, shows)
            missing = _missing(missing, shows)
            if missing and await self._shows.refresh():
                self._take_shows(missing, shows)
        for item in _missing(missing, shows):
            if item.ids and item.show_title:
                shows[item.item_id] = dict(list(self._shows.with_title(item.show_title).items())[:FEW])
        self._details.remember({key: hit.ids for hits in shows.values() for key, hit in hits.items()})
        return shows

    def _take_shows(self, episodes: Iterable[Item], shows: Found) -> None:
        """Add the shows of the index that share an id."""
        for item in episodes:
            shows[item.item_id] |= self._shows.with_ids(item.show_ids)

    async def _titled(self, media_type: MediaType, title: str) -> dict[str, Item]:
        """Return the films or shows whose titles contain this one; nothing where the server takes no such query."""
        part = query_title(title)
        if part is None or not self._library.takes_queries:
            return {}
        try:
            listing = await self._library.ask(media_type, {"title": part})
        except RequestRejected, NotFound, NotAllowed:
            return {}
        return {key: row.item for key, row in read_rows(listing.rows).read.items()}


def _missing(wanted: Iterable[Item], found: Mapping[str, Mapping[str, Item]]) -> list[Item]:
    """Return the wanted items of which nothing was found."""
    return [item for item in wanted if not found[item.item_id]]

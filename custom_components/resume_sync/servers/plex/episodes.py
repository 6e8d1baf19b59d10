"""The look-up of episodes in shows that are known: by number across shows, else in all episodes of a show."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.identity import agreement, match_keys, same_number
from ...sync.media_server import NotAllowed, NotFound
from ...sync.model import Item
from ..title_index import TitleIndex
from .details import PlexDetails
from .http_session import RequestRejected
from .listing import SLIM, FilterIgnored, PlexLibrary
from .rows import read_rows
from .sections import MediaType

# One query asks for all combinations of its shows, seasons and numbers: more at once would answer far too much.
_AT_ONCE: Final = 10
_LEAVES_KEPT_MS: Final = 10 * 60 * 1000


class PlexEpisodes:
    """Finds episodes in known shows; a show that had to be read as a whole is kept for ten minutes."""

    def __init__(self, library: PlexLibrary, details: PlexDetails, now: Callable[[], int]) -> None:
        """Know no episodes yet."""
        self._library = library
        self._details = details
        self._now = now
        self._numbers_answered = True
        self._leaves: dict[str, tuple[int, TitleIndex]] = {}

    def forget(self) -> None:
        """Drop all episodes."""
        self._leaves.clear()
        self._numbers_answered = True

    async def find(
        self,
        wanted: Sequence[Item],
        shows: Mapping[str, Mapping[str, Item]],
        found: Mapping[str, dict[str, Item]],
    ) -> None:
        """Add to `found` the copies of the wanted episodes, by rating key; `shows` are those to look in.

        Both map the `item_id` of a wanted episode to items by rating key.
        """
        identified = {
            item.item_id: {key for key, show in shows[item.item_id].items() if show.ids & item.show_ids}
            for item in wanted
        }
        for chunk in batched((item for item in wanted if identified[item.item_id]), _AT_ONCE, strict=False):
            keys = {key for item in chunk for key in identified[item.item_id]}
            hits = TitleIndex(await self._numbered(chunk, keys))
            for item in chunk:
                found[item.item_id] |= {hit.item_id: hit for hit in hits.copies_of(item)}
        for item in wanted:
            known = found[item.item_id]
            if any(_agree(item, hit) for hit in known.values()):
                continue
            numbered = bool(known)
            for show_key in shows[item.item_id]:
                for leaf in (await self._leaves_of(show_key)).copies_of(item):
                    known[leaf.item_id] = leaf
                    if not numbered and same_number(item, leaf):
                        self._numbers_answered = False

    async def _numbered(self, wanted: Sequence[Item], shows: set[str]) -> list[Item]:
        """Return the episodes of these shows that have the season and number of a wanted one.

        The fields are those that plexapi declares for a media query; that servers take them here is not documented,
        so the answer is checked, and a show is read as a whole where this finds nothing.
        """
        seasons = {str(item.season) for item in wanted if item.season is not None}
        numbers = {str(item.episode) for item in wanted if item.episode is not None}
        if not (seasons and numbers and self._numbers_answered and self._library.takes_queries):
            return []

        def asked(row: Element) -> bool:
            """Tell whether the row is one of those asked for."""
            return (
                row.get("grandparentRatingKey") in shows
                and row.get("parentIndex") in seasons
                and row.get("index") in numbers
            )

        filters = {
            "show.id": ",".join(sorted(shows)),
            "season.index": ",".join(sorted(seasons)),
            "episode.index": ",".join(sorted(numbers)),
        }
        try:
            listing = await self._library.ask(MediaType.EPISODE, filters, wanted=asked)
        except FilterIgnored, RequestRejected, NotFound, NotAllowed:
            self._numbers_answered = False
            return []
        rows = read_rows(listing.rows, listing.server_now).read.values()
        hits = [row for row in rows if any(same_number(item, row.item) for item in wanted)]
        return [state.item for state in (await self._details.complete(hits)).values()]

    async def _leaves_of(self, show_key: str) -> TitleIndex:
        """Return all episodes of a show; none where the show is gone."""
        known = self._leaves.get(show_key)
        if known is not None and 0 <= self._now() - known[0] < _LEAVES_KEPT_MS:
            return known[1]
        read_at = self._now()
        try:
            listing = await self._library.pages(f"/library/metadata/{show_key}/allLeaves", SLIM)
        except NotFound:
            leaves = TitleIndex()
        else:
            states = await self._details.complete(list(read_rows(listing.rows, listing.server_now).read.values()))
            leaves = TitleIndex(state.item for state in states.values())
        self._leaves[show_key] = (read_at, leaves)
        return leaves


def _agree(wanted: Item, item: Item) -> bool:
    """Tell whether an item is the wanted one by all that is known: a show may be numbered differently here."""
    return agreement(match_keys(wanted), match_keys(item)) > 0

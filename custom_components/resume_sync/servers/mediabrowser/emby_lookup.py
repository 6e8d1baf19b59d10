"""The look-up of another server's titles on Emby, which can be asked for external ids."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import batched

from ...sync.media_server import NotFound
from ...sync.model import Item, MediaKind
from ..title_index import TitleIndex
from .dialect import EMBY
from .listing import UserLibrary
from .rows import item_rows

IDS_AT_ONCE = 100
PAGE = 500

_QUERYABLE = ("imdb", "tmdb", "tvdb", "anidb", "tvmaze")


class EmbyLookup:
    """Finds titles in one user's library: films, shows and episodes by their ids, other episodes by number.

    The query knows no kinds: a film, a show and an episode may have the same TMDB number. Nor is it documented that
    every version heeds it. So a hit counts only if its own row has an id that was asked for.
    """

    def __init__(self, library: UserLibrary) -> None:
        """Read nothing yet."""
        self._library = library

    @property
    def revision(self) -> str | None:
        """Always None: there is no index."""
        return None

    def forget(self) -> None:
        """Do nothing: no titles are kept."""

    def drop(self, item_ids: Collection[str]) -> None:
        """Do nothing: no titles are kept."""

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return the copies of each wanted item, by its `item_id`; see `MediaServer.find`.

        One request for each 100 ids, and one for each season in which an episode has to be looked for by number.
        """
        items: dict[str, Item] = {}
        for chunk in batched(sorted(_provider_ids(wanted)), IDS_AT_ONCE, strict=False):
            items |= {item.item_id: item for item in await self._having(chunk)}
        hits = TitleIndex(items.values())
        found: dict[str, tuple[Item, ...]] = {}
        for each in wanted:
            found[each.item_id] = tuple(hits.copies_of(each) or await self._by_number(each, hits))
        return found

    async def _having(self, provider_ids: Sequence[str]) -> list[Item]:
        """Return films, shows and episodes that have any of these ids, written `provider.value`."""
        listing = await self._library.listing(
            {
                "AnyProviderIdEquals": ",".join(provider_ids),
                "IncludeItemTypes": "Movie,Series,Episode",
                "Fields": EMBY.item_fields,
                "EnableImages": "false",
                "EnableUserData": "false",
            },
            PAGE,
        )
        rows = [row for row in item_rows(listing.rows, EMBY.item_id) if not row.virtual]
        asked = set(provider_ids)
        rows = [row for row in rows if asked & _provider_ids([row.item])]
        self._library.learn_shows(row.item for row in rows if row.item.kind is MediaKind.SHOW)
        return await self._library.items(rows)

    async def _by_number(self, wanted: Item, hits: TitleIndex) -> list[Item]:
        """Return the episodes of the right number in the shows that share an id with an episode's show."""
        if wanted.kind is not MediaKind.EPISODE or wanted.season is None or wanted.episode is None:
            return []
        episodes = TitleIndex()
        for show in hits.sharing(wanted.show_ids):
            with suppress(NotFound):
                episodes.add(await self._library.season(show, wanted.season))
        return episodes.copies_of(wanted)


def _provider_ids(items: Sequence[Item]) -> set[str]:
    """Return all ids of items and of their shows as Emby is asked for them."""
    typed = (typed_id.split(":", 2) for item in items for typed_id in item.ids | item.show_ids)
    return {f"{source}.{value}" for _, source, value in typed if source in _QUERYABLE}

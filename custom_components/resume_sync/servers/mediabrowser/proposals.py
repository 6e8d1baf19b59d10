"""Proposals from a Jellyfin or Emby library: a search by title, and for an episode the season of the show found."""

from ...sync.media_server import NotFound
from ...sync.model import Item, MediaKind
from ..http import Query
from ..proposals import HITS, best_episodes, best_films, best_shows, search_terms
from .dialect import Dialect
from .listing import UserLibrary


async def propose(library: UserLibrary, dialect: Dialect, wanted: Item) -> tuple[Item, ...]:
    """Return up to five items that a person might mean by `wanted`, best first.

    One search by title, and a second one if it finds nothing similar; for an episode then its season. A search is one
    request, or one for each chosen library.
    """
    if wanted.kind is not MediaKind.EPISODE:
        return await _films(library, dialect, wanted)
    season = wanted.season
    if not wanted.show_title or season is None:
        return ()
    episodes: list[Item] = []
    for show in await _shows(library, dialect, wanted, wanted.show_title):
        try:
            episodes += await library.season(show, season)
        except NotFound:
            continue
    return best_episodes(wanted, episodes)


async def _films(library: UserLibrary, dialect: Dialect, wanted: Item) -> tuple[Item, ...]:
    """Return the films of a similar title."""
    for term in search_terms(wanted.title):
        if found := best_films(wanted, await library.search(_search(dialect, "Movie", term))):
            return found
    return ()


async def _shows(library: UserLibrary, dialect: Dialect, wanted: Item, title: str) -> tuple[Item, ...]:
    """Return the shows of a similar title."""
    for term in search_terms(title):
        if found := best_shows(wanted, await library.search(_search(dialect, "Series", term))):
            return found
    return ()


def _search(dialect: Dialect, item_type: str, term: str) -> Query:
    """Return a search by title in slim rows."""
    return {
        "IncludeItemTypes": item_type,
        "SearchTerm": term,
        "Limit": HITS,
        "Fields": dialect.item_fields,
        "EnableImages": "false",
        "EnableUserData": "false",
        "EnableTotalRecordCount": "false",
    }

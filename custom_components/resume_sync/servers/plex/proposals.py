"""Proposals from a Plex library: a query by title, and for an episode the episodes of the show found."""

from ...sync.media_server import NotAllowed, NotFound
from ...sync.model import Item, MediaKind
from ..proposals import best_episodes, best_films, best_shows, search_terms
from .http_session import RequestRejected
from .listing import SLIM, PlexLibrary, query_title
from .rows import read_rows
from .sections import MediaType

_MOST_HITS = 200


async def propose(library: PlexLibrary, wanted: Item) -> tuple[Item, ...]:
    """Return up to five items that a person might mean by `wanted`, best first.

    One query by title, and a second one if it finds nothing similar; for an episode then all episodes of the show. A
    query is one request, or one for each chosen section.
    """
    if wanted.kind is not MediaKind.EPISODE:
        for term in search_terms(wanted.title):
            if found := best_films(wanted, await _titled(library, MediaType.MOVIE, term)):
                return found
        return ()
    for term in search_terms(wanted.show_title or ""):
        if shows := best_shows(wanted, await _titled(library, MediaType.SHOW, term)):
            return best_episodes(wanted, [leaf for show in shows for leaf in await _leaves(library, show)])
    return ()


async def _titled(library: PlexLibrary, media_type: MediaType, term: str) -> list[Item]:
    """Return films or shows whose titles contain a term; none where the server takes no such query."""
    part = query_title(term)
    if part is None:
        return []
    try:
        listing = await library.ask(media_type, {"title": part, "limit": _MOST_HITS})
    except RequestRejected, NotFound, NotAllowed:
        return []
    return [row.item for row in read_rows(listing.rows, listing.server_now).read.values()]


async def _leaves(library: PlexLibrary, show: Item) -> list[Item]:
    """Return the episodes of a show; none where it is gone."""
    try:
        listing = await library.pages(f"/library/metadata/{show.item_id}/allLeaves", SLIM)
    except NotFound:
        return []
    return [row.item for row in read_rows(listing.rows, listing.server_now).read.values()]

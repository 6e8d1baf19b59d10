"""The films or shows of a Plex library in slim pages, for an index of them."""

from typing import Final
from xml.etree.ElementTree import Element

from ...sync.model import Item
from ...sync.off_loop import off_loop
from ..listing import Listing, joined
from .http_session import RequestRejected
from .listing import SLIM, PlexLibrary, Query, RowListing
from .rows import read_rows
from .sections import MediaType

# Servers stamp whole seconds, and metadata arrives a while after an item does.
OVERLAP_MS: Final = 10 * 60 * 1000
_PAGE: Final = 1000


class PlexCatalogue:
    """Reads all films or all shows; an unreadable row is left out, so its title cannot be found."""

    def __init__(self, library: PlexLibrary, media_type: MediaType) -> None:
        """Read nothing yet."""
        self._library = library
        self._type = media_type

    async def everything(self) -> Listing[Item]:
        """Return all films or shows."""
        return await _items(await self._library.list(self._query("index", {})))

    async def changed_since(self, server_ms: int) -> Listing[Item] | None:
        """Return the titles added or updated since a time on the server's clock; None where it refuses the query.

        Two requests: a media query combines its filters with "and".
        """
        parts: list[Listing[Item]] = []
        for name in ("addedAt", "updatedAt"):
            query = self._query(name, {f"{name}>>": server_ms // 1000}, doubt_empty=False)
            try:
                parts.append(await _items(await self._library.list(query)))
            except RequestRejected:
                return None
        return joined(*parts)

    def _query(self, name: str, filters: dict[str, str | int], *, doubt_empty: bool = True) -> Query:
        """Return a query for films or shows in slim pages."""
        return Query(name, self._type, {**SLIM, **filters}, self._is_ours, _PAGE, doubt_empty)

    def _is_ours(self, row: Element) -> bool:
        """Tell whether a row is of the type that was asked for."""
        return row.get("type") in (None, self._type.name.lower())


async def _items(listing: RowListing) -> Listing[Item]:
    """Return the items of a listing, many of them read in a thread."""
    items = await off_loop(
        len(listing.rows), lambda: tuple(row.item for row in read_rows(listing.rows, listing.server_now).read.values())
    )
    return Listing(items, listing.sent_at, listing.skew_ms)

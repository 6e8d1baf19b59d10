"""Whole listings of a Plex library, across the server where it answers that, else section by section."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.media_server import BadResponse, InvalidAuth, NotAllowed, NotFound
from ..confirmations import Confirmations
from ..limits import rows_of_library
from ..listing import Listing, Page, joined, read_pages
from ..plain_text import whole_number
from .http_session import RequestRejected
from .sections import MediaType, PlexSections
from .transport import Params, PlexTransport, media_container

EVERYWHERE: Final = "/library/all"
# Leaves out of an answer whatever is not read here. A server may ignore it (developer.plex.tv, "Response
# Customization").
SLIM: Final[Params] = {
    "includeGuids": 1,
    "excludeElements": "Media,Genre,Country,Role,Director,Writer,Producer,Image,UltraBlurColors,Rating,Collection",
    "excludeFields": "summary,tagline,file",
}
_OF_LIBRARY: Final = ("librarySectionID", "librarySectionTitle")
_ROW_TAGS: Final = ("Video", "Directory")
_BY_SECTION_MS: Final = 24 * 60 * 60 * 1000
_MOST_COUNT: Final = 10**9

type RowListing = Listing[Element]


class FilterIgnored(BadResponse):
    """The server ignored a filter: it answered with rows that were not asked for."""


@dataclass(frozen=True, slots=True)
class Query:
    """A media query over the whole library.

    `name` identifies the query, so that each is checked by itself. `wanted` tells whether a row belongs in the answer.
    `doubt_empty`: whether an answer without rows is checked against the sections.
    """

    name: str
    media_type: MediaType
    filters: Params
    wanted: Callable[[Element], bool] = lambda _: True
    page_size: int = 500
    doubt_empty: bool = True


class PlexLibrary:
    """The libraries of a server that a user sees.

    `/library/all` lists across all sections. It is documented, but not that it takes every filter. So its answers are
    checked: after rows that were not asked for, a refusal, or an empty answer that the sections contradict, every
    section is asked instead, for a day. Limited to `chosen` sections, only these are asked.
    """

    def __init__(self, transport: PlexTransport, now: Callable[[], int], chosen: Collection[str] = ()) -> None:
        """Trust the listing across the server until it proves wrong; `now` is epoch milliseconds."""
        self.sections = PlexSections(transport, now, chosen)
        self._transport = transport
        self._now = now
        self._stable_sort = True
        self._proven: set[tuple[str, MediaType]] = set()
        self._empty: Confirmations[tuple[str, MediaType]] = Confirmations(now)
        self._by_section_since: int | None = None

    @property
    def takes_queries(self) -> bool:
        """Whether to ask for single titles: not while every section would have to be asked."""
        return self.sections.limited or self._server_wide

    @property
    def _server_wide(self) -> bool:
        """Whether listings across the server are to be trusted; they get another chance after a day."""
        since = self._by_section_since
        return since is None or not 0 <= self._now() - since < _BY_SECTION_MS

    def forget(self) -> None:
        """Trust the listing across the server again, and drop every confirmation."""
        self._by_section_since = None
        self._stable_sort = True
        self._empty.clear()
        self.sections.forget()

    async def list(self, query: Query) -> RowListing:
        """Return all rows that a query asks for, or raise a MediaServerError: never a part of them.

        Raises LibraryGone where a chosen section is missing.
        """
        if self.sections.limited:
            return await self._of_chosen(query)
        if self._server_wide:
            try:
                listing = await self._sorted_pages(EVERYWHERE, query, strict=True)
            except RequestRejected, NotFound, NotAllowed, InvalidAuth, FilterIgnored:
                listing = None
            if listing is not None and not self._suspicious(query, listing):
                return listing
            checked = await self._by_section(query, server_wide=listing)
            self._empty.confirm((query.name, query.media_type))
            return checked
        return await self._by_section(query, server_wide=None)

    async def ask(
        self, media_type: MediaType, filters: Params, *, wanted: Callable[[Element], bool] | None = None
    ) -> RowListing:
        """Return the rows of a small query, unsorted, across the server or section by section.

        Raises FilterIgnored at the first row that is not `wanted`, LibraryGone where a chosen section is missing.
        """
        params: Params = {"type": int(media_type), **SLIM, **filters}
        if self._server_wide and not self.sections.limited:
            return await self.pages(EVERYWHERE, params, wanted=wanted)
        keys = await self.sections.of_type(media_type)
        parts = [await self._of_section(key, self.pages(_section(key), params, wanted=wanted)) for key in keys]
        return self._joined(parts)

    async def pages(
        self, path: str, params: Params, *, page_size: int = 500, wanted: Callable[[Element], bool] | None = None
    ) -> RowListing:
        """Return the rows of all pages; raises FilterIgnored at the first row that is not `wanted`.

        A row keeps its attributes and its `Guid` children. Raises BadResponse where the listing is not complete.
        """
        limits = rows_of_library(page_size, ("Guid",))

        async def read(start: int) -> Page[Element]:
            """Read the page that begins after `start` rows."""
            headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(page_size)}
            answer = await self._transport.read(path, params, headers, limits=limits)
            container = media_container(answer)
            rows = [_of_library(row, container) for row in container if row.tag in _ROW_TAGS]
            if _count(container, "offset", start) != start:
                raise BadResponse("The server answered with another page")
            if wanted is not None and not all(map(wanted, rows)):
                raise FilterIgnored("The server answered with other rows than were asked for")
            # A server that knows no pages sends all rows at once, more than were asked for.
            last = len(rows) != page_size
            # Only the last page tells the total that counts: a title may leave the library between two pages.
            total = _count(container, "totalSize", 0) if last else 0
            return Page(rows, answer, total, last)

        return await read_pages(read, _rating_key, total_counts_repeats=True)

    async def _of_chosen(self, query: Query) -> RowListing:
        """List the chosen sections, one by one."""
        parts: dict[str, RowListing] = {}
        for key in await self.sections.of_type(query.media_type):
            part = await self._of_section(key, self._sorted_pages(_section(key), query, strict=False))
            parts[key] = _wanted_rows(query, part)
        if query.doubt_empty:
            found = {key for key, part in parts.items() if part.rows}
            await self.sections.confirm_empty(f"{query.name} {query.media_type}", parts.keys() - found, found)
        return self._joined(parts.values())

    async def _of_section(self, key: str, listing: Awaitable[RowListing]) -> RowListing:
        """Return a chosen section's listing; raises LibraryGone where the section is not there any more."""
        try:
            return await listing
        except InvalidAuth, NotAllowed, NotFound:
            await self.sections.confirm()
            raise BadResponse(f"The server does not list section {key}") from None

    async def _by_section(self, query: Query, *, server_wide: RowListing | None) -> RowListing:
        """List every section; if they hold more than the listing across the server, use only them for a day.

        `server_wide` is the empty listing across the server that is to be checked; None where it failed.
        """
        parts = [] if server_wide is None else [server_wide]
        parts += [
            _wanted_rows(query, await self._sorted_pages(_section(key), query, strict=False))
            for key in await self.sections.of_type(query.media_type)
        ]
        listing = self._joined(parts)
        if self._server_wide and (server_wide is None or listing.rows):
            self._by_section_since = self._now()
        return listing

    def _joined(self, parts: Iterable[RowListing]) -> RowListing:
        """Return the listings of several sections as one; an empty one, dated now, where there is no section."""
        parts = tuple(parts)
        return joined(*parts) if parts else Listing((), self._now(), 0)

    async def _sorted_pages(self, path: str, query: Query, *, strict: bool) -> RowListing:
        """Page through one path, without a sort where the server takes none (a bad one is status 400)."""
        params: dict[str, str | int] = {"type": int(query.media_type), **query.filters}
        wanted = query.wanted if strict else None
        if self._stable_sort:
            try:
                params["sort"] = query.media_type.stable_sort
                return await self.pages(path, params, page_size=query.page_size, wanted=wanted)
            except RequestRejected:
                del params["sort"]
        listing = await self.pages(path, params, page_size=query.page_size, wanted=wanted)
        self._stable_sort = False
        return listing

    def _suspicious(self, query: Query, listing: RowListing) -> bool:
        """Tell whether an empty answer has to be checked: the query never had rows, and was not checked for an hour."""
        key = query.name, query.media_type
        if listing.rows:
            self._proven.add(key)
        if key in self._proven or not query.doubt_empty:
            return False
        return not self._empty.empty_believed(key)


def _section(key: str) -> str:
    """Return the path that lists a section."""
    return f"/library/sections/{key}/all"


def _wanted_rows(query: Query, listing: RowListing) -> RowListing:
    """Return a listing without the rows that a query did not ask for."""
    return replace(listing, rows=tuple(filter(query.wanted, listing.rows)))


def _rating_key(row: Element) -> str | None:
    """Return the id of a row, None where it has none."""
    return row.get("ratingKey")


def query_title(title: str) -> str | None:
    """Return the longest part of a title that a media query can hold, None where that is less than two characters.

    A comma in a query means "or": of `Me, Myself and Irene` only `Myself and Irene` is asked for.
    """
    part = max((piece.strip() for piece in title.split(",")), key=len)
    return part if len(part) >= 2 else None


def _of_library(row: Element, container: Element) -> Element:
    """Return a row with its library, which is told by the row, or once for all rows of a section."""
    for name in _OF_LIBRARY:
        if name not in row.attrib and name in container.attrib:
            row.set(name, container.attrib[name])
    return row


def _count(container: Element, name: str, missing: int) -> int:
    """Return a count in the root of an answer; raises BadResponse where it is none."""
    count = whole_number(container.get(name, str(missing)), _MOST_COUNT)
    if count is None:
        raise BadResponse("The answer has a count that is none")
    return count

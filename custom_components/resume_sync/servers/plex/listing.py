"""Whole listings of a Plex library: paged, and across the server or section by section, whichever it answers."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.media_server import BadResponse, InvalidAuth, NotAllowed, NotFound
from ..plain_text import whole_number
from .http_session import RequestRejected
from .sections import MediaType, PlexSections
from .transport import Params, PlexTransport

EVERYWHERE: Final = "/library/all"
# What no one here reads. Hints only, a server may ignore them (developer.plex.tv, "Response Customization").
SLIM: Final[Params] = {
    "includeGuids": 1,
    "excludeElements": "Media,Genre,Country,Role,Director,Writer,Producer,Image,UltraBlurColors,Rating,Collection",
    "excludeFields": "summary,tagline,file",
}
_ROW_TAGS: Final = ("Video", "Directory")
_EMPTY_BELIEVED_MS: Final = 60 * 60 * 1000
_BY_SECTION_MS: Final = 24 * 60 * 60 * 1000
_MOST_ROWS: Final = 100_000
_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_COUNT: Final = 10**9


class FilterIgnored(BadResponse):
    """The server answered with rows that were not asked for."""


@dataclass(slots=True)
class Listing:
    """The rows of a whole listing. `sent_at` is when its first request left, `skew_ms` as its answer told."""

    sent_at: int
    skew_ms: int
    rows: list[Element] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Query:
    """A media query over the whole library.

    `name` tells queries apart, `wanted` tells whether a row belongs in the answer, `doubt_empty` whether an empty
    answer is worth a check.
    """

    name: str
    media_type: MediaType
    filters: Params
    wanted: Callable[[Element], bool] = lambda _: True
    page_size: int = 500
    doubt_empty: bool = True


class PlexLibrary:
    """The libraries of a server that a user sees.

    `/library/all` lists across all sections. It is documented, but not that it takes every filter, so each of its
    answers is checked: rows that were not asked for, a refusal, or an empty answer that the sections contradict make
    this use the sections for a day. Limited to `chosen` sections, only these are asked.
    """

    def __init__(self, transport: PlexTransport, now: Callable[[], int], chosen: Collection[str] = ()) -> None:
        """Trust the listing across the server until it proves wrong."""
        self.sections = PlexSections(transport, now, chosen)
        self._transport = transport
        self._now = now
        self._stable_sort = True
        self._proven: set[tuple[str, MediaType]] = set()
        self._found_empty: dict[tuple[str, MediaType], int] = {}
        self._by_section_since: int | None = None

    @property
    def takes_queries(self) -> bool:
        """Whether it is worth asking for single titles: in the chosen sections, or everywhere."""
        return self.sections.limited or self._server_wide

    @property
    def _server_wide(self) -> bool:
        """Whether listings across the server are to be trusted; they get another chance after a day."""
        since = self._by_section_since
        return since is None or not 0 <= self._now() - since < _BY_SECTION_MS

    def forget(self) -> None:
        """Trust the listing across the server again."""
        self._by_section_since = None
        self._stable_sort = True
        self._found_empty.clear()
        self.sections.forget()

    async def list(self, query: Query) -> Listing:
        """Return all rows that a query asks for; raises MediaServerError rather than return a part of them.

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
            self._found_empty[query.name, query.media_type] = checked.sent_at
            return checked
        return await self._by_section(query, server_wide=None)

    async def ask(
        self, media_type: MediaType, filters: Params, *, wanted: Callable[[Element], bool] | None = None
    ) -> Listing:
        """Return the few rows that a query without a sort asks for, everywhere or section by section.

        Raises FilterIgnored at the first row that is not `wanted`.
        """
        params: Params = {"type": int(media_type), **SLIM, **filters}
        if self._server_wide and not self.sections.limited:
            return await self.pages(EVERYWHERE, params, wanted=wanted)
        keys = await self.sections.of_type(media_type)
        parts = [await self._of_section(key, self.pages(_section(key), params, wanted=wanted)) for key in keys]
        return _joined(parts) or Listing(self._now(), 0)

    async def pages(
        self, path: str, params: Params, *, page_size: int = 500, wanted: Callable[[Element], bool] | None = None
    ) -> Listing:
        """Return the rows of all pages; raises FilterIgnored at the first row that is not `wanted`.

        Of each row only its ids are kept beside its own attributes. More than any library holds is refused.
        """
        listing: Listing | None = None
        size = 0
        while True:
            start = 0 if listing is None else len(listing.rows)
            headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(page_size)}
            answer = await self._transport.read(path, params, headers)
            if listing is None:
                listing = Listing(answer.sent_at, answer.skew_ms)
            rows = [_slim(row) for row in answer.root if row.tag in _ROW_TAGS]
            size += answer.size
            if size > _MOST_BYTES or start + len(rows) > _MOST_ROWS:
                raise BadResponse("The listing has no end")
            if _count(answer.root, "offset", start) != start or (start and _same(rows, listing.rows)):
                raise BadResponse("The server answered with another page")
            if wanted is not None and not all(map(wanted, rows)):
                raise FilterIgnored("The server answered with other rows than were asked for")
            listing.rows += rows
            if len(rows) != page_size:
                if _count(answer.root, "totalSize", 0) > len(listing.rows):
                    raise BadResponse("The listing ended early")
                return listing

    async def _of_chosen(self, query: Query) -> Listing:
        """Ask the chosen sections, each for what it holds."""
        parts: dict[str, Listing] = {}
        for key in await self.sections.of_type(query.media_type):
            parts[key] = await self._of_section(key, self._sorted_pages(_section(key), query, strict=False))
            parts[key].rows = list(filter(query.wanted, parts[key].rows))
        if query.doubt_empty:
            found = {key for key, part in parts.items() if part.rows}
            await self.sections.confirm_empty(f"{query.name} {query.media_type}", parts.keys() - found, found)
        return _joined(parts.values()) or Listing(self._now(), 0)

    async def _of_section(self, key: str, listing: Awaitable[Listing]) -> Listing:
        """Return a chosen section's listing; raises LibraryGone where the section is not there any more."""
        try:
            return await listing
        except InvalidAuth, NotAllowed, NotFound:
            await self.sections.confirm()
            raise BadResponse(f"The server does not list section {key}") from None

    async def _by_section(self, query: Query, *, server_wide: Listing | None) -> Listing:
        """Ask every section, and stop asking across the server where that turns out to be needed.

        `server_wide` is an empty answer to be checked; None: there was none to be had.
        """
        keys = await self.sections.of_type(query.media_type)
        listing = server_wide or Listing(self._now(), 0)
        for index, key in enumerate(keys):
            part = await self._sorted_pages(_section(key), query, strict=False)
            if index == 0 and server_wide is None:
                listing.sent_at, listing.skew_ms = part.sent_at, part.skew_ms
            listing.rows += filter(query.wanted, part.rows)
        if self._server_wide and (server_wide is None or listing.rows):
            self._by_section_since = self._now()
        return listing

    async def _sorted_pages(self, path: str, query: Query, *, strict: bool) -> Listing:
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

    def _suspicious(self, query: Query, listing: Listing) -> bool:
        """Tell whether an empty answer has to be checked: the query never had rows, and was not checked this hour."""
        key = query.name, query.media_type
        if listing.rows:
            self._proven.add(key)
        if key in self._proven or not query.doubt_empty:
            return False
        checked_at = self._found_empty.get(key)
        return checked_at is None or not 0 <= listing.sent_at - checked_at < _EMPTY_BELIEVED_MS


def _section(key: str) -> str:
    """Return the path that lists a section."""
    return f"/library/sections/{key}/all"


def _joined(parts: Iterable[Listing]) -> Listing | None:
    """Return several listings as one, dated by the first; None where there is none."""
    joined: Listing | None = None
    for part in parts:
        if joined is None:
            joined = part
        else:
            joined.rows += part.rows
    return joined


def _slim(row: Element) -> Element:
    """Return a row without the elements that nobody reads here: servers may send them all the same."""
    for child in [child for child in row if child.tag != "Guid"]:
        row.remove(child)
    return row


def _same(rows: Sequence[Element], first: Sequence[Element]) -> bool:
    """Tell whether a page begins like the first one: the server does not know of pages."""
    return bool(rows) and rows[0].get("ratingKey") == first[0].get("ratingKey")


def _count(container: Element, name: str, missing: int) -> int:
    """Return a count in the root of an answer; raises BadResponse where it is none."""
    count = whole_number(container.get(name, str(missing)), _MOST_COUNT)
    if count is None:
        raise BadResponse("The answer has a count that is none")
    return count

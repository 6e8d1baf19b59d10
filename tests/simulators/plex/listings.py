"""The library routes of a Plex Media Server: sections, listings, details."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from aiohttp import web

from tests.simulators.faults import EmptyList, WrongTotal
from tests.simulators.holdings import Entry, EntryKind, Library, LibraryKind
from tests.simulators.routes import Call, Handler

from .accounts import PlexUser
from .household import PlexHousehold
from .markup import Element, Value, bad_request, container, html_error, not_found, token_expired, unauthorized
from .queries import BadQuery, parse_query
from .query_run import QueryRun
from .rows import Detail, item_row, section_uuid

type SignedInHandler = Callable[[Call, PlexUser], Awaitable[web.StreamResponse]]

IDENTIFIER = "com.plexapp.plugins.library"
_TAGS: dict[str, Value] = {"mediaTagPrefix": "/system/bundle/media/flags/", "mediaTagVersion": 1734534543}


def signed_in(server: PlexHousehold, handler: SignedInHandler) -> Handler:
    """Return a handler that refuses requests of nobody."""

    async def answer(call: Call) -> web.StreamResponse:
        if server.token_in(call) in server.expired_tokens:
            return token_expired()
        user = server.user_of(call)
        return unauthorized(call) if user is None else await handler(call, user)

    return answer


def requested(call: Call) -> Detail:
    """Return how much of each row a request asks for."""
    return Detail(
        guids=call.argument("includeGuids") == "1",
        markers=call.argument("includeMarkers") == "1",
        without_elements=frozenset(call.words("excludeElements")),
        without_fields=frozenset(call.words("excludeFields")),
    )


class LibraryRoutes:
    """Reads of the library, always with the states of the user that asks.

    `all_supported` False: `/library/all` is answered with `all_refusal`, only sections can be listed.
    `all_filters_progress` False: there the filter `viewOffset` is ignored. `pages` False: the container headers are
    ignored. `episode_guids` False: listings keep the external ids of episodes for themselves.
    """

    def __init__(self, server: PlexHousehold) -> None:
        """Register the routes."""
        self._server = server
        self.all_supported = True
        self.all_refusal = 404
        self.all_filters_progress = True
        self.pages = True
        self.episode_guids = True
        for path, handler in {
            "/library": self._library,
            "/library/sections": self._sections,
            "/library/sections/all": self._sections,
            "/library/all": self._all,
            "/library/sections/{section}/all": self._section,
            "/library/metadata/{ids}": self._metadata,
            "/library/metadata/{id}/allLeaves": self._leaves,
            "/library/metadata/{id}/children": self._children,
        }.items():
            server.routes.add("GET", path, signed_in(server, handler))

    async def _library(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the entry page of the library, which only the owner gets."""
        if not user.is_owner:
            return html_error(403, "Forbidden")
        pages = [
            Element("Directory", {"key": key, "title": title}) for key, title in (("sections", "Library Sections"),)
        ]
        attributes = {"allowSync": False, "content": "secondary", "identifier": IDENTIFIER, **_TAGS}
        return container(call, {**attributes, "title1": "Plex Library"}, pages)

    async def _sections(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the libraries that this user sees."""
        rows = [] if call.fault(EmptyList) else [self._section_row(each) for each in self._server.sections(user)]
        return container(call, {"allowSync": False, "title1": "Plex Library"}, rows)

    def _section_row(self, library: Library) -> Element:
        """Return one library as a row."""
        number = library.library_id
        kind = "movie" if library.kind is LibraryKind.FILMS else "show"
        scanned = max((int(e.added_at) for e in self._server.holdings if e.library is library), default=None)
        attributes: dict[str, Value] = {
            "allowSync": True,
            "art": f"/:/resources/{kind}-fanart.jpg",
            "composite": f"/library/sections/{number}/composite/{scanned or 0}",
            "filters": True,
            "refreshing": False,
            "thumb": f"/:/resources/{kind}.png",
            "key": number,
            "type": kind,
            "title": library.name,
            "agent": library.agent,
            "scanner": "Plex Movie" if kind == "movie" else "Plex TV Series",
            "language": "en-US",
            "uuid": section_uuid(self._server, library),
            "updatedAt": scanned,
            "createdAt": 1_500_000_000,
            "scannedAt": scanned,
            "content": True,
            "directory": True,
            "contentChangedAt": 1000 + self._server.changes[number],
            "hidden": 0,
        }
        return Element(
            "Directory", attributes, [Element("Location", {"id": int(number), "path": f"/data/{library.name}"})]
        )

    async def _all(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with items of all libraries; the type of the result has to be said."""
        if not self.all_supported:
            return not_found() if self.all_refusal == 404 else html_error(self.all_refusal, "Bad Request")
        library_ids = frozenset(library.library_id for library in self._server.sections(user))
        attributes: dict[str, Value] = {"allowSync": False, "identifier": IDENTIFIER, **_TAGS}
        return self._listing(call, user, library_ids, attributes)

    async def _section(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with items of one library, films or shows unless another type is asked for."""
        library = next((e for e in self._server.sections(user) if e.library_id == call.path["section"]), None)
        if library is None:
            return not_found()
        kind = "movie" if library.kind is LibraryKind.FILMS else "show"
        attributes: dict[str, Value] = {
            "allowSync": True,
            "art": f"/:/resources/{kind}-fanart.jpg",
            "content": "secondary",
            "identifier": IDENTIFIER,
            **self._section_names(library),
            **_TAGS,
            "thumb": f"/:/resources/{kind}.png",
            "title1": library.name,
            "title2": "All",
            "viewGroup": kind,
        }
        return self._listing(call, user, frozenset({library.library_id}), attributes, library=library)

    def _listing(
        self,
        call: Call,
        user: PlexUser,
        library_ids: frozenset[str],
        attributes: dict[str, Value],
        *,
        library: Library | None = None,
    ) -> web.StreamResponse:
        """Answer a media query over one library, or over all: then each row names its own."""
        detail = replace(requested(call), section=library is None)
        ignored = () if library or self.all_filters_progress else ("viewOffset", "inProgress")
        arguments = [pair for pair in call.query.items() if pair[0].rstrip("<>=!").rpartition(".")[2] not in ignored]
        films = library is not None and library.kind is LibraryKind.FILMS
        default = None if library is None else EntryKind.FILM if films else EntryKind.SHOW
        try:
            query = parse_query(arguments, default)
            rows = QueryRun(self._server, user, query).rows(library_ids)
        except BadQuery:
            return bad_request()
        return self.page(call, user, rows, attributes, detail, counted=query.limit is None)

    def page(
        self,
        call: Call,
        user: PlexUser,
        rows: Sequence[Entry],
        attributes: dict[str, Value],
        detail: Detail | None = None,
        *,
        counted: bool = True,
    ) -> web.StreamResponse:
        """Answer with the rows that the container arguments ask for, and with the total if it is `counted`."""
        start, size = _window(call)
        detail = detail or requested(call)
        if call.fault(EmptyList):
            rows = ()
        total = len(rows)
        if size is not None and self.pages:
            rows = rows[start : start + size]
        wrong = call.fault(WrongTotal)
        counts: dict[str, Value] = {}
        if wrong is not None or (size is not None and counted):
            counts = {"totalSize": total if wrong is None else wrong.total, "offset": start if self.pages else 0}
        listed = [item_row(self._server, user, entry, self._listed(entry, detail)) for entry in rows]
        response = container(call, {**attributes, **counts}, listed)
        if counts:
            response.headers["X-Plex-Container-Start"] = str(counts["offset"])
            response.headers["X-Plex-Container-Total-Size"] = str(counts["totalSize"])
        return response

    def _listed(self, entry: Entry, detail: Detail) -> Detail:
        """Return how much a listing tells of an item."""
        withheld = entry.kind in (EntryKind.EPISODE, EntryKind.SEASON) and not self.episode_guids
        return replace(detail, guids=False) if withheld else detail

    async def _metadata(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with items by rating key; those that are not there are left out, and none at all is a 404."""
        asked = dict.fromkeys(call.path["ids"].split(","))
        found = [entry for item_id in asked if (entry := self._server.item(item_id, user)) is not None]
        if call.fault(EmptyList):
            found = []
        if not found:
            return not_found()
        found.sort(key=lambda entry: int(entry.item_id))
        detail = replace(requested(call), section=True, whole=True)
        attributes: dict[str, Value] = {"allowSync": True, "identifier": IDENTIFIER}
        if len({entry.library.library_id for entry in found}) == 1:
            attributes |= self._section_names(found[0].library)
        rows = [item_row(self._server, user, entry, detail) for entry in found]
        return container(call, {**attributes, **_TAGS}, rows)

    async def _leaves(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with all episodes of a show or season."""
        return self._below(call, user, self._server.leaves)

    async def _children(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the seasons of a show or the episodes of a season."""
        return self._below(call, user, lambda entry: [self._server.holdings[child] for child in entry.children])

    def _below(self, call: Call, user: PlexUser, below: Callable[[Entry], list[Entry]]) -> web.StreamResponse:
        """Answer with what lies below an item."""
        entry = self._server.item(call.path["id"], user)
        if entry is None:
            return not_found()
        rows = below(entry) if entry.kind in (EntryKind.SHOW, EntryKind.SEASON) else []
        attributes: dict[str, Value] = {
            "allowSync": True,
            "identifier": IDENTIFIER,
            "key": entry.item_id,
            "librarySectionID": int(entry.library.library_id),
            "parentTitle": entry.title,
        }
        order = sorted(rows, key=lambda row: (row.season or 0, row.number or 0))
        return self.page(call, user, order, attributes)

    def _section_names(self, library: Library) -> dict[str, Value]:
        """Return what a container tells of the one library that its rows are from."""
        return {
            "librarySectionID": int(library.library_id),
            "librarySectionTitle": library.name,
            "librarySectionUUID": section_uuid(self._server, library),
        }


def _window(call: Call) -> tuple[int, int | None]:
    """Return start and size of the page that is asked for, from the headers or the query."""
    start, size = (
        call.header(name) or call.argument(name) for name in ("X-Plex-Container-Start", "X-Plex-Container-Size")
    )
    return (int(start) if start.isdecimal() else 0), (int(size) if size.isdecimal() else None)

"""Requests as handlers see them, and the table that finds the handler."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json

from aiohttp import web
from multidict import CIMultiDict, MultiDict, MultiMapping

from .faults import Fault


@dataclass(slots=True)
class Call:
    """One request with its faults. `path` holds the values of the template's placeholders.

    `upgraded`: it became a WebSocket, and counts as answered.
    """

    request: web.Request
    route: str
    path: Mapping[str, str]
    query: MultiMapping[str]
    body: bytes
    faults: tuple[Fault, ...] = ()
    upgraded: bool = False

    def fault[F](self, kind: type[F]) -> F | None:
        """Return the fault of this kind that this request has to suffer."""
        return next((fault for fault in self.faults if isinstance(fault, kind)), None)

    def argument(self, name: str, default: str = "") -> str:
        """Return a query argument, the last one where it is given twice."""
        values = self.query.getall(name, [])
        return values[-1] if values else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a query argument that is a truth value."""
        text = self.argument(name).casefold()
        return text == "true" if text in ("true", "false") else default

    def number(self, name: str, default: int = 0) -> int:
        """Return a query argument that is a whole number."""
        text = self.argument(name)
        return int(text) if text.lstrip("-").isdecimal() else default

    def words(self, name: str) -> list[str]:
        """Return a query argument that is a comma list."""
        return [word.strip() for word in self.argument(name).split(",") if word.strip()]

    def header(self, name: str) -> str:
        """Return a request header."""
        return self.request.headers.get(name, "")

    def json(self) -> object:
        """Return the body; raises ValueError where it is no JSON."""
        return json.loads(self.body) if self.body else None


type Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class _Route:
    """A template such as `/Users/{user}/Items`."""

    template: str
    segments: tuple[str, ...]
    handlers: dict[str, Handler]


class Routes:
    """Finds handlers by method and path; on servers that do so, without regard to case."""

    def __init__(self, *, ignore_case: bool) -> None:
        """Start with no routes."""
        self._ignore_case = ignore_case
        self._by_length: defaultdict[int, list[_Route]] = defaultdict(list)

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Add a route; of two templates that fit a path the earlier one wins."""
        segments = tuple(template.strip("/").split("/"))
        for route in self._by_length[len(segments)]:
            if route.template == template:
                route.handlers[method] = handler
                return
        self._by_length[len(segments)].append(_Route(template, segments, {method: handler}))

    def find(self, method: str, path: str) -> tuple[str, Mapping[str, str], Handler | None] | None:
        """Return template, placeholder values and handler of a path; no handler: not with this method."""
        segments = path.strip("/").split("/")
        refused: tuple[str, Mapping[str, str], Handler | None] | None = None
        for route in self._by_length.get(len(segments), ()):
            values = self._match(route.segments, segments)
            if values is None:
                continue
            if handler := route.handlers.get(method):
                return route.template, values, handler
            refused = refused or (route.template, values, None)
        return refused

    def query(self, request: web.Request) -> MultiMapping[str]:
        """Return the query arguments, with names as this server compares them."""
        return CIMultiDict(request.query) if self._ignore_case else MultiDict(request.query)

    def _match(self, template: tuple[str, ...], segments: list[str]) -> Mapping[str, str] | None:
        """Return the placeholder values where a path fits a template."""
        values = {}
        for expected, given in zip(template, segments, strict=True):
            if expected.startswith("{"):
                values[expected[1:-1]] = given
            elif expected != given and not (self._ignore_case and expected.casefold() == given.casefold()):
                return None
        return values

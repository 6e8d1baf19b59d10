"""What can go wrong on the wire or in a server, switched on per route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Latency:
    """The answer comes `seconds` of real time later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """The answer is an error. `retry_after` is the header as sent, seconds or a date.

    `authenticate` is the header `WWW-Authenticate`, which proxies send and media servers do not.
    """

    code: int
    body: str = ""
    content_type: str = "text/plain"
    retry_after: str | None = None
    authenticate: str | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection drops; `applied`: after the request did its work, so that a write is stored but not answered."""

    applied: bool = False


@dataclass(frozen=True, slots=True)
class Truncated:
    """The body ends after this share of its bytes; `honest`: the length header says so too, so it looks complete."""

    share: float = 0.5
    honest: bool = False


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A web page with status 200, as proxies and captive portals send."""

    body: str = "<!DOCTYPE html><html><body>Please sign in</body></html>"


@dataclass(frozen=True, slots=True)
class Tampered:
    """The answer is what `change` makes of the true one, the last thing before it is sent."""

    change: Callable[[web.Response], web.Response]


@dataclass(frozen=True, slots=True)
class WrongTotal:
    """A listing states this total, whatever it holds."""

    total: int


@dataclass(frozen=True, slots=True)
class EmptyList:
    """A listing is empty though there are rows: a library that is not mounted, a database that is busy."""


@dataclass(frozen=True, slots=True)
class IgnoredWrite:
    """A write is answered as stored, and is not stored."""


@dataclass(frozen=True, slots=True)
class DelayedWrite:
    """A write is answered as stored, and is stored this many seconds of the simulated clock later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """The request's token stops being valid, for this request and all later ones."""


type Fault = (
    Latency
    | Status
    | Reset
    | Truncated
    | HtmlPage
    | Tampered
    | WrongTotal
    | EmptyList
    | IgnoredWrite
    | DelayedWrite
    | RevokedToken
)


@dataclass(slots=True)
class _Rule:
    """A fault with the requests it is for."""

    pattern: str
    fault: Fault
    skip: int
    times: int | None

    def fires(self, route: str) -> bool:
        """Count a request and tell whether the fault is for it."""
        if self.times == 0 or not fnmatchcase(route, self.pattern):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults of one server."""

    _rules: list[_Rule] = field(default_factory=list)

    def add(self, pattern: str, fault: Fault, *, times: int | None = 1, skip: int = 0) -> None:
        """Let requests fail whose route (`GET /Items`, `POST /Users/{user}/Items/*`, `*`) matches a shell pattern.

        The first `skip` matching requests pass (a failing page N is `skip=N-1`), then `times` fail; None: all.
        """
        self._rules.append(_Rule(pattern.replace("[", "[[]"), fault, skip, times))

    def clear(self) -> None:
        """End all faults."""
        self._rules.clear()

    def due(self, route: str) -> tuple[Fault, ...]:
        """Return the faults of one request, and count it."""
        return tuple(rule.fault for rule in self._rules if rule.fires(route))

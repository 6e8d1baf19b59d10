"""What a server was asked, counted."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """Counters of one server. A route is a method and a path template: `GET /Users/{user}/Items`."""

    writes: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    _requests: Counter[str] = field(default_factory=Counter)
    _at_once: int = 0
    most_at_once: int = 0

    def begin(self, route: str, received: int) -> None:
        """Count a request that came in."""
        self._requests[route] += 1
        self.bytes_received += received
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)

    def end(self, status: int, sent: int) -> None:
        """Count its answer; status 0: none was sent."""
        self._at_once -= 1
        self.statuses[status] += 1
        self.bytes_sent += sent

    def write(self) -> None:
        """Count a change of a user's state that came over HTTP, stored or not."""
        self.writes += 1

    def requests(self, route: str | None = None) -> int:
        """Return how often a route was asked, or how many requests there were."""
        return self._requests.total() if route is None else self._requests[route]

    def table(self) -> dict[str, int]:
        """Return the number of requests by route, most first."""
        return dict(self._requests.most_common())

    def reset(self) -> None:
        """Start counting anew."""
        self.writes = self.bytes_received = self.bytes_sent = 0
        self.most_at_once = self._at_once
        self.statuses.clear()
        self._requests.clear()

"""How large the homes are that are measured."""

from dataclasses import dataclass
from typing import override


@dataclass(frozen=True, slots=True)
class Size:
    """The library of every server, what each account has in progress, and how long the servers take to answer.

    `stops`: how often something is stopped on each server, where that is measured.
    """

    films: int = 2000
    shows: int = 200
    episodes: int = 50
    in_progress: int = 20
    latency_ms: int = 0
    stops: int = 30

    @override
    def __str__(self) -> str:
        """Return the size in words."""
        return (
            f"{self.films:,} films, {self.shows:,} shows of {self.episodes} episodes, "
            f"{self.in_progress:,} in progress, {self.latency_ms} ms latency"
        )

    @property
    def indexed(self) -> int:
        """How many films and shows an index of the library holds."""
        return self.films + self.shows


LARGE = Size(films=50_000, shows=1000, episodes=50, in_progress=5000, latency_ms=50, stops=5)

LIVE_LATENCY_MS = 20
"""How long servers take to answer where they tell by themselves, unless another latency is asked for."""

"""What was measured, and the file that it is kept in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
import json
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Self

from .media_servers import Asked


@dataclass(frozen=True, slots=True)
class Measurement:
    """One scenario in one home. `places` are what held the loop up for longer than 20 ms, in milliseconds."""

    home: str
    scenario: str
    seconds: float
    stall_ms: float
    step_ms: float
    peak_mib: float = 0.0
    asked: Mapping[str, Asked] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(sum(asked.requests.values()) for asked in self.asked.values())

    @property
    def size(self) -> int:
        """The bytes of all bodies."""
        return sum(asked.size for asked in self.asked.values())


@dataclass(frozen=True, slots=True)
class Delay:
    """From stops on one server to their positions on another, in seconds; `highest_of_95`: of 95 %."""

    direction: str
    stops: int
    median: float
    highest_of_95: float

    @classmethod
    def of(cls, direction: str, seconds: Sequence[float]) -> Self:
        """Sum up at least two stops."""
        return cls(direction, len(seconds), median(seconds), quantiles(seconds, n=20, method="inclusive")[-1])


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one call of the benchmark measured. `index_mib`: by kind, for 10,000 indexed titles."""

    size: str
    measurements: Sequence[Measurement]
    index_mib: Mapping[str, float]
    delays: Sequence[Delay] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write it all to a file."""
        path.write_text(f"{json.dumps(asdict(self), indent=2)}\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        """Read such a file."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        measurements = [
            Measurement(**{**row, "asked": {kind: Asked(**asked) for kind, asked in row["asked"].items()}})
            for row in data["measurements"]
        ]
        return cls(data["size"], measurements, data["index_mib"], [Delay(**row) for row in data.get("delays", ())])


def with_memory(timed: Sequence[Measurement], traced: Sequence[Measurement]) -> list[Measurement]:
    """Return the times of one pass with the memory of another: tracing memory makes everything slow."""
    return [replace(one, peak_mib=other.peak_mib) for one, other in zip(timed, traced, strict=True)]

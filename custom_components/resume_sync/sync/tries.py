"""Writes that failed, were not stored, or were gone again: how often that was, and when the next try is due."""

from dataclasses import dataclass, replace

from .journal.edit import DAY_MS, NOISE_MS, Edit
from .model import Reason

FIRST_RETRY_MS = 60_000
LONGEST_RETRY_MS = 6 * 3_600_000

MOST_TIMES_GONE = 3
"""So often a position may be gone again that was stored: an app that closes over it takes it away once, too."""

_NOT_KEPT_RETRY_MS = (15 * 60_000, 3_600_000, 4 * 3_600_000, DAY_MS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write that failed or was not stored, and the time of the next try.

    `count` is the number of tries, `ignored` the number of those that the server accepted without storing them.
    """

    position_ms: int
    reason: Reason
    count: int
    retry_at: int
    ignored: int = 0

    def is_ignored_at_the_end(self, *durations_ms: int | None) -> bool:
        """Tell whether a server has accepted this write twice in the last quarter of a title without storing it."""
        is_late = any(self.position_ms * 4 >= duration * 3 for duration in durations_ms if duration)
        return is_late and self.ignored > 1


@dataclass(frozen=True, slots=True)
class Stored:
    """A write that a read has shown, so many times: where it is gone again, it is written once more.

    `edit` is the one that the source had, `at` when a read showed it last. `retry_at` is when it may be written again.
    """

    position_ms: int
    edit: Edit | None
    at: int
    times: int = 1
    retry_at: int = 0

    @property
    def is_not_kept(self) -> bool:
        """Whether the next write would follow too many that are gone."""
        return self.times > MOST_TIMES_GONE

    def again(self, at: int) -> Stored:
        """Return it after one more read has shown it."""
        often = self.times + 1 - MOST_TIMES_GONE
        delay = _NOT_KEPT_RETRY_MS[min(often, len(_NOT_KEPT_RETRY_MS)) - 1] if often > 0 else 0
        return replace(self, at=at, times=self.times + 1, retry_at=at + delay)

    def is_of(self, position_ms: int, edit: Edit | None) -> bool:
        """Tell whether it is the same write: of this position, for this edit."""
        return self.edit == edit and abs(self.position_ms - position_ms) < NOISE_MS

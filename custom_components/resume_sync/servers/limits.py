"""What an answer may cost: its deadline, its size, and what is kept of it. Limits follow from what is asked."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from ..sync.media_server import BadResponse

MIB: Final = 1024 * 1024
LIBRARY_SECONDS: Final = 60.0
OTHER_SECONDS: Final = 15.0
# A server that knows no pages sends all rows at once. No page asks for more.
MOST_ROWS_AT_ONCE: Final = 5000
MOST_DEPTH: Final = 32
# What is kept of an answer once it is read, and the most text of it that is read at once: an empty object is two
# signs on the wire and 64 bytes in memory.
MOST_KEPT: Final = 32 * MIB
MOST_TEXT_AT_ONCE: Final = 512 * 1024
# Real lists of real servers are packed to a twentieth at best; the first mebibyte may be anything.
MOST_UNPACKED_FOR_ONE: Final = 100
UNPACKED_FREELY: Final = MIB


class TooLarge(BadResponse):
    """An answer or a message is more than it may be: it says nothing more of what it is about."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost.

    `seconds`: from the request's turn to the end of its answer, whatever drips. `size`: bytes, once unpacked. `rows`:
    of all its lists together. `parts`: what is read of the objects, lists or elements inside a row; all others are left
    out without being read. None: whatever there is.
    """

    seconds: float = OTHER_SECONDS
    size: int = 4 * MIB
    rows: int = MOST_ROWS_AT_ONCE
    parts: frozenset[str] | None = None

    def at_most(self, seconds: float) -> Limits:
        """Return these limits with no more than some seconds."""
        return self if self.seconds <= seconds else replace(self, seconds=seconds)


ORDINARY: Final = Limits()
"""What an answer may cost that is no list of the library."""


def rows_of_library(rows: int, parts: Collection[str] | None = None) -> Limits:
    """Return the limits of a list, or a page of one, that is asked for so many rows of the library."""
    return Limits(
        seconds=LIBRARY_SECONDS,
        size=4 * MIB + rows * MIB // 100,
        rows=max(rows, MOST_ROWS_AT_ONCE),
        parts=None if parts is None else frozenset(parts),
    )


def rows_of_sessions(parts: Collection[str]) -> Limits:
    """Return the limits of the list of sessions: Jellyfin tells each with its whole queue, as full rows."""
    return Limits(size=32 * MIB, parts=frozenset(parts))

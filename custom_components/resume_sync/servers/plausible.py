"""The limits within which dates, positions and counts from a server are believed.

A value beyond them is never believed: a date in the year 9999 would win over every real edit, and a huge number would
overflow the files and requests that carry it.
"""

from typing import Final

LATEST_DATE_MS: Final = 7_258_118_400_000
LONGEST_MS: Final = 100 * 60 * 60 * 1000
MOST_PLAYS: Final = 2**31 - 1
MOST_NUMBER: Final = 1_000_000


def plausible_date(epoch_ms: int) -> bool:
    """Tell whether a date, in epoch milliseconds, lies between 1970 and 2200."""
    return 0 <= epoch_ms < LATEST_DATE_MS


def plausible_duration(duration_ms: int) -> int | None:
    """Return a duration in milliseconds; None where it is 0, negative or longer than a hundred hours."""
    return duration_ms if 0 < duration_ms <= LONGEST_MS else None


def plausible_position(position_ms: int, duration_ms: int | None) -> bool:
    """Tell whether playback can have stopped at a position; both are milliseconds.

    Up to twice the duration, because versions of a title differ in length; up to a hundred hours where it is unknown.
    """
    return 0 <= position_ms <= (LONGEST_MS if duration_ms is None else 2 * duration_ms)

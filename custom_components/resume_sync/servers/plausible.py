"""What a server may say of dates, positions and counts before it is plainly wrong.

What lies beyond is never believed: it could win over every real position, or overflow what has to be stored and sent.
"""

from typing import Final

LATEST_DATE_MS: Final = 7_258_118_400_000
LONGEST_MS: Final = 100 * 60 * 60 * 1000
MOST_PLAYS: Final = 2**31 - 1
MOST_NUMBER: Final = 1_000_000


def plausible_date(epoch_ms: int) -> bool:
    """Tell whether a date lies between 1970 and 2200."""
    return 0 <= epoch_ms < LATEST_DATE_MS


def plausible_duration(duration_ms: int) -> int | None:
    """Return a duration, None where it is none or longer than a hundred hours."""
    return duration_ms if 0 < duration_ms <= LONGEST_MS else None


def plausible_position(position_ms: int, duration_ms: int | None) -> bool:
    """Tell whether playback can have stopped there: not beyond twice the duration, as versions differ in length."""
    return 0 <= position_ms <= (LONGEST_MS if duration_ms is None else 2 * duration_ms)

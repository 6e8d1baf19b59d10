"""One rule for the values of all servers: what is told, and what is so far off that it counts as not told.

A row needs an id and a position. A date, a length or a count that nobody can have meant is left out, and its title is
synced without it: believed, a date of the year 9999 would win over every real edit.
"""

import re
from typing import Final

DAY_MS: Final = 86_400_000
EARLIEST_DATE_MS: Final = 946_684_800_000
LATEST_DATE_MS: Final = 7_258_118_400_000
LONGEST_MS: Final = 100 * 60 * 60 * 1000
MOST_PLAYS: Final = 2**31 - 1
MOST_NUMBER: Final = 1_000_000
_NUMBER: Final = re.compile(r"([0-9]{1,40})(\.[0-9]{0,40})?")


def whole(value: object, most: int) -> int | None:
    """Return the number from 0 to `most` that a value of JSON or XML tells, decimals cut; None: it tells none.

    A number that is spelled as a text is told as well.
    """
    if isinstance(value, str):
        spelled = _NUMBER.fullmatch(value)
        value = None if spelled is None else int(spelled[1])
    # False is no 0, and infinity has no whole part.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return int(value)


def told_date(epoch_ms: int | None, server_now: int) -> int | None:
    """Return a date in epoch milliseconds; None where it is before 2000, or more than a day ahead of the server.

    `server_now` is the present on the server's own clock.
    """
    # Servers write the year 1, 1601, 1899 or 1970 for "never".
    is_told = epoch_ms is not None and EARLIEST_DATE_MS <= epoch_ms <= server_now + DAY_MS
    return epoch_ms if is_told else None


def told_length(duration_ms: int | None) -> int | None:
    """Return a duration in milliseconds; None where it is 0, or longer than a hundred hours."""
    return duration_ms if duration_ms is not None and 0 < duration_ms <= LONGEST_MS else None


def told_position(position_ms: int | None, duration_ms: int | None = None) -> int | None:
    """Return a position in milliseconds; None where playback cannot have stopped there.

    Up to twice the duration, because versions of a title differ in length; up to a hundred hours where it is unknown.
    """
    most = LONGEST_MS if duration_ms is None else 2 * duration_ms
    return position_ms if position_ms is not None and position_ms <= most else None

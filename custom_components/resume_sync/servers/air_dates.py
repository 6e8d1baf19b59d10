"""The day on which an episode first aired, from the dates of media servers."""

from datetime import date


def air_day(told: object) -> int | None:
    """Return the day of a date such as `2014-03-01` or `2014-03-01T00:00:00.0000000Z`, as `date.toordinal` counts.

    None where no date is told, or one that nobody can have aired on: servers write the year 1 for "never".
    """
    try:
        day = date.fromisoformat(told[:10] if isinstance(told, str) else "")
    except ValueError:
        return None
    return day.toordinal() if 1900 <= day.year < 2200 else None

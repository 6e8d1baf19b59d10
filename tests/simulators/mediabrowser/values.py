"""How Jellyfin and Emby spell values: ticks, dates, ids, refusals."""

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import md5
import re

TICKS_PER_MS = 10_000
NEVER = "0001-01-01T00:00:00.0000000Z"

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_COMPACT_DATE = re.compile(r"\d{14}")
_GUID = re.compile(r"[0-9a-f]{32}")


class Refusal(StrEnum):
    """Why a request is refused; each server has its own words for it."""

    UNAUTHORIZED = "unauthorized"
    LIBRARY = "library"
    BAD_LOGIN = "bad_login"
    FORBIDDEN = "forbidden"
    OTHER_USER = "other_user"
    PREFERENCES = "preferences"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_SERIES = "unknown_series"
    UNKNOWN_PATH = "unknown_path"
    WRONG_METHOD = "wrong_method"
    MALFORMED_ID = "malformed_id"
    MALFORMED_ARGUMENT = "malformed_argument"
    MALFORMED_BODY = "malformed_body"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    MISSING_CLIENT = "missing_client"
    OUT_OF_RANGE = "out_of_range"
    ILLEGAL = "illegal"
    BROKEN = "broken"


class Refused(Exception):
    """A request that is refused. `field` and `value` are what was wrong with it."""

    def __init__(self, refusal: Refusal, field: str = "", value: str = "") -> None:
        """Keep the reason."""
        super().__init__(refusal)
        self.refusal = refusal
        self.field = field
        self.value = value


def ticks(milliseconds: int) -> int:
    """Return milliseconds as ticks of 100 ns."""
    return milliseconds * TICKS_PER_MS


def milliseconds(value: int) -> int:
    """Return ticks as milliseconds."""
    return value // TICKS_PER_MS


def hex_id(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for some text."""
    return md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()


def guid(text: str) -> str | None:
    """Return a GUID, however it is spelled, as 32 lower-case digits; None where it is none."""
    plain = text.strip("{}").replace("-", "").casefold()
    return plain if _GUID.fullmatch(plain) else None


def dashed(item_id: str) -> str:
    """Return a GUID with dashes, as in user data keys."""
    return f"{item_id[:8]}-{item_id[8:12]}-{item_id[12:16]}-{item_id[16:20]}-{item_id[20:]}"


def date_text(epoch: float, *, trimmed: bool) -> str:
    """Return a date with seven fractional digits; `trimmed`: without trailing zeros unless all are (Jellyfin)."""
    micros = round(epoch * 1_000_000)
    seconds, fraction = divmod(micros, 1_000_000)
    digits = f"{fraction:06}0"
    if trimmed and fraction:
        digits = digits.rstrip("0")
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{digits}Z"


def date_argument(name: str, text: str) -> float | None:
    """Return a date in a query as epoch seconds, None where it is not given; raises Refused."""
    try:
        return parse_date(text) if text else None
    except ValueError:
        raise Refused(Refusal.MALFORMED_ARGUMENT, name, text) from None


def parse_date(text: str) -> float:
    """Return a date as epoch seconds; without a zone it is UTC. Raises ValueError."""
    if _COMPACT_DATE.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day, time, fraction, zone = match.groups()
    moment = datetime.fromisoformat(f"{day}T{time}{zone if zone and zone != 'Z' else '+00:00'}")
    return moment.timestamp() + float(fraction or 0)

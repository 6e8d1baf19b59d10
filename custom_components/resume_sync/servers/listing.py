"""Whole listings of a library: read page by page, complete or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..sync.media_server import BadResponse
from .http import Answer
from .limits import MIB

MOST_ROWS: Final = 100_000
MOST_KEPT: Final = 256 * MIB


@dataclass(frozen=True, slots=True)
class Listing[Row]:
    """All rows of a listing.

    `sent_at` is when its first request left, in epoch milliseconds of this machine; `skew_ms` is the server's clock
    minus this machine's, as the first answer told it.
    """

    rows: tuple[Row, ...]
    sent_at: int
    skew_ms: int

    @property
    def server_now(self) -> int:
        """When the first request left, on the server's own clock."""
        return self.sent_at + self.skew_ms


@dataclass(frozen=True, slots=True)
class Page[Row]:
    """One page of a listing.

    `total` is how many rows the server says the whole listing has, 0 where it says nothing. `last`: no page follows.
    """

    rows: Sequence[Row]
    answer: Answer[object]
    total: int
    last: bool


async def read_pages[Row](
    read: Callable[[int], Awaitable[Page[Row]]],
    row_id: Callable[[Row], str | None],
    *,
    most_kept: int = MOST_KEPT,
    total_counts_repeats: bool,
) -> Listing[Row]:
    """Read pages up to the last one and return their rows; `read` takes the number of rows that came before.

    A row that moves while pages are read may come twice. `total_counts_repeats`: whether the total of the server
    counts it twice as well. A total below the rows that came means nothing; some lists say 0.

    Raises BadResponse where rows are missing, a page repeats an earlier one, or the listing has no end: more than
    100,000 rows, or more than `most_kept` bytes in memory.
    """
    rows: list[Row] = []
    seen: set[str] = set()
    nameless = total = kept = 0
    first: Answer[object] | None = None
    while True:
        page = await read(len(rows))
        first = first or page.answer
        kept += page.answer.kept
        if kept > most_kept or len(rows) + len(page.rows) > MOST_ROWS:
            raise BadResponse("A listing has no end")
        ids = [row_id(row) for row in page.rows]
        before = len(seen)
        seen.update(each for each in ids if each is not None)
        nameless += ids.count(None)
        rows += page.rows
        total = max(total, page.total)
        if page.last:
            break
        if len(seen) == before:
            raise BadResponse("A page repeats the one before")
    if total > (len(rows) if total_counts_repeats else len(seen) + nameless):
        raise BadResponse("A listing is incomplete")
    return Listing(tuple(rows), first.sent_at, first.skew_ms)


def joined[Row](first: Listing[Row], *more: Listing[Row]) -> Listing[Row]:
    """Return several listings as one, dated by the first one: a later change may be missing from it."""
    rows = (row for listing in (first, *more) for row in listing.rows)
    return Listing(tuple(rows), first.sent_at, first.skew_ms)

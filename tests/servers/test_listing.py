"""Whole listings: pages up to the last one, complete or an error."""

from collections.abc import Sequence
from itertools import count

import pytest

from custom_components.resume_sync.servers.http import Answer
from custom_components.resume_sync.servers.listing import MOST_ROWS, Listing, Page, joined, read_pages
from custom_components.resume_sync.sync.media_server import BadResponse

SIZE = 3
SENT_AT = 1_000
SKEW_MS = 40


class Server:
    """Answers page after page, one each second. `starts`: after how many rows each page was asked for."""

    def __init__(self, pages: Sequence[Sequence[str]], *, totals: Sequence[int] = (), size: int = 10) -> None:
        """Keep the pages, the total that each page tells, and how many bytes each has."""
        self.pages = pages
        self.totals = totals or [0] * len(pages)
        self.size = size
        self.starts: list[int] = []

    async def read(self, start: int) -> Page[str]:
        """Return the next page; a short one is the last."""
        number = len(self.starts)
        self.starts.append(start)
        rows = self.pages[number]
        answer = Answer[object](None, SENT_AT + 1000 * number, SKEW_MS + number, self.size)
        return Page(rows, answer, self.totals[number], last=len(rows) < SIZE)

    async def listing(self, *, most_kept: int = 1_000, total_counts_repeats: bool = False) -> Listing[str]:
        """Read all pages; a row that begins with `-` has no id."""
        return await read_pages(
            self.read,
            lambda row: None if row.startswith("-") else row,
            most_kept=most_kept,
            total_counts_repeats=total_counts_repeats,
        )


async def test_pages_are_read_up_to_the_last_one() -> None:
    """Each page begins where the one before ended; the first one dates the listing."""
    server = Server([["a", "b", "c"], ["d", "e", "f"], []])

    assert await server.listing() == Listing(("a", "b", "c", "d", "e", "f"), SENT_AT, SKEW_MS)
    assert server.starts == [0, 3, 6]


@pytest.mark.parametrize(
    ("pages", "totals", "rows"),
    [
        ([["a", "b"]], [2], 2),
        ([["a", "b"]], [3], None),
        ([["a", "b"]], [1], 2),
        ([["a", "b", "c"], ["d"]], [5, 0], None),
        ([["a", "b", "c"], ["d"]], [4, 0], 4),
        ([["a", "-", "-"], ["-"]], [4, 4], 4),
    ],
)
async def test_a_total_above_the_rows_is_an_error(
    pages: Sequence[Sequence[str]], totals: Sequence[int], rows: int | None
) -> None:
    """The highest total counts; one below the rows means nothing; rows without an id count each."""
    if rows is None:
        with pytest.raises(BadResponse):
            await Server(pages, totals=totals).listing()
    else:
        assert len((await Server(pages, totals=totals).listing()).rows) == rows


async def test_a_row_that_came_twice_stands_for_a_row_that_was_missed() -> None:
    """Row c moved from the first page to the second while both were read: so row d is missing."""
    pages, totals = [["a", "b", "c"], ["c"]], [4, 4]

    with pytest.raises(BadResponse):
        await Server(pages, totals=totals).listing(total_counts_repeats=False)
    assert len((await Server(pages, totals=totals).listing(total_counts_repeats=True)).rows) == 4


async def test_a_server_that_repeats_a_page_is_not_asked_for_ever() -> None:
    """It ignores where a page is to begin."""
    server = Server([["a", "b", "c"]] * 9)

    with pytest.raises(BadResponse):
        await server.listing()
    assert server.starts == [0, 3]


async def test_all_pages_together_have_a_limit() -> None:
    """Bytes and rows are counted over all pages."""
    pages = [[f"{page}.{row}" for row in range(SIZE)] for page in range(4)]
    with pytest.raises(BadResponse):
        await Server(pages, size=400).listing()

    numbers = count()

    async def endless(_: int) -> Page[str]:
        """Return a thousand new rows that take no bytes."""
        return Page([str(next(numbers)) for _ in range(1000)], Answer[object](None, SENT_AT, 0), 0, last=False)

    with pytest.raises(BadResponse):
        await read_pages(endless, lambda row: row, most_kept=1, total_counts_repeats=False)
    assert next(numbers) == MOST_ROWS + 1000


def test_listings_are_joined_under_the_date_of_the_first() -> None:
    """Rows keep their order."""
    parts = Listing(("a",), SENT_AT, SKEW_MS), Listing(("b", "a"), SENT_AT + 9, 0)

    assert joined(*parts) == Listing(("a", "b", "a"), SENT_AT, SKEW_MS)

"""Reading items by id: a hundred at once, and fewer where one of them breaks the answer."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

from ...sync.model import Unreadable
from ..http import UnexpectedStatusError
from ..listing import Listing

BATCH: Final = 100
MOST_FAILURES: Final = 30
BROKEN: Final = Unreadable("the server fails on it")


@dataclass(frozen=True, slots=True)
class BatchRead:
    """The rows of items that were asked for by id.

    The server fails on the `broken` ids; the `unasked` ones are left for a later run. `first` is the first answer: its
    time and clock count for all; None: there was none.
    """

    rows: tuple[object, ...]
    broken: frozenset[str]
    unasked: frozenset[str]
    first: Listing[object] | None


class Batches:
    """Reads batches of ids. A batch that is answered with 500 is halved, until the item that breaks it is alone.

    Jellyfin 10.11 fails on each item of an unknown type (those of a plug-in that was removed), and on a whole batch for
    one of them. Such items are remembered and asked for alone from then on.
    """

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Listing[object]]]) -> None:
        """Know of no broken item yet; `read` asks for a batch."""
        self._read = read
        self._broken: set[str] = set()

    async def read(self, item_ids: Collection[str]) -> BatchRead:
        """Return the rows of these items; a server that goes on failing is asked thirty times in vain at most."""
        alone = sorted(self._broken.intersection(item_ids))
        waiting = deque(batched(sorted(set(item_ids).difference(alone)), BATCH, strict=False))
        waiting += ((item_id,) for item_id in alone)
        listings: list[Listing[object]] = []
        broken: set[str] = set()
        unasked: set[str] = set()
        failures = 0
        while waiting:
            chunk = waiting.popleft()
            if failures == MOST_FAILURES:
                unasked.update(chunk)
                continue
            try:
                listings.append(await self._read(chunk))
            except UnexpectedStatusError as error:
                if error.status != 500:
                    raise
                failures += 1
                # Halves come last: the other batches are read first.
                half = len(chunk) // 2
                waiting += (part for part in (chunk[:half], chunk[half:]) if half)
                if not half:
                    broken.add(chunk[0])
            else:
                self._broken.difference_update(chunk)
        self._broken |= broken
        rows = tuple(row for listing in listings for row in listing.rows)
        return BatchRead(rows, frozenset(broken), frozenset(unasked), listings[0] if listings else None)

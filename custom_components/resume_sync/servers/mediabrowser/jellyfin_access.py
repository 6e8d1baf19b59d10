"""Which items a user of Jellyfin may see, as their own route tells: by its status, never by its data.

Reads by id answer items of libraries that were taken from the user. The route of the single item is 404 then. Its data
come from a copy in memory, on version 12 an old one at times.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Final

from ...sync.media_server import NotFound
from ...sync.model import Unreadable
from ..http import UnexpectedStatusError
from .batches import BROKEN
from .dialect import JELLYFIN
from .listing import UserLibrary
from .rows import StateRow, StateRows, state_rows, unlisted

SEEN_KEPT_MS: Final = 6 * 3600_000
MOST_ALONE: Final = 20
ASKED_AT_ONCE: Final = 4


class JellyfinAccess:
    """Asks for single items, and knows those that need no question.

    A position is doubted unless the last complete listing had it, or the item was seen since; before the first listing
    nothing is. An item without a position needs no question for six hours after it was seen.
    """

    def __init__(self, library: UserLibrary, now: Callable[[], int]) -> None:
        """Know nothing yet."""
        self._library = library
        self._now = now
        self._visible: set[str] | None = None
        self._seen_at: dict[str, int] = {}
        self._alone_left = MOST_ALONE
        self._asked_at: dict[str, int] = {}

    def forget(self) -> None:
        """Doubt nothing until the next listing."""
        self._visible = None

    def listed(self, item_ids: Collection[str]) -> None:
        """Take note of a complete listing of what is in progress, with which a run begins."""
        self._visible = set(item_ids)
        self._alone_left = MOST_ALONE

    def proven(self, item_ids: Collection[str]) -> None:
        """Take note of items that the user may see."""
        now = self._now()
        self._seen_at = {key: at for key, at in self._seen_at.items() if 0 <= now - at < SEEN_KEPT_MS}
        self._seen_at |= dict.fromkeys(item_ids, now)
        if self._visible is not None:
            self._visible.update(item_ids)

    async def hidden(self, rows: Mapping[str, StateRow]) -> frozenset[str]:
        """Return the items of a batch that stand at a position which the listing lacks, because the user lost them."""
        if self._visible is None:
            return frozenset()
        return await self._ask({key for key, row in rows.items() if row.state.position_ms} - self._visible)

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return those of some items that the user may not see."""
        now = self._now()
        seen = {key for key, at in self._seen_at.items() if 0 <= now - at < SEEN_KEPT_MS}
        return await self._ask(set(item_ids).difference(seen, self._visible or ()))

    async def _ask(self, item_ids: Collection[str]) -> frozenset[str]:
        """Ask for single items, four at once; return those that the user may not see."""
        if not item_ids:
            return frozenset()
        gone: set[str] = set()
        slots = asyncio.Semaphore(ASKED_AT_ONCE)

        async def ask(item_id: str) -> None:
            """Ask for one item."""
            async with slots:
                try:
                    await self._library.item(item_id)
                except NotFound:
                    gone.add(item_id)

        try:
            async with asyncio.TaskGroup() as group:
                for item_id in item_ids:
                    group.create_task(ask(item_id))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self.proven(set(item_ids) - gone)
        return frozenset(gone)

    async def alone(self, item_ids: Collection[str], *, limited: bool = True) -> StateRows:
        """Return the rows of items that a batch left out, twenty in a run if `limited`; those without one are absent.

        Batches of version 12 hide all versions of an item but the first. Those that were not asked for the longest come
        first: of 159 items that are gone, eight runs ask for all.
        """
        order = sorted(item_ids, key=lambda item_id: (self._asked_at.get(item_id, 0), item_id))
        asked = order[: self._alone_left] if limited else order
        self._alone_left -= len(asked) if limited else 0
        rows: dict[str, StateRow] = {}
        unknown: dict[str, Unreadable] = {}
        for item_id in asked:
            self._asked_at[item_id] = self._now()
            try:
                listing = await self._library.item(item_id)
            except NotFound:
                self._asked_at.pop(item_id)
            except UnexpectedStatusError as error:
                if error.status != 500:
                    raise
                unknown[item_id] = BROKEN
            else:
                single = state_rows(listing.rows, JELLYFIN.item_id, listing.server_now)
                rows |= {key: unlisted(row) for key, row in single.rows.items()}
                unknown |= single.unknown
                self.proven(single.rows)
        return StateRows(rows, unknown, unasked=frozenset(order[len(asked) :]))

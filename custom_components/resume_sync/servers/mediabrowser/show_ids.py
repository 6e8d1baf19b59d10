"""The external ids of shows, which rows of episodes lack."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ...sync.model import Item
from ..listing import Listing
from .batches import Batches
from .dialect import Dialect
from .rows import item_rows, with_show_ids

SHOW_IDS_KEPT_MS: Final = 24 * 3600_000
MISSING_SHOW_IDS_KEPT_MS: Final = 3600_000
MOST_SHOWS_ALONE: Final = 20


@dataclass(frozen=True, slots=True)
class _ShowIds:
    """The ids of a show, and until when to believe them."""

    ids: frozenset[str]
    until: int


class ShowIds:
    """Reads the ids of shows in batches, and keeps them: for a day, or for an hour where a show has none yet."""

    def __init__(
        self, read: Callable[[Sequence[str]], Awaitable[Listing[object]]], dialect: Dialect, now: Callable[[], int]
    ) -> None:
        """Know nothing yet; `read` asks for a batch of shows."""
        self._batches = Batches(read)
        self._dialect = dialect
        self._now = now
        self._known: dict[str, _ShowIds] = {}

    def forget(self) -> None:
        """Know nothing any more."""
        self._known.clear()

    def learn(self, shows: Iterable[Item]) -> None:
        """Keep the ids of shows that were read."""
        now = self._now()
        for show in shows:
            kept = SHOW_IDS_KEPT_MS if show.ids else MISSING_SHOW_IDS_KEPT_MS
            self._known[show.item_id] = _ShowIds(show.ids, now + kept)

    async def read(self, show_item_ids: Iterable[str | None]) -> None:
        """Read the ids of those shows that are not known, or not any more.

        Of a show in two folders, which Jellyfin takes for one, a batch has one row. The other folder's show has a row
        where it is asked for alone.
        """
        now = self._now()
        known = {key for key, show in self._known.items() if show.until > now}
        missing = {key for key in show_item_ids if key is not None} - known
        if not missing:
            return
        read = await self._batches.read(missing)
        shows = [row.item for row in item_rows(read.rows, self._dialect.item_id)]
        left_out = sorted(missing.difference(read.broken, read.unasked, (show.item_id for show in shows)))
        for key in left_out[:MOST_SHOWS_ALONE] if len(missing) > 1 else ():
            alone = await self._batches.read([key])
            shows += (row.item for row in item_rows(alone.rows, self._dialect.item_id))
        self._known |= dict.fromkeys(missing, _ShowIds(frozenset(), now + MISSING_SHOW_IDS_KEPT_MS))
        self.learn(shows)

    def complete(self, item: Item, show_item_id: str | None) -> Item:
        """Return an item with the known ids of its show."""
        show = None if show_item_id is None else self._known.get(show_item_id)
        return item if show is None else with_show_ids(item, show.ids)

"""Batch reads by rating key: the states of items, and the ids that listings leave out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Final

from ...sync.media_server import NotFound
from ...sync.model import ItemState, MediaKind, StateRead, Unreadable
from ...sync.off_loop import off_loop
from .listing import SLIM, PlexLibrary
from .rows import Row, Rows, is_rating_key, read_rows

# No limit is documented; very long lists were answered with 400 (github.com/Kometa-Team/Kometa/issues/2284).
_CHUNK: Final = 100
_IDS_KEPT_MS: Final = 24 * 60 * 60 * 1000


@dataclass(slots=True)
class _Batch:
    """Rows of several batch reads. `sent_at` is None while none was needed."""

    rows: Rows = field(default_factory=lambda: Rows({}, {}))
    sent_at: int | None = None
    skew_ms: int = 0


class PlexDetails:
    """Reads items by their rating keys; remembers for a day the ids that listings leave out."""

    def __init__(self, library: PlexLibrary, now: Callable[[], int]) -> None:
        """Know no ids yet."""
        self._library = library
        self._now = now
        self._ids: dict[str, frozenset[str]] = {}
        self._ids_since = now()

    def forget(self) -> None:
        """Drop all remembered ids."""
        self._ids.clear()

    def remember(self, ids: Mapping[str, frozenset[str]]) -> None:
        """Remember ids, by rating key, from another listing."""
        self._ids.update(ids)

    async def states(self, item_ids: Collection[str]) -> StateRead:
        """Return the states of items, at most 100 per request; an item without a row is absent."""
        asked = dict.fromkeys(item_ids)
        batch = await self._read(item_id for item_id in asked if is_rating_key(item_id))
        # A rating key of a film may be given to a show later: the film is absent then.
        rows = [row for key, row in batch.rows.read.items() if key in asked and row.item.kind is not MediaKind.SHOW]
        items = await self.complete(rows)
        unknown = {key: row for key, row in batch.rows.unknown.items() if key in asked}
        if batch.rows.nameless:
            nameless = Unreadable("perhaps in a row without a rating key")
            unknown |= dict.fromkeys(asked.keys() - items.keys() - unknown.keys(), nameless)
        return StateRead(
            items=items,
            absent=frozenset(asked) - items.keys() - unknown.keys(),
            read_at=self._now() if batch.sent_at is None else batch.sent_at,
            skew_ms=batch.skew_ms,
            unknown=unknown,
        )

    async def complete(self, rows: Collection[Row]) -> Mapping[str, ItemState]:
        """Return the states of rows by rating key, with all ids; ids that are not known yet are read."""
        await self._learn(rows)
        return await off_loop(len(rows), lambda: {row.state.item_id: self._completed(row) for row in rows})

    def _completed(self, row: Row) -> ItemState:
        """Return a row's state with the ids that were learnt of it and of its show."""
        ids = self._ids.get(row.state.item_id, frozenset()) if row.ids_withheld else frozenset[str]()
        state = row.with_ids(ids, self._ids.get(row.show_key or "", frozenset()))
        # The section's agent is sure. A row tells less: an item that no agent knows has the same guid in every section.
        identifiable = self._library.sections.identifiable.get(row.section or "", state.item.identifiable)
        return replace(state, item=replace(state.item, identifiable=identifiable))

    async def _learn(self, rows: Iterable[Row]) -> None:
        """Read the ids that these rows lack, of episodes and of shows, in one batch."""
        if self._now() - self._ids_since > _IDS_KEPT_MS:
            self._ids.clear()
            self._ids_since = self._now()
        wanted: dict[str, None] = {}
        for row in rows:
            if row.ids_withheld:
                wanted[row.state.item_id] = None
            if row.show_ids_withheld and row.show_key is not None:
                wanted[row.show_key] = None
        missing = [key for key in wanted if key not in self._ids]
        found = (await self._read(missing)).rows.read
        for key in missing:
            self._ids[key] = found[key].item.ids if key in found else frozenset()

    async def _read(self, keys: Iterable[str]) -> _Batch:
        """Read rows by rating key. A batch of which the server knows nothing is answered with 404."""
        batch = _Batch()
        for chunk in batched(keys, _CHUNK, strict=False):
            path = f"/library/metadata/{','.join(chunk)}"
            sent_at = self._now()
            try:
                # The items are as they are stored: without this, a read may first look at the files behind them.
                listing = await self._library.pages(path, {**SLIM, "skipRefresh": 1}, page_size=_CHUNK + 1)
            except NotFound:
                batch.sent_at = sent_at if batch.sent_at is None else batch.sent_at
                continue
            if batch.sent_at is None:
                batch.sent_at = listing.sent_at
            batch.skew_ms = listing.skew_ms
            rows = read_rows(listing.rows, listing.server_now)
            # Here no ids are left out: an episode without any has none.
            batch.rows.read |= {key: replace(row, ids_withheld=False) for key, row in rows.read.items()}
            batch.rows.unknown |= rows.unknown
            batch.rows.nameless += rows.nameless
        return batch

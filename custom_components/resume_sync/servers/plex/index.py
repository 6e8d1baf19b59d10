"""An index of a library's films or shows by their typed ids: a Plex server cannot look up by external id."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.model import Item
from ...sync.off_loop import off_loop
from .http_session import RequestRejected
from .listing import SLIM, PlexLibrary, Query, RowListing
from .rows import read_rows
from .sections import MediaType

_PAGE: Final = 1000
_KEPT_MS: Final = 24 * 60 * 60 * 1000
_FRESH_MS: Final = 5 * 60 * 1000
# Servers stamp whole seconds, and metadata arrives a while after an item does.
_OVERLAP_MS: Final = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class _Titles:
    """Items by rating key, and the rating keys of each typed id; nothing in it changes any more."""

    items: dict[str, Item] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def with_rows(self, rows: Sequence[Element]) -> _Titles:
        """Return these titles with rows taken in; one that cannot be read cannot be found either."""
        items, keys = dict(self.items), dict(self.keys)
        for key, row in read_rows(rows).read.items():
            for typed in items[key].ids if key in items else ():
                keys[typed] = tuple(other for other in keys[typed] if other != key)
            items[key] = row.item
            for typed in row.item.ids:
                keys[typed] = (*keys.get(typed, ()), key)
        return _Titles(items, keys)


class PlexIndex:
    """All films or all shows, read once in slim pages.

    Read anew after a day, or after `forget`. A miss asks for what was added or updated since, where the last reading
    is more than five minutes old.
    """

    def __init__(self, library: PlexLibrary, media_type: MediaType, now: Callable[[], int]) -> None:
        """Hold nothing yet."""
        self._library = library
        self._type = media_type
        self._now = now
        self._titles = _Titles()
        self._full_at: int | None = None
        self._fresh_at = 0
        self._skew_ms = 0

    @property
    def loaded(self) -> bool:
        """Whether the index holds a reading of the last day."""
        return self._full_at is not None and 0 <= self._now() - self._full_at < _KEPT_MS

    def forget(self) -> None:
        """Drop everything."""
        self._titles = _Titles()
        self._full_at = None

    async def load(self) -> None:
        """Read the whole library where that was not done within a day."""
        if self.loaded:
            return
        listing = await self._library.list(self._query("index", {}))
        self.forget()
        await self._add(listing)
        self._full_at = self._fresh_at = listing.sent_at

    async def refresh(self) -> bool:
        """Read what came or changed since the last reading; return False where that reading is fresh enough."""
        if 0 <= self._now() - self._fresh_at < _FRESH_MS:
            return False
        since = max(self._fresh_at + self._skew_ms - _OVERLAP_MS, 0) // 1000
        sent_at = self._now()
        try:
            for name in ("addedAt", "updatedAt"):
                await self._add(await self._library.list(self._query(name, {f"{name}>>": since}, doubt_empty=False)))
        except RequestRejected:
            self._full_at = None
            await self.load()
        self._fresh_at = sent_at
        return True

    def with_ids(self, ids: Collection[str]) -> dict[str, Item]:
        """Return all items, by rating key, that have one of these ids."""
        keys = {key for typed in ids for key in self._titles.keys.get(typed, ())}
        return {key: self._titles.items[key] for key in keys}

    def with_title(self, title: str) -> dict[str, Item]:
        """Return all items, by rating key, that are called that: candidates, nothing more."""
        wanted = title.casefold()
        return {key: item for key, item in self._titles.items.items() if item.title.casefold() == wanted}

    def _query(self, name: str, filters: dict[str, str | int], *, doubt_empty: bool = True) -> Query:
        """Return a query for films or shows in slim pages."""
        return Query(name, self._type, {**SLIM, **filters}, self._is_ours, _PAGE, doubt_empty)

    def _is_ours(self, row: Element) -> bool:
        """Tell whether a row is of the type that was asked for."""
        return row.get("type") in (None, self._type.name.lower())

    async def _add(self, listing: RowListing) -> None:
        """Take rows in, many of them in a thread."""
        self._skew_ms = listing.skew_ms
        self._titles = await off_loop(len(listing.rows), lambda: self._titles.with_rows(listing.rows))

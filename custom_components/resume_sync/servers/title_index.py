"""Titles of a library by the ids that recognise them, and an index of all films and shows that is kept up to date.

Jellyfin and Plex cannot be asked for an external id. So, where searches by title are too many, all films and shows are
read once.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
import hashlib
from typing import Final, Protocol

from ..sync.identity import search_keys
from ..sync.model import Item, MediaKind
from ..sync.off_loop import off_loop
from .listing import Listing

FEW_TITLES: Final = 3
"""Up to so many titles are searched for one by one while there is no index."""
KEPT_MS: Final = 24 * 60 * 60 * 1000
FRESH_MS: Final = 5 * 60 * 1000


class TitleIndex:
    """Items by each of their `search_keys`: films and shows by external id, episodes also by their place in a show."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        """Take in some items."""
        self._items: dict[str, Item] = {}
        self._by_key: dict[str, tuple[str, ...]] = {}
        self._shows_by_title: defaultdict[str, set[str]] = defaultdict(set)
        self._digest = 0
        self.add(items)

    @property
    def revision(self) -> str:
        """A digest of the items and their ids: the same for the same library, also after a restart."""
        return f"{self._digest:016x}"

    @property
    def shows(self) -> list[Item]:
        """All shows."""
        return [item for item in self._items.values() if item.kind is MediaKind.SHOW]

    def with_items(self, items: Iterable[Item]) -> TitleIndex:
        """Return an index that holds these items as well; this one stays as it is, and may be read meanwhile."""
        larger = TitleIndex()
        larger._items, larger._by_key = dict(self._items), dict(self._by_key)
        larger._shows_by_title |= {title: set(item_ids) for title, item_ids in self._shows_by_title.items()}
        larger._digest = self._digest
        larger.add(items)
        return larger

    def add(self, items: Iterable[Item]) -> None:
        """Take in items; an item with a known `item_id` replaces the known one."""
        for item in items:
            known = self._items.get(item.item_id)
            if known == item:
                continue
            if known is not None:
                self.drop([item.item_id])
            self._items[item.item_id] = item
            self._digest ^= _digest(item)
            for key in search_keys(item):
                self._by_key[key] = (*self._by_key.get(key, ()), item.item_id)
            if item.kind is MediaKind.SHOW:
                self._shows_by_title[item.title.casefold()].add(item.item_id)

    def drop(self, item_ids: Collection[str]) -> None:
        """Leave out items that are gone; ids that are not in the index are ignored."""
        for item_id in item_ids:
            item = self._items.pop(item_id, None)
            if item is not None:
                self._digest ^= _digest(item)
                for key in search_keys(item):
                    self._by_key[key] = tuple(one for one in self._by_key[key] if one != item_id)
                self._shows_by_title[item.title.casefold()].discard(item_id)

    def sharing(self, keys: Iterable[str]) -> list[Item]:
        """Return the items that have any of these keys, sorted by `item_id`."""
        found = {item_id for key in keys for item_id in self._by_key.get(key, ())}
        return [self._items[item_id] for item_id in sorted(found)]

    def copies_of(self, wanted: Item) -> list[Item]:
        """Return the items that share a key with another server's item, sorted by `item_id`.

        Other ids may contradict: whether an item is the same title is decided later, by `matching.match`.
        """
        return self.sharing(search_keys(wanted))

    def shows_of(self, episode: Item) -> list[Item]:
        """Return the shows that an episode may belong to: those sharing an id with its show, else those of its title.

        A title proves nothing: it only tells in which shows to look for the episode's own ids.
        """
        if shows := self.sharing(episode.show_ids):
            return shows
        same_title = self._shows_by_title.get((episode.show_title or "").casefold(), ())
        return [self._items[item_id] for item_id in sorted(same_title)]


class Catalogue(Protocol):
    """Reads films and shows from a server, for an index of them."""

    async def everything(self) -> Listing[Item]:
        """Return all of them."""

    async def changed_since(self, server_ms: int) -> Listing[Item] | None:
        """Return those added or changed since a time on the server's clock; None where the server cannot tell."""


class LibraryIndex:
    """An index of a library, read when it is first needed.

    A look-up that misses has it refreshed, where it is older than five minutes. After a day it is read anew, because
    servers do not tell what was deleted.
    """

    def __init__(self, catalogue: Catalogue, now: Callable[[], int], *, overlap_ms: int) -> None:
        """Read nothing yet.

        `overlap_ms`: by how much a refresh goes back before the last reading, because an item may appear some time
        after the date that it carries.
        """
        self._catalogue = catalogue
        self._now = now
        self._overlap_ms = overlap_ms
        self._titles: TitleIndex | None = None
        self._read_at = 0
        self._refreshed_at = 0
        self._server_ms = 0

    @property
    def revision(self) -> str | None:
        """The revision of the titles; None while none were read."""
        return None if self._titles is None else self._titles.revision

    @property
    def loaded(self) -> bool:
        """Whether there is a reading of the last day."""
        return self._titles is not None and 0 <= self._now() - self._read_at < KEPT_MS

    @property
    def titles(self) -> TitleIndex:
        """The titles as last read; an empty index before that."""
        return TitleIndex() if self._titles is None else self._titles

    def forget(self) -> None:
        """Drop everything."""
        self._titles = None

    def drop(self, item_ids: Collection[str]) -> None:
        """Leave out items that are gone, so that looking for them again misses."""
        if self._titles is not None:
            self._titles.drop(item_ids)

    async def load(self) -> None:
        """Read the whole library, unless that was done within a day."""
        if self.loaded:
            return
        listing = await self._catalogue.everything()
        self._titles = await off_loop(len(listing.rows), lambda: TitleIndex(listing.rows))
        self._read_at = listing.sent_at
        self._refreshed(listing)

    async def refresh(self) -> bool:
        """Read what changed since the last reading; return whether anything did.

        False without a request where the last reading is not older than five minutes.
        """
        if 0 <= self._now() - self._refreshed_at < FRESH_MS:
            return False
        changed = await self._catalogue.changed_since(max(self._server_ms - self._overlap_ms, 0))
        if changed is None:
            self.forget()
            await self.load()
            return True
        if changed.rows:
            titles = self.titles
            self._titles = await off_loop(len(changed.rows), lambda: titles.with_items(changed.rows))
        self._refreshed(changed)
        return bool(changed.rows)

    def _refreshed(self, listing: Listing[Item]) -> None:
        """Note from when on changes are still to be read."""
        self._refreshed_at = listing.sent_at
        self._server_ms = listing.sent_at + listing.skew_ms


def _digest(item: Item) -> int:
    """Return the part of an item in the revision: 64 bits of a digest of its id and its external ids."""
    told = f"{item.item_id} {' '.join(sorted(item.ids))}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])

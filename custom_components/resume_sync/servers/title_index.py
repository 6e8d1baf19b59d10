"""An index of films and shows by external id, because Jellyfin cannot be asked for one."""

from collections import defaultdict
from collections.abc import Collection, Iterable
import hashlib

from ..sync.model import Item, MediaKind


class TitleIndex:
    """Films and shows by typed external id, shows by title as well."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        """Take in some items."""
        self._items: dict[str, Item] = {}
        self._by_id: dict[str, tuple[str, ...]] = {}
        self._shows_by_title: defaultdict[str, set[str]] = defaultdict(set)
        self._digest = 0
        self.add(items)

    @property
    def revision(self) -> str:
        """The same for the same titles with the same ids, also after a restart."""
        return f"{self._digest:016x}"

    @property
    def shows(self) -> list[Item]:
        """All shows."""
        return [item for item in self._items.values() if item.kind is MediaKind.SHOW]

    def add(self, items: Iterable[Item]) -> None:
        """Take in items; one that is known already replaces what was known of it."""
        for item in items:
            known = self._items.get(item.item_id)
            if known == item:
                continue
            if known is not None:
                self.drop([item.item_id])
            self._items[item.item_id] = item
            self._digest ^= _digest(item)
            for external_id in item.ids:
                self._by_id[external_id] = (*self._by_id.get(external_id, ()), item.item_id)
            if item.kind is MediaKind.SHOW:
                self._shows_by_title[item.title.casefold()].add(item.item_id)

    def drop(self, item_ids: Collection[str]) -> None:
        """Leave out items that are gone."""
        for item_id in item_ids:
            item = self._items.pop(item_id, None)
            if item is not None:
                self._digest ^= _digest(item)
                for external_id in item.ids:
                    self._by_id[external_id] = tuple(one for one in self._by_id[external_id] if one != item_id)
                self._shows_by_title[item.title.casefold()].discard(item_id)

    def sharing(self, external_ids: Iterable[str]) -> list[Item]:
        """Return the items that have any of these ids, in a stable order."""
        found = {item_id for external_id in external_ids for item_id in self._by_id.get(external_id, ())}
        return [self._items[item_id] for item_id in sorted(found)]

    def shows_of(self, episode: Item) -> list[Item]:
        """Return the shows that an episode may belong to: those sharing an id with its show, else those of its title.

        A title proves nothing: it only tells in which shows to look for the episode's own ids.
        """
        if shows := self.sharing(episode.show_ids):
            return shows
        same_title = self._shows_by_title.get((episode.show_title or "").casefold(), ())
        return [self._items[item_id] for item_id in sorted(same_title)]


def _digest(item: Item) -> int:
    """Return what an item adds to the revision: a part of a digest of its id and its external ids."""
    told = f"{item.item_id} {' '.join(sorted(item.ids))}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])

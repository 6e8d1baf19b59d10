"""What a server holds: its libraries and the items in them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EntryKind(StrEnum):
    """The kinds of items that the simulators know."""

    FILM = "film"
    SHOW = "show"
    SEASON = "season"
    EPISODE = "episode"


class LibraryKind(StrEnum):
    """What a library is made for."""

    FILMS = "films"
    SHOWS = "shows"


@dataclass(slots=True)
class Library:
    """A library. `mounted` False: its files are out of reach, its rows are left out of every answer.

    `minimum_percent`, `maximum_percent` and `minimum_seconds` bound resuming where a server keeps that by library.
    `agent` names the metadata source where that shows in ids.
    """

    library_id: str
    name: str
    kind: LibraryKind
    mounted: bool = True
    minimum_percent: float = 2
    maximum_percent: float = 90
    minimum_seconds: int = 120
    agent: str = ""


@dataclass(slots=True)
class Entry:
    """One item on one server. `key` names the title across servers; `number` is an episode's or a season's.

    `primary_id`: this is another version of that item. `versions` are the ids of this item's other versions.
    `added_at` and `changed_at` are epoch seconds on the server's clock.
    """

    item_id: str
    kind: EntryKind
    key: str
    title: str
    library: Library
    added_at: float
    changed_at: float
    year: int | None = None
    duration_ms: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    season: int | None = None
    number: int | None = None
    number_end: int | None = None
    aired: str | None = None
    show_id: str | None = None
    season_id: str | None = None
    children: list[str] = field(default_factory=list)
    primary_id: str | None = None
    versions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """An item came, went (`removed`) or has new metadata (`updated`); `replaces`: the item that it came back for."""

    entry: Entry
    removed: bool = False
    updated: bool = False
    replaces: Entry | None = None


class Holdings:
    """All entries of a server by id, by key, and in the order of their arrival; `revision` counts changes."""

    def __init__(self) -> None:
        """Start empty."""
        self.libraries: dict[str, Library] = {}
        self.revision = 0
        self._entries: dict[str, Entry] = {}
        self._listeners: list[Callable[[LibraryChange], None]] = []
        self._by_key: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_kind: dict[EntryKind, dict[str, Entry]] = {kind: {} for kind in EntryKind}
        self._lists: dict[str, tuple[int, list[Entry]]] = {}

    def __iter__(self) -> Iterator[Entry]:
        """Go through all entries."""
        return iter(self._entries.values())

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def get(self, item_id: str) -> Entry | None:
        """Return an entry, or None where there is no such id."""
        return self._entries.get(item_id)

    def __getitem__(self, item_id: str) -> Entry:
        """Return an entry; raises KeyError."""
        return self._entries[item_id]

    def on_change(self, listener: Callable[[LibraryChange], None]) -> None:
        """Call `listener` after each change."""
        self._listeners.append(listener)

    def add(self, entry: Entry, *, replaces: Entry | None = None) -> None:
        """Take an entry in."""
        self._entries[entry.item_id] = entry
        self._by_key[entry.key][entry.item_id] = None
        self._by_kind[entry.kind][entry.item_id] = entry
        self._changed(LibraryChange(entry, replaces=replaces))

    def touch(self, entry: Entry, at: float) -> None:
        """Note that an entry's metadata changed."""
        entry.changed_at = at
        self._changed(LibraryChange(entry, updated=True))

    def remove(self, entry: Entry) -> None:
        """Drop an entry with its versions and everything below it."""
        for below in (*entry.children, *entry.versions):
            self.remove(self._entries[below])
        parent = self._entries.get(entry.season_id or entry.show_id or "")
        if parent is not None and entry.item_id in parent.children:
            parent.children.remove(entry.item_id)
        primary = self._entries.get(entry.primary_id or "")
        if primary is not None and entry.item_id in primary.versions:
            primary.versions.remove(entry.item_id)
        del self._entries[entry.item_id]
        del self._by_key[entry.key][entry.item_id]
        del self._by_kind[entry.kind][entry.item_id]
        self._changed(LibraryChange(entry, removed=True))

    def _changed(self, change: LibraryChange) -> None:
        """Tell the listeners."""
        self.revision += 1
        for listener in self._listeners:
            listener(change)

    def items_of(self, key: str) -> list[str]:
        """Return the ids of all items of one title."""
        return list(self._by_key.get(key, ()))

    def of_kinds(self, kinds: Collection[EntryKind]) -> Iterator[Entry]:
        """Go through the entries of some kinds."""
        for kind in EntryKind:
            if kind in kinds:
                yield from self._by_kind[kind].values()

    def sorted_by(self, name: str, keep: Callable[[Entry], bool], order: Callable[[Entry], object]) -> list[Entry]:
        """Return a filtered, sorted list, remembered under `name` until the holdings change."""
        remembered = self._lists.get(name)
        if remembered is None or remembered[0] != self.revision:
            rows = sorted((entry for entry in self if keep(entry)), key=order)  # type: ignore[arg-type]
            remembered = (self.revision, rows)
            self._lists[name] = remembered
        return remembered[1]

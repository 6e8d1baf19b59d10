"""The library side of a server: adding, removing and replacing what it holds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from .holdings import Entry, EntryKind, Holdings, Library, LibraryKind
from .library import Film, Show


class Shelves(ABC):
    """Libraries and items. Subclasses say what ids look like; libraries are made when they are first named."""

    def __init__(self) -> None:
        """Start with empty shelves."""
        self.holdings = Holdings()
        self._paths: dict[str, int] = {}

    @abstractmethod
    def now(self) -> float:
        """Return the time on the server's clock."""

    @abstractmethod
    def new_library_id(self, name: str) -> str:
        """Return an id for a library."""

    @abstractmethod
    def new_item_id(self, kind: EntryKind, path: str) -> str:
        """Return an id for an item that lies at `path`, which no other item of the server does."""

    @property
    def libraries(self) -> Mapping[str, Library]:
        """The libraries by name."""
        return self.holdings.libraries

    def library(self, name: str) -> Library:
        """Return a library by name; raises KeyError."""
        return self.holdings.libraries[name]

    def add_library(self, name: str, kind: LibraryKind) -> Library:
        """Make a library, or return the one of that name."""
        if name not in self.holdings.libraries:
            self.holdings.libraries[name] = Library(self.new_library_id(name), name, kind)
        return self.holdings.libraries[name]

    def remove_library(self, name: str) -> None:
        """Remove a library with everything in it."""
        library = self.holdings.libraries.pop(name)
        for entry in [each for each in self.holdings if each.library is library]:
            if self.holdings.get(entry.item_id) is not None:
                self.holdings.remove(entry)

    def add_film(self, film: Film, library: str = "Films") -> str:
        """Put a film into a library and return its item id."""
        shelf = self.add_library(library, LibraryKind.FILMS)
        entry = self._new(EntryKind.FILM, shelf, film.key, film.title)
        entry.year, entry.duration_ms, entry.ids = film.year, film.duration_ms, film.ids
        self._take_in(entry)
        return entry.item_id

    def add_show(self, show: Show, library: str = "Shows") -> str:
        """Put a show with its seasons and episodes into a library and return the item id of the show."""
        shelf = self.add_library(library, LibraryKind.SHOWS)
        top = self._new(EntryKind.SHOW, shelf, show.key, show.title)
        top.year, top.ids = show.year, show.ids
        self._take_in(top)
        seasons: dict[int, Entry] = {}
        for episode in sorted(show.episodes, key=lambda each: (each.season, each.number)):
            if episode.season not in seasons:
                title = f"Season {episode.season}" if episode.season else "Specials"
                season = self._new(EntryKind.SEASON, shelf, f"{show.key}/s{episode.season:02}", title)
                season.show_id, season.number, season.year = top.item_id, episode.season, show.year
                self._take_in(season, top)
                seasons[episode.season] = season
            season = seasons[episode.season]
            entry = self._new(EntryKind.EPISODE, shelf, show.episode_key(episode.season, episode.number), episode.title)
            entry.duration_ms, entry.ids, entry.year = episode.duration_ms, episode.ids, show.year
            entry.season, entry.number, entry.number_end = episode.season, episode.number, episode.number_end
            entry.aired = episode.aired
            entry.show_id, entry.season_id = top.item_id, season.item_id
            self._take_in(entry, season)
        return top.item_id

    def add_version(self, item_id: str, *, duration_ms: int | None = None) -> str:
        """Add another version (cut, quality) of a film or episode to its item and return the version's id."""
        primary = self.holdings[item_id]
        number = len(primary.versions) + 2
        path = f"{primary.library.name}/{primary.key} - version {number}"
        version = replace(
            primary,
            item_id=self.new_item_id(primary.kind, path),
            key=f"{primary.key}/version{number}",
            duration_ms=duration_ms or primary.duration_ms,
            primary_id=primary.item_id,
            children=[],
            versions=[],
        )
        primary.versions.append(version.item_id)
        self.holdings.add(version)
        return version.item_id

    def delete(self, item_id: str) -> None:
        """Delete an item with everything below it."""
        self.holdings.remove(self.holdings[item_id])

    def replace_file(self, item_id: str, *, duration_ms: int | None = None) -> str:
        """Upgrade a film's or episode's file: the same title comes back under a new item id, which is returned."""
        old = self.holdings[item_id]
        path = self._free_path(f"{old.library.name}/{old.key}")
        new = replace(
            old,
            item_id=self.new_item_id(old.kind, path),
            duration_ms=duration_ms or old.duration_ms,
            added_at=self.now(),
            changed_at=self.now(),
        )
        old.versions = []
        self.holdings.remove(old)
        self._take_in(new, self.holdings[old.season_id] if old.season_id else None, replaces=old)
        for version in new.versions:
            self.holdings[version].primary_id = new.item_id
        return new.item_id

    def refresh(self, item_id: str, *, title: str | None = None, ids: Mapping[str, str] | None = None) -> None:
        """Refresh an item's metadata: the date of its last change moves, and what is given."""
        entry = self.holdings[item_id]
        entry.title = entry.title if title is None else title
        entry.ids = entry.ids if ids is None else ids
        self.holdings.touch(entry, self.now())

    def items_of(self, key: str) -> list[str]:
        """Return the ids of all items of a title, by the key that the catalogue gives it."""
        return self.holdings.items_of(key)

    def _new(self, kind: EntryKind, shelf: Library, key: str, title: str) -> Entry:
        """Make an item, not yet on its shelf."""
        item_id = self.new_item_id(kind, self._free_path(f"{shelf.name}/{key}"))
        return Entry(item_id, kind, key, title, shelf, self.now(), self.now())

    def _free_path(self, path: str) -> str:
        """Return a path that no item had before, the given one if it is free."""
        number = self._paths.get(path, 0) + 1
        self._paths[path] = number
        return path if number == 1 else f"{path} ({number})"

    def _take_in(self, entry: Entry, parent: Entry | None = None, *, replaces: Entry | None = None) -> None:
        """Put an item on its shelf."""
        if parent is not None:
            parent.children.append(entry.item_id)
        self.holdings.add(entry, replaces=replaces)

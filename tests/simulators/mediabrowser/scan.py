"""The library scan of Jellyfin and Emby: folders of films and shows as files, with .nfo files beside them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
import re
import struct

from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Episode, Film, Show
from tests.simulators.shelves import Shelves

_ID = re.compile(r'<uniqueid type="(\w+)">([^<]*)</uniqueid>')
_TEXT = re.compile(r"<(title|year|aired)>([^<]*)</\1>")
_NUMBER = re.compile(r"S(\d+)E(\d+)")
_LENGTH = re.compile(rb"\x44\x89(?:\x88|\x01\x00\x00\x00\x00\x00\x00\x08)(.{8})", re.DOTALL)


@dataclass(slots=True)
class _Found:
    """What a scan knows of one folder: its item, the main file, and the text that describes it."""

    item_id: str
    file: str
    text: str
    files: frozenset[str]


class MediaScan:
    """Brings the shelves in line with folders. `taken_in` is told each new show."""

    def __init__(self, shelves: Shelves, taken_in: Callable[[str], None] = lambda _: None) -> None:
        """Have no folders."""
        self._shelves = shelves
        self._taken_in = taken_in
        self._folders: dict[str, Path] = {}
        self._known: dict[str, dict[str, _Found]] = {}

    def add(self, library: str, kind: LibraryKind, folder: Path) -> None:
        """Look for the titles of a library in a folder from now on."""
        self._shelves.add_library(library, kind)
        self._folders[library] = folder
        self._known[library] = {}

    def remove(self, library: str) -> None:
        """Forget a library."""
        self._folders.pop(library, None)
        self._known.pop(library, None)

    def run(self) -> None:
        """Look through all folders; one that is empty or out of reach is left as it was."""
        for library, folder in self._folders.items():
            places = {path.name: path for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else {}
            if places:
                self._library(library, places)

    def _library(self, library: str, places: Mapping[str, Path]) -> None:
        """Bring one library in line."""
        known = self._known[library]
        for name in [name for name in known if name not in places]:
            self._shelves.delete(known.pop(name).item_id)
        is_films = self._shelves.library(library).kind is LibraryKind.FILMS
        for name, path in sorted(places.items()):
            found = known.get(name)
            if found is None:
                known[name] = self._film(library, path) if is_films else self._show(library, path)
            elif is_films and (file := _main_file(path)) != found.file:
                found.item_id, found.file = self._shelves.replace_file(found.item_id), file
            if (found := known[name]).text != (text := _text(path)):
                found.text = text
                self._shelves.refresh(found.item_id, title=_told(text)["title"], ids=dict(_ID.findall(text)))

    def _film(self, library: str, path: Path) -> _Found:
        """Take in a film with its versions."""
        text, file, files = _text(path), _main_file(path), sorted(each.name for each in path.glob("*.mkv"))
        told = _told(text)
        seconds = _seconds(path / file)
        film = Film(f"{library}/{path.name}", told["title"], int(told["year"]), seconds, dict(_ID.findall(text)))
        item_id = self._shelves.add_film(film, library)
        for other in files:
            if other != file:
                self._shelves.add_version(item_id, duration_ms=_seconds(path / other))
        return _Found(item_id, file, text, frozenset(files))

    def _show(self, library: str, path: Path) -> _Found:
        """Take in a show."""
        text = _text(path)
        told = _told(text)
        key = f"{library}/{path.name}"
        show = Show(key, told["title"], int(told["year"]), dict(_ID.findall(text)), tuple(_episodes(path)))
        item_id = self._shelves.add_show(show, library)
        self._taken_in(item_id)
        return _Found(item_id, "", text, frozenset())


def _episodes(path: Path) -> Iterator[Episode]:
    """Yield the episodes of a show's folder."""
    for file in sorted(path.rglob("*.mkv")):
        match = _NUMBER.search(file.name)
        text = file.with_suffix(".nfo").read_text(encoding="utf-8")
        if match is not None:
            told, ids = _told(text), dict(_ID.findall(text))
            numbers = int(match[1]), int(match[2])
            yield Episode(*numbers, told["title"], _seconds(file), ids, aired=told.get("aired"))


def _main_file(path: Path) -> str:
    """Return the file that has the name of its folder, or else the first one."""
    files = sorted(each.name for each in path.glob("*.mkv"))
    return next((name for name in files if name == f"{path.name}.mkv"), files[0])


def _text(path: Path) -> str:
    """Return what describes a film or show."""
    return next(path.glob("*.nfo")).read_text(encoding="utf-8")


def _told(text: str) -> dict[str, str]:
    """Return title and year."""
    return {"title": "", "year": "0", **dict(_TEXT.findall(text))}


def _seconds(file: Path) -> int:
    """Return the length of a Matroska file in milliseconds."""
    match = _LENGTH.search(file.read_bytes())
    return round(struct.unpack(">d", match[1])[0]) if match else 0

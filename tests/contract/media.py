"""Films and shows as files of a few hundred bytes: Matroska with a length and no pictures, and .nfo files with ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
import shutil
import struct
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Film:
    """A film. `ids` maps `imdb`, `tmdb`, `tvdb` to values; `folder` is another one than its name has."""

    name: str
    year: int
    seconds: int
    ids: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def place(self) -> str:
        """The folder that it lies in."""
        return self.folder or f"{self.name} ({self.year})"


@dataclass(frozen=True, slots=True)
class Show:
    """A show with episodes of one length, by season and number. `aired`: the day on which all of them first aired."""

    name: str
    year: int
    seconds: int
    episodes: tuple[tuple[int, int], ...]
    ids: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    aired: str = ""

    @property
    def place(self) -> str:
        """The folder that it lies in."""
        return self.folder or f"{self.name} ({self.year})"


@dataclass(frozen=True, slots=True)
class MediaFolder:
    """A folder that this program writes to, and the path under which the server sees it."""

    here: Path
    there: str

    @classmethod
    def given(cls, text: str) -> MediaFolder:
        """Read `HERE` or `HERE:THERE`."""
        here, _, there = text.partition(":")
        return cls(Path(here).resolve(), there or str(Path(here).resolve()))

    def inside(self, name: str) -> MediaFolder:
        """Return a folder in this one, made where it is not there."""
        folder = MediaFolder(self.here / name, f"{self.there.rstrip('/')}/{name}")
        folder.here.mkdir(parents=True, exist_ok=True)
        # Servers in containers run as somebody else, and look into it only.
        folder.here.chmod(0o755)
        return folder

    def add_film(self, film: Film, version: str = "") -> None:
        """Write a film; `version`: beside its other versions."""
        folder = self.here / film.place
        folder.mkdir(parents=True, exist_ok=True)
        name = film.place if not version else f"{film.place} - {version}"
        folder.joinpath(f"{name}.mkv").write_bytes(matroska(film.seconds))
        self.describe(film)

    def add_show(self, show: Show) -> None:
        """Write a show."""
        folder = self.here / show.place
        folder.mkdir(parents=True, exist_ok=True)
        self.describe(show)
        for season, number in show.episodes:
            below = folder / f"Season {season:02}"
            below.mkdir(exist_ok=True)
            name = f"{show.name} S{season:02}E{number:02}"
            below.joinpath(f"{name}.mkv").write_bytes(matroska(show.seconds))
            parts: dict[str, object] = {"title": f"Part {number}", "season": season, "episode": number}
            if show.aired:
                parts["aired"] = show.aired
            below.joinpath(f"{name}.nfo").write_text(_nfo("episodedetails", parts, {}), encoding="utf-8")

    def describe(self, title: Film | Show) -> None:
        """Write what a film or show is called, and its ids."""
        kind, name = ("movie", "movie.nfo") if isinstance(title, Film) else ("tvshow", "tvshow.nfo")
        text = _nfo(kind, {"title": title.name, "year": title.year}, title.ids)
        self.here.joinpath(title.place, name).write_text(text, encoding="utf-8")

    def rename_file(self, film: Film, name: str) -> None:
        """Give a film's file another name."""
        folder = self.here / film.place
        next(folder.glob("*.mkv")).rename(folder / f"{name}.mkv")

    def remove(self, title: Film | Show) -> None:
        """Delete a film or show."""
        shutil.rmtree(self.here / title.place, ignore_errors=True)

    def remove_all(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.here, ignore_errors=True)


def _nfo(kind: str, parts: Mapping[str, object], ids: Mapping[str, str]) -> str:
    """Return an .nfo file."""
    lines = [f"  <{tag}>{escape(str(value))}</{tag}>" for tag, value in parts.items()]
    lines += [f'  <uniqueid type="{source}">{escape(value)}</uniqueid>' for source, value in ids.items()]
    return "\n".join(('<?xml version="1.0" encoding="utf-8"?>', f"<{kind}>", *lines, f"</{kind}>", ""))


def _element(element_id: str, content: bytes | Iterable[bytes]) -> bytes:
    """Return an element of a Matroska file."""
    body = content if isinstance(content, bytes) else b"".join(content)
    return bytes.fromhex(element_id) + (0x01 << 56 | len(body)).to_bytes(8, "big") + body


def matroska(seconds: int) -> bytes:
    """Return a Matroska file of that length: a track for a picture, and one block of it."""
    head = [("4286", b"\1"), ("42f7", b"\1"), ("42f2", b"\4"), ("42f3", b"\x08"), ("4282", b"matroska")]
    info = [
        _element("2ad7b1", (1_000_000).to_bytes(4, "big")),
        _element("4489", struct.pack(">d", seconds * 1000)),
        _element("4d80", b"contract"),
        _element("5741", b"contract"),
    ]
    picture = _element("e0", (_element("b0", b"\x40"), _element("ba", b"\x40")))
    track = [("d7", b"\1"), ("73c5", b"\1"), ("83", b"\1"), ("86", b"V_VP8")]
    entry = _element("ae", [*(_element(key, value) for key, value in track), picture])
    # The smallest key frame of VP8: its header says 64 by 64.
    frame = bytes.fromhex("100200 9d012a 4000 4000 00 34 25 a4 00 03 70 00 fe fb 94 00 00".replace(" ", ""))
    cluster = _element("1f43b675", (_element("e7", b"\0"), _element("a3", b"\x81\0\0\x80" + frame)))
    segment = _element("18538067", (_element("1549a966", info), _element("1654ae6b", entry), cluster))
    return (
        _element(
            "1a45dfa3",
            [*(_element(key, value) for key, value in head), _element("4287", b"\4"), _element("4285", b"\2")],
        )
        + segment
    )

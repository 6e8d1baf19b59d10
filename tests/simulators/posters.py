"""Posters of our own drawing: a sky, a hill and a moon whose colours and places follow from the title."""

from hashlib import sha256
import struct
import zlib

from .holdings import Entry

_TALL = 1.5


def draw(title: str, width: int) -> bytes:
    """Return the poster of a title as a PNG, `width` pixels wide and half as tall again."""
    seed = sha256(title.encode()).digest()
    height = round(_TALL * width)
    sky, ground = (_colour(seed[at], light) for at, light in ((0, 0.62), (1, 0.3)))
    moon = (width * (0.25 + seed[2] / 510), height * 0.28, width * (0.09 + seed[3] / 2550))
    slope, foot = (seed[4] - 128) / 256, height * (0.6 + seed[5] / 1275)
    rows = []
    for y in range(height):
        fade = 1 - 0.55 * y / height
        line = bytearray(b"\0")
        for x in range(width):
            if y > foot + slope * (x - width / 2):
                line += bytes(ground)
            elif (x - moon[0]) ** 2 + (y - moon[1]) ** 2 < moon[2] ** 2:
                line += b"\xf4\xee\xd8"
            else:
                line += bytes(round(part * fade) for part in sky)
        rows.append(bytes(line))
    return png(width, height, b"".join(rows))


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a PNG: eight bits of red, green and blue for each pixel, a 0 before each row."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(hue: int, light: float) -> tuple[int, int, int]:
    """Return a colour of the colour wheel, not a loud one."""
    parts = ((hue + shift) % 256 for shift in (0, 85, 170))
    red, green, blue = (round(255 * light * (0.45 + 0.55 * abs(part - 128) / 128)) for part in parts)
    return red, green, blue


class Pictures:
    """The posters of one server. `drawn`: every title has one of its own; `own` are those of single items, as bytes."""

    def __init__(self) -> None:
        """Have none."""
        self.drawn = False
        self.own: dict[str, bytes] = {}
        self._kept: dict[tuple[str, int], bytes] = {}

    def of(self, entry: Entry | None, width: int) -> bytes | None:
        """Return an item's poster; None where it has none, or where there is no such item."""
        if entry is None:
            return None
        if (found := self.own.get(entry.item_id)) is None and self.drawn:
            key = (entry.title, width)
            found = self._kept.get(key) or draw(*key)
            self._kept[key] = found
        return found

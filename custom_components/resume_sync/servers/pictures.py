"""Pictures from a media server, small ones only: what a browser would have to unpack is looked at before it gets it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp

from ..sync.media_server import BadResponse
from .http import read_body
from .limits import MIB, Limits

LIMITS_OF_PICTURES: Final = Limits(size=2 * MIB)
MOST_PIXELS_A_SIDE: Final = 2000
ACCEPT_PICTURES: Final = "image/jpeg, image/png"

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = slice(16, 24)
_JPEG = b"\xff\xd8"
_JPEG_FILL = 0xFF
# Segments that tell a JPEG's size: SOF0 to SOF15, without the tables DHT, JPG and DAC between them.
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as browsers get it; `content_type` is what its bytes say, not what its server says."""

    content: bytes
    content_type: str


class Artwork(Protocol):
    """Posters of one server, asked for with one account's right."""

    async def poster(self, item_id: str, width: int) -> Picture:
        """Return the poster of a film, or of an episode's show, about `width` pixels wide.

        Raises NotFound where there is none, BadResponse for what is no picture or too large.
        """


async def picture_of(response: aiohttp.ClientResponse, limits: Limits) -> tuple[Picture, int]:
    """Read a body that has to be a picture; return it with what it takes in memory. Raises BadResponse."""
    content = bytearray()
    await read_body(response, limits, content.extend, lambda: None)
    return checked(bytes(content)), len(content)


def checked(content: bytes) -> Picture:
    """Return a picture whose size is told and sensible; raises BadResponse.

    A few kilobytes of PNG may stand for a picture of 30,000 by 30,000 pixels, which a phone cannot unpack.
    """
    if content.startswith(_PNG):
        content_type, size = "image/png", _png_size(content)
    elif content.startswith(_JPEG):
        content_type, size = "image/jpeg", _jpeg_size(content)
    else:
        raise BadResponse("The answer is neither JPEG nor PNG")
    if not all(0 < side <= MOST_PIXELS_A_SIDE for side in size):
        raise BadResponse("The picture tells no size, or one too large")
    return Picture(content, content_type)


def _png_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a PNG; its first chunk holds them."""
    header = content[_PNG_HEADER]
    return int.from_bytes(header[:4]), int.from_bytes(header[4:])


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG; (0, 0) where it tells none."""
    for marker, start in _jpeg_segments(content):
        if marker in _JPEG_SIZES:
            return int.from_bytes(content[start + 5 : start + 7]), int.from_bytes(content[start + 3 : start + 5])
    return 0, 0


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the marker of each segment and where its length stands, as far as they can be followed."""
    at = len(_JPEG)
    while at + 4 <= len(content) and content[at] == _JPEG_FILL:
        marker = content[at + 1]
        if marker == _JPEG_FILL:
            at += 1
            continue
        yield marker, at + 2
        length = int.from_bytes(content[at + 2 : at + 4])
        at += 2 + max(length, 2)

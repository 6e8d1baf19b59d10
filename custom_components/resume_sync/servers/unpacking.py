"""The body of an answer as it comes: unpacked a little at a time, within limits."""

from collections.abc import Iterator
from typing import Final
import zlib

from ..sync.media_server import BadResponse
from .limits import MOST_UNPACKED_FOR_ONE, ORDINARY, UNPACKED_FREELY, Limits, TooLarge

ACCEPT_ENCODING: Final = "gzip"
PIECE: Final = 64 * 1024

_NOT_PACKED: Final = ("", "identity")
_GZIP: Final = 16 + zlib.MAX_WBITS


def beginning(data: bytes, encoding: str) -> bytes:
    """Return what is known of a body that began so, as far as it can be unpacked."""
    try:
        return next(Unpacking(encoding, ORDINARY).pieces(data), b"")
    except BadResponse:
        return b""


class Unpacking:
    """Unpacks a body. `size` is how many bytes have come out of it so far."""

    def __init__(self, encoding: str, limits: Limits) -> None:
        """Begin; `encoding` is the header `Content-Encoding`. Raises BadResponse for one that nobody asked for."""
        self.size = 0
        self._came = 0
        self._limits = limits
        encoding = encoding.strip().lower()
        if encoding not in (*_NOT_PACKED, "gzip", "x-gzip"):
            raise BadResponse("The answer is packed in a way that was not asked for")
        self._unpacker = None if encoding in _NOT_PACKED else zlib.decompressobj(_GZIP)

    @property
    def packed(self) -> bool:
        """Whether more may come out than goes in."""
        return self._unpacker is not None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out of the next bytes, at most 64 KiB at a time; raises BadResponse."""
        self._came += len(data)
        if self._unpacker is None:
            for start in range(0, len(data), PIECE):
                yield self._counted(data[start : start + PIECE])
            return
        while data and not self._unpacker.eof:
            try:
                piece = self._unpacker.decompress(data, PIECE)
            except zlib.error:
                raise BadResponse("The answer cannot be unpacked") from None
            data = self._unpacker.unconsumed_tail
            if piece:
                yield self._counted(piece)

    def close(self) -> None:
        """Take note of the end; raises BadResponse where a packed body is cut off."""
        if self._unpacker is not None and self._came and not self._unpacker.eof:
            raise BadResponse("The answer was cut off")

    def _counted(self, piece: bytes) -> bytes:
        """Return a piece; raises BadResponse where it is one too many."""
        self.size += len(piece)
        if self.size > self._limits.size:
            raise TooLarge("The answer is too large")
        if self.size > UNPACKED_FREELY + MOST_UNPACKED_FOR_ONE * self._came:
            raise TooLarge("The answer unpacks to far more than it is")
        return piece

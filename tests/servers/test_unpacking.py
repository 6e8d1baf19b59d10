"""Bodies that are unpacked a little at a time."""

import gzip
import random
import zlib

import pytest

from custom_components.resume_sync.servers.limits import MIB, Limits, TooLarge
from custom_components.resume_sync.servers.unpacking import PIECE, Unpacking, beginning
from custom_components.resume_sync.sync.media_server import BadResponse

ROOM = Limits(size=64 * MIB)
NOISE = random.Random(7).randbytes


def unpacked(data: bytes, encoding: str, size: int, limits: Limits = ROOM) -> bytes:
    """Unpack a body that comes in parts of this size."""
    unpacking = Unpacking(encoding, limits)
    pieces = [piece for start in range(0, len(data), size) for piece in unpacking.pieces(data[start : start + size])]
    unpacking.close()
    assert max(map(len, pieces), default=0) <= PIECE
    assert unpacking.size == sum(map(len, pieces))
    return b"".join(pieces)


@pytest.mark.parametrize("size", [1, 1000, 10**6])
@pytest.mark.parametrize("body", [b"", b"x", b"abc" * 50_000, NOISE(150_000)], ids=["", "x", "abc", "noise"])
def test_what_comes_out(body: bytes, size: int) -> None:
    """All of it, packed or not."""
    assert unpacked(body, "", size) == unpacked(body, " Identity", size) == body
    assert unpacked(gzip.compress(body), "gzip", size) == unpacked(gzip.compress(body), "X-GZIP ", size) == body
    assert unpacked(gzip.compress(body) + b"\x00rest", "gzip", size) == body


def test_nothing_packed_is_nothing() -> None:
    """An empty answer has no end to be waited for."""
    assert unpacked(b"", "gzip", 1) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_ways_that_nobody_asked_for(encoding: str) -> None:
    """They are refused before anything is read."""
    with pytest.raises(BadResponse, match="asked for"):
        Unpacking(encoding, ROOM)


@pytest.mark.parametrize("data", [b"not packed at all", zlib.compress(b"x"), gzip.compress(b"x" * 1000)[:-1]])
def test_broken_packing(data: bytes) -> None:
    """What cannot be unpacked, and what ends early."""
    with pytest.raises(BadResponse):
        unpacked(data, "gzip", 1000)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_limit_is_on_what_comes_out(encoding: str) -> None:
    """To the byte."""
    pack = gzip.compress if encoding else bytes
    assert len(unpacked(pack(NOISE(3000)), encoding, 100, Limits(size=3000))) == 3000
    with pytest.raises(TooLarge):
        unpacked(pack(NOISE(3001)), encoding, 100, Limits(size=3000))


def test_the_limit_is_on_how_much_more_comes_out() -> None:
    """The first mebibyte is free; after that no more than a hundred times what came."""
    assert unpacked(gzip.compress(b" " * MIB), "gzip", 1000)
    assert unpacked(gzip.compress(NOISE(MIB // 20) * 60), "gzip", 10_000)
    with pytest.raises(TooLarge, match="far more"):
        unpacked(gzip.compress(b" " * 3 * MIB), "gzip", 10_000)


def test_a_beginning() -> None:
    """The page of a proxy is looked at, as much of it as came."""
    page = b"<html>Sign in</html>"
    assert beginning(page, "") == beginning(gzip.compress(page), "gzip") == page
    assert page.startswith(beginning(gzip.compress(page)[:-9], "gzip"))
    assert beginning(page, "gzip") == beginning(page, "br") == beginning(b"", "") == b""

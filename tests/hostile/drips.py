"""Ways to answer without ever ending: a few bytes now, a few bytes then, all of them allowed by some rule of HTTP."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import repeat
import zlib

from .raw_server import Act, Caller

PAUSE_SECONDS = 0.2

type Drops = tuple[bytes, Iterator[bytes]]


def status_line(_: Caller) -> Drops:
    """Never come to the end of the first line."""
    return b"HTTP/1.1 200 ", repeat(b"O")


def header(_: Caller) -> Drops:
    """Never come to the end of a header."""
    return b"HTTP/1.1 200 OK\r\nX-Long: ", repeat(b"x")


def hundred_continue(_: Caller) -> Drops:
    """Ask to be patient, again and again."""
    return b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n")


def body(caller: Caller) -> Drops:
    """Promise much, and send it byte by byte."""
    return _head(caller, "Content-Length: 1000000") + _opening(caller), repeat(b" ")


def chunks(caller: Caller) -> Drops:
    """Send one small chunk after the other."""
    opening = _opening(caller)
    return _head(caller, "Transfer-Encoding: chunked") + b"%x\r\n%b\r\n" % (len(opening), opening), repeat(
        b"1\r\n \r\n"
    )


def chunk_extension(caller: Caller) -> Drops:
    """Announce a chunk, and never come to the end of what is said of it."""
    return _head(caller, "Transfer-Encoding: chunked") + b"5;x=", repeat(b"y")


def trailers(caller: Caller) -> Drops:
    """Send a whole body, and headers behind it."""
    whole = _empty_answer(caller)
    head = _head(caller, "Transfer-Encoding: chunked") + b"%x\r\n%b\r\n0\r\nX-Long: " % (len(whole), whole)
    return head, repeat(b"x")


def packed_body(caller: Caller) -> Drops:
    """Send a compressed body byte by byte."""
    packer = zlib.compressobj(0, wbits=31)
    packed = packer.compress(_opening(caller) + b" " * 50_000) + packer.flush(zlib.Z_SYNC_FLUSH)
    return _head(caller, "Content-Encoding: gzip\r\nContent-Length: 1000000"), (bytes([byte]) for byte in packed)


def _opening(caller: Caller) -> bytes:
    """Return the beginning of a body."""
    return b'{"Items": [' if caller.wants_json else b'<MediaContainer size="0">'


def _empty_answer(caller: Caller) -> bytes:
    """Return a whole body that holds nothing."""
    return b'{"Items": [], "TotalRecordCount": 0}' if caller.wants_json else b'<MediaContainer size="0"/>'


def _head(caller: Caller, header_lines: str) -> bytes:
    """Return status and headers."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {caller.content_type}\r\n{header_lines}\r\n\r\n".encode()


WAYS: dict[str, Callable[[Caller], Drops]] = {
    "status line": status_line,
    "header": header,
    "100 Continue": hundred_continue,
    "body": body,
    "chunks": chunks,
    "chunk extension": chunk_extension,
    "trailers": trailers,
    "gzip": packed_body,
}
"""The eight ways to drip, by name."""

BEFORE_A_SOCKET = ("status line", "header", "100 Continue")
"""Those that a connection for push can meet before it is one."""


def dripping(way: str, pause_seconds: float = PAUSE_SECONDS) -> Act:
    """Return what a server does that answers in one of these ways."""

    async def act(caller: Caller) -> None:
        """Drip until nobody is there any more."""
        first, drops = WAYS[way](caller)
        await caller.send(first)
        for drop in drops:
            await asyncio.sleep(pause_seconds)
            await caller.send(drop)

    return act

"""Push messages that never stop, and frames that never end."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
import json

from .raw_server import Act, Caller, whole

MIB = 1024 * 1024
_TEXT, _CONTINUED, _PING, _FINAL = 0x1, 0x0, 0x9, 0x80


def frame(payload: bytes, opcode: int = _TEXT, *, final: bool = True) -> bytes:
    """Return a frame as a server sends it."""
    first = bytes([(_FINAL if final else 0) | opcode])
    if len(payload) < 126:
        return first + bytes([len(payload)]) + payload
    if len(payload) < 65_536:
        return first + b"\x7e" + len(payload).to_bytes(2) + payload
    return first + b"\x7f" + len(payload).to_bytes(8) + payload


def _message(size: int) -> bytes:
    """Return a message in JSON of about this size, made of objects."""
    return b'{"MessageType": "Sessions", "Data": [' + b"{}," * (size // 3) + b"{}]}"


def _grouped(part: bytes) -> Iterator[bytes]:
    """Return the same frames for ever, many at once."""
    return repeat(part * max(1, 65_536 // len(part)))


_SESSIONS = {
    "MessageType": "Sessions",
    "Data": [{"Id": "s", "UserId": "a" * 32, "NowPlayingItem": {"Id": "b" * 32, "Type": "Movie"}, "PlayState": {}}],
}

FLOODS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "messages of 16 MB": lambda: repeat(frame(_message(16_000_000))),
    "messages of 4 MB": lambda: repeat(frame(_message(4_000_000))),
    "messages of 100 KB": lambda: repeat(frame(_message(100_000))),
    "small messages": lambda: _grouped(frame(b"{}")),
    "session messages": lambda: _grouped(frame(json.dumps(_SESSIONS).encode())),
    "empty messages": lambda: _grouped(frame(b"")),
    "binary messages": lambda: _grouped(frame(b"x", 0x2)),
    "pings": lambda: _grouped(frame(b"", _PING)),
    "fragments": lambda: chain([frame(b"[", final=False)], _grouped(frame(b" ", _CONTINUED, final=False))),
    "empty fragments": lambda: chain([frame(b"[", final=False)], _grouped(frame(b"", _CONTINUED, final=False))),
    "endless frame": lambda: chain([b"\x81\x7f" + (2**40).to_bytes(8)], repeat(b"x" * 65_536)),
}
"""What a server pushes, by name; all of it for ever."""


def flooding(name: str) -> Act:
    """Return what a server does with a connection for push."""

    async def act(caller: Caller) -> None:
        """Send as fast as it is taken."""
        await caller.accept_socket()
        for part in FLOODS[name]():
            await caller.send(part)

    return act


def dripping_frames(first: bytes, drop: bytes, pause_seconds: float = 0.03) -> Act:
    """Return what a server does that never comes to the end of a frame."""

    async def act(caller: Caller) -> None:
        """Drip until nobody is there any more."""
        await caller.accept_socket()
        await caller.send(first)
        while True:
            await asyncio.sleep(pause_seconds)
            await caller.send(drop)

    return act


async def no_sessions(caller: Caller) -> None:
    """Answer every other request with nothing in it."""
    await caller.send(
        whole(b"[]", "application/json") if caller.wants_json else whole(b'<MediaContainer size="0"/>', "text/xml")
    )

"""A server on a bare socket, which may break every rule of HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import hashlib
import json

IDENTITY = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<MediaContainer size="0" claimed="1" machineIdentifier="fbec5750c8fbdbaefefcdff19da4dd9a9cfbd50b"'
    b' version="1.43.0.10389-8be686aa6" />'
)
PUBLIC = json.dumps(
    {
        "Id": "d" * 32,
        "Version": "10.11.0",
        "ServerName": "Den",
        "ProductName": "Jellyfin Server",
        "StartupWizardCompleted": True,
    }
).encode()
_SOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

type Act = Callable[["Caller"], Awaitable[None]]


def whole(body: bytes, content_type: str = "text/xml", headers: str = "") -> bytes:
    """Return an answer as it should be."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


@dataclass(slots=True)
class Caller:
    """Who asks for something: path and headers of the request, and a way to answer in bytes."""

    path: str
    headers: Mapping[str, str]
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)

    @property
    def wants_json(self) -> bool:
        """Whether an answer in JSON is asked for."""
        return "json" in self.headers.get("accept", "")

    @property
    def content_type(self) -> str:
        """The type of content that is asked for."""
        return "application/json" if self.wants_json else "text/xml"

    async def send(self, data: bytes) -> None:
        """Send some bytes; raises ConnectionError once nobody is there any more."""
        if self.writer.is_closing():
            raise ConnectionResetError
        self.writer.write(data)
        await self.writer.drain()

    async def accept_socket(self) -> None:
        """Take a connection for push messages."""
        digest = hashlib.sha1(self.headers["sec-websocket-key"].encode() + _SOCKET_KEY, usedforsecurity=False).digest()
        accept = base64.b64encode(digest).decode()
        await self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
        )


class RawServer:
    """Says truly who it is, takes a connection for push, and does with every other request as it is told.

    `asked` are the paths that were told to be answered so; `left` counts the callers that closed their connection while
    they were answered.
    """

    def __init__(self, act: Act, act_on_socket: Act | None = None) -> None:
        """Answer with `act`; `act_on_socket` answers requests for push, None: as all others."""
        self._act = act
        self._act_on_socket = act_on_socket or act
        self.asked: list[str] = []
        self.left = 0
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while caller := await _request(reader, writer):
                await self._answer(caller)
        except ConnectionError, asyncio.IncompleteReadError:
            self.left += 1
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _answer(self, caller: Caller) -> None:
        """Answer one request."""
        if caller.path.startswith("/identity"):
            await caller.send(whole(IDENTITY))
        elif caller.path.startswith("/System/Info/Public"):
            await caller.send(whole(PUBLIC, "application/json"))
        else:
            self.asked.append(caller.path)
            act = self._act_on_socket if "sec-websocket-key" in caller.headers else self._act
            await act(caller)

    async def close(self) -> None:
        """End every connection."""
        for task in tuple(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Caller | None:
    """Read a request; None at the end of the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Caller(first.split(" ")[1], headers, reader, writer)


@asynccontextmanager
async def raw_server(act: Act, act_on_socket: Act | None = None) -> AsyncIterator[RawServer]:
    """Run such a server."""
    server = RawServer(act, act_on_socket)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await server.close()

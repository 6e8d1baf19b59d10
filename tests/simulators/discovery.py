"""Media servers that answer when somebody asks the network for them, by UDP on 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
import json
from typing import override

type Reply = Callable[[bytes], Iterable[bytes]]


def gdm(*, name: str, server_id: str, port: int = 32400, version: str = "1.43.2.10687-563d026ea") -> Reply:
    """Answer as a Plex Media Server: HTTP headers, one to a line."""
    headers = {
        "Content-Type": "plex/media-server",
        "Host": "8914fa4926641df00f1b2a4fda3f0782.plex.direct",
        "Name": name,
        "Port": str(port),
        "Resource-Identifier": server_id,
        "Updated-At": "1795218643",
        "Version": version,
    }
    text = "HTTP/1.0 200 OK\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"

    def reply(question: bytes) -> Iterable[bytes]:
        return [text.encode()] if question.startswith(b"M-SEARCH * HTTP/1.") else []

    return reply


def jellyfin(*, name: str, server_id: str, address: str) -> Reply:
    """Answer as Jellyfin, which looks for its question anywhere in a datagram, in any case."""

    def reply(question: bytes) -> Iterable[bytes]:
        asked = b"who is jellyfinserver?" in question.lower()
        answer = {"Address": address, "Id": server_id, "Name": name, "EndpointAddress": None}
        return [json.dumps(answer).encode()] if asked else []

    return reply


def emby(*, name: str, server_id: str, address: str) -> Reply:
    """Answer as Emby."""

    def reply(question: bytes) -> Iterable[bytes]:
        answer = {"Address": address, "Id": server_id, "Name": name}
        return [json.dumps(answer).encode()] if question == b"who is EmbyServer?" else []

    return reply


class _Responder(asyncio.DatagramProtocol):
    """A socket behind which several servers answer, as with a broadcast."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        """Remember who answers."""
        self._replies = list(replies)
        self._transport: asyncio.DatagramTransport | None = None
        self.questions: list[bytes] = []

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        self.questions.append(data)
        for reply in self._replies:
            for answer in reply(data):
                self._transport.sendto(answer, addr)


@asynccontextmanager
async def listening(*replies: Reply) -> AsyncIterator[tuple[tuple[str, int], list[bytes]]]:
    """Listen on a free port; yield its address and the questions that come in."""
    transport, responder = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Responder(replies), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname"), responder.questions
    finally:
        transport.close()

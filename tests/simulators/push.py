"""The WebSockets of a simulated server: what it pushes, counted, and what can go wrong with that."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import json
from typing import Any

from aiohttp import WSMsgType, web

from .routes import Call
from .traffic import Traffic


class PushSocket:
    """One open WebSocket. `owner` is who opened it, in the server's own terms; None: nobody that it knows.

    `address` is what was asked for, path and query.
    """

    def __init__(self, request: web.Request, response: web.WebSocketResponse, owner: Any) -> None:
        """Send nothing yet."""
        self.owner = owner
        self.address = request.path_qs
        self._loop = asyncio.get_running_loop()
        self._request = request
        self._response = response
        self._outgoing: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def push(self, message: object) -> None:
        """Send an object as JSON, or text and bytes as they are."""
        self._outgoing.put_nowait(message if isinstance(message, str | bytes) else json.dumps(message))

    def close(self) -> None:
        """Close in the orderly way, after all that was pushed."""
        self._outgoing.put_nowait(None)

    def abort(self) -> None:
        """Drop the connection."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def after(self, seconds: float, name: str, action: Callable[[], None], *, restart: bool = False) -> None:
        """Do something that much real time later, unless it waits already; `restart`: wait anew then."""
        if name in self._timers:
            if not restart:
                return
            self._timers.pop(name).cancel()

        def due() -> None:
            """Do it."""
            del self._timers[name]
            action()

        self._timers[name] = self._loop.call_later(seconds, due)

    def cancel(self, name: str) -> None:
        """Do not do what waits under a name."""
        if name in self._timers:
            self._timers.pop(name).cancel()

    async def sent_all(self) -> None:
        """Wait until all that was pushed has been sent."""
        await self._outgoing.join()

    def end(self) -> None:
        """Do nothing more of what waits."""
        for name in tuple(self._timers):
            self.cancel(name)

    async def send_all(self, sent: Callable[[], None]) -> None:
        """Send what is pushed until it is to be closed."""
        while (data := await self._outgoing.get()) is not None:
            if isinstance(data, str):
                await self._response.send_str(data)
            else:
                await self._response.send_bytes(data)
            sent()
            self._outgoing.task_done()
        await self._response.close()


class PushPort:
    """All WebSockets of a server. `opened` and `sent` count sockets and messages, `heard` is what clients sent.

    `deaf`: of sockets opened from now on nothing is read, not even pings.
    """

    def __init__(self, traffic: Traffic) -> None:
        """Have no socket open."""
        self._traffic = traffic
        self.sockets: list[PushSocket] = []
        self.opened = 0
        self.sent = 0
        self.heard: list[str] = []
        self.deaf = False
        self._deaf_ones: list[asyncio.Event] = []

    def push(self, message: object) -> None:
        """Send something to everybody."""
        for socket in self.sockets:
            socket.push(message)

    async def sent_all(self) -> None:
        """Wait until all that was pushed has been sent."""
        for socket in tuple(self.sockets):
            await socket.sent_all()

    def close(self) -> None:
        """Close all sockets in the orderly way."""
        for socket in self.sockets:
            socket.close()

    def abort(self) -> None:
        """Drop all connections."""
        for socket in self.sockets:
            socket.abort()

    def stop(self) -> None:
        """Give up the sockets of which nothing is read; nothing else would end them."""
        for end in self._deaf_ones:
            end.set()
        self._deaf_ones.clear()

    async def serve(
        self,
        call: Call,
        owner: Any,
        hear: Callable[[PushSocket, str], None] | None = None,
        begin: Callable[[PushSocket], None] = lambda _: None,
    ) -> web.WebSocketResponse:
        """Open a socket, and keep it until one end closes it; `hear` takes what the client says."""
        response = web.WebSocketResponse(timeout=0.1)
        await response.prepare(call.request)
        call.upgraded = True
        self._traffic.end(101, 0)
        socket = PushSocket(call.request, response, owner)
        self.sockets.append(socket)
        self.opened += 1
        sender = asyncio.create_task(socket.send_all(self._sent))
        begin(socket)
        try:
            await self._listen(response, socket, hear)
        finally:
            self.sockets.remove(socket)
            socket.end()
            sender.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await sender
        return response

    async def _listen(
        self, response: web.WebSocketResponse, socket: PushSocket, hear: Callable[[PushSocket, str], None] | None
    ) -> None:
        """Take what a client says until the connection ends."""
        while True:
            if self.deaf:
                end = asyncio.Event()
                self._deaf_ones.append(end)
                await end.wait()
                return
            message = await response.receive()
            if message.type is not WSMsgType.TEXT:
                return
            self.heard.append(message.data)
            if hear is not None:
                hear(socket, message.data)

    def _sent(self) -> None:
        """Count a message."""
        self.sent += 1

"""The HTTP port of a simulated server: routing, base path, TLS, faults on the wire, counting."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import formatdate
import ssl

from aiohttp import web

from .faults import Faults, HtmlPage, Latency, Reset, RevokedToken, Status, Tampered, Truncated
from .push import PushPort
from .routes import Call, Handler, Routes
from .traffic import Traffic


async def _certified() -> ssl.SSLContext:
    """Return a TLS context with a certificate that nobody signed."""
    # `scripts/contract --simulated` has aiohttp alone: what makes certificates is needed with TLS only.
    from .certificate import self_signed_context  # noqa: PLC0415

    return await asyncio.to_thread(self_signed_context)


class HttpPort(ABC):
    """An HTTP server on 127.0.0.1. `starting` True: the server answers as while it boots."""

    ignore_case = True

    def __init__(self, *, base_path: str = "") -> None:
        """Prepare the port; `start` opens it."""
        self.base_path = base_path.rstrip("/")
        self.port = 0
        self.tls = False
        self.starting = False
        self.faults = Faults()
        self.traffic = Traffic()
        self.push = PushPort(self.traffic)
        self.routes = Routes(ignore_case=self.ignore_case)
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self._questions: dict[str, Callable[[], object]] = {}
        self._at_work: set[asyncio.Task[object]] = set()

    def on_question(self, route: str, action: Callable[[], object]) -> None:
        """Do something whenever a route is asked, before it answers."""
        self._questions[route] = action

    @property
    def url(self) -> str:
        """The address that a user would type, base path included."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{self.base_path}"

    @abstractmethod
    def now(self) -> float:
        """Return the time on the server's clock."""

    @abstractmethod
    def settle(self) -> None:
        """Live through the time that passed since the last request."""

    @abstractmethod
    def unknown_path(self, call: Call) -> web.StreamResponse:
        """Answer a request that no route fits."""

    @abstractmethod
    def revoke(self, call: Call) -> None:
        """Make the token of a request invalid."""

    def while_starting(self, call: Call) -> web.StreamResponse | None:
        """Answer a request while the server boots; None: as usual."""
        return web.Response(status=503, text="starting", headers={"X-Route": call.route})

    def outside_base_path(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to a path that is not below the base path."""
        return web.Response(status=404, text=f"no {request.method} here")

    def headers(self) -> dict[str, str]:
        """Return the headers that every answer carries."""
        return {}

    def inner_path(self, path: str) -> str:
        """Return the path as the routes know it, without prefixes that the server ignores."""
        return path

    async def start(self, port: int = 0, *, tls: bool = False) -> None:
        """Open a port, a free one for 0; after `stop` the same server can be started again."""
        self.tls = tls
        self._closing = asyncio.Event()
        application = web.Application(client_max_size=16 * 1024**2)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=await _certified() if tls else None)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the port and all connections; users, libraries and states stay."""
        self._closing.set()
        self.push.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=1)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, with whatever is to go wrong with it."""
        self.settle()
        body = await request.read()
        if self.base_path and not f"{request.path}/".startswith(f"{self.base_path}/"):
            return self._finish(self.outside_base_path(request))
        call, handler = self._call(request, body)
        if action := self._questions.get(call.route):
            action()
        self.traffic.begin(call.route, len(body))
        status = sent = 0
        if task := asyncio.current_task():
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        try:
            response = await self._answer(call, handler)
            if response is not None:
                self._finish(response)
                tampered = call.fault(Tampered)
                if tampered is not None and isinstance(response, web.Response):
                    response = tampered.change(response)
                status, sent = response.status, _length(response)
                return await _send(call, response)
        finally:
            if not call.upgraded:
                self.traffic.end(status, sent)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _call(self, request: web.Request, body: bytes) -> tuple[Call, Handler | None]:
        """Find the handler of a request."""
        path = self.inner_path(request.path[len(self.base_path) :] or "/")
        template, values, handler = self.routes.find(request.method, path) or ("*", {}, None)
        route = f"{request.method} {template}"
        call = Call(request, route, values, self.routes.query(request), body, self.faults.due(route))
        return call, handler

    async def _answer(self, call: Call, handler: Handler | None) -> web.StreamResponse | None:
        """Return the answer to a request, or None where the connection is to drop."""
        if (latency := call.fault(Latency)) and await self._closed_within(latency.seconds):
            return None
        if call.fault(RevokedToken) is not None:
            self.revoke(call)
        reset = call.fault(Reset)
        if reset is not None and not reset.applied:
            return None
        if page := call.fault(HtmlPage):
            return web.Response(text=page.body, content_type="text/html")
        if status := call.fault(Status):
            told = {"Retry-After": status.retry_after, "WWW-Authenticate": status.authenticate}
            headers = {name: value for name, value in told.items() if value}
            return web.Response(status=status.code, text=status.body, content_type=status.content_type, headers=headers)
        response = self.while_starting(call) if self.starting else None
        if response is None:
            response = self.unknown_path(call) if handler is None else await handler(call)
        return None if reset is not None else response

    async def _closed_within(self, seconds: float) -> bool:
        """Wait, and tell whether the server was stopped meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                return await self._closing.wait()
        except TimeoutError:
            return False

    def _finish(self, response: web.StreamResponse) -> web.StreamResponse:
        """Add the headers that every answer carries."""
        if not response.prepared:
            response.headers["Date"] = formatdate(self.now(), usegmt=True)
            response.headers.update(self.headers())
        return response


@asynccontextmanager
async def running(*ports: HttpPort) -> AsyncIterator[None]:
    """Open ports, and close all of them in the end."""
    async with AsyncExitStack() as opened:
        for port in ports:
            opened.push_async_callback(port.stop)
            await port.start()
        yield


def _length(response: web.StreamResponse) -> int:
    """Return the size of a body."""
    return len(response.body) if isinstance(response, web.Response) and isinstance(response.body, bytes) else 0


async def _send(call: Call, response: web.StreamResponse) -> web.StreamResponse:
    """Return an answer to be sent, or send the part of it that a truncation leaves."""
    cut = call.fault(Truncated)
    if cut is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    kept = response.body[: int(len(response.body) * cut.share)]
    if cut.honest:
        response.body = kept
        return response
    partial = web.StreamResponse(status=response.status, headers=response.headers)
    partial.content_length = len(response.body)
    await partial.prepare(call.request)
    await partial.write(kept)
    if call.request.transport is not None:
        call.request.transport.close()
    return partial

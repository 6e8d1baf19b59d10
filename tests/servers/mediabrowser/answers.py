"""Servers that answer whatever a test wants, for answers that no real server should give."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    """Run a server that answers everything with one handler; yields its address."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def by_path(answers: Mapping[str, object]) -> Handler:
    """Return a handler that answers with JSON by path; other paths are not found."""

    async def handler(request: web.Request) -> web.Response:
        if request.path not in answers:
            return web.Response(status=404)
        return web.json_response(answers[request.path])

    return handler

"""A server that answers by a script, for what no simulated server would say."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

PAYLOADS = Path(__file__).parents[2] / "payloads" / "plex"

type Answer = str | web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]]


def payload(name: str) -> str:
    """Return a sample of what Plex answers."""
    return (PAYLOADS / name).read_text(encoding="utf-8")


def json_answer(name: str, status: int = 200) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler that answers with a sample in JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=payload(name), content_type="application/json", status=status)

    return answer


@dataclass
class Script:
    """Answers by path; paths that are not in it are 404. `requests` are those that came."""

    answers: dict[str, Answer]
    url: str = ""
    requests: list[web.Request] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [request.path for request in self.requests]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.requests.append(request)
        answer = self.answers.get(request.path)
        if answer is None:
            return web.Response(status=404, text=payload("404.html"), content_type="text/html")
        if isinstance(answer, str):
            return web.Response(text=answer, content_type="text/xml")
        return answer if isinstance(answer, web.Response) else await answer(request)


@asynccontextmanager
async def scripted(answers: Mapping[str, Answer]) -> AsyncIterator[Script]:
    """Run such a server; it says who it is unless told otherwise."""
    script = Script({"/identity": payload("identity.xml"), **answers})
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield script
    finally:
        await runner.cleanup()

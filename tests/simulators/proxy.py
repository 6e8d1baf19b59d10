"""What stands in front of a media server and answers in its place: a proxy that redirects, or asks for a sign-in."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

type Answering = Callable[[web.Request], web.Response]


def redirect_to(base_url: str, *, status: int = 301, same_path: bool = True) -> Answering:
    """Redirect every request, as nginx (`return 301 https://$host$request_uri`), Caddy and Traefik do."""

    def answer(request: web.Request) -> web.Response:
        location = f"{base_url}{request.path_qs}" if same_path else base_url
        return web.Response(status=status, headers={"Location": location})

    return answer


def _basic(_: web.Request) -> web.Response:
    """Ask for a name and a password, as nginx, Apache, Caddy and Traefik do."""
    page = "<html><head><title>401 Authorization Required</title></head><body>nginx</body></html>"
    headers = {"WWW-Authenticate": 'Basic realm="Restricted"'}
    return web.Response(status=401, text=page, content_type="text/html", headers=headers)


def _basic_without_page(_: web.Request) -> web.Response:
    """Ask for a name and a password and show nothing, as Caddy does."""
    return web.Response(status=401, headers={"WWW-Authenticate": "Basic realm=restricted"})


def _link(_: web.Request) -> web.Response:
    """Link to a portal, as Authelia does for what does not accept a page."""
    page = '<a href="https://auth.example.org/?rd=https%3A%2F%2Fmedia.example.org">401 Unauthorized</a>'
    return web.Response(status=401, text=page, content_type="text/html", charset="utf-8")


def _page(_: web.Request) -> web.Response:
    """Show a page to sign in at, as identity-aware proxies do; some call it plain text."""
    return web.Response(
        status=401, text="<!DOCTYPE html>\n<HTML><body>Sign in with your company's account</body></HTML>"
    )


SIGN_INS: Final[Mapping[str, Answering]] = {
    "basic": _basic,
    "basic without a page": _basic_without_page,
    "link": _link,
    "page": _page,
}
"""The ways in which a proxy asks for a sign-in of its own with a 401."""


@dataclass(slots=True)
class Proxy:
    """A proxy that runs. `asked`: the requests it got."""

    url: str
    asked: list[web.Request] = field(default_factory=list)

    def heard(self, secret: str) -> bool:
        """Tell whether a secret was in any request."""
        return any(secret in f"{request.path_qs} {dict(request.headers)}" for request in self.asked)


@asynccontextmanager
async def proxy(answer: Answering, port: int = 0) -> AsyncIterator[Proxy]:
    """Run a proxy on a port of 127.0.0.1, a free one for 0."""
    application = web.Application()
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    running = Proxy("")

    async def handle(request: web.Request) -> web.Response:
        running.asked.append(request)
        return answer(request)

    application.router.add_route("*", "/{path:.*}", handle)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    running.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield running
    finally:
        await runner.cleanup()

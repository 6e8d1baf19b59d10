"""No request follows a redirect: a token, a password or a code goes to the address it was given for, or nowhere."""

from contextlib import AbstractContextManager, nullcontext, suppress

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import MediaServerError
from tests.servers.all_clients import SECRETS, TOKEN, USER, requests_to
from tests.servers.mediabrowser.answers import answering
from tests.servers.plex.script import payload

# What asks for nothing but the identity.
AT_IDENTITY = ("plex reachable", "plex confirm_identity")

pytestmark = pytest.mark.usefixtures("socket_enabled")


def refused(name: str) -> AbstractContextManager[object]:
    """Expect an error; sessions that cannot be read are unknown, a hub is not told, and neither is an error."""
    return nullcontext() if name.endswith(("open_sessions", "hub")) else pytest.raises(MediaServerError)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("other_host", [True, False])
async def test_redirects_are_not_followed(status: int, other_host: bool) -> None:
    """Whatever is asked and wherever the redirect leads, an error comes back and nobody else hears of it."""
    followed: list[str] = []
    asked: list[web.Request] = []

    async def trap(request: web.Request) -> web.Response:
        followed.append(request.path)
        return web.json_response({})

    async with answering(trap) as trap_url:

        async def redirecting(request: web.Request) -> web.Response:
            if request.path.startswith("/elsewhere"):
                followed.append(request.path)
            asked.append(request)
            base = trap_url.replace("127.0.0.1", "localhost") if other_host else "/elsewhere"
            return web.Response(status=status, headers={"Location": f"{base}{request.path_qs}"})

        async with answering(redirecting) as url, requests_to(url) as requests:
            for name, request in requests.items():
                before = len(asked)
                with refused(name):
                    await request()
                assert len(asked) > before, name

    assert followed == []


async def test_a_plex_server_that_redirects_later() -> None:
    """A server that says who it is and redirects everything else does not get the token carried on either."""
    followed: list[str] = []

    async def trap(request: web.Request) -> web.Response:
        followed.append(request.path)
        return web.Response(text=payload("sections.xml"), content_type="text/xml")

    async with answering(trap) as trap_url:

        async def answer(request: web.Request) -> web.Response:
            if request.path == "/identity":
                return web.Response(text=payload("identity.xml"), content_type="text/xml")
            location = f"{trap_url.replace('127.0.0.1', 'localhost')}{request.path_qs}"
            return web.Response(status=302, headers={"Location": location})

        async with answering(answer) as url, requests_to(url) as requests:
            for name in (each for each in requests if each.startswith("plex ") and each not in AT_IDENTITY):
                with refused(name):
                    await requests[name]()

    assert followed == []


async def test_tokens_travel_in_headers_only() -> None:
    """No address holds a token, but for Emby's WebSocket; a PIN and a Quick Connect secret have no other place.

    Nobody has seen Emby take a WebSocket's token from a header, and it tells nothing where it has none.
    """
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        if request.path == "/identity":
            return web.Response(text=payload("identity.xml"), content_type="text/xml")
        return web.json_response({})

    async with answering(answer) as url, requests_to(url) as requests:
        for request in requests.values():
            with suppress(MediaServerError):
                await request()

    with_secret = {request.path for request in asked if any(secret in request.path_qs for secret in SECRETS)}
    assert with_secret == {"/QuickConnect/Connect", "/api/v2/home/users/uuid/switch", "/embywebsocket"}
    assert {request.path for request in asked if TOKEN in request.path_qs} == {"/embywebsocket"}
    with_token = {request.path for request in asked if any(TOKEN in value for value in request.headers.values())}
    assert {"/library/sections", "/api/v2/user", f"/Users/{USER}/Items", "/Items"} <= with_token

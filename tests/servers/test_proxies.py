"""A 401 that no media server sends: a proxy asks for a sign-in of its own, and no token is to blame."""

from collections.abc import Callable

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import (
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotSupported,
    ProxySignIn,
)
from tests.servers.all_clients import requests_to
from tests.servers.plex.script import payload
from tests.servers.push_listening import failure
from tests.servers.push_places import every_server, place
from tests.simulators.faults import Status
from tests.simulators.proxy import SIGN_INS, proxy

pytestmark = pytest.mark.usefixtures("socket_enabled")


def _own(text: str = "", content_type: str = "text/plain") -> Callable[[web.Request], web.Response]:
    """Answer every request with a 401 as a media server sends it."""
    return lambda _: web.Response(status=401, text=text, content_type=content_type)


OWN = {
    "Jellyfin": _own(),
    "Jellyfin, of a library": _own('"anna is not permitted to access Library TV."', "application/json"),
    "Jellyfin, of a controller": _own('{"title": "Unauthorized", "status": 401}', "application/problem+json"),
    "Emby": _own("Access token is invalid or expired."),
    "Plex": _own(payload("401.html"), "text/html"),
    "a page that is empty": _own("", "text/html"),
    "plex.tv": _own(payload("plextv_user_401.json"), "application/json"),
}


@pytest.mark.parametrize("sign_in", SIGN_INS)
async def test_a_proxy_asks_for_a_sign_in(sign_in: str) -> None:
    """Whatever is asked in whosever name: the token is not called bad. A WebSocket tells no page, so only some."""
    async with proxy(SIGN_INS[sign_in]) as front, requests_to(front.url) as requests:
        for name, request in requests.items():
            with pytest.raises(MediaServerError) as caught:
                await request()
            if name == "plex reachable":
                assert type(caught.value) is CannotConnect
            elif name.startswith("plex.tv"):
                assert type(caught.value) is InvalidAuth, name
            elif not name.endswith("events") or "basic" in sign_in:
                assert type(caught.value) is ProxySignIn, name


@pytest.mark.parametrize("own", OWN)
async def test_a_media_server_refuses_the_token(own: str) -> None:
    """What the servers themselves send with a 401 says that the token, or the name and password, are wrong."""
    async with proxy(OWN[own]) as server, requests_to(server.url) as requests:
        for name, request in requests.items():
            if name in ("plex open_sessions", "plex hub"):
                assert await request() is None
                continue
            with pytest.raises(MediaServerError) as caught:
                await request()
            if name == "quick connect start":
                assert type(caught.value) is NotSupported
            elif name != "plex reachable":
                assert type(caught.value) is InvalidAuth, name


@every_server
async def test_live_updates_behind_a_proxy(name: str) -> None:
    """A WebSocket that a proxy refuses while the server answers is no token that ended."""
    async with place(name) as at, at.client() as client:
        at.server.faults.add(at.route, Status(401, authenticate="Basic realm=restricted"), times=None)

        assert type(await failure(client)) is ProxySignIn

"""Connections that do not come about, on every server: what is told, and what never is."""

import traceback

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    PushKind,
    Redirected,
    ServerBusy,
)
from tests.servers.mediabrowser.answers import answering
from tests.servers.mediabrowser.servers import MINUTE, emby, jellyfin
from tests.servers.push_listening import failure, listening
from tests.servers.push_places import every_server, place
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, Status

pytestmark = pytest.mark.usefixtures("socket_enabled")


@every_server
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Status(403), NotAllowed),
        (Status(404), BadResponse),
        (Status(400), BadResponse),
        (Status(500), BadResponse),
        (Status(200, "hello"), BadResponse),
        (Status(204), BadResponse),
        (Status(502), CannotConnect),
        (Status(504), CannotConnect),
        (HtmlPage(), BadResponse),
        (Reset(), CannotConnect),
        (Latency(3600), CannotConnect),
    ],
)
async def test_a_refused_connection_raises_the_error_of_its_cause(
    name: str, fault: Fault, expected: type[MediaServerError]
) -> None:
    """A status, a web page and a broken connection each have an error of their own."""
    async with place(name) as at, at.client() as client, at.client(timeout=0.5) as impatient:
        at.server.faults.add(at.route, fault, times=None)
        assert isinstance(await failure(impatient if isinstance(fault, Latency) else client), expected)
        at.server.faults.clear()
        async with listening(client):
            assert len(at.server.push.sockets) == 1


@every_server
async def test_a_server_that_is_busy(name: str) -> None:
    """It says when to come back, or not."""
    async with place(name) as at, at.client() as client:
        at.server.faults.add(at.route, Status(503, retry_after="007"))
        busy = await failure(client)
        assert isinstance(busy, ServerBusy)
        assert busy.retry_after == 7
        at.server.faults.add(at.route, Status(429))
        assert isinstance(await failure(client), ServerBusy)
        at.server.starting = True
        assert isinstance(await failure(client), ServerBusy)


@every_server
async def test_a_token_that_ended(name: str) -> None:
    """It is told even where the server takes the connection."""
    async with place(name) as at, at.client(token="nonsense") as client:
        assert type(await failure(client)) is InvalidAuth


@every_server
async def test_a_server_that_is_away_can_be_connected_to_later(name: str) -> None:
    """CannotConnect while it is away, events when it is back."""
    async with place(name) as at, at.client() as client:
        port = at.server.port
        await at.server.stop()
        assert type(await failure(client)) is CannotConnect
        await at.server.start(port)
        async with listening(client) as events:
            at.server.viewer(at.user).play(at.film, MINUTE)
            assert await events.told() == [(PushKind.PLAYED, at.film)]


@every_server
@pytest.mark.parametrize("url", ["http://", "nonsense", "http://[::1", "http://127.0.0.1:1"])
async def test_an_invalid_address_cannot_be_connected_to(name: str, url: str) -> None:
    """It raises CannotConnect."""
    async with place(name) as at, at.client(url=url) as client:
        assert isinstance(await failure(client), CannotConnect)


@every_server
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(name: str, status: int) -> None:
    """The token goes nowhere else."""
    followed: list[str] = []

    async def trap(request: web.Request) -> web.Response:
        followed.append(request.path)
        return web.Response()

    async with place(name) as at, answering(trap) as trap_url:

        async def redirecting(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{trap_url}{request.path_qs}"})

        async with answering(redirecting) as url, at.client(url=url) as client:
            assert type(await failure(client)) is Redirected
    assert followed == []


@every_server
async def test_errors_tell_no_token_and_no_address(name: str) -> None:
    """Neither in their messages nor in their causes."""
    token = "sekret-token-1111"

    async def refusing(request: web.Request) -> web.Response:
        return web.Response(status=500, text=token, headers={"X-Token": token})

    async with place(name) as at, answering(refusing) as url:
        for address in (url, "http://127.0.0.1:1", "http://[::1", at.server.url):
            async with at.client(url=address, token=token) as client:
                error = await failure(client)
                told = "".join(traceback.format_exception(error)) + repr(error)
                assert token not in told
                assert address not in told


async def test_the_session_is_closed() -> None:
    """Nothing can be connected with it any more."""
    async with jellyfin() as house:
        await house.session.close()
        assert type(await failure(house.client)) is CannotConnect


async def test_the_token_is_in_the_address_on_emby_alone() -> None:
    """There only the query is known to count."""
    async with jellyfin() as house, listening(house.client):
        assert house.server.push.sockets[0].address == "/socket"
    async with emby() as house_of_emby, listening(house_of_emby.client):
        assert house_of_emby.token in house_of_emby.server.push.sockets[0].address

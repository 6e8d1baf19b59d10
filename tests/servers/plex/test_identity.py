"""Who answers at the address of a Plex Media Server, asked again whenever it may have changed."""

from contextlib import aclosing

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import AnotherServer, MediaServerError, PushKind
from tests.servers.plex.attic import ALL, IDENTITY, attic, client_of, only, state_of, write
from tests.servers.plex.connection import ROWS, connected
from tests.servers.plex.script import payload, scripted
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, Status, Truncated

pytestmark = pytest.mark.usefixtures("socket_enabled")

OUTAGES = [Reset(), Status(502), Status(503), Status(500), Truncated(), HtmlPage(), Latency(3600)]


@pytest.mark.parametrize("outage", OUTAGES)
async def test_another_server_comes_back_after_an_outage(outage: Fault) -> None:
    """It is told before it gets a token, and nothing is read from it or written to it."""
    async with attic() as server, client_of(server, timeout=0.5) as client:
        base = await write(client, only(server, "alien"), 1_000_000)
        server.faults.add("*", outage)
        with pytest.raises(MediaServerError):
            await client.in_progress()
        server.database.reinstall()
        server.traffic.reset()

        for ask in (client.in_progress, client.verify, client.open_sessions, client.confirm_identity):
            with pytest.raises(AnotherServer):
                await ask()
        with pytest.raises(AnotherServer):
            await client.states([base.item.item_id])
        assert set(server.traffic.table()) == {IDENTITY}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_the_same_server_comes_back(outage: Fault) -> None:
    """It is asked once who it is, and all goes on."""
    async with attic() as server, client_of(server, timeout=0.5) as client:
        await write(client, only(server, "alien"), 1_000_000)
        server.faults.add("*", outage)
        with pytest.raises(MediaServerError):
            await client.in_progress()
        server.traffic.reset()
        for _ in range(3):
            assert len((await client.in_progress()).items) == 1
        assert server.traffic.requests(IDENTITY) == 1


@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_another_server_comes_while_nobody_asks(user: str) -> None:
    """No request failed, but its connection is another one."""
    async with attic() as server, client_of(server, user) as client:
        await write(client, only(server, "alien"), 1_000_000)
        port = server.port
        await server.stop()
        server.database.reinstall()
        server.traffic.reset()
        await server.start(port)
        with pytest.raises(AnotherServer):
            await client.in_progress()
        assert set(server.traffic.table()) == {IDENTITY}


async def test_nobody_asks_without_a_reason() -> None:
    """Refusals, missing titles and quiet rounds are no outages."""
    async with attic() as server, client_of(server, "henry") as client:
        for position in (1_000_000, 2_000_000):
            await write(client, only(server, "alien"), position)
            await client.in_progress()
            await client.states(["99999"])
        for status in (400, 403, 404):
            server.faults.add(ALL, Status(status))
            await client.in_progress()
            client.forget()
        assert server.traffic.requests(IDENTITY) == 1


async def test_a_server_that_keeps_no_connection() -> None:
    """Is asked who it is once, not before each request."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=ROWS, content_type="text/xml", headers={"Connection": "close"})

    async def identity(request: web.Request) -> web.StreamResponse:
        headers = {"Connection": "close"}
        return web.Response(text=payload("identity.xml"), content_type="text/xml", headers=headers)

    async with scripted({"/identity": identity, "/x": answer}) as script, connected(script.url) as transport:
        for _ in range(3):
            await transport.read("/x")
        assert script.paths == ["/identity", "/x", "/x", "/x"]


async def test_another_server_refuses_the_token() -> None:
    """That is no reason to sign in again: the token is none of its own."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        server.database.replace_machine()
        server.revoke_token("olivia")
        with pytest.raises(AnotherServer):
            await client.in_progress()


async def test_somebody_wants_to_know() -> None:
    """Whoever finds titles missing asks who answers before believing it."""
    async with attic() as server, client_of(server) as client:
        await write(client, only(server, "alien"), 1_000_000)
        server.traffic.reset()
        await client.confirm_identity()
        assert server.traffic.table() == {IDENTITY: 1}
        server.database.reinstall()
        with pytest.raises(AnotherServer):
            await client.confirm_identity()


async def test_a_new_connection_for_push() -> None:
    """What it connects to may be another server."""
    async with attic() as server, client_of(server) as client:
        await state_of(client, only(server, "alien"))
        async with aclosing(client.events()) as events:
            assert (await anext(events)).kind is PushKind.CONNECTED
        assert server.traffic.requests(IDENTITY) == 2
        server.database.replace_machine()
        async with aclosing(client.events()) as events:
            with pytest.raises(AnotherServer):
                await anext(events)
        with pytest.raises(AnotherServer):
            await client.in_progress()

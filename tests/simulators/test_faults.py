"""The wire of every simulator: faults, counters, TLS, outages."""

import asyncio
from collections.abc import AsyncIterator
import ssl

import aiohttp
import pytest

from tests.simulators.faults import (
    DelayedWrite,
    EmptyList,
    HtmlPage,
    IgnoredWrite,
    Latency,
    Reset,
    RevokedToken,
    Status,
    Truncated,
    WrongTotal,
)
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.small_world import HOUR, RESUMABLE, Client, World, item, small_world

LIST = f"/Items?{RESUMABLE}"


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


@pytest.fixture
async def jellyfin(world: World) -> SimulatedJellyfin:
    """Give a server with one title in progress."""
    server = await world.jellyfin()
    server.set_state("anna", item(server, "harbour"), position_ms=HOUR)
    return server


@pytest.fixture
def client(world: World, jellyfin: SimulatedJellyfin) -> Client:
    """Give a signed-in client."""
    return world.client(jellyfin)


async def write(client: Client, film: str, position_ms: int) -> int:
    """Write a position and return the one that the answer claims."""
    answer = await client.ask("POST", f"/UserItems/{film}/UserData", {"PlaybackPositionTicks": position_ms * 10_000})
    return int(answer.json["PlaybackPositionTicks"]) // 10_000


async def test_errors_come_as_often_as_asked_and_only_on_their_route(
    jellyfin: SimulatedJellyfin, client: Client
) -> None:
    """The second page fails twice, with a Retry-After, and nothing else does."""
    jellyfin.faults.add("GET /Items", Status(503, "busy", retry_after="7"), skip=1, times=2)
    statuses = [(await client.ask("GET", LIST)).status for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    jellyfin.faults.add("GET /Items/*", Status(429), times=None)
    assert (await client.ask("GET", LIST)).status == 200
    for _ in range(3):
        assert (await client.ask("GET", f"/Items/{item(jellyfin, 'harbour')}")).status == 429
    jellyfin.faults.clear()
    assert (await client.ask("GET", f"/Items/{item(jellyfin, 'harbour')}")).status == 200


async def test_broken_answers(jellyfin: SimulatedJellyfin, client: Client) -> None:
    """Web pages, cut bodies with and without an honest length, dropped connections, slow answers."""
    jellyfin.faults.add("GET /Items", HtmlPage())
    answer = await client.ask("GET", LIST)
    assert (answer.status, answer.content_type) == (200, "text/html; charset=utf-8")
    jellyfin.faults.add("GET /Items", Truncated())
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.ask("GET", LIST)
    jellyfin.faults.add("GET /Items", Truncated(honest=True))
    answer = await client.ask("GET", LIST)
    assert answer.text.startswith('{"Items"')
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _ = answer.json
    jellyfin.faults.add("GET /Items", Reset(), times=None)
    with pytest.raises(aiohttp.ClientError):
        await client.ask("GET", LIST)
    jellyfin.faults.clear()
    jellyfin.faults.add("GET /Items", Latency(5))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.ask("GET", LIST)
    assert await client.names(LIST) == ["Blue Harbour"]


async def test_listings_that_lie(jellyfin: SimulatedJellyfin, client: Client) -> None:
    """A wrong total, and an empty list where there are rows."""
    jellyfin.faults.add("GET /Items", WrongTotal(9))
    page = await client.get(LIST)
    assert (len(page["Items"]), page["TotalRecordCount"]) == (1, 9)
    jellyfin.faults.add("GET /Items", EmptyList())
    page = await client.get(LIST)
    assert (page["Items"], page["TotalRecordCount"]) == ([], 0)


async def test_writes_that_lie(world: World, jellyfin: SimulatedJellyfin, client: Client) -> None:
    """Ignored, stored late over a viewer's own, and stored without an answer; all of them count as writes."""
    film, viewer = item(jellyfin, "harbour"), jellyfin.viewer("anna")
    route = "POST /UserItems/{item}/UserData"
    jellyfin.faults.add(route, IgnoredWrite())
    assert await write(client, film, 1000) == 1000
    assert viewer.state(film).position_ms == HOUR
    jellyfin.faults.add(route, DelayedWrite(30))
    assert await write(client, film, 2000) == 2000
    jellyfin.set_state("anna", film, position_ms=3000)
    world.clock.advance(29)
    assert viewer.state(film).position_ms == 3000
    world.clock.advance(2)
    assert viewer.state(film).position_ms == 2000
    jellyfin.faults.add(route, Reset(applied=True))
    with pytest.raises(aiohttp.ClientError):
        await write(client, film, 4000)
    assert viewer.state(film).position_ms == 4000
    assert jellyfin.traffic.writes == 3


async def test_a_token_can_be_revoked(jellyfin: SimulatedJellyfin, client: Client) -> None:
    """From that request on it is refused."""
    jellyfin.faults.add("GET /Items", RevokedToken(), skip=1)
    assert [(await client.ask("GET", LIST)).status for _ in range(3)] == [200, 401, 401]


async def test_traffic_is_counted(jellyfin: SimulatedJellyfin, client: Client) -> None:
    """By route, whatever the case and the ids; with bytes and statuses."""
    film = item(jellyfin, "harbour")
    jellyfin.traffic.reset()
    page = await client.ask("GET", LIST)
    await client.ask("GET", f"/items/{film.upper()}")
    await client.ask("GET", f"/Items/{'0' * 31}1")
    await client.ask("GET", "/nowhere/at/all")
    assert jellyfin.traffic.table() == {"GET /Items/{item}": 2, "GET /Items": 1, "GET *": 1}
    assert jellyfin.traffic.requests("GET /Items/{item}") == 2
    assert jellyfin.traffic.requests() == 4
    assert jellyfin.traffic.bytes_sent > len(page.text)
    assert jellyfin.traffic.statuses == {200: 2, 404: 2}
    assert jellyfin.traffic.writes == 0


async def test_an_outage_and_a_restart_keep_everything(jellyfin: SimulatedJellyfin, client: Client) -> None:
    """A stopped server refuses connections; started again on the same port it knows tokens and states."""
    port = jellyfin.port
    await jellyfin.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.ask("GET", LIST)
    await jellyfin.start(port)
    assert await client.names(LIST) == ["Blue Harbour"]


async def test_a_certificate_that_nobody_signed(world: World, jellyfin: SimulatedJellyfin) -> None:
    """It is refused unless verification is off."""
    await jellyfin.stop()
    await jellyfin.start(tls=True)
    assert jellyfin.url.startswith("https://")
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await world.http.get(f"{jellyfin.url}/System/Info/Public")
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    async with world.http.get(f"{jellyfin.url}/System/Info/Public", ssl=unverified) as answer:
        assert answer.status == 200

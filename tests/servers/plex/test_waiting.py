"""Requests to a Plex Media Server that take long, wait for each other, are cancelled or closed."""

import asyncio
from contextlib import suppress

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import PositionWrite
from tests.servers.plex.attic import ALL, IDENTITY, PROGRESS, attic, client_of, only, state_of
from tests.servers.plex.connection import connected
from tests.servers.plex.script import scripted
from tests.simulators.faults import Latency, Reset
from tests.simulators.plex.server import PlexMediaServer
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def until_answered(client: PlexServer) -> None:
    """Ask until there is an answer in time, which a busy machine may not give at once."""
    while True:
        with suppress(CannotConnect):
            await client.in_progress()
            return


async def requests_begun(server: PlexMediaServer, route: str, count: int) -> None:
    """Wait until a server has begun to answer so many requests."""
    await eventually(lambda: server.traffic.requests(route) >= count)


async def test_slow_servers() -> None:
    """A request ends after its time-out, and another one works."""
    async with attic() as server, client_of(server, timeout=0.2) as client:
        await until_answered(client)
        server.faults.add(ALL, Latency(3600))
        with pytest.raises(CannotConnect):
            await client.in_progress()
        await until_answered(client)


async def test_an_answer_without_end() -> None:
    """A body that drips is given up after a while."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" " * 70_000)
            await asyncio.sleep(0.05)
        return response

    async with scripted({"/x": drip}) as script, connected(script.url, timeout=0.1) as transport:
        with pytest.raises(CannotConnect):
            await transport.read("/x")


async def test_one_call_at_a_time() -> None:
    """Requests of one account wait for each other."""
    async with attic() as server, client_of(server) as client:
        for _ in range(3):
            server.faults.add(ALL, Latency(0.02))
        await asyncio.gather(*(client.in_progress() for _ in range(4)))
        assert server.traffic.most_at_once == 1


async def test_a_cancelled_read() -> None:
    """The caller leaves at once and the request ends; the next one connects anew, and all goes on as before."""
    async with attic() as server, client_of(server) as client:
        server.set_state("olivia", only(server, "alien"), position_ms=100_000)
        await client.in_progress()
        loop = asyncio.get_running_loop()
        for fault in (Latency(0.8), Reset()):
            server.traffic.reset()
            server.faults.add(ALL, fault, times=2)
            server.faults.add(ALL, Latency(0.8), times=1)
            task = asyncio.create_task(client.in_progress())
            await requests_begun(server, ALL, 1)
            left = loop.time()
            task.cancel()
            with pytest.raises((asyncio.CancelledError, CannotConnect)):
                await task
            assert loop.time() - left < 0.5
            server.faults.clear()
            assert len((await client.in_progress()).items) == 1
            assert server.traffic.requests(IDENTITY) == 1


async def test_a_cancelled_wait() -> None:
    """Who is cancelled while waiting for its turn sends nothing."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        server.traffic.reset()
        server.faults.add(ALL, Latency(0.2))
        first = asyncio.create_task(client.in_progress())
        await requests_begun(server, ALL, 1)
        second = asyncio.create_task(client.states([only(server, "alien")]))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.wait([second])
        assert second.cancelled()
        await first
        assert server.traffic.table() == {ALL: 2}


async def test_a_cancelled_write_is_finished() -> None:
    """Once it has started, a write is awaited, however often its task is cancelled."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        write = PositionWrite(await state_of(client, alien), 1_000_000)
        server.faults.add(PROGRESS, Latency(0.2))
        task = asyncio.create_task(client.write_position(write))
        await requests_begun(server, PROGRESS, 1)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.03)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert server.traffic.requests(PROGRESS) == 1
        assert (await state_of(client, alien)).position_ms == 1_000_000


async def test_closing_waits_for_what_runs() -> None:
    """After closing, no request is under way; the object connects again when it is asked again."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(ALL, Latency(0.2))
        task = asyncio.create_task(client.in_progress())
        await requests_begun(server, ALL, 1)
        task.cancel()
        await client.close()
        assert server.traffic.requests(ALL) == 1
        await client.in_progress()


async def test_a_program_that_ends_sends_no_request() -> None:
    """Without threads CannotConnect is raised, and the next request is not blocked."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        await asyncio.get_running_loop().shutdown_default_executor()
        for _ in range(2):
            with pytest.raises(CannotConnect):
                await client.in_progress()

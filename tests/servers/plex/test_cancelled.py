"""Requests to a Plex Media Server that nobody waits for any more, and that fail afterwards."""

import asyncio

import pytest

from custom_components.resume_sync.sync.model import PositionWrite
from tests.complaints import Complaints
from tests.servers.plex.attic import ALL, PROGRESS, attic, client_of, only, state_of
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, Status, Truncated
from tests.simulators.plex.server import PlexMediaServer
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def requests_begun(server: PlexMediaServer) -> None:
    """Wait until a server has begun to answer a request."""
    await eventually(lambda: server.traffic.requests() >= 1)


LATER = Latency(0.1)


@pytest.mark.parametrize(
    "faults",
    [
        (LATER,),
        (LATER, Reset()),
        (LATER, Status(401)),
        (LATER, Status(503)),
        (LATER, Truncated()),
        (LATER, HtmlPage()),
        (Latency(5),),
    ],
)
async def test_a_cancelled_read_ends_in_silence(faults: tuple[Fault, ...]) -> None:
    """Nobody is told what became of a request that nobody waits for: an account that is unloaded in an outage."""
    async with attic() as server, client_of(server, timeout=0.5) as client:
        await client.in_progress()
        complaints = Complaints()
        for ask in (client.in_progress, client.verify, client.open_sessions, client.confirm_identity):
            for fault in faults:
                server.faults.add("*", fault)
            server.traffic.reset()
            task = asyncio.create_task(ask())
            await requests_begun(server)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await client.close()
            server.faults.clear()
        assert complaints.all() == []


async def test_a_cancelled_write_that_fails_ends_in_silence() -> None:
    """It is awaited; its error is nobody's any more."""
    async with attic() as server, client_of(server) as client:
        write = PositionWrite(await state_of(client, only(server, "alien")), 1_000_000)
        complaints = Complaints()
        for fault in (LATER, Reset()):
            server.faults.add(PROGRESS, fault)
        server.traffic.reset()
        task = asyncio.create_task(client.write_position(write))
        await requests_begun(server)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert complaints.all() == []


async def test_a_loop_that_ends_with_a_request_under_way() -> None:
    """A stop of Home Assistant is no error either."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        complaints = Complaints()
        for fault in (LATER, Reset()):
            server.faults.add(ALL, fault)
        server.traffic.reset()
        tasks = [asyncio.create_task(client.in_progress()) for _ in range(3)]
        await requests_begun(server)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        await client.close()
        assert complaints.all() == []

"""Answers that drip: each request ends at its deadline, while the server goes on and on, whatever it is saying."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from custom_components.resume_sync.servers.limits import (
    LIBRARY_SECONDS,
    ORDINARY,
    Limits,
    rows_of_library,
    rows_of_sessions,
)
from custom_components.resume_sync.sync.media_server import CannotConnect, PushKind
from tests.complaints import Complaints
from tests.hostile.client import client_of
from tests.hostile.drips import BEFORE_A_SOCKET, WAYS, dripping
from tests.hostile.floods import dripping_frames, no_sessions
from tests.hostile.raw_server import RawServer, raw_server
from tests.servers.all_clients import NUMBERED_ITEM, requests_to, write
from tests.servers.push_listening import tasks_of_push
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("socket_enabled")

SOON = 0.4
PAUSE = 0.02
KINDS = ("plex", "jellyfin", "emby")
every_kind = pytest.mark.parametrize("kind", KINDS)


@asynccontextmanager
async def left_alone(server: RawServer) -> AsyncIterator[None]:
    """Make sure that whoever asks in here closes the connection, is answered until then, and leaves nothing behind."""
    complaints = Complaints()
    yield
    await eventually(lambda: server.left > 0)
    assert complaints.all() == []


@every_kind
@pytest.mark.parametrize("way", WAYS)
async def test_a_listing_that_drips(kind: str, way: str) -> None:
    """Eight ways never to come to an end, on each kind of server."""
    async with raw_server(dripping(way, PAUSE)) as server, client_of(kind, server.url, SOON) as client:
        async with left_alone(server):
            with pytest.raises(CannotConnect, match="in time"):
                await client.in_progress()
        assert len(server.asked) == 1


@every_kind
@pytest.mark.parametrize("way", BEFORE_A_SOCKET)
async def test_a_connection_for_push_that_drips(kind: str, way: str) -> None:
    """It does not come about."""
    async with raw_server(dripping(way, PAUSE)) as server, client_of(kind, server.url, SOON) as client:
        async with left_alone(server):
            with pytest.raises(CannotConnect, match="in time"):
                await anext(client.events())
        assert tasks_of_push() == []


@every_kind
@pytest.mark.parametrize(
    ("first", "drop"),
    [(b"\x81\x7e\xff\xff", b" "), (b"\x01\x01[", b"\x00\x01 "), (b"\x01\x00", b"\x00\x00")],
    ids=["a message", "fragments", "empty fragments"],
)
async def test_a_push_message_that_drips(kind: str, first: bytes, drop: bytes) -> None:
    """Part of a message is no sign of life."""
    act = dripping_frames(first, drop, PAUSE)
    async with raw_server(no_sessions, act) as server, client_of(kind, server.url, SOON) as client:
        async with left_alone(server):
            events = client.events()
            assert (await anext(events)).kind is PushKind.CONNECTED
            with pytest.raises(CannotConnect, match="not answer any more"):
                await anext(events)
        assert tasks_of_push() == []


@pytest.mark.parametrize("way", ["header", "trailers"])
@pytest.mark.parametrize(
    "name", ["plex states", "plex open_sessions", "plex hub", "plex write", "jellyfin find", "jellyfin write"]
)
async def test_whatever_is_asked(name: str, way: str) -> None:
    """Every request has a deadline, writes too. Where sessions drip, it is an outage, not a refusal."""
    async with (
        raw_server(dripping(way, PAUSE)) as server,
        requests_to(server.url, SOON) as requests,
        left_alone(server),
    ):
        with pytest.raises(CannotConnect):
            await requests[name]()


@every_kind
async def test_a_certificate_that_drips(kind: str) -> None:
    """A connection that never becomes encrypted ends as well."""
    left = asyncio.Event()

    async def handshake(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a record of 16 KiB, and send it byte by byte."""
        writer.write(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")
        with suppress(ConnectionError):
            while not writer.is_closing():
                await asyncio.sleep(PAUSE)
                writer.write(b"\x00")
                await writer.drain()
        left.set()

    server = await asyncio.start_server(handshake, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, client_of(kind, url, SOON) as client:
        complaints = Complaints()
        with pytest.raises(CannotConnect):
            await client.in_progress()
        await eventually(left.is_set)
        assert complaints.all() == []


async def test_the_next_request() -> None:
    """It has its turn at once, on a new connection, after the server was asked who it is."""
    drips = [dripping("body", PAUSE)]

    async def act(caller: object) -> None:
        """Drip once."""
        await (drips.pop() if drips else no_sessions)(caller)  # type: ignore[arg-type]

    async with raw_server(act) as server, client_of("plex", server.url, SOON) as client:
        with pytest.raises(CannotConnect):
            await client.in_progress()
        assert (await client.in_progress()).items == {}


async def cancelled(task: asyncio.Task[object]) -> None:
    """Cancel a task, and wait for it."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@every_kind
@pytest.mark.parametrize("way", ["status line", "chunks"])
async def test_a_request_that_nobody_waits_for_ends(kind: str, way: str) -> None:
    """At once, not at its deadline: an account is unloaded while its server drips."""
    async with (
        raw_server(dripping(way, PAUSE)) as server,
        client_of(kind, server.url, 3600) as client,
        left_alone(server),
    ):
        task: asyncio.Task[object] = asyncio.create_task(client.in_progress())
        await eventually(lambda: server.asked)
        await cancelled(task)


async def test_closing_ends_what_runs() -> None:
    """The client of a Plex server that drips is closed without waiting for it; its caller is told."""
    async with (
        raw_server(dripping("header", PAUSE)) as server,
        client_of("plex", server.url, 3600) as client,
        left_alone(server),
    ):
        task = asyncio.create_task(client.in_progress())
        await eventually(lambda: server.asked)
        await client.close()
        with pytest.raises(CannotConnect):
            await task


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a write have a moment to end."""
    monkeypatch.setattr("custom_components.resume_sync.servers.plex.transport.PATIENCE_WITH_WRITES_SECONDS", 0.2)


@pytest.mark.usefixtures("little_patience")
@pytest.mark.parametrize("end", ["cancel", "close"])
async def test_a_write_that_nobody_waits_for_has_a_moment(end: str) -> None:
    """Then it ends as well, long before its deadline."""
    async with (
        raw_server(dripping("body", PAUSE)) as server,
        client_of("plex", server.url, 3600) as client,
        left_alone(server),
    ):
        task: asyncio.Task[object] = asyncio.create_task(client.write_position(write(NUMBERED_ITEM)))
        await eventually(lambda: server.asked)
        if end == "cancel":
            await cancelled(task)
        else:
            await client.close()
            with pytest.raises(CannotConnect):
                await task


async def test_turns_are_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that looks up an address cannot be ended: who comes after it is told."""
    monkeypatch.setattr("custom_components.resume_sync.servers.plex.transport.LIBRARY_SECONDS", 0.2)
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def lookup(*_: object, **__: object) -> None:
        """Look up an address until the test says so."""
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        raise OSError

    monkeypatch.setattr("urllib3.util.connection.create_connection", lookup)
    complaints = Complaints()
    async with client_of("plex", "http://127.0.0.1:1", 0.2) as client:
        with pytest.raises(CannotConnect, match="in time"):
            await client.in_progress()
        with pytest.raises(CannotConnect, match="an earlier request"):
            await client.in_progress()
        released.set()
        await eventually(lambda: not client._transport._busy.locked())  # type: ignore[attr-defined]  # noqa: SLF001
        with pytest.raises(CannotConnect, match="reached"):
            await client.in_progress()
    assert complaints.all() == []


@pytest.mark.parametrize(
    ("limits", "seconds", "mebibytes"),
    [
        (ORDINARY, 15, 4),
        (rows_of_library(100), 60, 5),
        (rows_of_library(500), 60, 9),
        (rows_of_library(5000), 60, 54),
        (rows_of_sessions(()), 15, 32),
    ],
)
def test_limits_follow_from_what_is_asked(limits: Limits, seconds: float, mebibytes: int) -> None:
    """A list of the library takes longer, and is larger the more rows are asked for."""
    assert (limits.seconds, limits.size) == (seconds, mebibytes * 2**20)
    assert limits.at_most(1).seconds == 1
    assert limits.at_most(LIBRARY_SECONDS) == limits

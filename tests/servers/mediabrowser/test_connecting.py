"""JSON over HTTP: servers that are away, slow or something else, and requests that end early."""

import asyncio
import logging
import socket

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.http import JsonConnection
from custom_components.resume_sync.sync.media_server import BadResponse, CannotConnect
from tests.servers.mediabrowser.connection import TOKEN, always, connected, failure_of

from .answers import answering

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_token_follows_no_redirect(status: int) -> None:
    """Not to another host, nor to another path of the same one."""
    asked = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization"))
        return web.json_response({})

    async with answering(elsewhere) as url:
        error = await failure_of(always(lambda: web.Response(status=status, headers={"Location": url})))

    assert isinstance(error, BadResponse)
    assert "base path" in str(error)
    assert asked == []


async def test_something_that_does_not_speak_http() -> None:
    """Another service on the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession() as session:
        connection = JsonConnection(session, f"http://127.0.0.1:{port}", {}, timeout_seconds=5)
        with pytest.raises(BadResponse):
            await connection.get("/System/Info/Public", {"secret": TOKEN})


async def test_a_server_that_is_too_slow() -> None:
    """No answer in time, and an answer that does not end in time."""

    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"[")
        await asyncio.sleep(5)
        return response

    for handler in (silent, endless):
        assert isinstance(await failure_of(handler, timeout_seconds=0.2), CannotConnect)


async def test_a_post_is_not_repeated_when_the_connection_drops() -> None:
    """It may have been carried out: the caller has to look."""
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with connected(handler) as connection:
        with pytest.raises(CannotConnect):
            await connection.post("/UserItems/1/UserData", {"PlaybackPositionTicks": 1})

    assert asked == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no scheme",
        "http://",
        "ftp://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://me:pw@127.0.0.1:1",
        "http://[::1",
    ],
)
async def test_an_invalid_address_cannot_be_reached(url: str) -> None:
    """Any text that a user may type raises CannotConnect."""
    async with aiohttp.ClientSession() as session:
        connection = JsonConnection(session, url, {"Authorization": TOKEN}, timeout_seconds=5)
        with pytest.raises(CannotConnect):
            await connection.get("/System/Info/Public")


async def test_a_closed_port_cannot_be_reached() -> None:
    """Nor can any server through a session that was closed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    session = aiohttp.ClientSession()
    connection = JsonConnection(session, f"http://127.0.0.1:{port}", {}, timeout_seconds=5)
    with pytest.raises(CannotConnect):
        await connection.get("/System/Info/Public")
    await session.close()
    with pytest.raises(CannotConnect):
        await connection.get("/System/Info/Public")


async def test_cancelling_passes() -> None:
    """A cancelled request is cancelled, not an error of the server."""

    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with connected(handler) as connection:
        task = asyncio.create_task(connection.get("/Items"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Failures are raised, not logged: no token can slip out."""
    caplog.set_level(logging.DEBUG, logger="custom_components")
    await failure_of(always(lambda: web.Response(status=500)))

    assert [record for record in caplog.records if record.name.startswith("custom_components")] == []

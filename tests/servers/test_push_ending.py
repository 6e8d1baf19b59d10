"""Connections that end or are closed, on every server, and what keeps them alive."""

import asyncio
import json

import pytest

from custom_components.resume_sync.sync.media_server import CannotConnect, PushedTooMuch, PushKind
from tests.servers.mediabrowser.servers import MINUTE, jellyfin
from tests.servers.push_listening import listening, tasks_of_push
from tests.servers.push_places import every_server, place
from tests.time_ahead import time_ahead

pytestmark = pytest.mark.usefixtures("socket_enabled")


@every_server
@pytest.mark.parametrize("end", ["close", "abort", "stop", "oversize"])
async def test_connections_that_end(name: str, end: str) -> None:
    """What was told before comes first, then the end; connecting again is a new start."""
    async with place(name) as at, at.client() as client:
        async with listening(client) as events:
            at.server.viewer(at.user).play(at.film, MINUTE)
            assert await events.told() == [(PushKind.PLAYED, at.film)]
            if end == "stop":
                await at.server.stop()
                await at.server.start()
            elif end == "oversize":
                at.server.push.push(json.dumps({"MessageType": "x" * 8_500_000}))
            else:
                getattr(at.server.push, end)()
            assert type(await events.error()) is (PushedTooMuch if end == "oversize" else CannotConnect)
        assert at.server.push.opened == 1
        if end == "oversize":
            async with listening(client):
                assert at.server.push.opened == 2


@every_server
async def test_a_server_that_does_not_answer_pings(name: str) -> None:
    """A connection on which nobody is left ends: a ping comes after half a minute at most, the end 15 seconds later.

    Jellyfin would end it by itself after a minute.
    """
    async with place(name) as at, at.client() as client:
        at.server.push.deaf = True
        with time_ahead() as ahead:
            async with listening(client) as events:
                for seconds in (32, 17):
                    assert await events.quiet(0.01)
                    ahead.seconds += seconds
                assert type(await events.error()) is CannotConnect


@every_server
@pytest.mark.parametrize("way", ["close", "cancel", "cancel early"])
async def test_closing_leaves_nothing_behind(name: str, way: str) -> None:
    """Neither a task nor a socket, and without waiting for the server."""
    async with place(name) as at, at.client() as client:
        at.server.push.deaf = True
        events = client.events()

        async def listen() -> None:
            async for event in events:
                assert event.kind is PushKind.CONNECTED

        loop = asyncio.get_running_loop()
        began = loop.time()
        if way == "close":
            await anext(events)
            await events.aclose()
        else:
            task = asyncio.create_task(listen())
            await asyncio.sleep(0.5 if way == "cancel" else 0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert loop.time() - began < 2
        assert tasks_of_push() == []


async def test_jellyfin_is_told_that_we_are_alive() -> None:
    """As often as it asks for, so that it does not cut the connection; it answers each time."""
    async with jellyfin() as house:
        house.server.pushes.keep_alive_seconds = 1.0
        async with listening(house.client) as events:
            assert await events.quiet(2.6)
            assert sum("KeepAlive" in text for text in house.server.push.heard) >= 4
            house.server.pushes.keep_alive_seconds = None
            assert type(await events.error()) is CannotConnect


async def test_jellyfin_asks_for_more() -> None:
    """A shorter time counts from when it is named."""
    async with jellyfin() as house, listening(house.client) as events:
        house.server.push.push(house.server.pushes.message("ForceKeepAlive", 30))
        assert await events.quiet()
        assert sum("KeepAlive" in text for text in house.server.push.heard) == 2

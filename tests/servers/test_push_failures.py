"""Connections that do not come about or end, bad and enormous messages and storms of them, on every server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
import gc
import json
import random
import resource
import time
import traceback
from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServer,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from custom_components.resume_sync.sync.push import PushEvent, PushKind
from tests.servers.mediabrowser_answers import answering
from tests.servers.mediabrowser_servers import MINUTE, emby, jellyfin
from tests.servers.plex_attic import attic, client_of
from tests.servers.push_listening import failure, listening, tasks_of_push
from tests.simulators.emby import SimulatedEmby
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, Status
from tests.simulators.jellyfin import SimulatedJellyfin
from tests.simulators.plex import PlexMediaServer
from tests.simulators.storm import storm_message

pytestmark = pytest.mark.usefixtures("socket_enabled")

type Simulated = SimulatedJellyfin | SimulatedEmby | PlexMediaServer


@dataclass(slots=True)
class Place:
    """A server, how to connect to it as one of its users, and a film there."""

    server: Simulated
    client: Callable[..., AbstractAsyncContextManager[MediaServer]]
    film: str
    user: str
    route: str


@asynccontextmanager
async def place(name: str) -> AsyncIterator[Place]:
    """Run one of the three servers."""
    if name == "plex":
        async with attic() as plex:
            (film,) = plex.items_of("alien")
            yield Place(plex, partial(client_of, plex), film, "olivia", "GET /:/websockets/notifications")
        return
    opened: Any = {"jellyfin": jellyfin, "emby": emby}[name]
    async with opened() as house:
        house.server.pushes.user_data_seconds = 0.05

        @asynccontextmanager
        async def client(**changes: Any) -> AsyncIterator[MediaServer]:
            """Yield a client."""
            if "timeout" in changes:
                changes["timeout_seconds"] = changes.pop("timeout")
            yield house.client_with(**changes)

        route = "GET /socket" if name == "jellyfin" else "GET /embywebsocket"
        yield Place(house.server, client, house.item("blue"), "anna", route)


every_server = pytest.mark.parametrize("name", ["jellyfin", "emby", "plex"])


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
        (Latency(5), CannotConnect),
    ],
)
async def test_connections_that_do_not_come_about(name: str, fault: Fault, expected: type[MediaServerError]) -> None:
    """Whatever happens instead of a WebSocket is told by its kind."""
    async with place(name) as at, at.client(timeout=1 if isinstance(fault, Latency) else 10) as client:
        at.server.faults.add(at.route, fault, times=None)
        assert isinstance(await failure(client), expected)
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
async def test_nobody_there(name: str) -> None:
    """A server that is away cannot be reached, and is heard again when it is back."""
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
async def test_addresses_that_lead_nowhere(name: str, url: str) -> None:
    """Nothing can be connected to there."""
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
            assert type(await failure(client)) is BadResponse
    assert followed == []


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
                at.server.push.push(json.dumps({"MessageType": "x" * 1_100_000}))
            else:
                getattr(at.server.push, end)()
            assert type(await events.error()) is CannotConnect
        assert at.server.push.opened == 1
        if end == "oversize":
            async with listening(client):
                assert at.server.push.opened == 2


@every_server
async def test_a_message_that_is_just_not_too_large(name: str) -> None:
    """It is heard, and the connection stays."""
    async with place(name) as at, at.client() as client, listening(client) as events:
        at.server.push.push(json.dumps({"MessageType": "x" * 1_000_000}))
        at.server.viewer(at.user).play(at.film, MINUTE)
        assert await events.told() == [(PushKind.PLAYED, at.film)]


@every_server
async def test_a_server_that_does_not_answer_pings(name: str) -> None:
    """A connection on which nobody is left ends."""
    async with place(name) as at, at.client(timeout=0.4) as client:
        at.server.push.deaf = True
        async with listening(client) as events:
            assert type(await events.error()) is CannotConnect


GARBAGE: list[str | bytes] = [
    "",
    "hello",
    "[]",
    "null",
    "5",
    '{"MessageType"',
    "{" * 5000,
    "[" * 100_000,
    b"\x00\x01",
    b"{}",
    "{}",
    '{"MessageType": "Sessions", "Data": {"0": 1}}',
    '{"MessageType": "Sessions", "Data": [null, 5, [], {}, {"NowPlayingItem": []}]}',
    '{"MessageType": "UserDataChanged"}',
    '{"MessageType": "UserDataChanged", "Data": {"UserDataList": 5}}',
    '{"MessageType": "LibraryChanged", "Data": 7}',
    '{"MessageType": "ForceKeepAlive", "Data": "60"}',
    '{"MessageType": "ForceKeepAlive", "Data": -1}',
    '{"MessageType": ["Sessions"]}',
    '{"NotificationContainer": 7}',
    '{"NotificationContainer": {"type": "playing"}}',
    '{"NotificationContainer": {"type": "playing", "PlaySessionStateNotification": 7}}',
    '{"NotificationContainer": {"type": ["playing"]}}',
    '{"NotificationContainer": {"type": "timeline", "TimelineEntry": [7, {"state": [5], "type": {}}]}}',
    '{"NotificationContainer": {"type": "activity", "ActivityNotification": {"event": [], "Activity": 7}}}',
]


@every_server
async def test_messages_that_make_no_sense(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """They are left out, each kind is logged once, and the connection stays."""
    async with place(name) as at, at.client() as client, listening(client) as events:
        for _ in range(3):
            for message in GARBAGE:
                at.server.push.push(message)
        assert await events.quiet()
        at.server.viewer(at.user).play(at.film, MINUTE)
        assert (await events.event()).item_id == at.film
    lines = [record.getMessage() for record in caplog.records if record.name.endswith("push_inbox")]
    assert len(lines) == len(set(lines)) > 2


@every_server
async def test_broken_messages_of_every_kind(name: str) -> None:
    """Whatever is changed in a real message, the connection stays."""
    source = random.Random(7)
    odd: list[object] = [None, True, -1, 2**70, 1.5, "", "x" * 300, [], {}, [{}], {"Id": 5}]

    def broken(value: object) -> object:
        """Return a message with something replaced or left out."""
        if source.random() < 0.15:
            return source.choice(odd)
        if isinstance(value, dict):
            return {key: broken(each) for key, each in value.items() if source.random() > 0.1}
        return [broken(each) for each in value] if isinstance(value, list) else value

    async with place(name) as at, at.client() as client, listening(client) as events:
        user = at.server.users[at.user].user_id
        real = [json.loads(text.replace('"u"', json.dumps(user)).replace("105", at.film)) for text in REAL]
        for _ in range(600):
            at.server.push.push(broken(source.choice(real)))
        while not await events.quiet(0.2):
            events.heard()
        assert len(at.server.push.sockets) == 1


REAL = """\
{"MessageType": "Sessions", "Data": [{"Id": "s1", "UserId": "u", "AdditionalUsers": [{"UserId": "u"}], "PlayState":
 {"PositionTicks": 12000000000, "IsPaused": false}, "NowPlayingItem": {"Id": "105", "Type": "Movie"}}]}
{"MessageType": "UserDataChanged", "Data": {"UserId": "u", "UserDataList": [{"ItemId": "106", "Played": true,
 "PlaybackPositionTicks": 12345670000}, {"ItemId": "107", "UnplayedItemCount": 8}]}}
{"MessageType": "LibraryChanged", "Data": {"ItemsAdded": ["106"], "IsEmpty": false}}
{"MessageType": "KeepAlive"}
{"NotificationContainer": {"type": "playing", "size": 1, "PlaySessionStateNotification": [{"sessionKey": "29",
 "clientIdentifier": "tv", "ratingKey": "1", "viewOffset": 161000, "state": "paused"}]}}
{"NotificationContainer": {"type": "timeline", "TimelineEntry": [{"identifier": "com.plexapp.plugins.library",
 "itemID": "1", "type": 1, "state": 5}]}}
{"NotificationContainer": {"type": "activity", "ActivityNotification": [{"event": "ended",
 "Activity": {"type": "library.update.section"}}]}}
{"NotificationContainer": {"type": "status", "StatusNotification": [{"notificationName": "LIBRARY_UPDATE"}]}}
""".replace("\n ", " ").splitlines()


@every_server
async def test_other_items_are_left_out(name: str) -> None:
    """Music, live television and ids that are none are not told."""
    async with place(name) as at, at.client() as client, listening(client) as events:
        user = at.server.users[at.user].user_id
        play = {"Id": "s1", "UserId": user, "PlayState": {"PositionTicks": -5, "IsPaused": True}}
        items = [{"Id": at.film, "Type": "Audio"}, {"Id": "../..", "Type": "Movie"}, {"Id": 5}, {"Type": "Movie"}]
        for item in items:
            at.server.push.push({"MessageType": "Sessions", "Data": [play | {"NowPlayingItem": item}]})
        data = {"UserId": user, "UserDataList": [{"ItemId": "../.."}, {"ItemId": at.film, "UnplayedItemCount": 2}]}
        at.server.push.push({"MessageType": "UserDataChanged", "Data": data})
        at.server.push.push({"MessageType": "LibraryChanged", "Data": {"IsEmpty": True}})
        row = {"sessionKey": "5", "ratingKey": "/livetv/5", "state": "stopped"}
        container = {"type": "playing", "PlaySessionStateNotification": [row]}
        at.server.push.push({"NotificationContainer": container})
        assert await events.quiet()


@every_server
async def test_a_storm(name: str) -> None:
    """Ten thousand messages that nobody takes: 1,000 a second, bounded events, hardly a request, and the loop lives."""
    async with place(name) as at, at.client() as client:
        events = client.events()
        assert (await anext(events)).kind is PushKind.CONNECTED
        user, requests = at.server.users[at.user].user_id, at.server.traffic.requests()
        gc.collect()
        memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        longest = 0.0
        for hundred in range(100):
            for number in range(100):
                at.server.push.push(storm_message(name, user, hundred * 100 + number))
            asked = time.monotonic()
            await asyncio.sleep(0.05)
            longest = max(longest, time.monotonic() - asked - 0.05)
        async with asyncio.timeout(30):
            await at.server.push.sent_all()
        seconds = time.monotonic() - began
        at.server.viewer(at.user).play(at.film, MINUTE)
        pending = await drained(events)

        assert 1 < len(pending) < 256 + len(PushKind) + 2
        assert {event.kind for event in pending} >= {PushKind.STOPPED}
        assert at.server.traffic.requests() - requests <= 2 + seconds / 2
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 50_000
        assert longest < 0.5
        await events.aclose()
    assert tasks_of_push() == []


async def drained(events: AsyncIterator[PushEvent]) -> list[PushEvent]:
    """Return the events that come without a pause."""
    found: list[PushEvent] = []
    task = asyncio.ensure_future(anext(events))
    while (await asyncio.wait([task], timeout=2.5))[0]:
        found.append(task.result())
        task = asyncio.ensure_future(anext(events))
    task.cancel()
    await asyncio.wait([task])
    return found


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

        began = time.monotonic()
        if way == "close":
            await anext(events)
            await events.aclose()
        else:
            task = asyncio.create_task(listen())
            await asyncio.sleep(0.5 if way == "cancel" else 0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert time.monotonic() - began < 2
        assert tasks_of_push() == []


@every_server
async def test_errors_tell_no_token_and_no_address(name: str) -> None:
    """Neither in their words nor in what led to them."""
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


async def test_the_token_is_in_the_address_on_emby_alone() -> None:
    """There only the query is known to count."""
    async with jellyfin() as house, listening(house.client):
        assert house.server.push.sockets[0].address == "/socket"
    async with emby() as house_of_emby, listening(house_of_emby.client):
        assert house_of_emby.token in house_of_emby.server.push.sockets[0].address

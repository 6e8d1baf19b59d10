"""Bad and enormous messages, and storms of them, on every server: the connection stays."""

import asyncio
from collections.abc import AsyncIterator
import gc
import json
import random
import resource

import pytest

from custom_components.resume_sync.sync.media_server import PushEvent, PushKind
from tests.computing import longest_step
from tests.servers.mediabrowser.servers import MINUTE
from tests.servers.push_listening import listening, tasks_of_push
from tests.servers.push_places import every_server, place
from tests.simulators.storm import storm_message

pytestmark = pytest.mark.usefixtures("socket_enabled")


@every_server
async def test_a_message_that_is_just_not_too_large(name: str) -> None:
    """It is heard, and the connection stays."""
    async with place(name) as at, at.client() as client, listening(client) as events:
        at.server.push.push(json.dumps({"MessageType": "x" * 400_000}))
        at.server.viewer(at.user).play(at.film, MINUTE)
        assert await events.told() == [(PushKind.PLAYED, at.film)]


def message_of_many(name: str, user: str) -> object:
    """Return a message about more items than are looked at one by one."""
    if name == "plex":
        rows = [{"sessionKey": str(number), "ratingKey": "1", "state": "playing"} for number in range(1, 1002)]
        return {"NotificationContainer": {"type": "playing", "PlaySessionStateNotification": rows}}
    data = {"UserId": user, "UserDataList": [{"ItemId": "1", "PlaybackPositionTicks": 1}] * 1001}
    return {"MessageType": "UserDataChanged", "Data": data}


@every_server
@pytest.mark.parametrize("many", [False, True])
async def test_a_message_that_may_be_about_anything(name: str, many: bool) -> None:
    """What is too large to be read is a reason to look at all, and the connection stays."""
    async with place(name) as at, at.client() as client, listening(client) as events:
        user = at.server.users[at.user].user_id
        at.server.push.push(message_of_many(name, user) if many else json.dumps({"MessageType": "x" * 8_000_000}))
        assert sorted(await events.told(2)) == [(PushKind.LIBRARY_CHANGED, None), (PushKind.MARKED, None)]
        at.server.viewer(at.user).play(at.film, MINUTE)
        assert await events.told() == [(PushKind.PLAYED, at.film)]


async def test_sessions_with_long_queues() -> None:
    """Jellyfin sends the whole queue of a session with it, as full rows: they take a while, and hide nothing."""
    async with place("jellyfin") as at, at.client() as client, listening(client) as events:
        queue = [{"Id": f"{number:032x}", "Type": "Audio", "Overview": "x" * 500} for number in range(6_000)]
        others = {"Id": "s9", "UserId": "f" * 32, "NowPlayingQueueFullItems": queue}
        own = {"Id": "s1", "UserId": at.server.users[at.user].user_id, "PlayState": {"PositionTicks": MINUTE * 10_000}}
        own["NowPlayingItem"] = {"Id": at.film, "Type": "Movie"}
        at.server.push.push({"MessageType": "Sessions", "Data": [others]})
        at.server.push.push({"MessageType": "Sessions", "Data": [others, own]})
        assert await events.told() == [(PushKind.PLAYED, at.film)]


LINES_FOR_A_MESSAGE = 100

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
async def test_music_and_live_television_cause_no_event(name: str) -> None:
    """Neither does a malformed id."""
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
    """Ten thousand messages that nobody takes: bounded events, hardly a request, and no long step of the loop."""
    async with place(name) as at, at.client() as client:
        events = client.events()
        assert (await anext(events)).kind is PushKind.CONNECTED
        user, requests = at.server.users[at.user].user_id, at.server.traffic.requests()
        loop = asyncio.get_running_loop()
        gc.collect()
        memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, loop.time()
        with longest_step() as step:
            for hundred in range(100):
                for number in range(100):
                    at.server.push.push(storm_message(name, user, hundred * 100 + number))
                await asyncio.sleep(0.05)
            await at.server.push.sent_all()
        seconds = loop.time() - began
        at.server.viewer(at.user).play(at.film, MINUTE)
        pending = await drained(events)

        assert 1 < len(pending) < 256 + len(PushKind) + 2
        assert {event.kind for event in pending} >= {PushKind.STOPPED}
        assert at.server.traffic.requests() - requests <= 2 + seconds / 2
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 50_000
        assert 0 < step.lines < 100 * LINES_FOR_A_MESSAGE
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

"""The WebSockets of the simulated servers, as any client sees them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp
import pytest

from tests.servers.mediabrowser.servers import MINUTE, emby, jellyfin
from tests.servers.plex.attic import ALIEN, attic, only
from tests.simulators.library import Film
from tests.simulators.port import HttpPort

pytestmark = pytest.mark.usefixtures("socket_enabled")

START = {"MessageType": "SessionsStart", "Data": "0,100"}
FILM = Film("new", "New", 2001, 90 * MINUTE)


class Client:
    """One WebSocket of a client."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take an open one."""
        self.socket = socket

    async def next(self) -> Any:
        """Return the next message."""
        return await self.socket.receive_json(timeout=5)

    async def type(self) -> str:
        """Return the type of the next message of Jellyfin or Emby."""
        return str((await self.next())["MessageType"])

    async def ended(self) -> bool:
        """Tell whether the connection ends next."""
        return (await self.socket.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


@asynccontextmanager
async def opened(server: HttpPort, path: str, **headers: str) -> AsyncIterator[Client]:
    """Open a WebSocket."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.url}{path}", headers=headers) as socket:
        yield Client(socket)
    await asyncio.sleep(0.05)


async def refused(server: HttpPort, path: str, **headers: str) -> int:
    """Return the status that a WebSocket is refused with."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"{server.url}{path}", headers=headers)
    return caught.value.status


def authorization(token: str) -> dict[str, str]:
    """Return the header that a client of Jellyfin sends."""
    return {"Authorization": f'MediaBrowser Client="Test", Device="Test", DeviceId="t", Token="{token}"'}


async def test_jellyfin_wants_to_hear_of_its_clients() -> None:
    """It says so at once, answers, and cuts off who keeps silent."""
    async with jellyfin() as house:
        house.server.pushes.keep_alive_seconds = 1.0
        async with opened(house.server, "/socket", **authorization(house.token)) as client:
            assert (await client.next()) | {"MessageId": ""} == {
                "MessageType": "ForceKeepAlive",
                "MessageId": "",
                "Data": 1,
            }
            for _ in range(3):
                await asyncio.sleep(0.5)
                await client.socket.send_json({"MessageType": "KeepAlive"})
                assert await client.type() == "KeepAlive"
            assert await client.ended()
        assert (house.server.push.opened, house.server.push.sent, len(house.server.push.heard)) == (1, 4, 3)


async def test_jellyfin_refuses_bad_tokens() -> None:
    """With 403, and a plain request has no answer there."""
    async with jellyfin() as house:
        assert await refused(house.server, "/socket", **authorization("nonsense")) == 403
        assert await refused(house.server, "/socket") == 403
        async with opened(house.server, f"/socket?ApiKey={house.token}") as client:
            assert await client.type() == "ForceKeepAlive"
        headers = authorization(house.token)
        async with aiohttp.ClientSession() as session, session.get(f"{house.server.url}/socket", headers=headers) as no:
            assert no.status == 404


@pytest.mark.parametrize(
    ("version", "user", "seen"),
    [
        ("10.11.11", "anna", {"anna"}),
        ("10.11.11", "admin", {"anna", "ben"}),
        ("10.11.11", None, {"anna", "ben"}),
        ("10.10.7", "anna", None),
        ("10.10.7", "admin", {"anna", "ben"}),
        ("10.10.7", None, None),
    ],
)
async def test_who_sees_sessions_on_jellyfin(version: str, user: str | None, seen: set[str] | None) -> None:
    """Nothing comes before something happens; then whole lists, again and again while something plays."""
    async with jellyfin(version) as house:
        house.server.viewer("ben").play(house.item("blue"), MINUTE)
        token = house.server.add_token(user, "t") if user else house.server.add_api_key()
        async with opened(house.server, "/socket", **authorization(token)) as client:
            assert await client.type() == "ForceKeepAlive"
            await client.socket.send_json(START)
            await asyncio.sleep(0.2)
            assert house.server.push.sent == 1
            house.server.viewer("anna").play(house.item("blue"), MINUTE)
            if seen is None:
                await asyncio.sleep(0.3)
                assert house.server.push.sent == 1
                return
            for _ in range(3):
                rows = (await client.next())["Data"]
                assert {row["UserName"] for row in rows if "NowPlayingItem" in row} == seen
            await client.socket.send_json({"MessageType": "SessionsStop", "Data": ""})


async def test_user_data_on_jellyfin() -> None:
    """Starts, stops, marks and writes are pushed, reports of progress are not; a season comes with its episode."""
    async with jellyfin() as house:
        house.server.pushes.user_data_seconds = 0.02
        async with opened(house.server, "/socket", **authorization(house.token)) as client:
            assert await client.type() == "ForceKeepAlive"
            viewer, episode = house.server.viewer("anna"), house.item("road/s01e01")
            viewer.play(episode, 10 * MINUTE)
            started = (await client.next())["Data"]
            viewer.progress(11 * MINUTE)
            viewer.stop(20 * MINUTE)
            stopped = (await client.next())["Data"]
            house.server.viewer("ben").mark_watched(episode)
            viewer.mark_watched(episode)
            marked = (await client.next())["Data"]

    assert started["UserId"] == house.server.users["anna"].user_id
    assert [row["ItemId"] for row in started["UserDataList"]] == [episode, house.server.holdings[episode].season_id]
    assert started["UserDataList"][0]["PlaybackPositionTicks"] == 0
    assert stopped["UserDataList"][0]["PlaybackPositionTicks"] == 20 * MINUTE * 10_000
    assert "Key" in stopped["UserDataList"][0]
    assert "UnplayedItemCount" in stopped["UserDataList"][1]
    assert marked["UserDataList"][0]["Played"] is True


@pytest.mark.parametrize("kind", ["jellyfin", "emby"])
async def test_the_library(kind: str) -> None:
    """Changes are gathered for half a minute of the server's time."""
    opening: Any = {"jellyfin": jellyfin, "emby": emby}[kind]
    async with opening() as house:
        house.server.pushes.keep_alive_seconds = None
        path = f"/socket?ApiKey={house.token}&api_key={house.token}"
        async with opened(house.server, path) as client:
            await client.socket.send_json(START)
            film = house.server.add_film(FILM)
            house.server.refresh(film, title="Newer")
            house.server.clock.advance(29)
            house.server.delete(film)
            house.server.clock.advance(2)
            message = await client.next()
    assert message["MessageType"] == "LibraryChanged"
    changed = {name: message["Data"][name] for name in ("ItemsAdded", "ItemsUpdated", "ItemsRemoved")}
    assert changed == {"ItemsAdded": [film], "ItemsUpdated": [film], "ItemsRemoved": [film]}


async def test_emby_takes_everybody_in() -> None:
    """And tells only those something whose token is good, and in the query."""
    async with emby() as house:
        house.server.pushes.user_data_seconds = 0.02
        for path, headers in (
            ("/embywebsocket?api_key=nonsense", {}),
            ("/embywebsocket", {"X-Emby-Token": house.token}),
        ):
            async with opened(house.server, path, **headers) as client:
                await client.socket.send_json(START)
                house.server.viewer("anna").mark_watched(house.item("blue"))
                await asyncio.sleep(0.1)
                assert house.server.push.sent == 0
        assert await refused(house.server, f"/emby/embywebsocket?api_key={house.token}") == 404
        for path in ("/embywebsocket", "/emby/socket", "/"):
            async with opened(house.server, f"{path}?api_key={house.token}") as client:
                house.server.viewer("anna").mark_watched(house.item("blue"))
                message = await client.next()
                assert message["MessageType"] == "UserDataChanged"
                assert "Key" not in message["Data"]["UserDataList"][0]


@pytest.mark.parametrize(("user", "lists"), [("anna", False), ("admin", True), (None, True)])
async def test_who_sees_sessions_on_emby(user: str | None, lists: bool) -> None:
    """Ordinary users do not."""
    async with emby() as house:
        house.server.pushes.user_data_seconds = 60
        token = house.server.add_token(user, "t") if user else house.server.add_api_key()
        async with opened(house.server, f"/embywebsocket?api_key={token}") as client:
            await client.socket.send_json(START)
            await asyncio.sleep(0.05)
            house.server.viewer("anna").play(house.item("blue"), MINUTE)
            await asyncio.sleep(0.2)
            assert bool(house.server.push.sent) is lists


async def test_what_is_stored_late() -> None:
    """A stop is pushed before its position is there to be read."""
    async with jellyfin() as house:
        house.server.persist_seconds = 5
        viewer, film = house.server.viewer("anna"), house.item("blue")
        viewer.play(film, 10 * MINUTE)
        viewer.stop(20 * MINUTE)
        assert viewer.state(film).position_ms == 0
        house.server.clock.advance(6)
        assert viewer.state(film).position_ms == 20 * MINUTE


async def test_notifications_of_plex() -> None:
    """Every report is told, without its user; a stop is followed by an entry of the item."""
    async with attic() as server:
        token = {"X-Plex-Token": server.token("olivia")}
        async with opened(server, "/:/websockets/notifications", **token) as client:
            film, viewer = only(server, ALIEN.key), server.viewer("henry")
            viewer.play(film, 10 * MINUTE)
            viewer.pause()
            viewer.stop(20 * MINUTE)
            states = []
            for _ in range(4):
                container = (await client.next())["NotificationContainer"]
                if container["type"] != "playing":
                    break
                (row,) = container["PlaySessionStateNotification"]
                states.append((row["state"], row["ratingKey"], row["viewOffset"]))
            assert "olivia" not in json.dumps(container)
    assert states[0] == ("playing", film, 10 * MINUTE)
    assert states[-1] == ("stopped", film, 20 * MINUTE)
    assert ("paused", film, 10 * MINUTE) in states
    assert container["TimelineEntry"][0]["itemID"] == film


async def test_the_library_of_plex() -> None:
    """A new film goes through its states, then a scan ends."""
    async with attic() as server:
        token = {"X-Plex-Token": server.token("henry")}
        async with opened(server, "/:/websockets/notifications", **token) as client:
            server.add_film(FILM)
            told = [(await client.next())["NotificationContainer"] for _ in range(10)]
    entries = [one["TimelineEntry"][0]["state"] for one in told if one["type"] == "timeline"]
    assert entries == [0, 1, 2, 3, 4, 5]
    assert [one["type"] for one in told[6:]] == ["activity"] * 3 + ["status"]


async def test_who_may_listen_to_plex() -> None:
    """Nobody without a token; whether others than the owner may is a switch, and they hear of themselves alone."""
    path = "/:/websockets/notifications"
    async with attic() as server:
        assert await refused(server, path) == 401
        henry = {"X-Plex-Token": server.token("henry")}
        async with opened(server, path, **henry):
            server.viewer("olivia").play(only(server, ALIEN.key), 10 * MINUTE)
            await asyncio.sleep(0.05)
            assert server.push.sent == 0
        for status in (401, 403):
            server.pushes.others = status
            assert await refused(server, path, **henry) == status
            async with opened(server, f"{path}?X-Plex-Token={server.token('olivia')}"):
                pass
        token = {"X-Plex-Token": server.token("olivia")}
        async with aiohttp.ClientSession() as session, session.get(f"{server.url}{path}", headers=token) as answer:
            assert answer.status == 400


@pytest.mark.parametrize("end", ["close", "abort", "stop"])
async def test_the_end_of_a_socket(end: str) -> None:
    """It ends for the client too; an open socket is no request at work."""
    async with jellyfin() as house, opened(house.server, "/socket", **authorization(house.token)) as client:
        assert await client.type() == "ForceKeepAlive"
        house.server.traffic.reset()
        await asyncio.sleep(0.05)
        assert house.server.traffic.most_at_once == 0
        await house.server.stop() if end == "stop" else getattr(house.server.push, end)()
        assert await client.ended()

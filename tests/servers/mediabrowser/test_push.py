"""The push messages of Jellyfin and Emby, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.sync.media_server import MediaServer, NotAllowed, PushKind
from tests.servers.mediabrowser.servers import MINUTE, House, emby, jellyfin
from tests.servers.push_listening import Listener, failure, kinds, listening
from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

pytestmark = pytest.mark.usefixtures("socket_enabled")

CONNECTED, STOPPED, PAUSED, PLAYED = PushKind.CONNECTED, PushKind.STOPPED, PushKind.PAUSED, PushKind.PLAYED
MARKED, LIBRARY_CHANGED = PushKind.MARKED, PushKind.LIBRARY_CHANGED

type AnyHouse = House[SimulatedJellyfin, JellyfinServer] | House[SimulatedEmby, EmbyServer]

HOUSES: dict[str, Any] = {
    "jellyfin": jellyfin,
    "jellyfin 12": partial(jellyfin, "12.0.0"),
    "jellyfin 10.10": partial(jellyfin, "10.10.7"),
    "emby": emby,
    "emby 4.8": partial(emby, "4.8.11.0"),
    "base path": partial(jellyfin, base_path="/media"),
    "emby base path": partial(emby, base_path="/emby-here"),
}
LISTS = [
    ("jellyfin", "user"),
    ("jellyfin", "admin"),
    ("jellyfin", "key"),
    ("jellyfin 12", "user"),
    ("jellyfin 10.10", "admin"),
    ("base path", "user"),
    ("emby", "admin"),
    ("emby", "key"),
    ("emby base path", "key"),
]
USER_DATA_ONLY = [("jellyfin 10.10", "user"), ("emby", "user"), ("emby 4.8", "user")]


@dataclass(slots=True)
class Heard:
    """A house, and who listens there to what anna does."""

    house: AnyHouse
    client: MediaServer
    events: Listener
    only_user_data: bool


@asynccontextmanager
async def heard(where: str, who: str) -> AsyncIterator[Heard]:
    """Listen in a house: with anna's own token, that of an administrator, or an API key."""
    opened: AbstractAsyncContextManager[AnyHouse] = HOUSES[where]()
    async with opened as house:
        house.server.pushes.user_data_seconds = 0.05
        tokens = {"user": lambda: house.token, "admin": lambda: house.server.add_token("admin")}
        token = tokens.get(who, house.server.add_api_key)()
        client = house.client_with(token=token)
        async with listening(client) as events:
            yield Heard(house, client, events, (where, who) in USER_DATA_ONLY)


@pytest.mark.parametrize(("where", "who"), LISTS)
async def test_playback_where_sessions_are_pushed(where: str, who: str) -> None:
    """Start, pause, resumption and stop come in that order, reports of progress not at all."""
    async with heard(where, who) as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        for minute in range(11, 15):
            viewer.progress(minute * MINUTE)
        assert await there.events.quiet()
        viewer.pause()
        assert await there.events.told() == [(PAUSED, film)]
        viewer.resume()
        assert await there.events.told() == [(PLAYED, film)]
        viewer.stop(20 * MINUTE)
        stopped = await there.events.event()

        assert (stopped.kind, stopped.item_id) == (STOPPED, film)
        assert stopped.position_ms == 14 * MINUTE
        assert stopped.at == there.house.server.clock.now_ms()


@pytest.mark.parametrize(("where", "who"), [("jellyfin", "user"), ("emby", "key")])
async def test_progress_is_no_event(where: str, who: str) -> None:
    """Lists that show the same session further on tell nothing."""
    async with heard(where, who) as there:
        there.house.server.viewer("anna").play(there.house.item("blue"), 10 * MINUTE)
        assert kinds([await there.events.event()]) == [PLAYED]
        sent = there.house.server.push.sent
        assert await there.events.quiet(1.8)
        assert there.house.server.push.sent > sent


@pytest.mark.parametrize(("where", "who"), USER_DATA_ONLY)
async def test_playback_where_only_user_data_are_pushed(where: str, who: str) -> None:
    """Start and stop are found by reading the sessions when the user's data change; a pause is not seen."""
    async with heard(where, who) as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        viewer.pause()
        assert await there.events.quiet()
        viewer.stop(20 * MINUTE)
        stopped = await there.events.event()

        assert (stopped.kind, stopped.item_id, stopped.position_ms) == (STOPPED, film, 20 * MINUTE)
        assert await there.events.quiet()


@pytest.mark.parametrize("where", ["jellyfin", "jellyfin 12", "jellyfin 10.10", "emby"])
async def test_marks(where: str) -> None:
    """Marks by hand reach the user's own token, seasons and shows are no items of their own."""
    async with heard(where, "user") as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        viewer.mark_watched(film)
        assert await there.events.told() == [(MARKED, film)]
        viewer.mark_unwatched(film)
        assert await there.events.told() == [(MARKED, film)]
        episode = there.house.item("road/s01e01")
        there.house.server.viewer("anna").mark_watched(episode)
        assert await there.events.told() == [(MARKED, episode)]
        assert await there.events.quiet()


@pytest.mark.parametrize("where", ["jellyfin", "emby"])
async def test_a_mark_while_it_plays(where: str) -> None:
    """The change that a start makes is part of it, one more by hand is told."""
    async with heard(where, "user") as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        assert await there.events.quiet(0.5)
        viewer.mark_watched(film)
        assert await there.events.told() == [(MARKED, film)]


@pytest.mark.parametrize("where", ["jellyfin", "emby"])
async def test_api_keys_hear_no_marks(where: str) -> None:
    """User data are pushed to the user's own devices."""
    async with heard(where, "key") as there:
        there.house.server.viewer("anna").mark_watched(there.house.item("blue"))
        assert await there.events.quiet()


async def test_embys_own_prefix() -> None:
    """An address may end in it, and the WebSocket has another path there."""
    async with emby() as house:
        house.server.pushes.user_data_seconds = 0.05
        async with listening(house.client_with(url=f"{house.server.url}/emby/")) as events:
            house.server.viewer("anna").mark_watched(house.item("blue"))
            assert await events.told() == [(MARKED, house.item("blue"))]


async def test_api_keys_of_old_versions() -> None:
    """Nothing is pushed to them before Jellyfin 10.11, so it is refused here instead of keeping silent."""
    async with jellyfin("10.10.7") as house:
        assert type(await failure(house.client_with(token=house.server.add_api_key()))) is NotAllowed


async def test_when_the_message_came() -> None:
    """Reading the sessions first does not make a stop later than it was told."""
    async with heard("emby", "user") as there:
        film, viewer, clock = there.house.item("blue"), there.house.server.viewer("anna"), there.house.server.clock
        viewer.play(film, 10 * MINUTE)
        await there.events.event()
        viewer.stop(20 * MINUTE)
        told_at = clock.now_ms()
        assert await there.events.quiet(0.5)
        clock.advance(60)
        stopped = await there.events.event()

        assert (stopped.kind, stopped.at) == (STOPPED, told_at)


@pytest.mark.parametrize(("where", "who"), [*LISTS, *USER_DATA_ONLY])
async def test_other_users_are_not_heard(where: str, who: str) -> None:
    """Nothing that ben does is told, whatever the token may see."""
    async with heard(where, who) as there:
        film, ben = there.house.item("blue"), there.house.server.viewer("ben", "Phone")
        ben.play(film, 10 * MINUTE)
        assert await there.events.quiet(0.2)
        ben.stop(20 * MINUTE)
        ben.mark_watched(film)
        data = {"UserId": there.house.server.users["ben"].user_id, "UserDataList": [{"ItemId": film}]}
        there.house.server.push.push(there.house.server.pushes.message("UserDataChanged", data))
        assert await there.events.quiet(0.3)
        there.house.server.viewer("anna").play(film, 5 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]


@pytest.mark.parametrize(("where", "who"), [("jellyfin", "user"), ("jellyfin", "key"), ("emby", "key")])
async def test_a_session_that_plays_already_causes_no_event_until_it_ends(where: str, who: str) -> None:
    """The first list of sessions is where events start from."""
    async with HOUSES[where]() as house:
        film, viewer = house.item("blue"), house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        client = house.client_with(token=house.token if who == "user" else house.server.add_api_key())
        async with listening(client) as events:
            viewer.progress(11 * MINUTE)
            assert await events.quiet()
            viewer.stop()
            assert await events.told() == [(STOPPED, film)]


@pytest.mark.parametrize(("where", "who"), [("jellyfin", "user"), ("emby", "admin")])
async def test_one_item_after_the_other(where: str, who: str) -> None:
    """Another item in the same app ends the one before; two apps are two sessions."""
    async with heard(where, who) as there:
        film, episode = there.house.item("blue"), there.house.item("road/s01e01")
        viewer, phone = there.house.server.viewer("anna"), there.house.server.viewer("anna", "Phone")
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        there.house.server.pushes.user_data_seconds = 60
        viewer.play(episode, 3 * MINUTE)
        assert sorted(await there.events.told(2)) == [(PLAYED, episode), (STOPPED, film)]
        phone.play(episode, 5 * MINUTE)
        assert await there.events.told() == [(PLAYED, episode)]
        viewer.stop()
        assert await there.events.told() == [(STOPPED, episode)]
        phone.pause()
        assert await there.events.told() == [(PAUSED, episode)]


@pytest.mark.parametrize(("where", "who"), [("jellyfin", "user"), ("emby", "admin")])
async def test_an_app_that_vanishes(where: str, who: str) -> None:
    """A session that the server gives up is a stop."""
    async with heard(where, who) as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        viewer.switch_off()
        there.house.server.clock.advance(601)
        assert await there.events.told() == [(STOPPED, film)]


JELLYFIN = [each for each in (*LISTS, *USER_DATA_ONLY) if "emby" not in each[0]]


async def play_for_a_minute(there: Heard) -> None:
    """Let a player report every ten seconds; wait until each report was told, or the first one where none is."""
    told = there.events.lists
    for number in range(6):
        there.house.server.clock.advance(10)
        if not there.only_user_data or (number == 0 and isinstance(there.house.server, SimulatedJellyfin)):
            await there.events.more_lists_than(told + number)


@pytest.mark.parametrize(("where", "who"), JELLYFIN)
async def test_what_is_known_of_a_player_that_was_switched_off(
    where: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it reported, when and where last, and when its server ended the play; no request asks for that.

    Where lists of sessions do not come there is one: after the start, to see that the player reports at all.
    """
    monkeypatch.setattr("custom_components.resume_sync.servers.mediabrowser.push.REPORT_SECONDS", 0.5)
    async with heard(where, who) as there:
        server, film = there.house.server, there.house.item("blue")
        viewer = server.viewer("anna")
        began, before = server.clock.now_ms(), server.traffic.requests("GET /Sessions")
        session = viewer.play(film, 20 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        await play_for_a_minute(there)
        viewer.switch_off()
        reported_at = server.clock.now_ms()
        await there.events.quiet(0.2)
        server.clock.advance(240)
        await there.events.quiet(0.2)
        server.clock.advance(300)
        assert await there.events.told() == [(STOPPED, film)]

        (play,) = there.events.plays.of(film)
        assert (play.session_id, play.began_at) == (session.session_id, began)
        assert (play.reported_at, play.position_ms, play.regular) == (reported_at, 21 * MINUTE, True)
        assert play.silence_ms == 540_000
        assert there.events.plays.is_alone(film, play)
        assert server.traffic.requests("GET /Sessions") - before == (3 if there.only_user_data else 0)


@pytest.mark.parametrize(("where", "who"), JELLYFIN)
async def test_what_is_known_of_an_ordinary_stop(where: str, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The player had reported a moment before it."""
    monkeypatch.setattr("custom_components.resume_sync.servers.mediabrowser.push.REPORT_SECONDS", 0.5)
    async with heard(where, who) as there:
        server, film = there.house.server, there.house.item("blue")
        viewer = server.viewer("anna")
        viewer.play(film, 20 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        server.clock.advance(608)
        await there.events.quiet(0.2)
        viewer.stop()
        assert (await there.events.event()).kind is STOPPED
        (play,) = there.events.plays.of(film)
        assert (play.silence_ms, play.position_ms) == (8_000, 30 * MINUTE)


async def test_a_player_that_reports_start_and_stop_only() -> None:
    """Nobody can tell whether it was switched off: it is not regular."""
    async with heard("jellyfin", "user") as there:
        server, film = there.house.server, there.house.item("blue")
        viewer = server.viewer("anna")
        viewer.play(film, 20 * MINUTE).checks_in = False
        assert await there.events.told() == [(PLAYED, film)]
        server.clock.advance(601)
        assert (await there.events.event()).kind is STOPPED
        (play,) = there.events.plays.of(film)
        assert (play.regular, play.silence_ms, play.position_ms) == (False, 601_000, 20 * MINUTE)


@pytest.mark.parametrize(("where", "who"), [("emby", "user"), ("emby", "admin"), ("emby 4.8", "user")])
async def test_what_is_known_of_a_play_on_emby(where: str, who: str) -> None:
    """Who had the item, where it was last seen, and since when; never whether the player reports."""
    async with heard(where, who) as there:
        server, film = there.house.server, there.house.item("blue")
        viewer, began = server.viewer("anna"), server.clock.now_ms()
        viewer.play(film, 20 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        await play_for_a_minute(there)
        viewer.stop()
        assert (await there.events.event()).kind is STOPPED
        (play,) = there.events.plays.of(film)
        assert (play.began_at, play.regular, play.ended_at) == (began, False, server.clock.now_ms())
        assert play.position_ms == (20 if there.only_user_data else 21) * MINUTE


@pytest.mark.parametrize(("where", "who"), [("jellyfin", "user"), ("jellyfin 10.10", "user"), ("emby", "admin")])
async def test_plays_that_ran_before_the_connection(where: str, who: str) -> None:
    """They are told with it, those of guests too; those of others are not."""
    async with HOUSES[where]() as house:
        film, episode, viewer = house.item("blue"), house.item("road/s01e01"), house.server.viewer("anna")
        viewer.play(film, 10 * MINUTE)
        ben = house.server.viewer("ben", "Phone")
        house.server.invite(ben.play(episode, 5 * MINUTE), "anna")
        house.server.viewer("admin").play(house.item("road/s01e02"), 5 * MINUTE)
        token = house.token if who == "user" else house.server.add_token("admin")
        async with listening(house.client_with(token=token)) as events:
            plays = events.plays
            assert [plays.of(each)[0].position_ms for each in (film, episode)] == [10 * MINUTE, 5 * MINUTE]
            assert plays.of(house.item("road/s01e02")) == ()
            ben.stop(6 * MINUTE)
            assert (STOPPED, episode) in await events.told()
            assert plays.of(episode)[0].ended_at is not None
            assert plays.of(film)[0].ended_at is None


@pytest.mark.parametrize("where", ["jellyfin", "emby"])
async def test_a_stop_is_followed_by_a_mark_when_the_server_stores_it(where: str) -> None:
    """The stop comes at once; the position is stored half a second later."""
    async with heard(where, "user") as there:
        film, viewer = there.house.item("blue"), there.house.server.viewer("anna")
        there.house.server.persist_seconds = 10
        viewer.play(film, 10 * MINUTE)
        assert await there.events.told() == [(PLAYED, film)]
        assert await there.events.quiet()
        viewer.stop(20 * MINUTE)
        if where == "jellyfin":
            assert await there.events.told() == [(STOPPED, film)]
        assert await there.events.quiet()
        assert viewer.state(film).position_ms == 0
        there.house.server.clock.advance(11)
        told = await there.events.event()

        assert (told.kind, told.position_ms) == (MARKED if where == "jellyfin" else STOPPED, 20 * MINUTE)


@pytest.mark.parametrize("where", ["jellyfin", "emby"])
async def test_the_library(where: str) -> None:
    """Changes are gathered by the server, and told without an item."""
    async with heard(where, "user") as there:
        for number in range(20):
            there.house.server.add_film(Film(f"new{number}", f"New {number}", 2001, 90 * MINUTE))
        assert await there.events.quiet()
        there.house.server.clock.advance(31)
        assert await there.events.told() == [(LIBRARY_CHANGED, None)]
        assert await there.events.quiet()


async def test_changes_of_the_library_are_told_now_and_then() -> None:
    """After one change the next ones wait for five seconds, and are one then."""
    async with heard("jellyfin", "user") as there:
        changed = {"ItemsAdded": ["x"], "IsEmpty": False}
        for _ in range(50):
            there.house.server.push.push(there.house.server.pushes.message("LibraryChanged", changed))
        assert await there.events.told() == [(LIBRARY_CHANGED, None)]
        assert await there.events.quiet(3)
        there.house.server.viewer("anna").play(there.house.item("blue"), MINUTE)
        assert kinds([await there.events.event(), await there.events.event()]) == [PLAYED, LIBRARY_CHANGED]

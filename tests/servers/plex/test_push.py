"""What a Plex Media Server pushes to a client, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from custom_components.resume_sync.sync.media_server import InvalidAuth, NotAllowed, PushKind
from custom_components.resume_sync.sync.model import Activity, OpenSession
from tests.servers.plex.attic import ALIEN, BRAZIL, EXPANSE, attic, client_of, only
from tests.servers.push_listening import Listener, failure, kinds, listening
from tests.simulators.faults import Status
from tests.simulators.library import Film
from tests.simulators.plex.server import PlexMediaServer
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("socket_enabled")

STOPPED, PAUSED, PLAYED = PushKind.STOPPED, PushKind.PAUSED, PushKind.PLAYED
LIBRARY_CHANGED = PushKind.LIBRARY_CHANGED

SOCKET = "GET /:/websockets/notifications"
SESSIONS = "GET /status/sessions"
MINUTE = 60_000


@asynccontextmanager
async def heard(user: str = "olivia") -> AsyncIterator[tuple[PlexMediaServer, Listener]]:
    """Yield a server and who listens there as a user."""
    async with attic() as server, client_of(server, user) as client, listening(client) as events:
        yield server, events


@pytest.mark.parametrize("user", ["olivia", "henry", "frank"])
async def test_playback(user: str) -> None:
    """Start, pause, resumption and stop come in that order, repeated states not at all."""
    async with heard(user) as (server, events):
        film, viewer = only(server, ALIEN.key), server.viewer(user)
        viewer.play(film, 10 * MINUTE)
        played = await events.event()
        assert (played.kind, played.item_id, played.position_ms) == (PLAYED, film, 10 * MINUTE)
        assert played.at == server.clock.now_ms()
        for minute in range(11, 15):
            viewer.progress(minute * MINUTE)
        assert await events.quiet()
        viewer.pause()
        assert await events.told() == [(PAUSED, film)]
        viewer.resume()
        assert await events.told() == [(PLAYED, film)]
        viewer.stop(20 * MINUTE)
        stopped = await events.event()
        assert (stopped.kind, stopped.item_id, stopped.position_ms) == (STOPPED, film, 20 * MINUTE)
        assert await events.quiet()


@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_other_users_are_not_heard(user: str) -> None:
    """Nothing that the friend does is told; one read tells the owner whose a session is."""
    async with heard(user) as (server, events):
        film, frank = only(server, ALIEN.key), server.viewer("frank", "Phone")
        before = server.traffic.requests(SESSIONS)
        server.pushes.stored_entries = False
        frank.play(film, 10 * MINUTE)
        assert await events.quiet(2.5)
        await eventually(lambda: server.traffic.requests(SESSIONS) - before == (1 if user == "olivia" else 0))
        frank.pause()
        frank.resume()
        frank.stop(20 * MINUTE)
        assert await events.quiet()
        assert server.traffic.requests(SESSIONS) - before == (1 if user == "olivia" else 0)
        server.viewer(user).play(film, 30 * MINUTE)
        assert await events.told() == [(PLAYED, film)]


async def test_a_session_that_ended_before_it_was_read_is_told_as_stopped() -> None:
    """Its user can no longer be found out, so only its stop is told."""
    async with heard() as (server, events):
        film, episode = only(server, ALIEN.key), only(server, EXPANSE.episode_key(1, 1))
        viewer = server.viewer("frank")
        viewer.play(film, 10 * MINUTE)
        viewer.stop(20 * MINUTE)
        assert await events.told() == [(STOPPED, film)]
        server.viewer("olivia").play(episode, 2 * MINUTE)
        assert await events.told() == [(PLAYED, episode)]


async def test_many_new_sessions_are_read_together() -> None:
    """However many sessions begin, they are read at once and then every two seconds at most."""
    async with heard() as (server, events):
        films = [server.add_film(Film(f"new{number}", f"New {number}", 2001, 90 * MINUTE)) for number in range(20)]
        assert await events.told() == [(LIBRARY_CHANGED, None)]
        before = server.traffic.requests(SESSIONS)
        for film in films:
            server.viewer("frank", f"Phone {film}").play(film, MINUTE)
            await asyncio.sleep(0.02)
        server.viewer("olivia").play(films[0], MINUTE)
        assert await events.told() == [(PLAYED, films[0])]
        assert await events.quiet(1)
        assert server.traffic.requests(SESSIONS) - before == 2


async def test_a_session_that_plays_already_causes_no_event_until_it_ends() -> None:
    """Its end is an event if it is the owner's."""
    async with attic() as server, client_of(server) as client:
        film, other = only(server, ALIEN.key), only(server, BRAZIL.key)
        olivia, henry = server.viewer("olivia"), server.viewer("henry")
        olivia.play(film, 10 * MINUTE)
        henry.play(other, 10 * MINUTE)
        async with listening(client) as events:
            olivia.progress(11 * MINUTE)
            henry.pause()
            assert await events.quiet()
            henry.stop()
            olivia.stop()
            assert await events.told() == [(STOPPED, film)]
            assert await events.quiet()


async def test_the_next_item_in_the_same_session() -> None:
    """Another item under the same key ends the one before."""
    async with heard() as (server, events):
        film, other = only(server, ALIEN.key), only(server, BRAZIL.key)
        session = server.viewer("olivia").play(film, 10 * MINUTE)
        assert await events.told() == [(PLAYED, film)]
        session.item_id = other
        server.report(session, MINUTE, paused=False)
        assert await events.told(2) == [(STOPPED, film), (PLAYED, other)]


@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_what_is_known_of_a_play(user: str) -> None:
    """Each report of its player, with its place, until the player itself says where it stops."""
    async with heard(user) as (server, events):
        film, viewer, clock = only(server, ALIEN.key), server.viewer(user), server.clock
        began, before = clock.now_ms(), server.traffic.requests(SESSIONS)
        session = viewer.play(film, 10 * MINUTE)
        assert await events.told() == [(PLAYED, film)]
        for number in range(6):
            told = events.lists
            clock.advance(10)
            await events.more_lists_than(told)
            (play,) = events.plays.of(film)
            assert (play.reported_at, play.position_ms) == (clock.now_ms(), 10 * MINUTE + 10_000 * (number + 1))
        clock.advance(5)
        viewer.stop()
        assert await events.told() == [(STOPPED, film)]
        (play,) = events.plays.of(film)
        assert (play.session_id, play.began_at) == (str(int(session.session_id, 16)), began)
        assert (play.regular, play.position_ms, play.ended_at) == (True, 11 * MINUTE + 5_000, clock.now_ms())
        assert play.silence_ms == 0
        assert server.traffic.requests(SESSIONS) - before == (1 if user == "olivia" else 0)


async def test_what_is_known_of_other_users_plays() -> None:
    """Nothing, unless one has ended before it could be asked whose it was."""
    async with heard() as (server, events):
        film, other, frank = only(server, ALIEN.key), only(server, BRAZIL.key), server.viewer("frank")
        server.pushes.stored_entries = False
        frank.play(film, 10 * MINUTE)
        assert await events.quiet(2.5)
        frank.stop(20 * MINUTE)
        assert await events.quiet()
        assert events.plays.of(film) == ()
        frank.play(other, 10 * MINUTE)
        frank.stop(20 * MINUTE)
        assert await events.told() == [(STOPPED, other)]
        (play,) = events.plays.of(other)
        assert (play.position_ms, play.ended_at) == (20 * MINUTE, server.clock.now_ms())


async def test_plays_that_ran_before_the_connection() -> None:
    """The owner's are told with it, with their places; their next item ends them."""
    async with attic() as server, client_of(server) as client, client_of(server, "henry") as henry:
        film, other = only(server, ALIEN.key), only(server, BRAZIL.key)
        olivia = server.viewer("olivia")
        session = olivia.play(film, 10 * MINUTE)
        server.viewer("henry").play(other, 10 * MINUTE)
        read = await client.open_sessions()
        assert read is not None
        key = str(int(session.session_id, 16))
        assert read.sessions == (OpenSession(key, (film,), Activity.PLAYING, 10 * MINUTE, 10 * MINUTE),)
        async with listening(henry) as henrys:
            assert henrys.plays.of(other) == ()
        async with listening(client) as events:
            (play,) = events.plays.of(film)
            assert (play.session_id, play.position_ms, play.regular) == (key, 10 * MINUTE, False)
            assert events.plays.of(other) == ()
            session.item_id = other
            server.report(session, MINUTE, paused=True)
            assert await events.told(2) == [(STOPPED, film), (PAUSED, other)]
            assert events.plays.of(film)[0].ended_at is not None
            assert events.plays.of(other)[0].paused


async def test_own_writes_are_not_heard() -> None:
    """A write of ours is a report of playback to the server, which pushes it like any other."""
    async with attic() as server, client_of(server) as client, listening(client) as events:
        film = only(server, ALIEN.key)
        row = {"sessionKey": "99", "clientIdentifier": "our-device", "ratingKey": film, "state": "stopped"}
        server.pushes.notify("playing", "PlaySessionStateNotification", row)
        assert await events.quiet()
        server.pushes.notify("playing", "PlaySessionStateNotification", row | {"clientIdentifier": "other"})
        assert await events.told() == [(STOPPED, film)]


async def test_odd_notifications() -> None:
    """Numbers instead of texts, missing fields, live television and unknown states do no harm."""
    async with heard() as (server, events):
        notify = server.pushes.notify
        for row in (
            {"sessionKey": 31, "ratingKey": 7, "state": "paused"},
            {"sessionKey": 31, "ratingKey": 7, "state": "buffering"},
            {"sessionKey": "32", "ratingKey": "", "state": "playing"},
            {"sessionKey": "33", "ratingKey": "/livetv/1", "state": "stopped"},
            {"sessionKey": "34", "ratingKey": "5", "state": "dancing"},
            {"sessionKey": "35", "ratingKey": "5", "state": ["playing"]},
            {"ratingKey": "5", "state": "playing"},
            {"sessionKey": True, "ratingKey": None, "state": None},
        ):
            notify("playing", "PlaySessionStateNotification", row)
        assert await events.quiet()
        notify("playing", "PlaySessionStateNotification", {"ratingKey": 5, "state": "stopped", "viewOffset": -3})
        notify("playing", "PlaySessionStateNotification", {"sessionKey": 31, "ratingKey": 7, "state": "stopped"})
        assert await events.told(2) == [(STOPPED, "5"), (STOPPED, "7")]


@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_the_library(user: str) -> None:
    """Films that come and go are one change of the library at a time."""
    async with heard(user) as (server, events):
        film = server.add_film(Film("new", "New", 2001, 90 * MINUTE))
        assert await events.told() == [(LIBRARY_CHANGED, None)]
        server.delete(film)
        assert await events.quiet()
        assert await events.told() == [(LIBRARY_CHANGED, None)]


async def test_other_notifications_are_no_change_of_the_library() -> None:
    """The update of an item after playback, music, and a scan that still runs."""
    async with heard() as (server, events):
        film, viewer = only(server, ALIEN.key), server.viewer("olivia")
        viewer.play(film, 10 * MINUTE)
        viewer.stop(20 * MINUTE)
        assert kinds([await events.event()]) == [STOPPED]
        notify = server.pushes.notify
        notify("timeline", "TimelineEntry", {"identifier": "com.plexapp.plugins.photos", "type": 1, "state": 5})
        notify("timeline", "TimelineEntry", {"type": 10, "state": 5, "itemID": "9"})
        notify("timeline", "TimelineEntry", {"type": [1], "state": {}})
        notify("activity", "ActivityNotification", {"event": "updated", "Activity": {"type": "library.update.section"}})
        notify("activity", "ActivityNotification", {"event": "ended", "Activity": {"type": "media.generate"}})
        notify("activity", "ActivityNotification", {"event": "ended", "Activity": None})
        notify("status", "StatusNotification", {"notificationName": "OTHER"})
        notify("reachability", "ReachabilityNotification", {"reachability": True})
        notify("transcodeSession.update", "TranscodeSession", {"key": "/transcode/sessions/abc"})
        assert await events.quiet()


async def test_a_mark_may_be_told_as_a_change_of_the_library() -> None:
    """A server tells that the item was updated, or nothing at all."""
    async with heard() as (server, events):
        server.viewer("olivia").mark_watched(only(server, ALIEN.key))
        assert await events.told() == [(LIBRARY_CHANGED, None)]
        server.pushes.stored_entries = False
        server.viewer("olivia").mark_watched(only(server, BRAZIL.key))
        assert await events.quiet()


async def test_sessions_that_may_not_be_read() -> None:
    """Then only stops are told, of everybody."""
    async with attic() as server, client_of(server) as client:
        server.owner_routes.refusal = 403
        async with listening(client) as events:
            server.faults.add(SESSIONS, Status(403), times=None)
            film = only(server, ALIEN.key)
            olivia = server.viewer("olivia")
            olivia.play(film, 10 * MINUTE)
            assert await events.quiet(2.5)
            olivia.stop()
            assert await events.told() == [(STOPPED, film)]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("user", ["henry", "frank"])
async def test_a_user_who_may_not_connect_keeps_a_good_token(user: str, status: int) -> None:
    """The server refuses the connection, but not the token: NotAllowed."""
    async with attic() as server, client_of(server, user) as client:
        server.pushes.others = status
        assert type(await failure(client)) is NotAllowed
        server.revoke_token(user)
        assert type(await failure(client)) is InvalidAuth


@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_a_bad_token(user: str) -> None:
    """It has to be renewed."""
    async with attic() as server, client_of(server, user, token="nonsense") as client:
        assert type(await failure(client)) is InvalidAuth
    async with attic() as server, client_of(server, user, token="") as client:
        assert type(await failure(client)) is InvalidAuth


async def test_a_user_who_passes_for_the_owner_gets_no_events() -> None:
    """Otherwise every user's sessions would be told."""
    async with attic() as server, client_of(server, "henry", token="nonsense") as client:
        server.allowed_without_auth = True
        assert type(await failure(client)) is InvalidAuth


async def test_the_token_is_not_in_the_address() -> None:
    """It goes in the header, as everywhere."""
    async with heard("henry") as (server, _):
        assert server.traffic.requests(SOCKET) == 1
        assert "X-Plex-Token" not in server.push.sockets[0].address

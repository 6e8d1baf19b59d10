"""Runs note what the sessions tell that they read anyway."""

from collections.abc import AsyncIterator

import pytest

from custom_components.resume_sync.sync.journal.plays import Play
from custom_components.resume_sync.sync.model import PairRules, SessionRead
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.households.media_servers import MINUTE
from tests.simulators.faults import Status
from tests.simulators.library import Film
from tests.soak.direct import DirectServer

from .home import USER, Home, open_home

FILM = Film("film", "Film", 2000, 100 * MINUTE, {"imdb": "tt0001000"})
ROUTES = {"jellyfin": "GET /Sessions", "emby": "GET /Sessions", "plex": "GET /status/sessions"}

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(params=list(ROUTES))
def name(request: pytest.FixtureRequest) -> str:
    """The server on which somebody plays."""
    return str(request.param)


@pytest.fixture
async def home(name: str) -> AsyncIterator[Home]:
    """Two servers in sync."""
    other = "jellyfin" if name == "emby" else "emby"
    async with open_home((name, other), [(name, other)], PairRules(), films=[FILM]) as home:
        home.servers.leave(name, FILM.key, 20 * MINUTE)
        home.clock.advance(300)
        await home.round()
        home.requests()
        yield home


def plays(home: Home, name: str) -> tuple[Play, ...]:
    """Return what is known of the film's plays on a server."""
    return home.accounts[name].journal.plays.of(home.servers.item(name, FILM.key))


async def test_a_play_between_runs(home: Home, name: str) -> None:
    """Two runs see it, the third one sees that it is over; none asks for more than it needs itself."""
    viewer = home.servers.viewer(name)
    viewer.play(home.servers.item(name, FILM.key))
    for minute in (25, 30):
        home.clock.advance(300)
        await home.round()
        (play,) = plays(home, name)
        assert play.ended_at is None
        assert play.position_ms is not None
        assert abs(play.position_ms - minute * MINUTE) < MINUTE
    viewer.stop()
    home.clock.advance(300)
    await home.round()
    (play,) = plays(home, name)
    assert play.ended_at is not None
    assert home.requests()[name][ROUTES[name]] == 3
    assert home.accounts[name].journal.plays.heard_since is None


async def test_sessions_that_cannot_be_read(home: Home, name: str) -> None:
    """They are unknown, and the run goes on."""
    home.servers[name].faults.add(ROUTES[name], Status(500), times=None)
    viewer = home.servers.viewer(name)
    viewer.play(home.servers.item(name, FILM.key))
    home.clock.advance(300)
    await home.round()
    assert plays(home, name) == ()
    assert home.requests()[name][ROUTES[name]] == 1


async def test_a_preview_notes_nothing(home: Home, name: str) -> None:
    """It leaves no trace, in memory either."""
    home.servers.viewer(name).play(home.servers.item(name, FILM.key))
    home.clock.advance(300)
    await home.round(mode=RunMode.PREVIEW)
    assert home.requests()[name][ROUTES[name]] == 1
    assert plays(home, name) == ()


async def test_the_soak_sees_the_same(home: Home, name: str) -> None:
    """Its servers tell of sessions what the clients read over HTTP."""
    server, viewer = home.servers[name], home.servers.viewer(name)
    direct = DirectServer(server, USER, home.clock.now_ms)

    async def told() -> SessionRead:
        """Return what both tell."""
        read, same = await home.clients[name].open_sessions(), await direct.open_sessions()
        assert read is not None
        # The client's own session is one in which nothing was ever played.
        own = tuple(one for one in read.sessions if one.item_ids or one.reported_at is not None)
        assert SessionRead(own, read.read_at) == same
        return same

    assert (await told()).sessions == ()
    viewer.play(home.servers.item(name, FILM.key))
    assert len((await told()).active) == 1
    home.clock.advance(25)
    await told()
    viewer.switch_off()
    home.clock.advance(100)
    await told()
    home.clock.advance(600)
    assert (await told()).active == {}
    viewer.play(home.servers.item(name, FILM.key))
    viewer.pause()
    home.clock.advance(25)
    await told()
    viewer.stop()
    await told()

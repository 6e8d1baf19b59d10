"""Another server at the address of an account, and libraries that were taken from its user."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from custom_components.resume_sync.sync.media_server import AnotherServer
from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode
from custom_components.resume_sync.sync.plan.decision import AccountError, Report
from tests.households.media_servers import MINUTE
from tests.simulators.library import Film
from tests.simulators.plex.server import PlexMediaServer

from .home import Home, one, open_home

FILMS = tuple(Film(f"film-{n}", f"Film {n}", 2000, 100 * MINUTE, {"imdb": f"tt000100{n}"}) for n in range(4))

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(params=["jellyfin", "emby", "plex"])
def name(request: pytest.FixtureRequest) -> str:
    """The server that is replaced."""
    return str(request.param)


@pytest.fixture(params=[RemoveMode.OFF, RemoveMode.SOURCE])
async def home(request: pytest.FixtureRequest, name: str) -> AsyncIterator[Home]:
    """Two servers that agree on three of four films in progress, and are to be asked anew."""
    other = "jellyfin" if name == "emby" else "emby"
    async with open_home((name, other), [(name, other)], PairRules(remove=request.param), films=FILMS) as home:
        for number in range(3):
            home.servers.leave(name, f"film-{number}", 20 * MINUTE)
        await rounds(home)
        home.requests()
        yield home


async def rounds(home: Home) -> list[Report]:
    """Let three rounds pass; return what they reported."""
    reports: list[Report] = []
    for _ in range(3):
        home.clock.advance(300)
        reports += (await home.round()).values()
    return reports


def places(home: Home) -> list[dict[str, float]]:
    """Return where each film stands."""
    return [home.servers.minutes(film.key) for film in FILMS]


def call_itself(server: Any, server_id: str) -> str:
    """Let a server say that it is another one; return who it was."""
    if isinstance(server, PlexMediaServer):
        before, server.machine_id = server.machine_id, server_id
        return before
    before = str(server.server_id)
    server.server_id = server.rows.server_id = server_id
    return before


@pytest.mark.parametrize("kept", [0, 1, 3])
async def test_another_server_at_the_address(home: Home, name: str, kept: int) -> None:
    """It holds nothing, or other films under the ids of the first one: nothing is planned, written or forgotten.

    When the first one is back, with what a viewer did there meanwhile, all goes on as if nothing had happened.
    """
    before = places(home)
    server = home.servers[name]
    own = call_itself(server, "5" * 32)
    items = [home.servers.item(name, film.key) for film in FILMS[:3]]
    for item_id in items[kept:]:
        server.set_state("anna", item_id, position_ms=0)
    if name == "plex" and kept == 3:
        # Nothing tells: Plex's rows do not name it. Nothing can go wrong either.
        assert all(not report.changed for report in await rounds(home))
    else:
        for _ in range(3):
            home.clock.advance(300)
            with pytest.raises(AccountError) as caught:
                await home.round()
            assert isinstance(caught.value.__cause__, AnotherServer)
    assert not any(home.servers.writes().values())

    call_itself(server, own)
    for film in FILMS[:3]:
        home.servers.leave(name, film.key, 20 * MINUTE)
    home.servers.watch(name, "film-0", minutes=10)
    await rounds(home)

    assert places(home)[1:] == before[1:]
    assert set(places(home)[0].values()) == {30.0}


@pytest.mark.parametrize("name", ["jellyfin"], indirect=True)
async def test_a_library_that_was_taken_from_the_user(home: Home) -> None:
    """Its titles are gone, though reads by id go on telling them: nothing is cleared, written or tried for ever."""
    home.servers["jellyfin"].unshare("Films", "anna")
    for key in ("film-0", "film-3"):
        home.servers.watch("emby", key, minutes=30)
    reports = await rounds(home)

    assert not any(home.servers.writes().values())
    for report in reports:
        for title in ("Film 0", "Film 1", "Film 3"):
            decision = one(report, title)
            assert decision.action is Action.UNRESOLVED, decision
            assert decision.reason in (Reason.GONE, Reason.NOT_FOUND)
    assert [home.servers.minute("emby", film.key) for film in FILMS] == [50, 20, 20, 30]

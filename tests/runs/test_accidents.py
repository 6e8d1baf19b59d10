"""Zeros that nobody asked for, and televisions that are switched off, on each Jellyfin beside an Emby and a Plex."""

from collections.abc import AsyncIterator

import pytest

from custom_components.resume_sync.sync.model import PairRules, RemoveMode
from tests.households.media_servers import MINUTE
from tests.simulators.library import Film

from .home import Home, open_home

FILM = Film("film", "Film", 2000, 100 * MINUTE, {"imdb": "tt0001000"})
JELLYFIN = "jellyfin"
EVERYWHERE = (JELLYFIN, "emby", "plex")

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(params=["10.10.7", "10.11.11", "12.0.0"])
async def home(request: pytest.FixtureRequest) -> AsyncIterator[Home]:
    """A film at minute 30 on three servers; what leaves Jellyfin on purpose is removed on the others."""
    pairs = [(JELLYFIN, "emby"), (JELLYFIN, "plex")]
    rules = PairRules(remove=RemoveMode.SOURCE)
    async with open_home(EVERYWHERE, pairs, rules, films=[FILM], jellyfin=request.param) as home:
        home.servers.leave(JELLYFIN, FILM.key, 30 * MINUTE)
        await rounds(home)
        home.accounts[JELLYFIN].journal.plays.hear(home.clock.now_ms())
        await rounds(home, 1)
        assert minutes(home) == [30, 30, 30]
        yield home


async def rounds(home: Home, count: int = 4) -> None:
    """Let automatic rounds pass."""
    for _ in range(count):
        home.clock.advance(300)
        await home.round()


def minutes(home: Home) -> list[int]:
    """Return where the film stands, by server, in whole minutes."""
    return [home.servers.minute(name, FILM.key) for name in EVERYWHERE]


async def hear(home: Home, seconds: int) -> None:
    """Let time pass in which push tells every ten seconds what the sessions on Jellyfin do."""
    for _ in range(seconds // 10):
        home.clock.advance(10)
        read = await home.clients[JELLYFIN].open_sessions()
        assert read is not None
        home.accounts[JELLYFIN].journal.plays.note(read)


@pytest.mark.parametrize("started", [False, True])
async def test_an_app_that_cannot_play(home: Home, *, started: bool) -> None:
    """It stops at 0, with or without a start: the place is given back, and nothing is removed."""
    viewer = home.servers.viewer(JELLYFIN)
    viewer.fail(home.servers.item(JELLYFIN, FILM.key), started=started)
    assert minutes(home) == [0, 30, 30]
    await hear(home, 10)
    await rounds(home)
    assert minutes(home) == [30, 30, 30]


async def test_a_tool_that_writes_0(home: Home) -> None:
    """Given back once; a second 0 stays where it is, and is carried nowhere."""
    viewer, film = home.servers.viewer(JELLYFIN), home.servers.item(JELLYFIN, FILM.key)
    viewer.zero(film)
    await rounds(home)
    assert minutes(home) == [30, 30, 30]
    viewer.zero(film)
    await rounds(home)
    assert minutes(home) == [0, 30, 30]


async def test_marked_unplayed(home: Home) -> None:
    """The gesture that takes a title off is carried to Emby; Plex cannot clear."""
    home.servers.viewer(JELLYFIN).mark_unwatched(home.servers.item(JELLYFIN, FILM.key))
    await rounds(home)
    assert minutes(home) == [0, 0, 30]


@pytest.mark.parametrize(("position", "ends_at"), [(40, 42), (87, 89)])
async def test_a_television_that_is_switched_off(home: Home, position: int, ends_at: int) -> None:
    """Jellyfin counts on for minutes, or to a finish: the film stays where it was last reported, everywhere."""
    viewer, film = home.servers.viewer(JELLYFIN), home.servers.item(JELLYFIN, FILM.key)
    viewer.play(film, position * MINUTE)
    await hear(home, (ends_at - position) * 60)
    viewer.switch_off()
    await hear(home, 900)
    shown = home.servers.minute(JELLYFIN, FILM.key)
    assert shown == 0 or shown > ends_at + 4
    await rounds(home)
    assert minutes(home) == [ends_at] * 3


@pytest.mark.parametrize("name", [JELLYFIN, "emby"])
@pytest.mark.parametrize("remove", [RemoveMode.OFF, RemoveMode.SOURCE])
async def test_the_latest_stop_after_skipping_ahead_during_an_outage(name: str, remove: RemoveMode) -> None:
    """20 min synced · 20:30 skipped from 20 to 40 in three minutes · 20:38 on Plex from 40 to 45: the 45 min stay."""
    async with open_home((name, "plex"), [(name, "plex")], PairRules(remove=remove), films=[FILM]) as home:
        home.servers.leave(name, FILM.key, 20 * MINUTE)
        await rounds(home)
        home.clock.advance(1800)
        viewer, film = home.servers.viewer(name), home.servers.item(name, FILM.key)
        viewer.play(film, 20 * MINUTE)
        home.clock.advance(60)
        viewer.progress(38 * MINUTE)
        home.clock.advance(120)
        viewer.stop()
        home.clock.advance(300)
        home.servers.watch("plex", FILM.key, from_minute=40, minutes=5)
        home.clock.advance(1200)
        await rounds(home)
        assert home.servers.minutes(FILM.key) == {name: 45, "plex": 45}

"""A Plex that was restored and scanned in another order: its rating keys stand for other films than before."""

import pytest

from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode
from tests.households.media_servers import MINUTE
from tests.simulators.library import Catalogue, Film
from tests.simulators.plex.server import PlexMediaServer

from .home import Home, open_home

FILMS = tuple(
    Film(f"film-{number}", f"Film {number}", 2000 + number, 100 * MINUTE, {"imdb": f"tt{4400001 + number}"})
    for number in range(8)
)
IN_PROGRESS = range(1, 5)
MOVED_ON = (FILMS[-1], *FILMS[:-1])

pytestmark = pytest.mark.usefixtures("socket_enabled")


def scan_anew(home: Home, *, keep_positions: bool) -> None:
    """Let Plex lose its database and scan its films again, each under the key that another one had."""
    plex = home.servers["plex"]
    assert isinstance(plex, PlexMediaServer)
    held = {film.key: home.servers.position("plex", film.key) or 0 for film in FILMS}
    before = {film.key: home.servers.item("plex", film.key) for film in FILMS}
    plex.database.reset()
    plex.fill(Catalogue(MOVED_ON, ()))
    after = {film.key: home.servers.item("plex", film.key) for film in FILMS}
    assert set(before.values()) == set(after.values())
    assert not before.items() & after.items()
    for key, position in held.items() if keep_positions else ():
        if position:
            home.servers.leave("plex", key, position)


def held(home: Home, name: str) -> dict[str, int]:
    """Return what a server holds of each film in progress, in minutes."""
    places = {film.key: home.servers.minute(name, film.key) for film in FILMS}
    return {key: minute for key, minute in places.items() if minute}


async def synced(home: Home) -> dict[str, int]:
    """Leave four of the films on Plex, each at its own minute, until both servers hold them; return the minutes."""
    await home.round()
    for number in IN_PROGRESS:
        home.servers.leave("plex", f"film-{number}", (20 + number) * MINUTE, ago=60)
        home.clock.advance(300)
        await home.round()
    expected = {f"film-{number}": 20 + number for number in IN_PROGRESS}
    assert [held(home, name) for name in home.servers] == [expected, expected]
    return expected


@pytest.mark.parametrize("peer", ["jellyfin", "emby"])
@pytest.mark.parametrize(
    ("direction", "remove"),
    [
        (Direction.TWO_WAY, RemoveMode.OFF),
        (Direction.TWO_WAY, RemoveMode.SOURCE),
        (Direction.TO_PEER, RemoveMode.OFF),
        (Direction.TO_PEER, RemoveMode.SOURCE),
        (Direction.TO_PEER, RemoveMode.MIRROR),
    ],
)
@pytest.mark.parametrize("keep_positions", [False, True], ids=["positions lost", "positions kept"])
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_rating_keys_move_on_by_one(
    peer: str, direction: Direction, remove: RemoveMode, keep_positions: bool, restarted: bool
) -> None:
    """Nothing is cleared, no film gets another one's position, and a two-way pair gives Plex its own back."""
    rules = PairRules(direction=direction, remove=remove)
    async with open_home(("plex", peer), [("plex", peer)], rules, films=FILMS) as home:
        expected = await synced(home)
        scan_anew(home, keep_positions=keep_positions)
        if restarted:
            home.start()
        for _ in range(4):
            home.clock.advance(120)
            await home.round()
            assert held(home, peer) == expected
            assert held(home, "plex").items() <= expected.items()
        stays_lost = direction is Direction.TO_PEER and not keep_positions
        assert held(home, "plex") == ({} if stays_lost else expected)


@pytest.mark.parametrize("remove", [RemoveMode.OFF, RemoveMode.SOURCE])
async def test_edits_travel_after_keys_were_given_anew(remove: RemoveMode) -> None:
    """Both ways, each under the key that its film has now."""
    async with open_home(("plex", "jellyfin"), [("plex", "jellyfin")], PairRules(remove=remove), films=FILMS) as home:
        expected = await synced(home)
        scan_anew(home, keep_positions=False)
        for _ in range(3):
            home.clock.advance(120)
            await home.round()
        home.servers.watch("plex", "film-1", from_minute=21, minutes=9)
        home.clock.advance(60)
        await home.round()
        home.servers.watch("jellyfin", "film-5", from_minute=0, minutes=30)
        home.clock.advance(60)
        for _ in range(2):
            await home.round()
            home.clock.advance(300)
        expected |= {"film-1": 30, "film-5": 30}
        assert [held(home, name) for name in home.servers] == [expected, expected]

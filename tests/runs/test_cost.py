"""What runs cost in requests, by route, against the budget."""

from collections.abc import AsyncIterator
from math import ceil
import sys

import pytest

from custom_components.resume_sync.sync.model import PairRules
from tests.simulators.library import Catalogue, catalogue

from .home import Home, open_home

LIBRARY: Catalogue = catalogue(films=2000, shows=200, episodes_per_show=50, seed=7)
NEW = 20
LISTING = {
    "plex": ("GET /library/all", 2),
    "jellyfin": ("GET /Items", 1),
    "emby": ("GET /Users/{user}/Items", 1),
}
WRITE_ROUTES = (
    "GET /:/progress",
    "POST /UserItems/{item}/UserData",
    "POST /Users/{user}/Items/{item}/UserData",
)
LOOK_UPS = {
    # The index in pages (2,000 films and 200 shows), then ten shows' episodes; Emby finds ids by itself.
    "plex": {"cold": 9, "warm": 1},
    "jellyfin": {"cold": 13, "warm": 10},
    "emby": {"cold": 3, "warm": 3},
}

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def home(request: pytest.FixtureRequest) -> AsyncIterator[Home]:
    """Open a big library on two or three servers, every two of them paired."""
    kinds: tuple[str, ...] = request.param
    pairs = [(one, other) for index, one in enumerate(kinds) for other in kinds[index + 1 :]]
    async with open_home(kinds, pairs, PairRules(), films=LIBRARY.films, shows=LIBRARY.shows) as home:
        yield home


def leave(home: Home, name: str, first: int, count: int) -> list[str]:
    """Leave titles in progress on one server, films and episodes in turn."""
    films = [film.key for film in LIBRARY.films if film.ids][first:]
    episodes = [
        show.episode_key(episode.season, episode.number)
        for show in LIBRARY.shows[first:]
        if show.ids
        for episode in show.episodes[7:8]
    ]
    keys = [key for pair in zip(films, episodes, strict=False) for key in pair][:count]
    for index, key in enumerate(keys):
        home.clock.advance(60)
        home.servers.leave(name, key, 600_000 + index * 1000, ago=30)
    return keys


def show(title: str, home: Home) -> dict[str, dict[str, int]]:
    """Print what was asked, and return it."""
    tables = home.requests()
    for name, table in tables.items():
        sys.stdout.write(f"{title}: {name}: {sum(table.values())} requests: {table}\n")
    return tables


@pytest.mark.parametrize("home", [("plex", "jellyfin", "emby")], indirect=True)
async def test_idle_costs_one_listing_per_account(home: Home) -> None:
    """Nothing changed: each account is listed once, however many pairs it is in, and nothing is written."""
    for name in home.servers:
        leave(home, name, {"plex": 0, "jellyfin": 30, "emby": 60}[name], 7)
    await home.round()
    await home.round()
    home.requests()
    home.clock.advance(300)
    reports = await home.round()
    assert all(not report.changed for report in reports.values())
    assert not any(home.servers.writes().values())
    tables = show("idle", home)
    for name, (route, count) in LISTING.items():
        assert tables[name] == {route: count}


@pytest.mark.parametrize(
    "home", [("jellyfin", "plex"), ("jellyfin", "emby"), ("plex", "jellyfin"), ("emby", "jellyfin")], indirect=True
)
async def test_twenty_new_positions(home: Home) -> None:
    """Cold and warm: listings, look-ups, one batch of states, one read of sessions, the writes, one read back.

    Where a write carries a full set there is a read for each ten writes. On Jellyfin each target of a first write is
    asked for by itself: its batches tell of withdrawn libraries, too.
    """
    source, target = home.servers
    for warmth in ("cold", "warm"):
        keys = leave(home, source, 0 if warmth == "cold" else 60, NEW)
        home.clock.advance(300)
        (report,) = (await home.round()).values()
        assert report.updated == NEW, report.decisions
        for key in keys:
            minutes = home.servers.minutes(key)
            assert minutes[source] == minutes[target]
        tables = show(f"{NEW} new {warmth}, {source} to {target}", home)
        batches = 0 if target == "plex" else ceil(NEW / 10)
        first_writes = NEW if target == "jellyfin" else 0
        budget = LISTING[target][1] + ceil(NEW / 100) * 2 + 1 + NEW + batches + first_writes
        look_ups = sum(tables[target].values()) - budget
        sys.stdout.write(f"budget without look-ups {budget}, look-ups {look_ups}\n")
        assert look_ups == LOOK_UPS[target][warmth], tables[target]
        assert sum(count for route, count in tables[target].items() if route in WRITE_ROUTES) == NEW


@pytest.mark.parametrize("home", [("jellyfin", "emby"), ("jellyfin", "plex")], indirect=True)
async def test_one_change_of_a_known_title(home: Home) -> None:
    """A changed title that both hold: sessions on both sides, then a write and its read back on the target."""
    (key,) = leave(home, "jellyfin", 0, 1)
    await home.round()
    await home.round()
    home.clock.advance(300)
    home.servers.watch("jellyfin", key, minutes=10)
    home.requests()
    (report,) = (await home.round()).values()
    assert report.updated == 1
    tables = show("one change", home)
    target = "emby" if "emby" in home.servers else "plex"
    assert sum(tables["jellyfin"].values()) <= 2
    assert sum(tables[target].values()) <= LISTING[target][1] + (4 if target == "emby" else 3)


def leave_everywhere(home: Home, keys: list[str]) -> None:
    """Leave titles in progress at the same position on all servers."""
    for name in home.servers:
        for key in keys:
            home.servers.leave(name, key, 600_000, ago=60 + len(name))


@pytest.mark.parametrize("films", [50, 3000])
async def test_idle_costs_the_same_for_every_size_of_library(films: int) -> None:
    """A library is never read for an interval in which nothing happened."""
    library = catalogue(films=films, shows=0, seed=7)
    kinds = ("plex", "jellyfin", "emby")
    pairs = [("plex", "jellyfin"), ("plex", "emby"), ("jellyfin", "emby")]
    async with open_home(kinds, pairs, PairRules(), films=library.films) as home:
        leave_everywhere(home, ["film-0001", "film-0002"])
        await home.round()
        home.requests()
        home.clock.advance(300)
        await home.round()
        assert show(f"idle, {films} films", home) == {name: dict([LISTING[name]]) for name in kinds}


@pytest.mark.parametrize("home", [("plex", "jellyfin", "emby")], indirect=True)
async def test_idle_costs_a_page_for_each_500_in_progress(home: Home) -> None:
    """Pages end at a short one; films and episodes are listed apart on Plex alone."""
    films = [film.key for film in LIBRARY.films if film.ids][:1100]
    episodes = [show.episode_key(one.season, one.number) for show in LIBRARY.shows for one in show.episodes[:3]]
    leave_everywhere(home, films + episodes)
    await home.round()
    home.requests()
    home.clock.advance(300)
    reports = await home.round()
    assert not any(report.changed for report in reports.values())
    pages = len(films + episodes) // 500 + 1
    tables = show("idle, many in progress", home)
    assert tables["plex"] == {"GET /library/all": len(films) // 500 + 1 + len(episodes) // 500 + 1}
    assert tables["jellyfin"] == {"GET /Items": pages}
    assert tables["emby"] == {"GET /Users/{user}/Items": pages}


@pytest.mark.parametrize(
    "home", [("jellyfin", "plex"), ("jellyfin", "emby"), ("plex", "jellyfin"), ("emby", "jellyfin")], indirect=True
)
async def test_a_title_that_the_other_server_lacks_is_looked_for_once(home: Home) -> None:
    """It stays unresolved, and costs nothing while neither it nor the library changes."""
    source, target = home.servers
    (key,) = leave(home, source, 0, 1)
    home.servers[target].delete(home.servers.item(target, key))
    (report,) = (await home.round()).values()
    assert report.unresolved == 1
    for _ in range(2):
        home.requests()
        home.clock.advance(240)
        await home.round()
        tables = show("unresolved", home)
        assert tables[source] == dict([LISTING[source]])
        assert tables[target] == dict([LISTING[target]])


@pytest.mark.parametrize("home", [("jellyfin", "emby", "plex")], indirect=True)
async def test_a_restart_costs_a_listing_and_the_ids_of_shows(home: Home) -> None:
    """No title has to be looked up again, read or written; Jellyfin's version tells how it has to be asked."""
    leave(home, "jellyfin", 0, 6)
    await home.round()
    await home.round()
    home.start()
    home.requests()
    home.clock.advance(300)
    await home.round()
    assert not any(home.servers.writes().values())
    tables = show("restart", home)
    assert tables == {
        "plex": {"GET /library/all": 2, "GET /library/metadata/{ids}": 1},
        "jellyfin": {"GET /Items": 2, "GET /System/Info/Public": 1},
        "emby": {"GET /Users/{user}/Items": 2},
    }

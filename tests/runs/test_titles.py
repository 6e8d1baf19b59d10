"""Which item of another server is meant: cuts of a film, seasons of other numbers, ids in the wrong field."""

from dataclasses import replace
from itertools import permutations

import pytest

from custom_components.resume_sync.sync.model import PairRules, Reason
from tests.households.media_servers import MINUTE
from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Episode, Film, Show
from tests.simulators.plex.server import PlexMediaServer

from .home import one, open_home

SHORT_CUT = Film("dune", "Dune Sea", 2021, 137 * MINUTE, {"imdb": "tt4409901", "tmdb": "449901"})
LONG_CUT = replace(SHORT_CUT, duration_ms=177 * MINUTE)
KINDS = ("plex", "jellyfin", "emby")
BOTH_WAYS = list(permutations(KINDS, 2))

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("long_cut_at", [0, 12])
@pytest.mark.parametrize("cuts", [(LONG_CUT, SHORT_CUT), (SHORT_CUT, LONG_CUT)], ids=["long first", "short first"])
@pytest.mark.parametrize("pair", BOTH_WAYS, ids="-".join)
async def test_two_cuts_of_one_film(pair: tuple[str, str], cuts: tuple[Film, Film], long_cut_at: int) -> None:
    """The position goes to the cut that it fits, whatever the other one's id and old position are."""
    source, target = pair
    async with open_home(pair, [pair], PairRules()) as home:
        home.servers[source].add_film(SHORT_CUT)
        items = {
            cut.duration_ms: home.servers[target].add_film(cut, library)
            for cut, library in zip(cuts, "AB", strict=True)
        }
        short, long = items[SHORT_CUT.duration_ms], items[LONG_CUT.duration_ms]
        if long_cut_at:
            last_played = home.clock.now() - 86_400
            home.servers[target].set_state("anna", long, position_ms=long_cut_at * MINUTE, last_played=last_played)
        home.servers.leave(source, "dune", 66 * MINUTE)
        await home.round()
        states = [home.servers[target].watch_state("anna", item).position_ms // MINUTE for item in (short, long)]
        assert states == [66, long_cut_at]


@pytest.mark.parametrize("left_in", ["4K", "Films"])
@pytest.mark.parametrize("pair", BOTH_WAYS, ids="-".join)
async def test_a_film_in_two_libraries(pair: tuple[str, str], left_in: str) -> None:
    """Both copies fit: the position goes to the one in the library of the same name, in whatever order they came."""
    source, target = pair
    async with open_home(pair, [pair], PairRules()) as home:
        items = {
            name: {library: home.servers[name].add_film(SHORT_CUT, library) for library in libraries}
            for name, libraries in ((source, ("4K", "Films")), (target, ("Films", "4K")))
        }
        last_played = home.clock.now() - 60
        home.servers[source].set_state("anna", items[source][left_in], position_ms=66 * MINUTE, last_played=last_played)
        await home.round()
        held = {library: home.servers[target].watch_state("anna", item) for library, item in items[target].items()}
        assert {library for library, state in held.items() if state.position_ms} == {left_in}
        assert held[left_in].position_ms == 66 * MINUTE


@pytest.mark.parametrize("pair", BOTH_WAYS, ids="-".join)
async def test_an_episode_in_a_season_of_another_number(pair: tuple[str, str]) -> None:
    """Seasons are years here and numbers there: the episode's own ids find it, and no other one is touched."""
    source, target = pair
    first = Episode(1, 1, "First", 30 * MINUTE, {"tvdb": "990100", "tmdb": "880100"})
    second = Episode(1, 2, "Second", 30 * MINUTE, {"tvdb": "990101", "tmdb": "880101"})
    async with open_home(pair, [pair], PairRules()) as home:
        talk = Show("talk", "Kettle Talk", 2014, {"tvdb": "330001"}, (first, second))
        home.servers[target].add_show(talk)
        home.servers[source].add_show(replace(talk, episodes=(replace(second, season=2014, number=1),)))
        home.servers.leave(source, "talk/s2014e01", 10 * MINUTE)
        report = (await home.round())[pair]
        assert report is not None
        assert one(report, "Second").reason is Reason.ONLY_ON_SOURCE
        assert [home.servers.minute(target, f"talk/s01e0{number}") for number in (1, 2)] == [0, 10]


@pytest.mark.parametrize("confused", ["jellyfin", "emby"])
async def test_the_number_of_tmdb_in_the_field_of_imdb(confused: str) -> None:
    """It contradicts nothing: the two are one film by TMDB."""
    film = Film("inside", "Inside", 2016, 100 * MINUTE, {"imdb": "tt2096673", "tmdb": "150540"})
    async with open_home(("plex", confused), [("plex", confused)], PairRules()) as home:
        home.servers["plex"].add_film(film)
        home.servers[confused].add_film(replace(film, ids={"imdb": "150540", "tmdb": "150540"}))
        home.servers.leave("plex", "inside", 40 * MINUTE)
        await home.round()
        assert home.servers.minutes("inside") == {"plex": 40, confused: 40}


async def test_thirty_home_videos_of_plex() -> None:
    """No other server can have them: each is decided, none is unresolved."""
    async with open_home(("plex", "jellyfin"), [("plex", "jellyfin")], PairRules()) as home:
        plex = home.servers["plex"]
        assert isinstance(plex, PlexMediaServer)
        plex.add_library("Home videos", LibraryKind.FILMS, agent="com.plexapp.agents.none")
        for number in range(30):
            plex.add_film(Film(f"beach-{number}", f"IMG_{number:04}", 2019, 15 * MINUTE), "Home videos")
            home.servers.leave("plex", f"beach-{number}", 5 * MINUTE)
        report = (await home.round())["plex", "jellyfin"]
        assert report is not None
        assert (report.skipped, report.unresolved) == ({Reason.WITHOUT_IDS: 30}, 0)

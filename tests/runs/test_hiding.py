"""What is hidden, over HTTP: by us on Plex, by somebody on Plex and Emby, with what it costs."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode
from tests.households.media_servers import MINUTE
from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.plex.server import PlexMediaServer

from .home import Home, one, open_home

FILM = Film("film", "The Film", 2020, 120 * MINUTE, {"imdb": "tt1234567", "tmdb": "4711"})
OTHER = Film("other", "The Other", 2021, 100 * MINUTE, {"imdb": "tt7654321"})
SOURCE = PairRules(remove=RemoveMode.SOURCE)
HIDE = replace(SOURCE, hide_on_plex=True)
LOOK = "GET /hubs/continueWatching/items"

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def rounds(home: Home, number: int = 3) -> None:
    """Let automatic rounds pass."""
    for _ in range(number):
        home.clock.advance(300)
        await home.round()


async def in_progress(home: Home, first: str) -> None:
    """Leave two films on one server, and let all servers have them."""
    for key in ("other", "film"):
        home.servers.watch(first, key, minutes=30)
        await rounds(home, 2)
    await rounds(home, 1)
    home.requests()


def shown(home: Home) -> list[str]:
    """Return the titles that Plex shows as "Continue watching"."""
    plex = home.servers["plex"]
    assert isinstance(plex, PlexMediaServer)
    return [entry.key for entry in plex.hub_routes.shown(plex.users["anna"])]


async def test_hidden_on_plex_in_two_runs() -> None:
    """Finished on Jellyfin: off Plex's shelf, with its position, and never again until somebody plays it there."""
    async with open_home(("jellyfin", "plex"), [("jellyfin", "plex")], HIDE, films=[FILM, OTHER]) as home:
        await in_progress(home, "jellyfin")
        before = home.servers.viewer("plex").state(home.servers.item("plex", "film"))
        home.servers.watch("jellyfin", "film", minutes=95)
        home.clock.advance(60)
        (first,) = (await home.round()).values()
        assert one(first, "The Film").reason is Reason.AWAITING_CONFIRMATION
        assert shown(home) == ["film", "other"]
        home.clock.advance(61)
        home.requests()
        (second,) = (await home.round()).values()
        done = one(second, "The Film")
        assert (done.action, done.reason) == (Action.CLEAR, Reason.FINISHED_ON_SOURCE)
        assert shown(home) == ["other"]
        assert home.servers.viewer("plex").state(home.servers.item("plex", "film")) == replace(before, hidden=True)
        # Looked at before the list and after the request.
        asked = home.requests()["plex"]
        assert (asked[LOOK], asked["PUT /actions/removeFromContinueWatching"]) == (2, 1)
        assert sum(asked.values()) == 7
        await rounds(home)
        assert not any(home.servers.writes().values())
        assert home.requests()["plex"] == {"GET /library/all": 6, LOOK: 3}

        home.servers.watch("plex", "film", from_minute=30, minutes=5)
        await rounds(home, 1)
        assert home.servers.minutes("film") == {"jellyfin": 35, "plex": 35}
        assert shown(home) == ["film", "other"]


async def test_hidden_by_somebody_on_plex_and_emby() -> None:
    """Gone from the other shelves, with the positions of those who hid it kept."""
    pairs = (("plex", "jellyfin"), ("emby", "jellyfin"))
    async with open_home(("plex", "jellyfin", "emby"), pairs, SOURCE, films=[FILM, OTHER]) as home:
        await in_progress(home, "jellyfin")
        plex, emby = home.servers["plex"], home.servers["emby"]
        assert isinstance(plex, PlexMediaServer)
        assert isinstance(emby, SimulatedEmby)
        plex.hide("anna", home.servers.item("plex", "film"))
        emby.hide("anna", home.servers.item("emby", "other"))
        await rounds(home, 4)
        assert home.servers.minutes("film") == {"plex": 30, "jellyfin": 0, "emby": 0}
        assert home.servers.minutes("other") == {"plex": 30, "jellyfin": 0, "emby": 30}
        assert not home.servers.viewer("emby").state(home.servers.item("emby", "film")).watched
        home.requests()
        await rounds(home)
        assert not any(home.servers.writes().values())

        home.servers.watch("jellyfin", "film", minutes=40)
        home.servers.watch("jellyfin", "other", minutes=40)
        await rounds(home, 1)
        assert home.servers.minutes("film") == {"plex": 40, "jellyfin": 40, "emby": 40}
        assert home.servers.minutes("other") == {"plex": 40, "jellyfin": 40, "emby": 40}
        assert shown(home) == ["other", "film"]
        assert not emby.watch_state("anna", home.servers.item("emby", "other")).hidden

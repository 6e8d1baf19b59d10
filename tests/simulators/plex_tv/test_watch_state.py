"""Watched marks that arrive by themselves, and tokens and rates that plex.tv limits."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex.small_world import AMELIE, HOUR, LOST, START, Attic, attic
from tests.simulators.plex_tv.answers import RATE_LIMITED
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.state import WatchState

YEARS_AGO = 1_300_000_000.0


class TwoServers:
    """Two servers of one owner, both with the same titles, and plex.tv."""

    def __init__(self, world: Attic) -> None:
        """Add the second server."""
        self.world = world
        self.attic = world.server
        self.cellar = PlexMediaServer(name="Cellar", clock=self.attic.clock)
        self.cellar.add_film(AMELIE)
        self.cellar.add_show(LOST)
        self.cellar.add_user("olivia")
        self.plex_tv = PlexTv(self.attic, self.cellar, clock=self.attic.clock)

    def film(self, server: PlexMediaServer) -> str:
        """Return the film's first item on a server."""
        return server.items_of(AMELIE.key)[0]

    def state(self, server: PlexMediaServer) -> WatchState:
        """Return what a server holds of the film for its owner."""
        return server.watch_state("olivia", self.film(server))


@pytest.fixture
async def both(socket_enabled: None) -> AsyncIterator[TwoServers]:
    """Give plex.tv and one of its two servers with an open port."""
    async with attic() as world:
        two = TwoServers(world)
        await two.plex_tv.start()
        try:
            yield two
        finally:
            await two.plex_tv.stop()


async def test_a_title_finished_elsewhere_finishes_here(both: TwoServers) -> None:
    """Nobody played here: the position goes, with the date of the event or with now."""
    for server in (both.attic, both.cellar):
        server.set_state("olivia", both.film(server), position_ms=HOUR, last_played=START - 50)
    guid = both.attic.guid(both.attic.holdings[both.film(both.attic)])
    both.plex_tv.watch_state.watched_elsewhere("olivia", guid, at=YEARS_AGO)
    watched = WatchState(0, watched=True, play_count=1, last_played=YEARS_AGO)
    assert [both.state(server) for server in (both.attic, both.cellar)] == [watched, watched]
    assert both.attic.watch_state("henry", both.film(both.attic)) == WatchState()


async def test_switched_on_for_an_old_account(both: TwoServers) -> None:
    """Everything that one server has as watched arrives on the other, in bulk; positions stay where they are."""
    both.plex_tv.watch_state.keeps_dates = False
    for episode in LOST.episodes:
        (item_id,) = both.cellar.items_of(LOST.episode_key(episode.season, episode.number))
        both.cellar.set_state("olivia", item_id, play_count=1, last_played=YEARS_AGO)
        (item_id,) = both.attic.items_of(LOST.episode_key(episode.season, episode.number))
        both.attic.set_state("olivia", item_id, position_ms=600_000, last_played=START - 50)
    both.cellar.set_state("olivia", both.film(both.cellar), position_ms=HOUR, last_played=YEARS_AGO)
    both.plex_tv.watch_state.switch_on("olivia")
    assert both.attic.in_progress("olivia") == {}
    for episode in LOST.episodes:
        (item_id,) = both.attic.items_of(LOST.episode_key(episode.season, episode.number))
        assert both.attic.watch_state("olivia", item_id).last_played == START
    assert both.state(both.attic) == WatchState()
    assert both.state(both.cellar).position_ms == HOUR


async def test_marks_travel_once_it_is_on(both: TwoServers) -> None:
    """Watched and unwatched, from any server to the others, and not in circles."""
    both.attic.viewer("olivia").mark_watched(both.film(both.attic))
    assert not both.state(both.cellar).watched
    both.plex_tv.watch_state.switch_on("olivia")
    assert both.state(both.cellar).watched
    both.cellar.viewer("olivia").mark_unwatched(both.film(both.cellar))
    assert both.state(both.attic) == WatchState()
    viewer = both.cellar.viewer("olivia")
    viewer.play(both.film(both.cellar), HOUR)
    viewer.finish()
    assert [both.state(server).play_count for server in (both.attic, both.cellar)] == [1, 1]


async def test_tokens_that_run_out_everywhere(both: TwoServers) -> None:
    """498 from plex.tv and from the servers."""
    token = both.plex_tv.account_token("olivia")
    both.plex_tv.expire_tokens("olivia")
    headers = {"X-Plex-Client-Identifier": "ours"}
    answer = await both.world.ask("/api/v2/user", token=token, headers=headers, url=both.plex_tv.url)
    assert answer.status == 498
    for each in (token, both.attic.token("olivia")):
        assert (await both.world.ask("/library/sections", token=each)).status == 498
    answer = await both.world.ask(
        "/api/v2/user", token=both.plex_tv.account_token("olivia"), headers=headers, url=both.plex_tv.url
    )
    assert answer.status == 200


async def test_a_rate_that_is_limited(both: TwoServers) -> None:
    """429 with the errors of plex.tv, and nothing that says for how long."""
    both.plex_tv.faults.add("GET /api/v2/pins/{pin}", RATE_LIMITED)
    answer = await both.world.ask("/api/v2/pins/1", token="", accept="application/json", url=both.plex_tv.url)
    assert (answer.status, answer.json["errors"][0]["code"]) == (429, 1003)
    assert "Retry-After" not in answer.headers

"""The cases that lose positions elsewhere, over HTTP with all that the servers do."""

from contextlib import suppress
from itertools import permutations
import json

import pytest

from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode
from custom_components.resume_sync.sync.plan.decision import AccountError
from tests.households.media_servers import MINUTE
from tests.simulators.faults import EmptyList, Status
from tests.simulators.library import Film

from .home import Home, one, open_home

FILM = Film("film", "The Film", 2020, 120 * MINUTE, {"imdb": "tt1234567", "tmdb": "4711"})
OTHER = Film("other", "The Other", 2021, 100 * MINUTE, {"imdb": "tt7654321"})
TRIANGLE = (("plex", "jellyfin"), ("jellyfin", "emby"), ("emby", "plex"))
HOURS = 3600

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def settle(home: Home, rounds: int = 3) -> None:
    """Let automatic rounds pass."""
    for _ in range(rounds):
        home.clock.advance(300)
        await home.round()


@pytest.mark.parametrize("pairs", list(permutations(TRIANGLE)))
async def test_clock_trap_with_three_servers(pairs: tuple[tuple[str, str], ...]) -> None:
    """80 min on Jellyfin in a playback begun 5 h ago win over our own 20 min echo on Plex, written 3 h ago."""
    async with open_home(("plex", "jellyfin", "emby"), pairs, PairRules(), films=[FILM]) as home:
        item = home.servers.item("jellyfin", "film")
        viewer = home.servers.viewer("jellyfin")
        viewer.play(item)
        home.clock.advance(20 * 60)
        viewer.pause()
        home.clock.advance(100 * 60)
        await home.round()
        assert home.servers.minutes("film") == {"plex": 20, "jellyfin": 20, "emby": 20}
        home.clock.advance(2 * HOURS)
        viewer.resume()
        home.clock.advance(HOURS)
        viewer.stop()
        await settle(home)
        assert home.servers.minutes("film") == {"plex": 80, "jellyfin": 80, "emby": 80}


@pytest.mark.parametrize("pair", [("plex", "jellyfin"), ("jellyfin", "plex")])
async def test_clock_trap_by_dates_alone(pair: tuple[str, str]) -> None:
    """The same with nothing but the servers' dates against it: Plex's echo looks three hours newer than the play."""
    async with open_home(pair, [pair], PairRules(), films=[FILM]) as home:
        item = home.servers.item("jellyfin", "film")
        began = home.clock.now()
        home.clock.advance(2 * HOURS)
        home.servers["jellyfin"].set_state("anna", item, position_ms=20 * MINUTE, last_played=began)
        await home.round()
        plex_date = home.servers.viewer("plex").state(home.servers.item("plex", "film")).last_played
        assert plex_date is not None
        assert plex_date > began + HOURS
        home.clock.advance(3 * HOURS)
        home.servers["jellyfin"].set_state("anna", item, position_ms=80 * MINUTE, last_played=began)
        await settle(home, 1)
        assert home.servers.minutes("film") == {"plex": 80, "jellyfin": 80}


@pytest.mark.parametrize("paused_on", ["plex", "jellyfin", "emby"])
async def test_paused_app_closes_next_morning(paused_on: str) -> None:
    """An app left paused writes its old position when it closes; what was watched elsewhere since then stays."""
    async with open_home(("plex", "jellyfin", "emby"), TRIANGLE, PairRules(), films=[FILM]) as home:
        app = home.servers.viewer(paused_on, "Tablet")
        app.play(home.servers.item(paused_on, "film"))
        home.clock.advance(30 * 60)
        app.pause()
        await settle(home)
        app.sleep()
        home.clock.advance(HOURS)
        elsewhere = "jellyfin" if paused_on != "jellyfin" else "emby"
        home.servers.watch(elsewhere, "film", minutes=40)
        await settle(home)
        assert set(home.servers.minutes("film").values()) == {70}
        home.clock.advance(10 * HOURS)
        app.stop()
        assert home.servers.minutes("film")[paused_on] == 30
        await settle(home)
        assert set(home.servers.minutes("film").values()) == {70}


async def test_power_loss_between_write_and_save() -> None:
    """What was written but never recorded is known as ours afterwards, and a newer edit wins over it."""
    async with open_home(("plex", "jellyfin"), [("plex", "jellyfin")], PairRules(), films=[FILM, OTHER]) as home:
        home.servers.watch("jellyfin", "film", minutes=25)
        await settle(home, 1)
        home.servers.watch("jellyfin", "film", minutes=10)
        home.clock.advance(60)
        disks: list[dict[str, str]] = []

        async def save() -> None:
            await home.save()
            disks.append(dict(home.disk))

        await home.round(save=save)
        intents_saved, *later = disks
        assert json.loads(intents_saved["plex"])["journal"]["unseen"]["writes"]
        assert later
        home.disk = intents_saved
        home.start()
        assert home.servers.minutes("film") == {"plex": 35, "jellyfin": 35}
        home.clock.advance(HOURS)
        home.servers.watch("jellyfin", "film", from_minute=5, minutes=3)
        await settle(home)
        assert home.servers.minutes("film") == {"plex": 8, "jellyfin": 8}


async def test_new_item_id_after_file_upgrade() -> None:
    """The same film under a new id at the same position is no edit."""
    async with open_home(("plex", "jellyfin"), [("plex", "jellyfin")], PairRules(), films=[FILM]) as home:
        home.servers.watch("jellyfin", "film", minutes=50)
        await settle(home)
        home.servers.watch("plex", "film", minutes=10)
        await settle(home)
        assert home.servers.minutes("film") == {"plex": 60, "jellyfin": 60}
        jellyfin = home.servers["jellyfin"]
        old = home.servers.item("jellyfin", "film")
        state = home.servers.viewer("jellyfin").state(old)
        new = jellyfin.replace_file(old)
        jellyfin.set_state("anna", new, position_ms=state.position_ms, last_played=home.clock.now())
        home.servers.watch("plex", "film", from_minute=20, minutes=2)
        await settle(home)
        assert home.servers.minutes("film") == {"plex": 22, "jellyfin": 22}


async def test_different_histories_at_the_first_run() -> None:
    """The first run follows each server's dates as they are meant."""
    async with open_home(("plex", "jellyfin", "emby"), TRIANGLE, PairRules(), films=[FILM, OTHER]) as home:
        home.servers.watch("plex", "film", minutes=70)
        home.clock.advance(24 * HOURS)
        home.servers.watch("jellyfin", "film", minutes=15)
        home.clock.advance(HOURS)
        home.servers.watch("emby", "other", minutes=40)
        home.clock.advance(24 * HOURS)
        home.servers.watch("plex", "other", minutes=12)
        home.clock.advance(HOURS)
        await settle(home)
        assert home.servers.minutes("film") == {"plex": 15, "jellyfin": 15, "emby": 15}
        assert home.servers.minutes("other") == {"plex": 12, "jellyfin": 12, "emby": 12}


async def test_removal_in_two_runs() -> None:
    """Finished on Jellyfin: cleared on Emby in the second run, not on Plex, which cannot."""
    pairs = (("jellyfin", "emby"), ("jellyfin", "plex"))
    rules = PairRules(remove=RemoveMode.SOURCE)
    async with open_home(("plex", "jellyfin", "emby"), pairs, rules, films=[FILM]) as home:
        home.servers.watch("jellyfin", "film", minutes=60)
        await settle(home)
        home.servers.watch("jellyfin", "film", minutes=65)
        assert home.servers.viewer("jellyfin").state(home.servers.item("jellyfin", "film")).watched
        home.clock.advance(60)
        first = await home.round()
        to_emby, to_plex = (one(first[pair], "The Film") for pair in pairs)
        assert (to_emby.action, to_emby.reason) == (Action.WAIT, Reason.AWAITING_CONFIRMATION)
        assert (to_plex.action, to_plex.reason) == (Action.NONE, Reason.NOT_SUPPORTED)
        assert first[pairs[0]].confirm_at is not None
        assert home.servers.minutes("film") == {"plex": 60, "jellyfin": 0, "emby": 60}
        home.clock.advance(61)
        second = await home.round()
        to_emby = one(second[pairs[0]], "The Film")
        assert (to_emby.action, to_emby.reason) == (Action.CLEAR, Reason.FINISHED_ON_SOURCE)
        assert home.servers.minutes("film") == {"plex": 60, "jellyfin": 0, "emby": 0}
        emby = home.servers.viewer("emby").state(home.servers.item("emby", "film"))
        assert (emby.watched, emby.play_count) == (False, 0)


@pytest.mark.parametrize("server", ["jellyfin", "emby", "plex"])
async def test_bad_lists_and_deletions_clear_nothing(server: str) -> None:
    """A failing list, a list that is empty by error and a deleted library item are no removals."""
    listing = {"plex": "GET /library/all", "jellyfin": "GET /Items", "emby": "GET /Users/{user}/Items"}[server]
    other = "emby" if server != "emby" else "jellyfin"
    rules = PairRules(remove=RemoveMode.SOURCE)
    async with open_home((server, other), [(server, other)], rules, films=[FILM, OTHER]) as home:
        home.servers.watch(server, "film", minutes=30)
        home.servers.watch(server, "other", minutes=30)
        await settle(home)
        for fault in (Status(500), EmptyList()):
            home.servers[server].faults.add(listing, fault, times=2)
            for _ in range(2):
                home.clock.advance(300)
                with suppress(AccountError):
                    await home.round()
            home.servers[server].faults.clear()
            await settle(home)
            assert home.servers.minutes("film") == {server: 30, other: 30}
        home.servers[server].delete(home.servers.item(server, "film"))
        await settle(home)
        assert home.servers.minutes("film") == {other: 30}
        assert home.servers.minutes("other") == {server: 30, other: 30}
        assert not home.ledgers[server, other].tombstones

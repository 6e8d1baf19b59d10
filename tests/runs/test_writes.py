"""What runs do to what viewers have: over what they write, and what goes with it, over HTTP."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.model import PairRules, Reason, RemoveMode
from tests.households.media_servers import MINUTE
from tests.simulators.faults import IgnoredWrite
from tests.simulators.library import Film
from tests.simulators.state import WatchState

from .home import USER, Home, one, open_home

FILMS = [Film(f"film-{n:02}", f"Film {n:02}", 2000 + n, 120 * MINUTE, {"imdb": f"tt{n + 1:07}"}) for n in range(15)]
FILM = FILMS[0]
LAST = FILMS[-1]
NEWEST = "12.0.0"
TARGETS = [
    ("plex", NEWEST),
    ("jellyfin", "10.10.7"),
    ("jellyfin", "10.11.11"),
    ("jellyfin", NEWEST),
    ("emby", NEWEST),
]
WRITE = {
    "plex": "GET /:/progress",
    "jellyfin": "POST /UserItems/{item}/UserData",
    "emby": "POST /Users/{user}/Items/{item}/UserData",
}

pytestmark = pytest.mark.usefixtures("socket_enabled")


def other_than(target: str) -> str:
    """Return a source for a target."""
    return "emby" if target != "emby" else "jellyfin"


async def settle(home: Home, rounds: int = 3) -> None:
    """Let automatic rounds pass."""
    for _ in range(rounds):
        home.clock.advance(300)
        await home.round()


def at_each(home: Home, name: str, number: int, act: object) -> None:
    """Do something when so many writes have come to a server, before the next one takes effect."""
    come = 0

    def count() -> None:
        nonlocal come
        come += 1
        if come == number:
            assert callable(act)
            act()

    home.servers[name].on_question(WRITE[name], count)


async def fifteen_to_write(home: Home, source: str) -> None:
    """Sync fifteen films at 20 minutes, and go on with each to 34 on the source."""
    for film in FILMS:
        home.servers.leave(source, film.key, 20 * MINUTE)
    await settle(home, 2)
    for film in FILMS:
        home.clock.advance(60)
        home.servers.stop_at(source, film.key, 34 * MINUTE)
    home.clock.advance(1200)


@pytest.mark.parametrize(("target", "jellyfin"), TARGETS)
@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_stop_on_the_target_while_its_list_is_written(target: str, jellyfin: str, goes_on: bool) -> None:
    """After the first write the viewer plays the last title: where they stop is what stays.

    Who goes on to minute 50 takes the source along. Who stops at minute 21 did not know of the 34 on the source.
    """
    source = other_than(target)
    rules = PairRules()
    async with open_home((source, target), [(source, target)], rules, films=FILMS, jellyfin=jellyfin) as home:
        await fifteen_to_write(home, source)

        def watch() -> None:
            viewer = home.servers.viewer(target)
            viewer.play(home.servers.item(target, LAST.key))
            home.clock.advance(60)
            viewer.stop(50 * MINUTE if goes_on else None)

        at_each(home, target, 2, watch)
        report = (await home.round())[source, target]
        assert one(report, LAST.title).reason is Reason.NOT_VERIFIED
        assert report.updated == len(FILMS) - 1
        await settle(home)
        there, here = (50, 50) if goes_on else (34, 21)
        assert home.servers.minutes(LAST.key) == {source: there, target: here}
        assert home.servers.minutes(FILM.key) == {source: 34, target: 34}


@pytest.mark.parametrize(("target", "jellyfin"), TARGETS)
@pytest.mark.parametrize("on_target", [True, False])
async def test_push_vetoes_a_write_within_the_same_second(target: str, jellyfin: str, on_target: bool) -> None:
    """A stop that push has told of since the plan, here or on the source: no read of the plan is too fresh for that."""
    source = other_than(target)
    where = target if on_target else source
    rules = PairRules()
    async with open_home((source, target), [(source, target)], rules, films=FILMS, jellyfin=jellyfin) as home:
        await fifteen_to_write(home, source)

        def watch() -> None:
            home.servers.stop_at(where, LAST.key, 50 * MINUTE)
            home.clock.advance(0.2)
            item = home.servers.item(where, LAST.key)
            home.accounts[where].journal.note_push(item, Heard(home.now(), 50 * MINUTE))

        at_each(home, target, 2, watch)
        report = (await home.round())[source, target]
        assert one(report, LAST.title).reason is Reason.NOT_VERIFIED
        await settle(home)
        assert home.servers.minutes(LAST.key) == {source: 50, target: 50}


def history(state: WatchState) -> tuple[object, ...]:
    """Return what a user's data say beside position and date."""
    return state.watched, state.play_count, state.favorite, state.rating


@pytest.mark.parametrize("jellyfin", ["10.10.7", "10.11.11", "12.0.0"])
async def test_a_write_to_a_title_that_a_scan_changed_while_it_played(jellyfin: str) -> None:
    """Two copies on 12: the list says watched, the item's own route does not. Mark, count, favourite, rating stay."""
    async with open_home(
        ("plex", "jellyfin"), [("plex", "jellyfin")], PairRules(), films=[FILM], jellyfin=jellyfin
    ) as home:
        server, item = home.servers["jellyfin"], home.servers.item("jellyfin", FILM.key)
        server.set_state(USER, item, favorite=True, rating=8.0)
        viewer = home.servers.viewer("jellyfin")
        viewer.play(item)
        home.clock.advance(100)
        viewer.progress(100_000)
        server.refresh(item)
        viewer.stop(119 * MINUTE)
        home.clock.advance(3 * 3600)
        before = history(listed(home, item))
        assert before == (True, 1, True, 8.0)
        alone = history(server.watch_state(USER, item))
        assert (alone == before) is (jellyfin != "12.0.0")

        home.servers.watch("plex", FILM.key, minutes=40)
        await settle(home)

        assert home.servers.minutes(FILM.key) == {"plex": 40, "jellyfin": 40}
        assert history(listed(home, item)) == before
        assert history(server.watch_state(USER, item)) == before
        assert home.accounts["jellyfin"].write_counts.disturbed == 0


def listed(home: Home, item_id: str) -> WatchState:
    """Return what a list of Jellyfin tells of an item: what is in its table."""
    server = home.servers["jellyfin"]
    return server.rows.stored(server.users[USER], server.holdings[item_id])  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("jellyfin", ["10.10.7", "12.0.0"])
@pytest.mark.parametrize("clear", [False, True])
async def test_what_a_write_took_is_put_back_on_jellyfin(jellyfin: str, clear: bool) -> None:
    """A server that loses data with a write gets them back at once, position and all; once for each title."""
    rules = PairRules(remove=RemoveMode.SOURCE)
    async with open_home(("emby", "jellyfin"), [("emby", "jellyfin")], rules, films=[FILM], jellyfin=jellyfin) as home:
        home.servers.watch("emby", FILM.key, minutes=20)
        await settle(home)
        server, item = home.servers["jellyfin"], home.servers.item("jellyfin", FILM.key)
        server.set_state(USER, item, watched=True, play_count=3, favorite=True, rating=8.0)
        await settle(home)
        before = history(server.watch_state(USER, item))
        losing = [True]
        store = server.store

        def lose(user_id: str, entry: object, state: WatchState, cause: object) -> None:
            if losing.pop() if losing else False:
                state = replace(state, watched=False, play_count=0, favorite=False, rating=None, last_played=None)
                state = replace(state, last_played=1.0) if clear else state
            store(user_id, entry, state, cause)  # type: ignore[arg-type]

        if clear:
            home.servers["emby"].mark(USER, home.servers.item("emby", FILM.key), watched=True)
            await settle(home, 1)
        else:
            home.servers.watch("emby", FILM.key, minutes=15)
        home.clock.advance(120)
        server.store = lose  # type: ignore[method-assign]
        (report,) = (await home.round()).values()
        server.store = store  # type: ignore[method-assign]

        assert (report.updated, report.cleared, len(report.disturbed)) == (int(not clear), int(clear), 1)
        assert history(server.watch_state(USER, item)) == before
        assert server.watch_state(USER, item).last_played is not None
        counts = home.accounts["jellyfin"].write_counts
        assert (counts.disturbed, counts.repaired) == (1, 1)
        await settle(home)
        assert home.servers.minutes(FILM.key) == ({"emby": 0, "jellyfin": 0} if clear else {"emby": 35, "jellyfin": 35})


async def test_a_version_keeps_what_the_resume_list_tells_of_it() -> None:
    """On 12 its own route tells an old copy, and no other list has it."""
    async with open_home(
        ("emby", "jellyfin"), [("emby", "jellyfin")], PairRules(), films=[FILM], jellyfin="12.0.0"
    ) as home:
        server, item = home.servers["jellyfin"], home.servers.item("jellyfin", FILM.key)
        cut = server.add_version(item)
        viewer = home.servers.viewer("jellyfin")
        viewer.play(item, 10 * MINUTE, version_id=cut)
        home.clock.advance(600)
        viewer.stop(20 * MINUTE)
        server.set_state(USER, cut, favorite=True, rating=7.0)
        home.clock.advance(60)
        await settle(home)
        assert home.servers.minutes(FILM.key)["emby"] == 20
        home.servers.watch("emby", FILM.key, minutes=15)
        before = history(server.watch_state(USER, cut))
        await settle(home)
        state = server.watch_state(USER, cut)
        assert (state.position_ms // MINUTE, history(state)) == (35, before)
        assert home.accounts["jellyfin"].write_counts.disturbed == 0


async def test_plex_that_ignores_a_write_in_the_middle_of_a_title() -> None:
    """No credits explain it: the write stays due, until Plex takes it."""
    async with open_home(("jellyfin", "plex"), [("jellyfin", "plex")], PairRules(), films=[FILM]) as home:
        home.servers.watch("jellyfin", FILM.key, minutes=60)
        for route in ("GET /:/progress", "GET /:/timeline"):
            home.servers["plex"].faults.add(route, IgnoredWrite(), times=3)
        reasons = []
        for _ in range(5):
            home.clock.advance(3600)
            (report,) = (await home.round()).values()
            reasons.append((one(report, FILM.title).reason, report.pending))
        assert reasons[:3] == [(Reason.NOT_VERIFIED, 1)] * 3
        assert (Reason.NEAR_END, 0) not in reasons
        home.servers["plex"].faults.clear()
        home.clock.advance(6 * 3600)
        await home.round()
        assert home.servers.minutes(FILM.key) == {"jellyfin": 60, "plex": 60}

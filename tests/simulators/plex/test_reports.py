"""What the simulated Plex Media Server makes of playback reports, marks and viewers."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.faults import DelayedWrite, IgnoredWrite
from tests.simulators.holdings import EntryKind
from tests.simulators.library import Film
from tests.simulators.plex.small_world import AMELIE, HOUR, LOST, START, Attic, attic, keys, one
from tests.simulators.state import WatchState

MINUTE = 60_000
DURATION = AMELIE.duration_ms or 0
THRESHOLD = DURATION * 9 // 10


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[Attic]:
    """Give a server with an open port, four users and a few titles."""
    async with attic() as world:
        yield world


def state(world: Attic, user: str = "olivia") -> WatchState:
    """Return what is stored of the film."""
    return world.server.watch_state(user, world.item(AMELIE))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_lone_stop_stores_the_position(world: Attic, method: str) -> None:
    """It is dated with the server's clock, keeps the watched mark and leaves no session."""
    world.server.skew = 30
    world.server.set_state("olivia", world.item(AMELIE), play_count=2, last_played=1_000_000_000)
    answer = await world.report(world.item(AMELIE), HOUR, method=method)
    assert (answer.status, answer.root.attrib) == (200, {"size": "0"})
    assert state(world) == WatchState(HOUR, watched=True, play_count=2, last_played=START + 30)
    assert state(world, "henry") == WatchState()
    assert keys((await world.ask("/status/sessions")).root) == []
    assert world.server.traffic.writes == 1


@pytest.mark.parametrize(
    ("time_ms", "options"),
    [
        (0, {}),
        (MINUTE - 1, {}),
        (THRESHOLD, {}),
        (DURATION, {}),
        (HOUR, {"duration": ""}),
        (HOUR, {"client": ""}),
        (HOUR, {"state": "resting"}),
        (HOUR, {"ratingKey": "99999"}),
    ],
)
async def test_reports_that_are_answered_and_store_nothing(world: Attic, time_ms: int, options: dict[str, str]) -> None:
    """Below a minute, at the played threshold, without duration or client, of unknown items."""
    world.server.set_state("olivia", world.item(AMELIE), position_ms=20 * MINUTE, last_played=START - 50)
    before = state(world)
    assert (await world.report(world.item(AMELIE), time_ms, **options)).status == 200
    assert state(world) == before


async def test_the_borders_of_what_is_stored(world: Attic) -> None:
    """One minute is, and the last millisecond below the threshold."""
    await world.report(world.item(AMELIE), MINUTE)
    assert state(world).position_ms == MINUTE
    await world.report(world.item(AMELIE), THRESHOLD - 1)
    assert state(world).position_ms == THRESHOLD - 1


async def test_watched_by_crossing_the_threshold_in_one_session(world: Attic) -> None:
    """A report below it arms the session, even one of seconds; another session or item does not."""
    film, episode = world.item(AMELIE), world.episode(1, 1)
    await world.report(film, HOUR, "playing", client="one")
    await world.report(film, THRESHOLD, "playing", client="other")
    assert state(world).position_ms == HOUR
    await world.report(film, THRESHOLD, "playing", client="one", **{"X-Plex-Session-Identifier": "new"})
    assert not state(world).watched
    await world.report(film, 5000, "playing", client="third")
    await world.report(film, THRESHOLD, "stopped", client="third")
    assert state(world) == WatchState(0, watched=True, play_count=1, last_played=START)
    await world.report(film, HOUR, "playing", client="fourth")
    await world.report(episode, HOUR // 10, "playing", client="fourth")
    await world.report(film, DURATION, "playing", client="fourth")
    assert state(world).play_count == 1


async def test_stored_while_playing_and_gone_when_stopped(world: Attic) -> None:
    """Each report stores; a session is seen until it stops."""
    film = world.item(AMELIE)
    await world.report(film, 10 * MINUTE, "playing")
    world.server.clock.advance(20)
    await world.report(film, 10 * MINUTE + 20_000, "paused")
    assert state(world) == WatchState(10 * MINUTE + 20_000, last_played=START + 20)
    player = one((await world.ask("/status/sessions")).root).find("Player")
    assert player is not None
    assert (player.attrib["state"], player.attrib["machineIdentifier"]) == ("paused", "tv")
    await world.report(film, 10 * MINUTE + 20_000)
    assert keys((await world.ask("/status/sessions")).root) == []


async def test_a_client_that_went_silent_is_dropped(world: Attic) -> None:
    """That stores nothing."""
    await world.report(world.item(AMELIE), 10 * MINUTE, "playing")
    world.server.clock.advance(3600)
    assert keys((await world.ask("/status/sessions")).root) == []
    assert state(world) == WatchState(10 * MINUTE, last_played=START)


@pytest.mark.parametrize(
    ("behaviour", "watched_from"), [(0, THRESHOLD), (1, 7_000_000), (2, 6_000_000), (3, 6_000_000)]
)
async def test_credits_may_end_a_film(world: Attic, behaviour: int, watched_from: int) -> None:
    """The server's preference says what counts as watched."""
    film = world.item(AMELIE)
    world.server.add_credits(film, 6_000_000, 6_100_000, final=False)
    world.server.add_credits(film, 7_000_000, 7_320_000)
    world.server.played_at = behaviour
    await world.report(film, watched_from)
    assert state(world).position_ms == 0
    await world.report(film, watched_from - 1)
    assert state(world).position_ms == watched_from - 1


async def test_progress_needs_neither_duration_nor_client(world: Attic) -> None:
    """It has the same borders, and is for members of the Home alone."""
    film = world.item(AMELIE)
    path = f"/:/progress?key={film}&identifier=com.plexapp.plugins.library&state=stopped&time="
    for name in ("olivia", "henry", "Kim"):
        assert (await world.ask(f"{path}{HOUR}", token=world.server.token(name))).status == 200
        assert state(world, name).position_ms == HOUR
    assert (await world.ask(f"{path}{HOUR}", token=world.server.token("frank"))).status == 401
    await world.report(film, HOUR, token=world.server.token("frank"))
    assert state(world, "frank").position_ms == HOUR
    for useless in (0, 59_000, DURATION):
        assert (await world.ask(f"{path}{useless}")).status == 200
        assert state(world).position_ms == HOUR
    assert (await world.ask("/:/progress?identifier=x&time=90000")).status == 400
    assert (await world.ask("/:/progress?identifier=x&key=99999&time=90000")).status == 404


async def test_marks(world: Attic) -> None:
    """Watched counts one more and drops the position; unwatched forgets everything; a show means all of it."""
    film = world.item(AMELIE)
    world.server.set_state("olivia", film, position_ms=HOUR, play_count=1)
    mark = f"identifier=com.plexapp.plugins.library&key={film}"
    assert (await world.ask(f"/:/scrobble?{mark}", method="PUT")).status == 200
    assert state(world) == WatchState(0, watched=True, play_count=2, last_played=START)
    assert (await world.ask(f"/:/unscrobble?{mark}")).status == 200
    assert state(world) == WatchState()
    await world.ask(f"/:/scrobble?identifier=com.plexapp.plugins.library&key={world.show}", method="PUT")
    leaves = [entry for entry in world.server.holdings if entry.kind is EntryKind.EPISODE]
    assert all(world.server.watch_state("olivia", entry.item_id).watched for entry in leaves)
    assert (await world.ask("/:/scrobble?identifier=x")).status == 400
    assert (await world.ask("/:/unscrobble?identifier=x&key=99999", method="PUT")).status == 404


async def test_hiding_from_continue_watching_keeps_the_position(world: Attic) -> None:
    """The hub leaves the item out until it is played again."""
    film = world.item(AMELIE)
    world.server.viewer("olivia").play(film, HOUR)
    world.server.viewer("olivia").play(world.episode(1, 1), 10 * MINUTE)
    hub = await world.ask("/hubs/continueWatching/items")
    assert set(keys(hub.root)) == {film, world.episode(1, 1)}
    assert (await world.ask(f"/actions/removeFromContinueWatching?ratingKey={film}", method="PUT")).status == 200
    assert keys((await world.ask("/hubs/continueWatching/items")).root) == [world.episode(1, 1)]
    assert state(world).position_ms == HOUR
    assert keys((await world.ask("/library/all?type=1&viewOffset>>=0")).root) == [film]
    await world.report(film, HOUR)
    assert film in keys((await world.ask("/hubs/continueWatching/items")).root)


async def test_the_hub_is_no_list_of_what_is_in_progress(world: Attic) -> None:
    """It shows one episode per show, next-ups, a limited number, and nothing old."""
    server = world.server
    server.set_state("olivia", world.episode(0, 1), position_ms=MINUTE * 5, last_played=START - 500)
    server.set_state("olivia", world.episode(1, 1), play_count=1, last_played=START - 100)
    assert keys((await world.ask("/hubs/continueWatching/items")).root) == [world.episode(1, 2)]
    old = server.add_film(Film("old", "Old", 1990, HOUR))
    server.set_state("olivia", old, position_ms=MINUTE * 5, last_played=START - 17 * 7 * 24 * 3600)
    assert keys((await world.ask("/hubs/continueWatching/items")).root) == [world.episode(1, 2)]
    for number in range(30):
        item = server.add_film(Film(f"n{number}", f"Number {number}", 1990, HOUR))
        server.set_state("olivia", item, position_ms=MINUTE * 5, last_played=START - number)
    assert len(keys((await world.ask("/hubs/continueWatching/items")).root)) == 20
    hub = one((await world.ask("/hubs/continueWatching?count=5")).root)
    assert (hub.tag, hub.attrib["hubIdentifier"], len(hub)) == ("Hub", "continueWatching", 5)


async def test_writes_can_be_ignored_and_late(world: Attic) -> None:
    """Answered alike; a late one is dated when it lands."""
    film = world.item(AMELIE)
    world.server.faults.add("* /:/timeline", IgnoredWrite())
    await world.report(film, HOUR)
    assert state(world) == WatchState()
    world.server.faults.add("* /:/timeline", DelayedWrite(30))
    await world.report(film, HOUR)
    assert state(world) == WatchState()
    world.server.clock.advance(30)
    assert state(world) == WatchState(HOUR, last_played=START + 30)
    assert world.server.traffic.writes == 2


async def test_viewers_report_every_ten_seconds(world: Attic) -> None:
    """Watching on, pausing, seeking and stopping store like the app of a real viewer does."""
    viewer = world.server.viewer("henry")
    film = world.item(AMELIE)
    viewer.play(film)
    assert viewer.state(film) == WatchState()
    world.server.clock.advance(95)
    assert viewer.state(film) == WatchState(90_000, last_played=START + 90)
    viewer.seek(HOUR)
    world.server.clock.advance(7)
    viewer.pause()
    assert viewer.state(film) == WatchState(HOUR + 7000, last_played=START + 102)
    viewer.stop()
    world.server.clock.advance(1000)
    assert viewer.state(film).last_played == START + 102
    assert viewer.play(film).position_ms == HOUR + 7000
    assert list(viewer.in_progress()) == [film]


async def test_viewers_finish_by_crossing_the_threshold(world: Attic) -> None:
    """The date is when they crossed it, even if nobody looked until the end."""
    viewer, film = world.server.viewer("olivia"), world.item(AMELIE)
    viewer.play(film, HOUR)
    world.server.clock.advance(DURATION)
    crossed = START + (THRESHOLD - HOUR) / 1000
    assert viewer.state(film) == WatchState(0, watched=True, play_count=1, last_played=crossed)
    assert world.server.timeline.sessions == []
    viewer.play(world.episode(1, 1))
    viewer.finish()
    assert viewer.state(world.episode(1, 1)).play_count == 1
    viewer.play(film, THRESHOLD + 1)
    viewer.stop(DURATION)
    assert viewer.state(film).play_count == 1


async def test_a_paused_app_closes_late_with_its_old_position(world: Attic) -> None:
    """The old position replaces a newer one, with the date of the closing."""
    film = world.item(AMELIE)
    viewer = world.server.viewer("henry", "Bedroom")
    viewer.play(film, 10 * MINUTE)
    viewer.pause()
    viewer.sleep()
    world.server.clock.advance(3600)
    assert world.server.timeline.sessions == []
    await world.report(film, HOUR, token=world.server.token("henry"))
    world.server.clock.advance(3600)
    viewer.stop()
    assert viewer.state(film) == WatchState(10 * MINUTE, last_played=START + 7200)


async def test_what_viewers_do_by_hand(world: Attic) -> None:
    """Clearing is marking as unwatched; hiding keeps the position; a show is marked as a whole."""
    viewer, film = world.server.viewer("olivia"), world.item(AMELIE)
    world.server.set_state("olivia", film, position_ms=HOUR, play_count=3, last_played=START - 5)
    viewer.hide(film)
    assert viewer.state(film) == WatchState(HOUR, True, 3, START - 5, hidden=True)
    viewer.clear(film)
    assert viewer.state(film) == WatchState()
    viewer.mark_watched(world.show)
    assert all(viewer.state(world.episode(each.season, each.number)).watched for each in LOST.episodes)
    viewer.mark_unwatched(world.show)
    assert not any(viewer.state(world.episode(each.season, each.number)).watched for each in LOST.episodes)

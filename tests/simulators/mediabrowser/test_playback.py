"""What viewers, playback reports and writes do to users' data on the Jellyfin and Emby simulators."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.playback import Viewer
from tests.simulators.small_world import HARBOUR, HOUR, MINUTE, RESUMABLE, START, World, item, small_world, user_id
from tests.simulators.state import WatchState


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


async def both(world: World) -> tuple[MediaBrowserServer, MediaBrowserServer]:
    """Return one server of each kind."""
    return await world.jellyfin(), await world.emby()


def state_after(viewer: Viewer, film: str, position_ms: int) -> WatchState:
    """Play an item up to a position and stop there."""
    viewer.play(film, 0)
    viewer.stop(position_ms)
    return viewer.state(film)


async def test_a_play_is_dated_at_its_start(world: World) -> None:
    """Date and play count move at the start report, the position only with progress and stop."""
    for server in await both(world):
        start = world.clock.now()
        film, viewer = item(server, "harbour"), server.viewer("anna")
        server.set_state("anna", film, position_ms=20 * MINUTE, play_count=1)
        viewer.play(film)
        assert viewer.state(film) == WatchState(20 * MINUTE, play_count=2, last_played=start)
        world.clock.advance(600)
        assert viewer.state(film).position_ms == 30 * MINUTE
        world.clock.advance(5)
        viewer.stop()
        assert viewer.state(film) == WatchState(30 * MINUTE + 5000, play_count=2, last_played=start)
        assert server.viewer("ben").state(film) == WatchState()


async def test_emby_dates_plays_in_whole_seconds(world: World) -> None:
    """Jellyfin keeps fractions of a second."""
    for server, fraction in zip(await both(world), (0.75, 0), strict=True):
        server.skew = 0.75
        film, viewer = item(server, "harbour"), server.viewer("anna")
        viewer.play(film)
        assert viewer.state(film).last_played == START + fraction


async def test_thresholds(world: World) -> None:
    """Below the minimum there is no position, above the maximum the item is watched; both bounds are kept.

    Before Jellyfin 12, playing it once more takes the watched mark.
    """
    duration = HARBOUR.duration_ms or 0
    for server, minimum in zip(await both(world), (5, 2), strict=True):
        film, viewer = item(server, "harbour"), server.viewer("anna")
        assert state_after(viewer, film, duration * minimum // 100 - 1).position_ms == 0
        assert state_after(viewer, film, duration * minimum // 100).position_ms == duration * minimum // 100
        assert state_after(viewer, film, duration * 90 // 100).position_ms == duration * 90 // 100
        assert not viewer.state(film).watched
        finished = state_after(viewer, film, duration * 90 // 100 + 1)
        assert (finished.position_ms, finished.watched, finished.play_count) == (0, True, 4)
        again = state_after(viewer, film, duration // 2)
        assert (again.position_ms, again.watched) == (duration // 2, False)
        short = item(server, "short")
        assert state_after(viewer, short, 60_000).watched


async def test_library_thresholds_on_emby(world: World) -> None:
    """Emby's limits belong to a library and only administrators read them; Jellyfin's are the server's."""
    emby, jellyfin = await world.emby(), await world.jellyfin()
    emby.library("Films").minimum_percent = 10
    viewer, film = emby.viewer("anna"), item(emby, "harbour")
    assert state_after(viewer, film, 9 * MINUTE).position_ms == 0
    episode = item(emby, "road/s01e01")
    assert state_after(viewer, episode, MINUTE).position_ms == MINUTE
    rows = (await world.client(emby).get("/Library/VirtualFolders/Query"))["Items"]
    assert [row["LibraryOptions"]["MinResumePct"] for row in rows] == [10, 2]
    assert await world.client(emby, "ben").get("/System/Configuration") == {}
    settings = await world.client(jellyfin, "ben").get("/System/Configuration")
    assert (settings["MinResumePct"], settings["MaxResumePct"], settings["MinResumeDurationSeconds"]) == (5, 90, 300)


async def test_a_playing_app_checks_in_and_ends_the_film(world: World) -> None:
    """Positions advance every ten seconds of the clock; at the end the app stops and the film is watched."""
    for server in await both(world):
        film, viewer = item(server, "harbour"), server.viewer("anna")
        viewer.play(film, 60 * MINUTE)
        world.clock.advance(19)
        assert viewer.state(film).position_ms == 60 * MINUTE + 10_000
        world.clock.advance(3600)
        assert viewer.state(film).watched
        assert server.timeline.sessions == []


async def test_sessions_move_on_between_reports(world: World) -> None:
    """/Sessions shows what plays, advanced to now, and what is paused; a user sees their own only."""
    for server, source in zip(await both(world), ("", "mediasource_"), strict=True):
        film, episode = item(server, "harbour"), item(server, "road/s01e02")
        server.viewer("anna").play(film, HOUR // 2)
        ben = server.viewer("ben", "Phone")
        ben.play(episode, 300_000)
        ben.pause()
        world.clock.advance(7)
        rows = {row["UserName"]: row for row in await world.client(server).get("/Sessions") if "NowPlayingItem" in row}
        assert rows["anna"]["NowPlayingItem"]["Id"] == film
        assert rows["anna"]["PlayState"]["PositionTicks"] == (HOUR // 2 + 7000) * 10_000
        assert rows["anna"]["PlayState"]["MediaSourceId"] == f"{source}{film}"
        assert rows["ben"]["PlayState"]["IsPaused"] is True
        assert rows["ben"]["PlayState"]["PositionTicks"] == 3_000_000_000
        seen = await world.client(server, "ben").get("/Sessions")
        assert {row["UserName"] for row in seen} == {"ben"}
        idle = next(row for row in seen if "NowPlayingItem" not in row)
        assert "PositionTicks" not in idle["PlayState"]


async def test_a_silent_app_is_ended_and_may_still_stop(world: World) -> None:
    """Minutes after it was paused and fell asleep a session ends where it was; hours later the app closes there."""
    for server in await both(world):
        film, viewer = item(server, "harbour"), server.viewer("anna")
        viewer.play(film, HOUR // 2)
        world.clock.advance(10)
        viewer.sleep()
        world.clock.advance(290)
        assert len(server.timeline.sessions) == 1
        world.clock.advance(311)
        assert server.timeline.sessions == []
        assert viewer.state(film).position_ms == HOUR // 2 + 10_000
        server.set_state("anna", film, position_ms=HOUR)
        world.clock.advance(8 * 3600)
        viewer.stop()
        assert viewer.state(film).position_ms == HOUR // 2 + 10_000


async def test_a_paused_app_holds_its_position_until_it_closes(world: World) -> None:
    """A paused app stays in /Sessions for hours."""
    jellyfin = await world.jellyfin()
    film, viewer = item(jellyfin, "harbour"), jellyfin.viewer("anna")
    viewer.play(film, HOUR // 2)
    viewer.pause()
    world.clock.advance(10 * 3600)
    rows = await world.client(jellyfin).get("/Sessions")
    assert [row["PlayState"]["IsPaused"] for row in rows if "NowPlayingItem" in row] == [True]
    viewer.stop()
    assert viewer.state(film).position_ms == HOUR // 2


async def test_reports_over_http(world: World) -> None:
    """A player's reports do what a viewer does; a stop without a position counts as watched; below 0 is refused."""
    for server in await both(world):
        client, film = world.client(server), item(server, "harbour")
        report: dict[str, object] = {"ItemId": film, "PositionTicks": HOUR // 2 * 10_000}
        for path in ("", "/Progress", "/Stopped"):
            assert (await client.ask("POST", f"/Sessions/Playing{path}", report)).status == 204
        state = server.viewer("anna").state(film)
        assert state == WatchState(HOUR // 2, play_count=1, last_played=START)
        assert (await client.ask("POST", "/Sessions/Playing/Progress", report | {"PositionTicks": -1})).status == 400
        await client.ask("POST", "/Sessions/Playing/Stopped", {"ItemId": film})
        assert server.viewer("anna").state(film).watched


async def test_marks(world: World) -> None:
    """Watched by hand loses the position and counts one play at least; unwatched loses all history; shows go whole."""
    for server in await both(world):
        film, viewer, client = item(server, "harbour"), server.viewer("anna"), world.client(server)
        server.set_state("anna", film, position_ms=HOUR)
        viewer.mark_watched(film)
        assert viewer.state(film) == WatchState(watched=True, play_count=1, last_played=START)
        path = f"/Users/{user_id(server)}/PlayedItems/{film}"
        answer = await client.ask("DELETE", path)
        assert answer.json["Played"] is False
        assert viewer.state(film) == WatchState()
        await client.ask("POST", f"{path}?DatePlayed=20261117120000")
        assert viewer.state(film).last_played == START - 32 * 3600
        viewer.mark_watched(item(server, "road"))
        assert viewer.state(item(server, "road/s00e01")).watched
        viewer.mark_unwatched(item(server, "road/s01"))
        assert not viewer.state(item(server, "road/s01e02")).watched
        assert viewer.state(item(server, "road/s00e01")).watched


async def test_jellyfin_takes_what_a_body_names(world: World) -> None:
    """User data is a patch, without thresholds, numbers as strings too; nonsense is refused and stored nowhere."""
    jellyfin = await world.jellyfin()
    film = item(jellyfin, "harbour")
    jellyfin.set_state("anna", film, watched=True, play_count=4, last_played=START - 60, favorite=True)
    path = f"/UserItems/{film}/UserData?userId={user_id(jellyfin)}"
    client = world.client(jellyfin)
    answer = await client.ask("POST", path, {"PlaybackPositionTicks": 10_000_000, "Played": None})
    assert (answer.json["PlaybackPositionTicks"], answer.json["PlayCount"]) == (10_000_000, 4)
    assert jellyfin.watch_state("anna", film) == WatchState(1000, True, 4, START - 60, favorite=True)
    body = {"playbackPositionTicks": "20000000", "LastPlayedDate": "2026-11-18T19:00:00.1230000Z"}
    await client.ask("POST", path, body)
    state = jellyfin.watch_state("anna", film)
    assert state.position_ms == 2000
    assert state.last_played == pytest.approx(START - 3600 + 0.123)
    for wrong in ({"PlaybackPositionTicks": "soon"}, {"LastPlayedDate": "yesterday"}, ["no"]):
        answer = await client.ask("POST", path, wrong)
        assert (answer.status, answer.content_type) == (400, "application/problem+json; charset=utf-8")
    assert jellyfin.watch_state("anna", film) == state
    assert jellyfin.traffic.writes == 2


async def test_emby_resets_what_a_strict_body_leaves_out(world: World) -> None:
    """The worst that its documentation allows, with a switch for the other reading; dates are whole seconds."""
    for version, strict in (("4.9.5.0", True), ("4.8.11.0", False)):
        emby = await world.emby(version, strict=strict, name=f"Emby {version}")
        film = item(emby, "harbour")
        emby.set_state("anna", film, watched=True, play_count=4, last_played=START - 60, favorite=True)
        path = f"/Users/{user_id(emby)}/Items/{film}/UserData"
        body = {"PlaybackPositionTicks": 10_000_000, "LastPlayedDate": "2026-11-18T19:00:00.9990000Z"}
        answer = await world.client(emby).ask("POST", path, body)
        assert (answer.status, bool(answer.text)) == (200, strict)
        kept = WatchState(1000, True, 4, START - 3600, favorite=True)
        assert emby.watch_state("anna", film) == (WatchState(1000, last_played=START - 3600) if strict else kept)


async def test_emby_hides_from_resume(world: World) -> None:
    """What Emby's own interface removes keeps its position: hidden from the resume row until it is played again."""
    emby = await world.emby()
    film, viewer, client = item(emby, "harbour"), emby.viewer("anna"), world.client(emby)
    emby.set_state("anna", film, position_ms=HOUR)
    resume, items = f"/Users/{user_id(emby)}/Items/Resume", f"/Users/{user_id(emby)}/Items?{RESUMABLE}"
    assert await client.names(resume) == ["Blue Harbour"]
    emby.hide("anna", film)
    assert await client.names(resume) == []
    assert await client.names(items) == ["Blue Harbour"]
    assert viewer.state(film).position_ms == HOUR
    path = f"/Users/{user_id(emby)}/Items/{film}/HideFromResume"
    assert "HideFromResume" not in (await client.ask("POST", f"{path}?Hide=false")).json
    assert (await client.ask("POST", f"{path}?Hide=true")).json["HideFromResume"] is True
    viewer.play(film)
    assert await client.names(resume) == ["Blue Harbour"]
    emby.set_state("anna", film, watched=True)
    assert await client.names(resume) == []


async def test_what_ends_a_title(world: World) -> None:
    """People can only mark it unwatched, with its history gone; tools write 0, and apps that cannot play stop there."""
    for server in await both(world):
        film, viewer = item(server, "harbour"), server.viewer("anna")
        for end, left in (
            (viewer.clear, WatchState()),
            (viewer.zero, WatchState(play_count=2, last_played=START - 60)),
            (viewer.fail, WatchState(play_count=2, last_played=START - 60)),
            (lambda film, viewer=viewer: viewer.fail(film, started=True), WatchState(play_count=3, last_played=START)),
        ):
            server.set_state("anna", film, position_ms=HOUR, play_count=2, last_played=START - 60)
            end(film)
            assert viewer.state(film) == left
            assert viewer.in_progress() == {}


async def test_a_tv_that_is_switched_off(world: World) -> None:
    """Jellyfin counts on for five to ten minutes, and takes the end of the film for watched; what it was told stays."""
    for server in await both(world):
        film, other, viewer = item(server, "harbour"), item(server, "road/s01e01"), server.viewer("anna")
        for title, reported_ms in ((film, HOUR), (other, 42 * MINUTE)):
            viewer.play(title, reported_ms)
            viewer.progress(reported_ms)
            viewer.switch_off()
            world.clock.advance(290)
            assert viewer.state(title).position_ms == reported_ms
            world.clock.advance(310)
            assert server.timeline.sessions == []
        counts_on = server.timeline.runs_on
        assert (viewer.state(film).position_ms > HOUR + 5 * MINUTE) is counts_on
        assert viewer.state(other).watched is counts_on

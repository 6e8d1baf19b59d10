"""What players leave on Jellyfin and Emby: starts, reports, stops, and what happens at 0 and at the ends."""

from tests.contract.fact import Need, NotAsked, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import LANTERN, SHORT, MediaBrowserLab
from .person import TICKS, moment
from .sessions import own
from .writes import OF_WATCHED, RUN, WATCHED, history

INFERRED = "inferred for Emby from the common ancestor (d5ea8ca3ad, 2016)"


@fact(f"v10.11.11 SessionManager.cs OnPlaybackStart; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def start(lab: MediaBrowserLab) -> None:
    """A start counts a play and dates it; the position stays until the first report."""
    anna = await lab.person()
    film = await lab.film(anna)
    fields = {"Played": False, "PlayCount": 1, "IsFavorite": False}
    await anna.write(film, PlaybackPositionTicks=film.at(0.3), **fields)
    now = await anna.now()
    same("status", (await anna.play(film)).status, 204)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], film.at(0.3))
    same("count", data["PlayCount"], 2)
    holds("the date is now", true=abs(moment(data["LastPlayedDate"]) - now) < 120, seen=data["LastPlayedDate"])
    await anna.report(film, film.at(0.5))
    reported = await anna.data(film)
    same("reported", (reported["PlaybackPositionTicks"], reported["PlayCount"]), (film.at(0.5), 2))
    await anna.stop(film, film.at(0.6))
    stopped = await anna.data(film)
    same("stopped", (stopped["PlaybackPositionTicks"], stopped["PlayCount"]), (film.at(0.6), 2))
    same("date of the start", stopped["LastPlayedDate"], data["LastPlayedDate"])


@fact(
    f"v10.11.11 SessionManager.cs:827; 12.0-rc5 keeps it (PR #15762); {INFERRED}",
    differs={JELLYFIN.before(12): False, JELLYFIN.since(12): True, EMBY: False},
)
async def start_of_a_watched_title(lab: MediaBrowserLab, expected: bool) -> None:
    """A start takes the watched mark of a title that was watched, but no more on Jellyfin 12."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.mark(film)
    await anna.play(film)
    same("watched", (await anna.data(film))["Played"], expected)
    await anna.stop(film, film.at(0.5))
    same("watched after it", (await anna.data(film))["Played"], expected)


@fact(f"v10.11.11 UserDataManager.cs UpdatePlayState; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def near_the_start(lab: MediaBrowserLab) -> None:
    """A stop in the first percent leaves no position, and no mark."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.01))
    data = await anna.data(film)
    same("position", (data["PlaybackPositionTicks"], data["Played"], data["PlayCount"]), (0, False, 1))


@fact(f"v10.11.11 UserDataManager.cs UpdatePlayState; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def near_the_end(lab: MediaBrowserLab) -> None:
    """A report near the end is a finish while it still plays: watched, without a position."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film)
    await anna.report(film, film.at(0.97))
    data = await anna.data(film)
    same("reported", (data["PlaybackPositionTicks"], data["Played"], data["PlayCount"]), (0, True, 1))
    await anna.stop(film, film.at(0.98))
    same("stopped", (await anna.data(film))["Played"], True)


@fact(f"v10.11.11 UserDataManager.cs UpdatePlayState; {RUN}", JELLYFIN)
async def exact_bounds(lab: MediaBrowserLab) -> None:
    """Exactly the least and exactly the most share of a film are kept."""
    anna = await lab.person()
    film = await lab.film(anna)
    settings = await anna.client.get("/System/Configuration")
    for share in (settings["MinResumePct"], settings["MaxResumePct"]):
        if film.ticks * share % 100:
            raise NotAsked("no film has a length that can be divided so")
        await anna.played_to(film, film.ticks * share // 100)
        data = await anna.data(film)
        same(f"{share} %", (data["PlaybackPositionTicks"], data["Played"]), (film.ticks * share // 100, False))


@fact(f"v10.11.11 UserDataManager.cs UpdatePlayState; {RUN}", JELLYFIN, EMBY, needs={Need.ADMINISTRATOR, Need.MEDIA})
async def short_film(lab: MediaBrowserLab) -> None:
    """A stop in the middle of a film of two minutes is a finish."""
    anna = await lab.person()
    film = await lab.film(anna, SHORT)
    await anna.played_to(film, film.at(0.5))
    data = await anna.data(film)
    same("position", (data["PlaybackPositionTicks"], data["Played"]), (0, True))


@fact(
    f"v10.11.11 SessionManager.cs OnPlaybackStopped; real_servers.md 2.2, {RUN}; jellyrock#969; {INFERRED}",
    JELLYFIN,
    EMBY,
)
async def stop_at_0_without_a_start(lab: MediaBrowserLab) -> None:
    """An app that cannot play stops at 0 without a start: the position is gone, mark, count and date stay."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    same("status", (await anna.stop(film, 0)).status, 204)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), OF_WATCHED)


@fact(f"real_servers.md 2.2, {RUN}; {INFERRED}", JELLYFIN, EMBY)
async def stop_at_0_after_a_run(lab: MediaBrowserLab) -> None:
    """An app that loses its sound stops at 0 after a start: the position is gone, the play is counted and dated."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film)
    await anna.report(film, film.at(0.5))
    date = (await anna.data(film))["LastPlayedDate"]
    await anna.stop(film, 0)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), (False, 1, False, date[:19]))


@fact(f"v10.11.11 SessionManager.cs OnPlaybackStopped; {RUN}", JELLYFIN, EMBY)
async def stop_without_a_position(lab: MediaBrowserLab) -> None:
    """A stop that names no position counts as watched to the end."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film)
    await anna.stop(film, None)
    data = await anna.data(film)
    same("position", (data["PlaybackPositionTicks"], data["Played"]), (0, True))


@fact(f"v10.11.11 SessionManager.cs OnPlaybackStopped; {RUN}", JELLYFIN, EMBY)
async def below_0(lab: MediaBrowserLab) -> None:
    """A stop below 0 is a 400 and stores nothing."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    same("status", (await anna.stop(film, -1)).status, 400)
    same("position", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.5))


@fact(
    f"v10.11.11 SessionManager.cs:644-668, SessionInfo.cs OnProgressTimerCallback; real_servers.md 2.8, {RUN}",
    JELLYFIN,
    needs={Need.PATIENCE},
)
async def switched_off(lab: MediaBrowserLab) -> None:
    """A player that vanishes is ended where the server counted on to: 5 to 10 minutes on, or watched near the end."""
    anna = await lab.person()
    film = await lab.film(anna)
    ben = await lab.sign_in(anna.name, anna.password, "second player")
    other = await lab.film(anna, LANTERN)
    await anna.play(film)
    await anna.report(film, film.at(0.3))
    heard = (await own(anna))["LastPlaybackCheckIn"]
    await ben.play(other)
    await ben.report(other, other.at(0.85))
    await lab.wait(240)
    same("meanwhile", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.3))
    await lab.wait(420)
    on = ((await anna.data(film))["PlaybackPositionTicks"] - film.at(0.3)) / TICKS
    holds("it ran on for 5 to 10 minutes", true=290 <= on <= 780, seen=on)
    left = (await anna.data(other))["PlaybackPositionTicks"] or other.ticks
    holds("the other ran on as well", true=left > other.at(0.85) + 290 * TICKS, seen=left)
    row = await own(anna)
    same("it plays no more", "NowPlayingItem" in row, False)
    drift = abs(moment(row["LastPlaybackCheckIn"]) - moment(heard))
    holds("last heard of at its last report", true=drift < 1, seen=row["LastPlaybackCheckIn"])


@fact(
    f"v10.11.11 SessionManager.cs:644-668; real_servers.md 2.8, {RUN}; recorded on Emby 4.9.5",
    JELLYFIN,
    needs={Need.PATIENCE},
)
async def switched_off_while_paused(lab: MediaBrowserLab) -> None:
    """A paused player that vanishes stays where it was, and may still stop there."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film)
    await anna.report(film, film.at(0.4), IsPaused=True)
    await lab.wait(660)
    same("position", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.4))
    await anna.write(film, PlaybackPositionTicks=film.at(0.6))
    await anna.stop(film, film.at(0.4))
    same("a late stop", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.4))

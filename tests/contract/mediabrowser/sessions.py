"""What is told of who plays what on Jellyfin and Emby."""

from typing import Any

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab
from .person import TICKS, Person, moment
from .writes import RUN


async def own(person: Person) -> Any:
    """Return the session of a person's player."""
    rows = await person.client.get("/Sessions")
    return next(row for row in rows if row["DeviceId"] == person.device_id)


@fact(f"{RUN}: payloads socket_of_one_play; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def what_plays(lab: MediaBrowserLab) -> None:
    """A session tells user, item, version, position and pause; an idle one has no item and no position."""
    anna = await lab.person()
    film = await lab.film(anna)
    idle = await own(anna)
    same("idle", ("NowPlayingItem" in idle, "PositionTicks" in idle["PlayState"]), (False, False))
    await anna.play(film, film.at(0.5))
    await anna.report(film, film.at(0.5), IsPaused=True)
    row = await own(anna)
    same("item", row["NowPlayingItem"]["Id"], film.item_id)
    same("user", row["UserId"].replace("-", ""), anna.user_id)
    state = row["PlayState"]
    same("position and pause", (state["PositionTicks"], state["IsPaused"]), (film.at(0.5), True))
    await anna.stop(film, film.at(0.5))
    same("stopped", "NowPlayingItem" in await own(anna), False)


@fact(f"v10.11.11 SessionInfo.cs OnProgressTimerCallback; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def moves_on(lab: MediaBrowserLab) -> None:
    """While it plays the session's position moves on between reports, what is stored does not."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film, film.at(0.5))
    await anna.report(film, film.at(0.5))
    await lab.wait(6)
    on = ((await own(anna))["PlayState"]["PositionTicks"] - film.at(0.5)) / TICKS
    holds("it moved on", true=2 <= on <= 120, seen=on)
    same("stored", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.5))
    await anna.stop(film, film.at(0.5))


@fact(f"real_servers.md 2.8, {RUN}", JELLYFIN)
async def last_check_in(lab: MediaBrowserLab) -> None:
    """A session tells when its player was last heard of, which stays at its last report."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film, film.at(0.5))
    await anna.report(film, film.at(0.5))
    first = moment((await own(anna))["LastPlaybackCheckIn"])
    holds("it is now", true=abs(first - await anna.now()) < 120, seen=first)
    await lab.wait(6)
    same("later", moment((await own(anna))["LastPlaybackCheckIn"]), first)
    await anna.stop(film, film.at(0.5))


@fact(f"v10.11.11 SessionManager.cs:474-484; real_servers.md 2.8, {RUN}: payloads socket_of_one_play", JELLYFIN)
async def after_the_end(lab: MediaBrowserLab) -> None:
    """After a stop the session stays, without an item, and still tells its player's last report before the stop."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.play(film, film.at(0.5))
    await lab.wait(6)
    await anna.report(film, film.at(0.5))
    playing = await own(anna)
    await lab.wait(6)
    await anna.stop(film, film.at(0.5))
    row = await own(anna)
    same("session", row["Id"], playing["Id"])
    same("last report", moment(row["LastPlaybackCheckIn"]), moment(playing["LastPlaybackCheckIn"]))
    same("item and position", ("NowPlayingItem" in row, "PositionTicks" in row["PlayState"]), (False, False))


@fact(f"v10.11.11 SessionManager.cs OnPlaybackStopped; {RUN}", JELLYFIN, needs={Need.ADMINISTRATOR})
async def stop_without_a_start(lab: MediaBrowserLab) -> None:
    """A stop is no report: a player that never started was never heard of."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.stop(film, 0)
    same("last report", (await own(anna))["LastPlaybackCheckIn"][:10], "0001-01-01")


@fact(
    "v10.11.11 SessionManager.cs GetUsers, AddAdditionalUser, GetSessions; SessionController.cs AddUserToSession",
    JELLYFIN,
    needs={Need.ADMINISTRATOR},
)
async def guest(lab: MediaBrowserLab) -> None:
    """What is played counts for a guest of the session too, who is told of that session."""
    anna, ben = await lab.person(), await lab.person()
    film = await lab.film(anna)
    await anna.play(film)
    row = await own(anna)
    same("invited", (await anna.client.ask("POST", f"/Sessions/{row['Id']}/User/{ben.user_id}")).status, 204)
    await anna.report(film, film.at(0.5))
    same("position", (await ben.data(film))["PlaybackPositionTicks"], film.at(0.5))
    told = next(each for each in await ben.client.get("/Sessions") if each["Id"] == row["Id"])
    guests = [each["UserId"].replace("-", "") for each in told["AdditionalUsers"]]
    same("item and guests", (told["NowPlayingItem"]["Id"], guests), (film.item_id, [ben.user_id]))
    await anna.stop(film, film.at(0.6))
    same("position after the stop", (await ben.data(film))["PlaybackPositionTicks"], film.at(0.6))

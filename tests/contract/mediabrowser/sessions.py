"""What is told of who plays what on Jellyfin and Emby."""

from typing import Any

from tests.contract.fact import fact, holds, same
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

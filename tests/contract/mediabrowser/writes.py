"""What a write of user data, and a mark, leave on Jellyfin and Emby."""

from tests.contract.fact import fact, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab
from .person import Row

RUN = "run on 10.10.7, 10.11.11, 12.0-rc5"
DATE = "2026-01-02T03:04:05.678Z"


def history(data: Row) -> dict[str, object]:
    """Return what stays of a play beside its position."""
    return {key: data.get(key) for key in ("Played", "PlayCount", "IsFavorite")}


@fact(f"v10.11.11 UserDataManager.cs SaveUserData; {RUN}", JELLYFIN)
async def position_alone(lab: MediaBrowserLab) -> None:
    """A position that is written alone leaves mark, count, favourite and date."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, Played=True, PlayCount=4, IsFavorite=True, LastPlayedDate=DATE)
    answer = await anna.write(film, PlaybackPositionTicks=film.at(0.01))
    same("status", answer.status, 200)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], film.at(0.01))
    same("history", history(data), {"Played": True, "PlayCount": 4, "IsFavorite": True})
    same("date", data["LastPlayedDate"][:19], DATE[:19])


@fact(f"v10.11.11 BaseItem.cs MarkUnplayed; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def unmarked(lab: MediaBrowserLab) -> None:
    """Marking as unwatched takes position, mark, count and date, and leaves the favourite."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.favor(film)
    await anna.played_to(film, film.at(0.5))
    same("status", (await anna.unmark(film)).status, 200)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), {"Played": False, "PlayCount": 0, "IsFavorite": True})
    same("date is missing", "LastPlayedDate" in data, False)

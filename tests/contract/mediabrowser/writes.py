"""What a write of user data leaves on Jellyfin and Emby."""

from tests.contract.fact import fact, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab
from .person import Row, Title

RUN = "run on 10.10.7, 10.11.11, 12.0-rc5"
DATE = "2026-01-02T03:04:05.678Z"


def history(data: Row) -> tuple[object, ...]:
    """Return what stays of a play beside its position: mark, count, favourite, the date to the second."""
    date = data.get("LastPlayedDate")
    return data["Played"], data["PlayCount"], data["IsFavorite"], date[:19] if date else None


WATCHED = {"Played": True, "PlayCount": 4, "IsFavorite": True, "LastPlayedDate": DATE}
OF_WATCHED = (True, 4, True, DATE[:19])


@fact(f"v10.11.11 UserDataManager.cs SaveUserData; {RUN}", JELLYFIN)
async def position_alone(lab: MediaBrowserLab) -> None:
    """A position that is written alone leaves mark, count, favourite and date."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, **WATCHED)
    same("status", (await anna.write(film, PlaybackPositionTicks=film.at(0.5))).status, 200)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], film.at(0.5))
    same("history", history(data), OF_WATCHED)


@fact(f"v10.11.11 ItemsController.cs UpdateItemUserData; {RUN}; Emby SDK 4.8.11", JELLYFIN, EMBY)
async def full_set(lab: MediaBrowserLab) -> None:
    """A write that names everything stores everything, the date to the second."""
    anna = await lab.person()
    film = await lab.film(anna)
    answer = await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    same("done", answer.status in (200, 204), True)
    for data in (await anna.data(film), await anna.listed(film)):
        same("position", data["PlaybackPositionTicks"], film.at(0.5))
        same("history", history(data), OF_WATCHED)


@fact(f"v10.11.11 ItemsController.cs UpdateItemUserData; {RUN}: payloads user_data_write", JELLYFIN)
async def answer_to_a_write(lab: MediaBrowserLab) -> None:
    """A write is answered with the data as they are now."""
    anna = await lab.person()
    film = await lab.film(anna)
    answer = await anna.write(film, PlaybackPositionTicks=film.at(0.5), LastPlayedDate=DATE)
    same("position", answer.json["PlaybackPositionTicks"], film.at(0.5))
    same("history", history(answer.json), (False, 0, False, DATE[:19]))


@fact(f"v10.11.11 UserDataManager.cs SaveUserData knows no thresholds; {RUN}", JELLYFIN)
async def any_position(lab: MediaBrowserLab) -> None:
    """A written position knows no thresholds: the first second and the last are kept."""
    anna = await lab.person()
    film = await lab.film(anna)
    for position in (10_000_000, film.ticks - 10_000_000):
        await anna.write(film, PlaybackPositionTicks=position)
        data = await anna.data(film)
        same("position", (data["PlaybackPositionTicks"], data["Played"]), (position, False))


@fact(f"{RUN}: tools write so; real_servers.md 2.2", JELLYFIN)
async def written_zero(lab: MediaBrowserLab) -> None:
    """The position 0 that a tool writes leaves mark, count, favourite and date, and ends the title."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    same("in progress", film.item_id in await anna.shelf(), True)
    await anna.write(film, PlaybackPositionTicks=0)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), OF_WATCHED)
    same("in progress after it", film.item_id in await anna.shelf(), False)


@fact(f"v10.11.11 UserDataManager.cs SaveUserData: what is null is left; {RUN}", JELLYFIN)
async def null(lab: MediaBrowserLab) -> None:
    """What is null in a write stays as it is, so that no date can be taken away."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, **WATCHED)
    await anna.write(film, LastPlayedDate=None, Played=None, PlaybackPositionTicks=film.at(0.5))
    same("history", history(await anna.data(film)), OF_WATCHED)


@fact(f"real_servers.md 2.8, {RUN}", JELLYFIN)
async def written_mark(lab: MediaBrowserLab) -> None:
    """The watched mark that is written as user data sets neither date nor count."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, Played=True)
    same("history", history(await anna.data(film)), (True, 0, False, None))


@fact(f"{RUN}: JsonDefaults reads numbers from strings", JELLYFIN)
async def nonsense(lab: MediaBrowserLab) -> None:
    """A write that cannot be read is a 400 and stores nothing; numbers may be strings."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=str(film.at(0.5)))
    for wrong in ({"PlaybackPositionTicks": "soon"}, {"LastPlayedDate": "yesterday"}):
        same(f"{wrong}", (await anna.write(film, **wrong)).status, 400)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], film.at(0.5))
    same("history", history(data), (False, 0, False, None))


@fact(f"{RUN}; Emby SDK 4.8.11", JELLYFIN, EMBY)
async def unknown_item(lab: MediaBrowserLab) -> None:
    """A write to an item that is not there is a 404."""
    anna = await lab.person()
    nowhere = Title("f" * 32 if lab.server in JELLYFIN else "999999999", "Nowhere", 0)
    full = {"Played": False, "PlayCount": 0, "IsFavorite": False}
    same("status", (await anna.write(nowhere, PlaybackPositionTicks=1, **full)).status, 404)


@fact(
    f"v10.10.7 UserDataManager.cs GetUserDataDto; {RUN}",
    differs={JELLYFIN.before(10, 11): False, JELLYFIN.since(10, 11): True},
)
async def item_of_user_data(lab: MediaBrowserLab, expected: bool) -> None:
    """User data name their item; up to 10.10 they name only zeros."""
    anna = await lab.person()
    film = await lab.film(anna)
    item_id = (await anna.data(film))["ItemId"].replace("-", "")
    same("item", item_id, film.item_id if expected else "0" * 32)


@fact("recorded on Emby 4.9.5: whole seconds", EMBY)
async def whole_seconds(lab: MediaBrowserLab) -> None:
    """Emby keeps dates to the second."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    same("date", (await anna.data(film))["LastPlayedDate"], f"{DATE[:19]}.0000000Z")

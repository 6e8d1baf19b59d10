"""Pictures of items on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab

MADE = frozenset({Need.ADMINISTRATOR, Need.MEDIA})


@fact("v10.11.11 ImageController.cs GetItemImage; Emby SDK 4.8.11", JELLYFIN, EMBY, needs=MADE)
async def no_picture(lab: MediaBrowserLab) -> None:
    """An item without a picture answers 404."""
    anna = await lab.person()
    film = await lab.film(anna)
    same("status", (await anna.client.ask("GET", f"/Items/{film.item_id}/Images/Primary")).status, 404)


@fact("v10.11.11 DtoService.cs: SeriesId of an Episode; Emby SDK 4.8.11", JELLYFIN, EMBY, needs=MADE)
async def show_of_an_episode(lab: MediaBrowserLab) -> None:
    """The row of an episode tells its show without being asked, that of a film tells none."""
    anna = await lab.person()
    film, episode = await lab.film(anna), await lab.episode(anna)
    rows = {row["Id"]: row for row in await anna.items(Ids=f"{film.item_id},{episode.item_id}")}
    holds("an episode does", true=bool(rows[episode.item_id].get("SeriesId")))
    same("a film", rows[film.item_id].get("SeriesId"), None)

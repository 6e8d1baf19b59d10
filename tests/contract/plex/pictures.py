"""Pictures of titles on a Plex server."""

from tests.contract.fact import fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab


@fact("plexapi video.py: thumb, grandparentThumb", PLEX)
async def where_posters_are(lab: PlexLab) -> None:
    """The row of an episode tells the poster of its show, each below the item that it is of."""
    episode = await lab.owner.row(await lab.episode())
    show = f"/library/metadata/{episode.get('grandparentRatingKey')}/thumb/"
    holds("of its show", true=episode.get("grandparentThumb", "").startswith(show))
    film = await lab.film()
    row = await lab.owner.row(film)
    holds("of a film", true=row.get("thumb", "").startswith(f"{film.path}/thumb/"))


@fact("plexapi server.py transcodeImage", PLEX)
async def nothing_to_make_smaller(lab: PlexLab) -> None:
    """The picture of an item that is not there is 404."""
    query: dict[str, str | int] = {
        "url": "/library/metadata/999999999/thumb/1",
        "width": 240,
        "height": 360,
        "minSize": 1,
        "upscale": 0,
    }
    same("status", (await lab.owner.ask("GET", "/photo/:/transcode", query)).status, 404)

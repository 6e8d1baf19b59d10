"""Who may read and write whose data on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab

RUN = "run on 10.10.7, 10.11.11, 12.0-rc5"


@fact(
    f"v10.11.11 RequestHelpers.cs GetUserId; {RUN}; recorded on Emby 4.9.5",
    JELLYFIN,
    EMBY,
    needs={Need.ADMINISTRATOR},
)
async def another_user(lab: MediaBrowserLab) -> None:
    """A user's token reads no other user's positions, an administrator's does."""
    anna, ben = await lab.person(), await lab.person()
    path, query = ben.to(ben.paths.items)
    asked = {**query, "Recursive": "true", "Filters": "IsResumable"}
    same("a user's token", (await anna.client.ask("GET", path, asked)).status, 403)
    same("an administrator's", (await lab.admin.ask("GET", path, asked)).status, 200)


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs={Need.ADMINISTRATOR})
async def api_key(lab: MediaBrowserLab) -> None:
    """An API key reads and writes any user's positions; it belongs to no user."""
    anna = await lab.person()
    film = await lab.film(anna)
    key = await lab.api_key()
    body = {"PlaybackPositionTicks": film.at(0.5), "Played": False, "PlayCount": 0, "IsFavorite": False}
    path, query = anna.to(anna.paths.data, film.item_id)
    same("write", (await key.ask("POST", path, query, body)).status in (200, 204), True)
    path, query = anna.to(anna.paths.items)
    rows = (await key.get(path, {**query, "Recursive": "true", "Filters": "IsResumable"}))["Items"]
    same("in progress", [row["Id"] for row in rows], [film.item_id])
    if lab.server in JELLYFIN:
        same("whose it is", (await key.ask("GET", "/Users/Me")).status, 400)


@fact(
    f"v10.11.11 ItemsController.cs UpdateItemUserData, RequestHelpers.cs; {RUN}",
    JELLYFIN,
    needs={Need.ADMINISTRATOR},
)
async def no_preferences(lab: MediaBrowserLab) -> None:
    """A user without the right to their own preferences reads positions and writes none: a 403."""
    anna = await lab.person()
    film = await lab.film(anna)
    await lab.policy(anna, EnableUserPreferenceAccess=False)
    same("write", (await anna.write(film, PlaybackPositionTicks=film.at(0.5))).status, 403)
    same("read", (await anna.ask("GET", anna.paths.data, film.item_id)).status, 200)


@fact(
    f"v10.11.11 SessionManager.cs GetSessions; {RUN}; recorded on Emby 4.9.5",
    JELLYFIN,
    EMBY,
    needs={Need.ADMINISTRATOR},
)
async def whose_sessions(lab: MediaBrowserLab) -> None:
    """A user's token lists the sessions of that user only, an administrator's those of all."""
    anna, ben = await lab.person(), await lab.person()
    await anna.client.ask("GET", "/Sessions")
    own = {row["UserId"] for row in await ben.client.get("/Sessions")}
    same("a user's token", own - {"0" * 32, "00000000-0000-0000-0000-000000000000"}, {ben.user_id})
    everybody = {row.get("UserId") for row in await lab.admin.get("/Sessions")}
    same("an administrator's", {anna.user_id, ben.user_id} <= everybody, True)

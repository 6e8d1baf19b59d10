"""Who may read and write whose data on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab


@fact(
    "v10.11.11 RequestHelpers.cs GetUserId; run on 10.10.7, 10.11.11, 12.0-rc5; recorded on Emby 4.9.5",
    JELLYFIN,
    EMBY,
    needs={Need.ADMINISTRATOR},
)
async def another_user(lab: MediaBrowserLab) -> None:
    """A user's token reads no other user's positions."""
    anna, ben = await lab.person(), await lab.person()
    path, query = ben.to(ben.paths.items)
    asked = {**query, "Recursive": "true", "Filters": "IsResumable"}
    same("status", (await anna.client.ask("GET", path, asked)).status, 403)

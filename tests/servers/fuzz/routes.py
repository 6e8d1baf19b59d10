"""Every route that a client reads: which question leads to it, and which of its answers is tampered with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from .worlds import World, emby_world, jellyfin_world, plex_tv_world, plex_world, probe_world


@dataclass(frozen=True, slots=True)
class Route:
    """The answer to a route that is tampered with, `skip` times later than the first one, while something is asked."""

    kind: str
    route: str
    ask: str
    skip: int = 0

    @property
    def name(self) -> str:
        """The name of the route as it is reported."""
        return f"{self.kind}: {self.route} ({self.ask}{f', answer {self.skip + 1}' if self.skip else ''})"


WORLDS: dict[str, Callable[[], AbstractAsyncContextManager[World]]] = {
    "Jellyfin 10.11": jellyfin_world,
    "Jellyfin 12": lambda: jellyfin_world("12.0.0"),
    "Emby": emby_world,
    "Plex": plex_world,
    "plex.tv": plex_tv_world,
    "Plex probe": probe_world,
}

_JELLYFIN = "Jellyfin 10.11"
_TWELVE = "Jellyfin 12"
_EMBY_ITEMS = "GET /Users/{user}/Items"

ROUTES = (
    Route(_JELLYFIN, "GET /Items", "in progress"),
    Route(_JELLYFIN, "GET /Items", "in progress", skip=1),
    Route(_JELLYFIN, "GET /Items", "in progress, chosen libraries", skip=1),
    Route(_JELLYFIN, "GET /UserViews", "in progress, chosen libraries"),
    Route(_JELLYFIN, "GET /Items", "states"),
    Route(_TWELVE, "GET /Items/{item}", "state of a version"),
    Route(_JELLYFIN, "GET /Items", "find one"),
    Route(_JELLYFIN, "GET /Items", "find many"),
    Route(_JELLYFIN, "GET /Shows/{item}/Episodes", "find one"),
    Route(_JELLYFIN, "GET /Items", "propose a film"),
    Route(_JELLYFIN, "GET /Shows/{item}/Episodes", "propose an episode"),
    Route(_JELLYFIN, "GET /Sessions", "sessions"),
    Route(_JELLYFIN, "GET /UserViews", "libraries"),
    Route(_JELLYFIN, "GET /Items/{item}/Ancestors", "library of a film"),
    Route(_JELLYFIN, "GET /System/Info/Public", "verify"),
    Route(_JELLYFIN, "GET /Users/Me", "verify"),
    Route(_JELLYFIN, "POST /Users/AuthenticateByName", "sign in"),
    Route(_JELLYFIN, "GET /Users", "users"),
    Route(_JELLYFIN, "GET /QuickConnect/Enabled", "quick connect enabled"),
    Route(_JELLYFIN, "POST /QuickConnect/Initiate", "quick connect start"),
    Route(_JELLYFIN, "GET /QuickConnect/Connect", "quick connect finish"),
    Route(_JELLYFIN, "POST /Users/AuthenticateWithQuickConnect", "quick connect finish"),
    Route(_JELLYFIN, "POST /UserItems/{item}/UserData", "write"),
    Route(_TWELVE, "GET /UserItems/Resume", "in progress"),
    Route(_TWELVE, "GET /Users/{user}", "in progress"),
    Route("Emby", _EMBY_ITEMS, "in progress"),
    Route("Emby", _EMBY_ITEMS, "in progress", skip=1),
    Route("Emby", "GET /Users/{user}/Views", "in progress, chosen libraries"),
    Route("Emby", _EMBY_ITEMS, "states"),
    Route("Emby", _EMBY_ITEMS, "find one"),
    Route("Emby", "GET /Shows/{item}/Episodes", "find one"),
    Route("Emby", _EMBY_ITEMS, "propose a film"),
    Route("Emby", "GET /Sessions", "sessions"),
    Route("Emby", "GET /Users/{user}/Views", "libraries"),
    Route("Emby", "GET /Items/{item}/Ancestors", "library of a film"),
    Route("Emby", "GET /System/Info/Public", "server info"),
    Route("Emby", "GET /Users/{user}", "verify"),
    Route("Emby", "POST /Users/AuthenticateByName", "sign in"),
    Route("Emby", "GET /Users", "users"),
    Route("Emby", "POST /Users/{user}/Items/{item}/UserData", "write"),
    Route("Plex", "GET /identity", "identify"),
    Route("Plex", "GET /", "identify"),
    Route("Plex", "GET /accounts", "verify"),
    Route("Plex", "GET /:/prefs/get", "verify"),
    Route("Plex", "GET /library/sections", "verify"),
    Route("Plex", "GET /library/sections", "libraries"),
    Route("Plex", "GET /library/sections", "in progress, chosen libraries"),
    Route("Plex", "GET /library/sections/{section}/all", "in progress, chosen libraries"),
    Route("Plex", "GET /library/all", "in progress"),
    Route("Plex", "GET /library/all", "in progress", skip=1),
    Route("Plex", "GET /library/metadata/{ids}", "in progress"),
    Route("Plex", "GET /library/metadata/{ids}", "states"),
    Route("Plex", "GET /library/all", "find one"),
    Route("Plex", "GET /library/all", "find one", skip=3),
    Route("Plex", "GET /library/all", "find by guid"),
    Route("Plex", "GET /library/all", "find many"),
    Route("Plex", "GET /library/metadata/{id}/allLeaves", "find an episode"),
    Route("Plex", "GET /library/all", "propose a film"),
    Route("Plex", "GET /library/metadata/{id}/allLeaves", "propose an episode"),
    Route("Plex", "GET /status/sessions", "sessions"),
    Route("Plex", "GET /:/progress", "write"),
    Route("plex.tv", "POST /api/v2/pins", "start a PIN"),
    Route("plex.tv", "GET /api/v2/pins/{pin}", "check a PIN"),
    Route("plex.tv", "GET /api/v2/user", "user"),
    Route("plex.tv", "GET /api/v2/resources", "resources"),
    Route("plex.tv", "GET /api/v2/home/users", "home users"),
    Route("plex.tv", "POST /api/v2/home/users/{member}/switch", "switch"),
    Route("Plex probe", "GET /identity", "probe"),
)

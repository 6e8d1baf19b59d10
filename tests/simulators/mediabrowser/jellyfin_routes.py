"""The routes that Jellyfin has and Emby has not, and where the same route behaves otherwise."""

from collections.abc import Callable
from dataclasses import replace
from typing import override

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.routes import Call

from .accounts import MediaBrowserUser, Token
from .items import ItemRoutes
from .jellyfin_ways import Ways
from .listing import ListQuery
from .rows import Json, RowOptions
from .server import MediaBrowserServer
from .sign_in import SignInRoutes
from .thresholds import ResumeLimits
from .user_data import UserDataRoutes
from .values import Refusal, Refused, guid

_ROOT = "0" * 32
_PLACEHOLDER = f"{1:032}"


class JellyfinSignInRoutes(SignInRoutes):
    """Public info with ProductName, `/Users/Me`, server settings for every user."""

    def __init__(self, server: MediaBrowserServer, limits: Callable[[], ResumeLimits]) -> None:
        """Add the routes; `limits` are the server's resume settings."""
        super().__init__(server)
        self._limits = limits
        add = server.routes.add
        add("GET", "/Users", server.guarded(self.users))
        add("GET", "/Users/Me", server.guarded(self.me))
        add("GET", "/Users/{user}", server.guarded(self.user, any_hour=True))
        add("GET", "/System/Configuration", server.guarded(self.configuration))
        add("GET", "/web", server.open(self.web_client))
        add("GET", "/Library/VirtualFolders", server.guarded(self.virtual_folders, admin=True))

    @override
    def public(self) -> Json:
        more = {"ProductName": "Jellyfin Server", "OperatingSystem": ""}
        return super().public() | more | {"StartupWizardCompleted": self.server.set_up and not self.server.starting}

    def me(self, call: Call, token: Token) -> web.Response:
        """Return the token's user; an API key has none."""
        if token.user is None:
            raise Refused(Refusal.OUT_OF_RANGE)
        return self.server.json(self.user_row(token.user))

    def user(self, call: Call, token: Token) -> web.Response:
        """Return any user to any user."""
        user = self.server.accounts.user_by_id(self.server.parse_user_id(call.path["user"]))
        if user is None:
            raise Refused(Refusal.UNKNOWN_ITEM)
        return self.server.json(self.user_row(user))

    def configuration(self, call: Call, token: Token) -> web.Response:
        """Return the server's settings."""
        limits = self._limits()
        return self.server.json(
            {
                "IsStartupWizardCompleted": True,
                "MinResumePct": int(limits.minimum_percent),
                "MaxResumePct": int(limits.maximum_percent),
                "MinResumeDurationSeconds": limits.minimum_seconds,
                "ServerName": self.server.name,
                "LibraryUpdateDuration": 30,
            }
        )

    def virtual_folders(self, call: Call, token: Token) -> web.Response:
        """List the libraries as the dashboard does."""
        libraries = self.server.libraries.values()
        return self.server.json([{"Name": each.name, "ItemId": each.library_id} for each in libraries])

    def web_client(self, call: Call) -> web.Response:
        """Return the page that requests outside the base path are led to."""
        return web.Response(text="<!DOCTYPE html><html><title>Jellyfin</title></html>", content_type="text/html")


class JellyfinItemRoutes(ItemRoutes):
    """`/UserItems`, `/UserViews` and `/Items/{id}`."""

    def __init__(self, server: MediaBrowserServer, ways: Ways, grouped: Callable[[], frozenset[str]]) -> None:
        """Add the routes; `grouped` are the titles that are shown as their collections."""
        super().__init__(server)
        self._ways = ways
        self._grouped = grouped
        add = server.routes.add
        add("GET", "/UserItems/Resume", server.guarded(self.resume))
        add("GET", "/UserItems/{item}/UserData", server.guarded(self.user_data))
        add("GET", "/UserViews", server.guarded(self.views))
        add("GET", "/health", server.open(self.health))
        add("GET", "/Items/{item}", server.guarded(self.item))

    @override
    def read_ids(self, words: list[str]) -> tuple[str, ...] | None:
        """Drop what is no GUID; if nothing is left it is as if no ids had been given."""
        return tuple(parsed for word in words if (parsed := guid(word)) is not None) or None

    @override
    def items(self, call: Call, token: Token) -> web.Response:
        ways = self._ways
        if call.argument("MinDateLastSaved") and not ways.saved_since:
            raise Refused(Refusal.BROKEN)
        if _PLACEHOLDER in map(guid, call.words("Ids")) and ways.placeholder_breaks:
            raise Refused(Refusal.BROKEN)
        return super().items(call, token)

    @override
    def _query(self, call: Call) -> ListQuery:
        query = super()._query(call)
        return query if self._ways.by_number else replace(query, number=None)

    @override
    def _narrow(self, call: Call, entries: list[Entry]) -> list[Entry]:
        """Leave out what its collection is shown for; the collections' own rows are left out too."""
        grouped = self._grouped()
        collapses = not any(map(call.argument, ("Ids", "SearchTerm", "Filters", "Years")))
        if not grouped or not collapses or not call.flag("CollapseBoxSetItems", default=True):
            return entries
        return [entry for entry in entries if entry.key not in grouped]

    @override
    def item(self, call: Call, token: Token) -> web.Response:
        if guid(call.path["item"]) == _ROOT:
            root = {"Name": "Media Folders", "ServerId": self.server.server_id, "Id": _ROOT, "IsFolder": True}
            return self.server.json(root | {"Type": "UserRootFolder"})
        return super().item(call, token)

    def user_data(self, call: Call, token: Token) -> web.Response:
        """Return a user's data of one item."""
        user = self.server.required_user(token, call.argument("UserId"))
        entry = self.server.visible(user, call.path["item"])
        return self.server.json(self.server.rows.user_data(user, entry, RowOptions(detail=True)))

    def health(self, call: Call) -> web.Response:
        """Tell that the server is up."""
        return web.Response(text="Healthy")


class JellyfinUserDataRoutes(UserDataRoutes):
    """`/UserItems/{id}/UserData`, which checks the right to one's own preferences, and `/UserPlayedItems`."""

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes."""
        super().__init__(server)
        self.add("POST", "/UserItems/{item}/UserData", self.write)
        self.add("POST", "/UserPlayedItems/{item}", self.mark_watched)
        self.add("DELETE", "/UserPlayedItems/{item}", self.mark_unwatched)
        self.add("POST", "/UserFavoriteItems/{item}", self.favorite)
        self.add("DELETE", "/UserFavoriteItems/{item}", self.favorite)

    @override
    def write(self, call: Call, token: Token) -> web.Response:
        if not token.admin and token.user is not None and not token.user.preference_access:
            raise Refused(Refusal.PREFERENCES)
        if "json" not in call.header("Content-Type"):
            raise Refused(Refusal.WRONG_CONTENT_TYPE)
        return super().write(call, token)

    @override
    def target(self, call: Call, token: Token) -> tuple[MediaBrowserUser, Entry]:
        if not call.path.get("user") and not call.argument("UserId") and token.user is None:
            raise Refused(Refusal.UNKNOWN_USER)
        return super().target(call, token)

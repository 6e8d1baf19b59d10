"""The routes that Emby has and Jellyfin has not, and where the same route behaves otherwise."""

from collections.abc import Callable
from dataclasses import replace
from math import floor
from typing import override
from urllib.parse import parse_qsl

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState

from .accounts import MediaBrowserUser, Token
from .items import ItemRoutes
from .rows import Json
from .server import MediaBrowserServer
from .sign_in import SignInRoutes
from .user_data import UserDataRoutes
from .values import Refusal, Refused

_LEFT_OUT: dict[str, object] = {
    "position_ms": 0,
    "watched": False,
    "play_count": 0,
    "last_played": None,
    "favorite": False,
    "rating": None,
}


class EmbySignInRoutes(SignInRoutes):
    """Users for administrators only, no `/Users/Me`, and a logout that ends API keys too."""

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes."""
        super().__init__(server)
        add = server.routes.add
        add("GET", "/Users", server.guarded(self.users, admin=True))
        add("GET", "/Users/{user}", server.guarded(self.user))
        add("GET", "/System/Configuration", server.guarded(self.configuration))
        add("GET", "/Library/VirtualFolders/Query", server.guarded(self.virtual_folders, admin=True))

    @override
    def public(self) -> Json:
        return super().public() | {"LocalAddresses": [self.server.url], "RemoteAddresses": []}

    @override
    def form(self, call: Call) -> object:
        return dict(parse_qsl(call.body.decode()))

    @override
    def user_row(self, user: MediaBrowserUser) -> Json:
        return super().user_row(user) | {"Prefix": user.name[:1].upper(), "DateCreated": self.server.rows.date(0)}

    def user(self, call: Call, token: Token) -> web.Response:
        """Return the token's own user, or any to an administrator."""
        return self.server.json(self.user_row(self.server.required_user(token, call.path["user"])))

    def configuration(self, call: Call, token: Token) -> web.Response:
        """Return the server's settings to an administrator, nothing to others; resume limits are not among them."""
        settings = {"IsStartupWizardCompleted": True, "ServerName": self.server.name, "EnableUPnP": False}
        return self.server.json(settings if token.admin else {})

    def virtual_folders(self, call: Call, token: Token) -> web.Response:
        """List the libraries with their resume limits."""
        rows = [
            {
                "Name": library.name,
                "ItemId": library.library_id,
                "Locations": [f"/media/{library.name}"],
                "LibraryOptions": {
                    "MinResumePct": library.minimum_percent,
                    "MaxResumePct": library.maximum_percent,
                    "MinResumeDurationSeconds": library.minimum_seconds,
                },
            }
            for library in self.server.libraries.values()
        ]
        return self.server.page(call, rows, len(rows), 0)

    @override
    def logout(self, call: Call, token: Token) -> web.Response:
        del self.server.accounts.tokens[token.value]
        return web.Response(status=204)


class EmbyItemRoutes(ItemRoutes):
    """Lists that can be narrowed to a provider id or to shows."""

    @override
    def read_ids(self, words: list[str]) -> tuple[str, ...] | None:
        return tuple(word for word in words if word.isdecimal())

    @override
    def _narrow(self, call: Call, entries: list[Entry]) -> list[Entry]:
        wanted = {
            (provider.casefold(), value)
            for provider, dot, value in (word.partition(".") for word in call.words("AnyProviderIdEquals"))
            if dot
        }
        if not wanted:
            return entries
        return [
            entry
            for entry in entries
            if any((provider.casefold(), value) in wanted for provider, value in entry.ids.items())
        ]


class EmbyUserDataRoutes(UserDataRoutes):
    """User data whose body may reset what it leaves out, and `HideFromResume`."""

    def __init__(self, server: MediaBrowserServer, *, strict: Callable[[], bool], answers: bool) -> None:
        """Add the routes; `answers`: a write is answered with the data, otherwise with nothing."""
        super().__init__(server)
        self._strict = strict
        self._answers = answers
        self.add("POST", "/Users/{user}/Items/{item}/HideFromResume", self.hide)

    @override
    def write(self, call: Call, token: Token) -> web.Response:
        response = super().write(call, token)
        return response if self._answers else web.Response()

    @override
    def changes(self, call: Call) -> dict[str, object]:
        if "json" not in call.header("Content-Type"):
            raise Refused(Refusal.WRONG_CONTENT_TYPE)
        changes = super().changes(call)
        date = changes.get("last_played")
        if isinstance(date, float):
            changes["last_played"] = float(floor(date))
        return _LEFT_OUT | changes if self._strict() else changes

    def hide(self, call: Call, token: Token) -> web.Response:
        """Take an item off "Continue watching", or put it back."""
        hidden = call.flag("Hide")
        user, entry = self.target(call, token)

        def change(state: WatchState) -> WatchState:
            return replace(state, hidden=hidden)

        return self.answer(user, entry, self.server.write(call, user, entry, change, Cause.MARK))

"""The routes of administrators: users and their rights, libraries and their scan, a restart, the first set-up."""

from pathlib import Path
from typing import Any

from aiohttp import web

from tests.simulators.handed_out import secret
from tests.simulators.holdings import LibraryKind
from tests.simulators.routes import Call

from .accounts import MediaBrowserUser, Token
from .scan import MediaScan
from .server import MediaBrowserServer
from .sign_in import SignInRoutes
from .values import Refusal, Refused


class AdministrationRoutes:
    """What the dashboard does. `folders`: where what the server calls a path lies here, by its beginning."""

    def __init__(self, server: MediaBrowserServer, sign_in: SignInRoutes, scan: MediaScan) -> None:
        """Add the routes."""
        self.folders: dict[str, Path] = {}
        self._server = server
        self._sign_in = sign_in
        self._scan = scan
        self._scans = 0
        self._first: dict[str, Any] = {}
        for method, template, handler in (
            ("POST", "/Users/New", self.add_user),
            ("DELETE", "/Users/{user}", self.delete_user),
            ("POST", "/Users/{user}/Policy", self.set_policy),
            ("POST", "/Users/{user}/Configuration", self.configure),
            ("POST", "/Users/{user}/Password", self.set_password),
            ("POST", "/Library/VirtualFolders", self.add_library),
            ("DELETE", "/Library/VirtualFolders", self.remove_library),
            ("POST", "/Library/Refresh", self.scan),
            ("GET", "/ScheduledTasks", self.tasks),
            ("POST", "/System/Restart", self.restart),
        ):
            server.routes.add(method, template, server.guarded(handler, admin=True))
        server.routes.add("GET", "/Startup/User", server.open(self.first_user))
        for step in ("Configuration", "User", "Complete"):
            server.routes.add("POST", f"/Startup/{step}", server.open(self.set_up))

    def add_user(self, call: Call, token: Token) -> web.Response:
        """Make a user, who sees everything."""
        body: Any = call.json()
        user = self._server.add_user(body["Name"], body.get("Password") or "")
        return self._server.json(self._sign_in.user_row(user))

    def delete_user(self, call: Call, token: Token) -> web.Response:
        """Delete a user with their tokens."""
        user = self._user(call)
        self._server.accounts.sign_out(user)
        del self._server.users[user.name]
        return web.Response(status=204)

    def set_policy(self, call: Call, token: Token) -> web.Response:
        """Change what a user may do; the tokens of one who is disabled are gone for good."""
        user, policy = self._user(call), call.json()
        assert isinstance(policy, dict)
        user.shared = None if policy["EnableAllFolders"] else set(policy["EnabledFolders"])
        user.preference_access = policy["EnableUserPreferenceAccess"]
        user.hidden = policy["IsHidden"]
        user.admin = policy["IsAdministrator"]
        self._server.disable(user.name, disabled=policy["IsDisabled"])
        return web.Response(status=204)

    def configure(self, call: Call, token: Token) -> web.Response:
        """Change the settings of a user: what is not on their home screen."""
        settings = call.json()
        assert isinstance(settings, dict)
        self._user(call).latest_excludes = set(settings["LatestItemsExcludes"])
        return web.Response(status=204)

    def set_password(self, call: Call, token: Token) -> web.Response:
        """Give a user a password."""
        body: Any = call.json()
        self._user(call).password = secret(body["NewPw"])
        return web.Response(status=204)

    def add_library(self, call: Call, token: Token) -> web.Response:
        """Make a library of a folder."""
        body: Any = call.json()
        name, path = call.argument("name") or body["Name"], call.argument("paths") or body["Paths"][0]
        kind = call.argument("collectionType") or body["CollectionType"]
        here = next(
            (here / path[len(there) :].lstrip("/") for there, here in self.folders.items() if path.startswith(there)),
            Path(path),
        )
        self._scan.add(name, LibraryKind.FILMS if kind == "movies" else LibraryKind.SHOWS, here)
        return web.Response(status=204)

    def remove_library(self, call: Call, token: Token) -> web.Response:
        """Remove a library; its files stay."""
        name = call.argument("name")
        if name not in self._server.libraries:
            return web.Response(status=404)
        self._scan.remove(name)
        self._server.remove_library(name)
        return web.Response(status=204)

    def scan(self, call: Call, token: Token) -> web.Response:
        """Look through all libraries."""
        self._server.scan()
        self._scans += 1
        return web.Response(status=204)

    def tasks(self, call: Call, token: Token) -> web.Response:
        """Tell when the libraries were last looked through."""
        task = {"Name": "Scan Media Library", "State": "Idle", "Key": "RefreshLibrary", "Id": "1"}
        ended = self._server.rows.date(self._server.now() + self._scans / 1000)
        result = {"LastExecutionResult": {"EndTimeUtc": ended, "Status": "Completed"}} if self._scans else {}
        return self._server.json([task | result])

    def restart(self, call: Call, token: Token) -> web.Response:
        """Start anew."""
        self._server.restart()
        return web.Response(status=204)

    def first_user(self, call: Call) -> web.Response:
        """Tell the user that the first set-up proposes."""
        self._expect_set_up()
        return self._server.json({"Name": "root"})

    def set_up(self, call: Call) -> web.Response:
        """Take a step of the first set-up."""
        self._expect_set_up()
        step = call.route.rpartition("/")[2]
        body: Any = call.json() or {}
        if step == "User":
            self._first = body
        if step == "Complete":
            self._server.add_user(self._first["Name"], self._first.get("Password") or "", admin=True)
            self._server.set_up = True
        return web.Response(status=204)

    def _expect_set_up(self) -> None:
        """Raise Refused where the server is set up."""
        if self._server.set_up:
            raise Refused(Refusal.UNAUTHORIZED)

    def _user(self, call: Call) -> MediaBrowserUser:
        """Return the user that a path names; raises Refused."""
        user = self._server.accounts.user_by_id(self._server.parse_user_id(call.path["user"]))
        if user is None:
            raise Refused(Refusal.UNKNOWN_USER)
        return user

"""The routes of servers, users and tokens."""

from aiohttp import web

from tests.simulators.routes import Call

from .accounts import Client, MediaBrowserUser, Token
from .rows import Json
from .server import MediaBrowserServer
from .values import Refusal, Refused

_CONFIGURATION: Json = {
    "PlayDefaultAudioTrack": True,
    "SubtitleLanguagePreference": "",
    "DisplayMissingEpisodes": False,
    "GroupedFolders": [],
    "SubtitleMode": "Default",
    "EnableLocalPassword": False,
    "OrderedViews": [],
    "MyMediaExcludes": [],
    "HidePlayedInLatest": True,
    "RememberAudioSelections": True,
    "RememberSubtitleSelections": True,
    "EnableNextEpisodeAutoPlay": True,
}


class SignInRoutes:
    """Tells what the server is, signs users in and out, lists users, keeps API keys."""

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes that both servers have."""
        self.server = server
        add = server.routes.add
        guarded = server.guarded
        add("GET", "/System/Info/Public", server.open(self.public_info))
        add("GET", "/System/Info", guarded(self.info, any_hour=True))
        add("GET", "/Users/Public", server.open(self.public_users))
        add("POST", "/Users/AuthenticateByName", server.open(self.authenticate))
        add("POST", "/Sessions/Logout", guarded(self.logout))
        add("GET", "/Auth/Keys", guarded(self.keys, admin=True))
        add("POST", "/Auth/Keys", guarded(self.add_key, admin=True))
        add("DELETE", "/Auth/Keys/{key}", guarded(self.delete_key, admin=True))

    def public_info(self, call: Call) -> web.Response:
        """Tell what the server is."""
        return self.server.json(self.public())

    def public(self) -> Json:
        """Return what anybody may know."""
        server = self.server
        return {
            "LocalAddress": server.url,
            "ServerName": server.name,
            "Version": server.version,
            "Id": server.server_id,
        }

    def info(self, call: Call, token: Token) -> web.Response:
        """Tell a user what the server is."""
        more = {"HasPendingRestart": False, "WebSocketPortNumber": self.server.port, "CanSelfRestart": True}
        return self.server.json(self.public() | more)

    def authenticate(self, call: Call) -> web.Response:
        """Sign in with name and password."""
        client = self.server.client_of(call)
        self.require(client)
        body = call.json() if "json" in call.header("Content-Type") else self.form(call)
        if not isinstance(body, dict):
            raise Refused(Refusal.MALFORMED_BODY, "$", "")
        name, password = str(body.get("Username") or ""), str(body.get("Pw") or "")
        return self.signed_in(self.server.accounts.check_password(name, password), client)

    def signed_in(self, user: MediaBrowserUser, client: Client) -> web.Response:
        """Answer with a token."""
        user.last_login = self.server.now()
        token = self.server.accounts.sign_in(user, client, self.server.now())
        answer = {
            "User": self.user_row(user),
            "SessionInfo": self.server.session_row(token, None),
            "AccessToken": token.value,
            "ServerId": self.server.server_id,
        }
        return self.server.json(answer)

    def require(self, client: Client) -> None:
        """Refuse a client that does not say what it is."""
        for field, value in (
            ("appName", client.name),
            ("reportedDeviceId", client.device_id),
            ("deviceName", client.device),
            ("appVersion", client.version),
        ):
            if not value:
                raise Refused(Refusal.MISSING_CLIENT, field)

    def form(self, call: Call) -> object:
        """Read a body that is no JSON; raises Refused."""
        raise Refused(Refusal.WRONG_CONTENT_TYPE, "", call.header("Content-Type"))

    def logout(self, call: Call, token: Token) -> web.Response:
        """End a user's token."""
        if token.user is not None:
            del self.server.accounts.tokens[token.value]
        return web.Response(status=204)

    def public_users(self, call: Call) -> web.Response:
        """List the users on the login page."""
        return self.server.json([self.user_row(user) for user in self.server.users.values() if not user.hidden])

    def users(self, call: Call, token: Token) -> web.Response:
        """List all users."""
        return self.server.json([self.user_row(user) for user in self.server.users.values()])

    def keys(self, call: Call, token: Token) -> web.Response:
        """List the API keys; the total is 0, as it is on Emby without a limit."""
        tokens = [each for each in self.server.accounts.tokens.values() if each.user is None]
        rows = [{"AccessToken": each.value, "AppName": each.client.name, "IsActive": True} for each in tokens]
        return self.server.page(call, rows, 0, 0)

    def add_key(self, call: Call, token: Token) -> web.Response:
        """Make an API key; the answer does not tell it."""
        self.server.add_api_key(call.argument("App"))
        return web.Response(status=204)

    def delete_key(self, call: Call, token: Token) -> web.Response:
        """End an API key, known or not."""
        self.server.accounts.tokens.pop(call.path["key"], None)
        return web.Response(status=204)

    def user_row(self, user: MediaBrowserUser) -> Json:
        """Return a user."""
        row: Json = {
            "Name": user.name,
            "ServerId": self.server.server_id,
            "Id": user.user_id,
            "HasPassword": bool(user.password),
            "HasConfiguredPassword": bool(user.password),
            "HasConfiguredEasyPassword": False,
            "EnableAutoLogin": False,
        }
        if user.last_login is not None:
            row["LastLoginDate"] = row["LastActivityDate"] = self.server.rows.date(user.last_login)
        row["Configuration"] = _CONFIGURATION | {"LatestItemsExcludes": sorted(user.latest_excludes)}
        row["Policy"] = {
            "IsAdministrator": user.admin,
            "IsHidden": user.hidden,
            "IsDisabled": user.disabled,
            "EnableUserPreferenceAccess": user.preference_access,
            "AccessSchedules": [],
            "EnableRemoteAccess": True,
            "EnableMediaPlayback": True,
            "EnabledFolders": sorted(user.shared or ()),
            "EnableAllFolders": user.shared is None,
            "InvalidLoginAttemptCount": 0,
        }
        return row

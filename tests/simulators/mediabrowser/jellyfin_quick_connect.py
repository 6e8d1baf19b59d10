"""Jellyfin's Quick Connect: a code that a signed-in user approves for another device."""

from dataclasses import dataclass
import secrets

from aiohttp import web

from tests.simulators.handed_out import secret
from tests.simulators.routes import Call

from .accounts import Client, MediaBrowserUser, Token
from .rows import Json
from .server import MediaBrowserServer
from .sign_in import SignInRoutes
from .values import Refusal, Refused

_PENDING_SECONDS = 600
_APPROVED_SECONDS = 660


@dataclass(slots=True)
class _Attempt:
    """One sign-in that waits for its approval. `since` is on the server's clock."""

    code: str
    secret: str
    client: Client
    since: float
    user: MediaBrowserUser | None = None


class QuickConnectRoutes:
    """Quick Connect over HTTP."""

    def __init__(self, server: MediaBrowserServer, sign_in: SignInRoutes) -> None:
        """Add the routes."""
        self.enabled = True
        self._server = server
        self._sign_in = sign_in
        self._attempts: dict[str, _Attempt] = {}
        add = server.routes.add
        add("GET", "/QuickConnect/Enabled", server.open(self.tell_enabled))
        add("POST", "/QuickConnect/Initiate", server.open(self.initiate))
        add("GET", "/QuickConnect/Connect", server.open(self.connect))
        add("POST", "/QuickConnect/Authorize", server.guarded(self.authorize))
        add("POST", "/Users/AuthenticateWithQuickConnect", server.open(self.authenticate))

    def tell_enabled(self, call: Call) -> web.Response:
        """Tell whether the server offers it."""
        return self._server.json(self.enabled)

    def initiate(self, call: Call) -> web.Response:
        """Make a code."""
        if not self.enabled:
            return web.Response(status=401, text="Quick connect is disabled")
        client = self._server.client_of(call)
        self._sign_in.require(client)
        code = f"{secrets.randbelow(1_000_000):06}"
        attempt = _Attempt(secret(code), secret(secrets.token_hex(32).upper()), client, self._server.now())
        self._attempts[attempt.secret] = attempt
        return self._server.json(self._row(attempt))

    def connect(self, call: Call) -> web.Response:
        """Tell whether a code was approved."""
        attempt = self._find(call.argument("Secret"))
        if attempt is None:
            return web.Response(status=404, text="Unknown secret")
        return self._server.json(self._row(attempt))

    def authorize(self, call: Call, token: Token) -> web.Response:
        """Approve a code."""
        user = self._server.required_user(token, call.argument("UserId"))
        attempt = self._by_code(call.argument("Code"))
        if attempt is None:
            raise Refused(Refusal.UNKNOWN_ITEM)
        if attempt.user is not None:
            raise Refused(Refusal.BROKEN)
        self.approve(attempt.code, user)
        return self._server.json(data=True)

    def authenticate(self, call: Call) -> web.Response:
        """Give a token for an approved code, as often as it is asked for until the code expires."""
        body = call.json()
        attempt = self._find(str(body.get("Secret") or "")) if isinstance(body, dict) else None
        if attempt is None or attempt.user is None:
            raise Refused(Refusal.UNKNOWN_ITEM)
        return self._sign_in.signed_in(attempt.user, attempt.client)

    def approve(self, code: str, user: MediaBrowserUser) -> None:
        """Approve a code as a user does in their own app; raises KeyError."""
        attempt = self._by_code(code)
        if attempt is None:
            raise KeyError(code)
        attempt.user = user
        attempt.since = self._server.now()

    def _by_code(self, code: str) -> _Attempt | None:
        """Return what waits under a code."""
        return next((each for each in self._attempts.values() if each.code == code and self._alive(each)), None)

    def _find(self, secret: str) -> _Attempt | None:
        """Return what waits under a secret."""
        attempt = self._attempts.get(secret)
        return attempt if attempt is not None and self._alive(attempt) else None

    def _alive(self, attempt: _Attempt) -> bool:
        """Tell whether an attempt has not expired."""
        limit = _PENDING_SECONDS if attempt.user is None else _APPROVED_SECONDS
        return self._server.now() - attempt.since <= limit

    def _row(self, attempt: _Attempt) -> Json:
        """Return an attempt as JSON."""
        return {
            "Authenticated": attempt.user is not None,
            "Secret": attempt.secret,
            "Code": attempt.code,
            "DeviceId": attempt.client.device_id,
            "DeviceName": attempt.client.device,
            "AppName": attempt.client.name,
            "AppVersion": attempt.client.version,
            "DateAdded": self._server.rows.date(attempt.since),
        }

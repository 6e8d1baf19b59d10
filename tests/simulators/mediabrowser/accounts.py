"""Users, tokens, API keys and devices of Jellyfin and Emby, and how a request names them."""

from dataclasses import dataclass, field
import re
import secrets
from urllib.parse import unquote_plus

from tests.simulators.handed_out import secret
from tests.simulators.routes import Call
from tests.simulators.users import User

from .values import Refusal, Refused, hex_id

_PAIR = re.compile(r'\s*([^=,\s]+)\s*=\s*(?:"([^"]*)"|([^,]*))')


@dataclass(slots=True)
class MediaBrowserUser(User):
    """A user. `outside_schedule`: a parental schedule forbids access right now.

    `preference_access` False: may not write their own user data (Jellyfin). `latest_excludes`: ids of libraries that
    are left out of the home screen. `hidden`: not shown on the login page.
    """

    preference_access: bool = True
    outside_schedule: bool = False
    hidden: bool = False
    latest_excludes: set[str] = field(default_factory=set)
    last_login: float | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """The client as its Authorization header names it; empty where the header does not."""

    name: str = ""
    device: str = ""
    device_id: str = ""
    version: str = ""
    token: str = ""


@dataclass(slots=True)
class Token:
    """What a request may do. `user` None: an API key, which acts for nobody and may do everything."""

    value: str
    user: MediaBrowserUser | None
    client: Client
    last_activity: float

    @property
    def admin(self) -> bool:
        """Whether this token may see and change what is another user's."""
        return self.user is None or self.user.admin

    @property
    def session_id(self) -> str:
        """The id of the device's session."""
        return hex_id("session", self.client.name, self.client.device_id)


def parse_authorization(header: str, schemes: tuple[str, ...]) -> Client | None:
    """Read `MediaBrowser Client="..", Token=".."`; values are URL-decoded. None: another scheme, or nothing."""
    scheme, _, rest = header.partition(" ")
    if scheme.casefold() not in schemes:
        return None
    values = {name.casefold(): unquote_plus(quoted or bare) for name, quoted, bare in _PAIR.findall(rest)}
    return Client(
        values.get("client", ""),
        values.get("device", ""),
        values.get("deviceid", ""),
        values.get("version", ""),
        values.get("token", ""),
    )


class Accounts:
    """The users and tokens of one server."""

    def __init__(self, users: dict[str, MediaBrowserUser]) -> None:
        """Start with the server's users and no tokens."""
        self.users = users
        self.tokens: dict[str, Token] = {}

    def user_by_id(self, user_id: str) -> MediaBrowserUser | None:
        """Return a user by id."""
        return next((user for user in self.users.values() if user.user_id == user_id), None)

    def sign_in(self, user: MediaBrowserUser, client: Client, now: float) -> Token:
        """Give a device a token; one that this user has on the same device ends."""
        for token in tuple(self.tokens.values()):
            if token.user is user and token.client.device_id == client.device_id:
                del self.tokens[token.value]
        return self._issue(user, client, now)

    def sign_out(self, user: MediaBrowserUser) -> None:
        """End all tokens of a user."""
        for token in [each for each in self.tokens.values() if each.user is user]:
            del self.tokens[token.value]

    def add_api_key(self, app: str, now: float) -> str:
        """Make an API key."""
        return self._issue(None, Client(name=app), now).value

    def check_password(self, name: str, password: str) -> MediaBrowserUser:
        """Return the user with this name, whose case does not matter; raises Refused."""
        user = next((user for user in self.users.values() if user.name.casefold() == name.casefold()), None)
        if user is None or user.password != password:
            raise Refused(Refusal.BAD_LOGIN)
        if user.disabled or user.outside_schedule:
            raise Refused(Refusal.ILLEGAL)
        return user

    def _issue(self, user: MediaBrowserUser | None, client: Client, now: float) -> Token:
        """Make a token."""
        token = Token(secret(secrets.token_hex(16)), user, client, now)
        self.tokens[token.value] = token
        return token


def jellyfin_client(call: Call, *, legacy: bool) -> Client:
    """Read who calls, as Jellyfin does: the Authorization header, the query's `ApiKey`, and legacy ways if allowed."""
    schemes = ("mediabrowser", "emby") if legacy else ("mediabrowser",)
    client = parse_authorization(call.header("Authorization"), schemes)
    if client is None and legacy:
        client = parse_authorization(call.header("X-Emby-Authorization"), schemes)
    client = client or Client()
    given = [client.token]
    if legacy:
        given += [call.header("X-Emby-Token"), call.header("X-MediaBrowser-Token")]
    given.append(call.argument("ApiKey"))
    if legacy:
        given.append(call.argument("api_key"))
    token = next((text for text in given if text), "")
    return Client(client.name, client.device, client.device_id, client.version, token)


def emby_client(call: Call, *, token_in_authorization: bool) -> Client:
    """Read who calls, as Emby does: one header, or four, and the token in its own header or in the query."""
    schemes = ("mediabrowser", "emby")
    client = (
        parse_authorization(call.header("X-Emby-Authorization"), schemes)
        or parse_authorization(call.header("Authorization"), schemes)
        or Client()
    )
    given = (
        call.header("X-Emby-Token"),
        call.header("X-MediaBrowser-Token"),
        call.argument("api_key"),
        client.token if token_in_authorization else "",
    )
    return Client(
        client.name or call.header("X-Emby-Client") or call.argument("X-Emby-Client"),
        client.device or call.header("X-Emby-Device-Name") or call.argument("X-Emby-Device-Name"),
        client.device_id or call.header("X-Emby-Device-Id") or call.argument("X-Emby-Device-Id"),
        client.version or call.header("X-Emby-Client-Version") or call.argument("X-Emby-Client-Version"),
        next((text for text in given if text), ""),
    )

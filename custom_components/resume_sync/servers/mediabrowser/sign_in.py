"""Asking a Jellyfin or Emby who it is, and signing in: by password, or with an API key and a choice of user."""

from typing import ClassVar

import aiohttp

from ...sync.media_server import (
    BadResponse,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ServerBusy,
    UnknownUser,
    WrongKind,
)
from ...sync.model import ServerType
from ..http import JsonConnection
from ..limits import LIBRARY_SECONDS
from ..plain_text import MOST_TOKEN, is_identifier, plain_text
from ..sign_in import ServerInfo, ServerUser, SignedIn
from .dialect import Dialect
from .rows import Row, json_list, json_object


class MediaBrowserSignIn:
    """A sign-in to one server. Each account needs a `device_id` of its own: servers keep one token for each device."""

    dialect: ClassVar[Dialect]

    def __init__(
        self, session: aiohttp.ClientSession, *, url: str, device_id: str, timeout_seconds: float = LIBRARY_SECONDS
    ) -> None:
        """Ask nothing yet."""
        self._session = session
        self._url = url
        self._device_id = device_id
        self._timeout_seconds = timeout_seconds
        self._connection = self._connect(None)

    async def server_info(self) -> ServerInfo:
        """Return the server; raises BadResponse for another kind of server, UnsupportedVersion, ServerBusy."""
        return await read_server_info(self._connection, self.dialect)

    async def with_password(self, username: str, password: str) -> SignedIn:
        """Sign in; raises InvalidAuth for a wrong name or password, NotAllowed for a user who may not sign in.

        Never repeated for the same name: failed attempts lock a user out. Of names, UnknownUser only says that the
        login page shows others.
        """
        first, *others = await self._names(username)
        try:
            return await self._attempt(first, password)
        except InvalidAuth:
            shown = await self._shown_names()
            if not others:
                if shown and first.casefold() not in shown:
                    raise UnknownUser("The server shows no user of this name") from None
                raise
        return await self._attempt(others[0], password)

    async def users(self, api_key: str) -> list[ServerUser]:
        """Return the enabled users, sorted by name; raises InvalidAuth where the key is not an administrator's."""
        try:
            answer = await self._connect(api_key).get("/Users")
        except NotAllowed:
            raise InvalidAuth("This is no API key") from None
        rows = [json_object(row) for row in json_list(answer.body)]
        return sorted((server_user(row) for row in rows if not _disabled(row)), key=lambda user: user.name.casefold())

    async def _attempt(self, username: str, password: str) -> SignedIn:
        """Sign in with just this name."""
        body = {"Username": username, "Pw": password}
        answer = await self._connection.post_for_json("/Users/AuthenticateByName", body)
        return signed_in(answer.body)

    async def _names(self, typed: str) -> tuple[str, ...]:
        """Return the names to try, in order: without spaces around it, unless there is a user of just that name.

        "Kid " as phones type it is "Kid". Servers had users with such names once, and the login page tells whether this
        one has; where it shows neither of the two, they may be hidden, and both are tried.
        """
        name = typed.strip()
        if name in ("", typed):
            return (typed,)
        shown = await self._shown_names()
        if typed.casefold() in shown:
            return (typed,)
        return (name,) if name.casefold() in shown else (name, typed)

    async def _shown_names(self) -> frozenset[str]:
        """Return the names on the login page, in lower case; none where it cannot be read."""
        try:
            rows = json_list((await self._connection.get("/Users/Public")).body)
        except MediaServerError:
            return frozenset()
        names = (row.get("Name") for row in rows if isinstance(row, dict))
        return frozenset(name.casefold() for name in names if isinstance(name, str))

    def _connect(self, token: str | None) -> JsonConnection:
        """Return a connection with or without a token."""
        headers = self.dialect.headers(self._device_id, token)
        return JsonConnection(self._session, self._url, headers, timeout_seconds=self._timeout_seconds)


async def read_server_info(connection: JsonConnection, dialect: Dialect) -> ServerInfo:
    """Return the public information of a server, which needs no token.

    Raises `BadResponse` where it is another kind of server, `UnsupportedVersion`, also for a version that cannot be
    read, and `ServerBusy` while Jellyfin boots: until then it answers `StartupWizardCompleted: false`, just as before
    its first set-up.
    """
    try:
        answer = await connection.get("/System/Info/Public")
    except NotFound:
        raise BadResponse(f"There is no {dialect.name} server at this address, or it has a base path") from None
    public = json_object(answer.body)
    # From 10.11 on another server answers while Jellyfin starts, for minutes where a database is migrated. Its names
    # begin with small letters: 20:00 an upgrade · 20:01 this answer, and 503 to all else · 20:06 Jellyfin itself.
    if dialect.is_starting(public):
        raise ServerBusy("The server is starting")
    server_id, name, version = public.get("Id"), public.get("ServerName"), public.get("Version")
    if not is_identifier(server_id):
        raise BadResponse(f"This is no {dialect.name} server")
    if not dialect.speaks(public):
        jellyfin = dialect.traits.server_type is ServerType.JELLYFIN
        raise WrongKind(ServerType.EMBY if jellyfin else ServerType.JELLYFIN)
    if public.get("StartupWizardCompleted") is False:
        raise ServerBusy("The server is starting, or was never set up")
    version = version.strip() if isinstance(version, str) else ""
    dialect.supported(version)
    server_type = dialect.traits.server_type
    shown = plain_text(name) if isinstance(name, str) else ""
    return ServerInfo(server_type, server_id, shown or dialect.name, version)


def signed_in(body: object) -> SignedIn:
    """Read the answer to a sign-in; raises BadResponse where it holds no usable token or user."""
    result = json_object(body)
    token = result.get("AccessToken")
    if not is_identifier(token, MOST_TOKEN):
        raise BadResponse("The sign-in brought no token")
    return SignedIn(token, server_user(json_object(result.get("User"))))


def server_user(row: Row) -> ServerUser:
    """Read the row of a user; raises BadResponse where it has no usable id or name."""
    user_id, name = row.get("Id"), row.get("Name")
    if not is_identifier(user_id) or not isinstance(name, str):
        raise BadResponse("A user has the wrong shape")
    return ServerUser(user_id, plain_text(name))


def is_administrator(row: Row) -> bool:
    """Tell whether the policy in a user's row makes the user an administrator."""
    policy = row.get("Policy")
    return isinstance(policy, dict) and policy.get("IsAdministrator") is True


def _disabled(row: Row) -> bool:
    """Tell whether a user is disabled."""
    policy = row.get("Policy")
    return isinstance(policy, dict) and policy.get("IsDisabled") is True

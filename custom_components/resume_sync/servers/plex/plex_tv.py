"""plex.tv: linking an account with a code, its servers, and the users of its Plex Home.

Anything but 200 and 401 says nothing about a token (Plex API documentation, "Checking Token Validity").
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, override
from urllib.parse import quote

import aiohttp

from ...sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ServerBusy,
)
from ..http import Answer, JsonConnection, Query, real_now
from ..limits import ORDINARY, Limits
from ..plain_text import MOST_TOKEN, is_identifier, plain_text
from ..sign_in import ServerUser
from .http_session import plex_headers
from .resources import PlexResource, read_resource

_LONGEST_PIN_SECONDS: Final = 24 * 60 * 60
_HIGHEST_NUMBER: Final = 2**53


@dataclass(frozen=True, slots=True)
class PlexPin:
    """A code to be typed in at plex.tv/link."""

    pin_id: int
    code: str
    good_for_seconds: int


@dataclass(frozen=True, slots=True)
class PlexHomeUser:
    """A member of a Plex Home; `user_id` is the id at plex.tv."""

    user_id: str
    uuid: str
    name: str
    admin: bool
    needs_pin: bool


class PlexTvError(MediaServerError):
    """A failure of plex.tv and of no server: nobody who reads of it has to look at a server's address."""


class PlexTvAway(PlexTvError, CannotConnect):
    """plex.tv could not be reached, or not in time."""


class PlexTvBusy(PlexTvError, ServerBusy):
    """plex.tv limits the rate, mostly without saying for how long."""


class PlexTvUnclear(PlexTvError, BadResponse):
    """The answer is none of plex.tv: a page of a hotel's network, or half of what was asked for."""


class PlexTvUnknown(PlexTvError, NotFound):
    """plex.tv does not know a code, or not any more."""


class PlexTv:
    """plex.tv on behalf of one installation.

    Every method returns a complete answer or raises: `InvalidAuth` and `NotAllowed` about whoever asks, otherwise a
    `PlexTvError`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        client_id: str,
        base_url: str = "https://plex.tv",
        now: Callable[[], int] = real_now,
    ) -> None:
        """Remember where to ask; `client_id` names this installation, the same for a code and its token."""
        self._session = session
        self._client_id = client_id
        self._base_url = base_url
        self._now = now

    async def start_pin(self, *, strong: bool = False) -> PlexPin:
        """Ask for a code of four characters, good for about a quarter of an hour; `strong`: for plex.tv's own page."""
        query = {"strong": "true"} if strong else None
        pin = _object((await self._connection(None).post_for_json("/api/v2/pins", None, query)).body)
        left = min(_integer(pin, "expiresIn"), _LONGEST_PIN_SECONDS)
        return PlexPin(_integer(pin, "id"), _identifier(pin, "code"), left)

    async def check_pin(self, pin_id: int) -> str | None:
        """Return the account's token once the code was typed in, None before; raises NotFound when it has expired."""
        pin = _object((await self._connection(None).get(f"/api/v2/pins/{pin_id}")).body)
        if pin.get("authToken"):
            return _identifier(pin, "authToken")
        left = pin.get("expiresIn")
        if isinstance(left, int) and left <= 0:
            raise PlexTvUnknown("The code has expired")
        return None

    async def user(self, token: str) -> ServerUser:
        """Return the user of an account token; raises InvalidAuth, also for a token that is good on one server only."""
        user = _object((await self._connection(token).get("/api/v2/user")).body)
        return ServerUser(str(_integer(user, "id")), _name(user))

    async def servers(self, token: str) -> list[PlexResource]:
        """Return the account's own servers and those shared with it, without players and servers that gave no token."""
        query = {"includeHttps": 1, "includeRelay": 1, "includeIPv6": 1}
        body = (await self._connection(token).get("/api/v2/resources", query)).body
        if not isinstance(body, list):
            raise PlexTvUnclear("plex.tv did not answer with a list of servers")
        resources = [read_resource(row) for row in body if isinstance(row, dict)]
        return [resource for resource in resources if resource is not None]

    async def home_users(self, token: str) -> list[PlexHomeUser]:
        """Return the members of the account's Plex Home, itself included; none where it has no Home."""
        try:
            home = _object((await self._connection(token).get("/api/v2/home/users")).body)
        except NotFound:
            return []
        users = home.get("users")
        if not isinstance(users, list):
            raise PlexTvUnclear("plex.tv did not answer with a list of users")
        return [
            PlexHomeUser(
                user_id=str(_integer(user, "id")),
                uuid=_identifier(user, "uuid"),
                name=_name(user),
                admin=user.get("admin") is True,
                needs_pin=user.get("protected") is True,
            )
            for user in map(_object, users)
        ]

    async def switch_user(self, token: str, uuid: str, pin: str | None = None) -> str:
        """Return the account token of a member of the same Home; raises InvalidAuth for a missing or wrong PIN."""
        query = {"pin": pin} if pin else None
        try:
            path = f"/api/v2/home/users/{quote(uuid, safe='')}/switch"
            user = _object((await self._connection(token).post_for_json(path, None, query)).body)
        except NotAllowed:
            raise InvalidAuth("The PIN is missing or wrong") from None
        return _identifier(user, "authToken")

    def _connection(self, token: str | None) -> _Connection:
        """Return a connection that says who asks; raises InvalidAuth for a token that no header can carry."""
        if token is not None and not (token and token.isascii() and token.isprintable()):
            raise InvalidAuth("There is no usable token")
        return _Connection(
            self._session,
            self._base_url,
            plex_headers(self._client_id, token),
            now=self._now,
            behind_proxy=False,
        )


class _Connection(JsonConnection):
    """A connection whose errors say that they are plex.tv's."""

    @override
    async def get(self, path: str, query: Query | None = None, limits: Limits = ORDINARY) -> Answer[object]:
        with _named():
            return await super().get(path, query, limits)

    @override
    async def post_for_json(self, path: str, body: object, query: Query | None = None) -> Answer[object]:
        with _named():
            return await super().post_for_json(path, body, query)


@contextmanager
def _named() -> Iterator[None]:
    """Let errors say that they are plex.tv's; those of a token say enough."""
    try:
        yield
    except ServerBusy as busy:
        raise PlexTvBusy(str(busy), busy.retry_after) from None
    except CannotConnect as error:
        raise PlexTvAway(str(error)) from None
    except BadResponse as error:
        raise PlexTvUnclear(str(error)) from None
    except NotFound as error:
        raise PlexTvUnknown(str(error)) from None


def _object(value: object) -> Mapping[str, object]:
    """Return a JSON object; raises PlexTvUnclear."""
    if not isinstance(value, dict):
        raise PlexTvUnclear("plex.tv did not answer with an object")
    return value


def _integer(row: Mapping[str, object], name: str) -> int:
    """Return a number that has to be there; raises PlexTvUnclear."""
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _HIGHEST_NUMBER:
        raise PlexTvUnclear(f"plex.tv did not tell the {name}")
    return value


def _identifier(row: Mapping[str, object], name: str) -> str:
    """Return an id, a code or a token that has to be there; raises PlexTvUnclear."""
    value = row.get(name)
    if not is_identifier(value, MOST_TOKEN):
        raise PlexTvUnclear(f"plex.tv did not tell the {name}")
    return value


def _name(user: Mapping[str, object]) -> str:
    """Return the name of a user: managed users have a title and no user name."""
    names = (user.get(key) for key in ("title", "username", "friendlyName"))
    return next((shown for name in names if isinstance(name, str) and (shown := plain_text(name))), "Plex")

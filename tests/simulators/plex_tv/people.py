"""Accounts and Plex Homes at plex.tv."""

from collections import deque
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.simulators.plex.accounts import PlexAccount
from tests.simulators.plex.markup import Element, Value, json_answer, wants_json, xml_answer
from tests.simulators.routes import Call, Handler

from .answers import Data, answer, failure, not_authenticated, profile, profile_extras, v1_container
from .directory import PlexTvDirectory

type AccountHandler = Callable[[Call, PlexAccount], Awaitable[web.StreamResponse]]

HOME_MACHINE = "3dff4c4da3b1229a649aa574a9e2b419a684a20e"


def signed_in(plex_tv: PlexTvDirectory, handler: AccountHandler) -> Handler:
    """Return a handler that refuses requests without the token of an account."""

    async def respond(call: Call) -> web.StreamResponse:
        if plex_tv.token_in(call) in plex_tv.expired_tokens:
            return failure(call, 498, 1001, "Token expired")
        account = plex_tv.account_of(call)
        return not_authenticated(call) if account is None else await handler(call, account)

    return respond


class PeopleRoutes:
    """Who am I, who is in my Home, and becoming another member of it."""

    def __init__(self, plex_tv: PlexTvDirectory) -> None:
        """Register the routes."""
        self._plex_tv = plex_tv
        self._switches: deque[float] = deque()
        for method, path, handler in (
            ("GET", "/api/v2/user", self._user),
            ("GET", "/api/v2/ping", self._ping),
            ("GET", "/api/v2/home/users", self._home),
            ("GET", "/api/home/users", self._home_v1),
            ("POST", "/api/v2/home/users/{member}/switch", self._switch),
            ("POST", "/api/home/users/{member}/switch", self._switch_v1),
        ):
            plex_tv.routes.add(method, path, signed_in(plex_tv, handler))

    async def _user(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with the account that the token is of."""
        return answer(call, "user", self._profile(account, self._plex_tv.token_in(call)), *profile_extras())

    async def _ping(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer that the token is good."""
        if wants_json(call):
            return json_answer({"pong": True})
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<pong>true</pong>\n'
        return web.Response(text=text, content_type="application/xml", charset="utf-8")

    def _profile(self, account: PlexAccount, token: str) -> Data:
        """Return an account with a token."""
        home = self._plex_tv.home(account)
        return profile(account, token, home_size=len(home), is_admin=home[0] is account, now=self._plex_tv.now())

    async def _home(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with the members of the Home."""
        members = self._plex_tv.home(account)
        data = {
            "id": members[0].account_id % 10_000,
            "name": f"{members[0].title}'s home",
            "guestUserID": None,
            "guestUserUUID": None,
            "guestEnabled": False,
            "subscription": False,
            "users": [_member(each, admin=each is members[0]) for each in members],
        }
        return answer(call, "home", data)

    async def _home_v1(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with the members of the Home, the old way."""
        members = self._plex_tv.home(account)
        rows = [
            Element(
                "User",
                {
                    "id": each.account_id,
                    "uuid": each.uuid,
                    "admin": each is members[0],
                    "guest": False,
                    "restricted": each.restricted,
                    "hasPassword": not each.restricted,
                    "protected": each.pin is not None,
                    "title": each.title,
                    "username": each.username or "",
                    "email": each.email or "",
                    "thumb": each.thumb,
                },
            )
            for each in members
        ]
        return v1_container(HOME_MACHINE, rows, totalSize=len(rows))

    async def _become(self, call: Call, account: PlexAccount) -> tuple[PlexAccount, str] | web.Response:
        """Return the member that a switch leads to with a token, or the refusal."""
        now = self._plex_tv.now()
        while self._switches and self._switches[0] <= now - 60:
            self._switches.popleft()
        if self._plex_tv.switches_per_minute is not None and len(self._switches) >= self._plex_tv.switches_per_minute:
            return failure(call, 429, 1003, "Too many requests")
        self._switches.append(now)
        home = self._plex_tv.home(account)
        name = call.path["member"]
        member = next((each for each in home if name in (each.uuid, str(each.account_id))), None)
        if member is None:
            return failure(call, 404, 1002, "User not found in home")
        form = await call.request.post()
        pin = call.argument("pin") or str(form.get("pin", ""))
        trusted = home[0] is account and not self._plex_tv.admin_needs_pin and not pin
        if member.pin is not None and not trusted and pin != member.pin:
            return failure(call, 403, 1041, "A valid PIN is required to perform this action")
        return member, self._plex_tv.issue(member, "swt")

    async def _switch(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with a token of another member of the Home."""
        found = await self._become(call, account)
        if isinstance(found, web.Response):
            return found
        return answer(call, "user", self._profile(*found), *profile_extras(), status=201)

    async def _switch_v1(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with a token of another member of the Home, the old way."""
        found = await self._become(call, account)
        if isinstance(found, web.Response):
            return found
        member, token = found
        attributes: dict[str, Value] = {
            "email": member.email or "",
            "id": member.account_id,
            "uuid": member.uuid,
            "title": member.title,
            "username": member.username or "",
            "thumb": member.thumb,
            "authenticationToken": token,
            "authToken": token,
            "restricted": member.restricted,
            "home": True,
            "guest": False,
        }
        return xml_answer(Element("user", attributes), status=201, content_type="application/xml")


def _member(account: PlexAccount, *, admin: bool) -> Data:
    """Return a member of a Home."""
    return {
        "id": account.account_id,
        "uuid": account.uuid,
        "title": account.title,
        "username": account.username,
        "email": account.email,
        "friendlyName": None,
        "thumb": account.thumb,
        "hasPassword": not account.restricted,
        "restricted": account.restricted,
        "restrictionProfile": None,
        "updatedAt": 1_700_000_000,
        "admin": admin,
        "guest": False,
        "protected": account.pin is not None,
    }

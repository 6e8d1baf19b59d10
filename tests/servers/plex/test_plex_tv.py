"""plex.tv: codes, accounts, servers, and the users of a Home."""

from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.plex_tv import PlexHomeUser, PlexPin, PlexTvError
from custom_components.resume_sync.servers.plex.resources import PlexConnection, PlexResource
from custom_components.resume_sync.servers.sign_in import ServerUser
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotFound,
    ServerBusy,
)
from tests.servers.plex.plex_tv_script import PINS, RESOURCES, SERVER_ID, USERS, plex_tv, says
from tests.servers.plex.script import Answer, json_answer, payload

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_code_is_linked() -> None:
    """A code for this installation, no token before it is typed in, then the account's."""
    async with plex_tv({PINS: json_answer("plextv_pin_post.json", 201)}) as (client, script):
        pin = await client.start_pin()
        assert pin == PlexPin(564964701, "3b0742e5c70c119ddb59edc15", 1799)
        assert script.requests[0].method == "POST"
        assert "strong" not in script.requests[0].query
        path = f"{PINS}/{pin.pin_id}"
        script.answers[path] = json_answer("plextv_pin_pending.json")
        assert await client.check_pin(pin.pin_id) is None
        script.answers[path] = json_answer("plextv_pin_done.json")
        assert await client.check_pin(pin.pin_id) == "acct-35835d5646ed8564e333"
        assert {request.headers["X-Plex-Client-Identifier"] for request in script.requests} == {"our-device"}
        assert not any("X-Plex-Token" in request.headers for request in script.requests)


@pytest.mark.parametrize("answer", [json_answer("plextv_pin_unknown_404.json", 404), says({"expiresIn": 0})])
async def test_a_code_that_has_expired(answer: Answer) -> None:
    """An expired code is not found."""
    async with plex_tv({f"{PINS}/5": answer}) as (client, _):
        with pytest.raises(NotFound):
            await client.check_pin(5)


async def test_a_token_tells_its_account() -> None:
    """An id and a name; a token for a single server is refused."""
    async with plex_tv({"/api/v2/user": json_answer("plextv_user.json")}) as (client, script):
        assert await client.user("account-token") == ServerUser("48151623", "Olivia Owner")
        assert script.requests[0].headers["X-Plex-Token"] == "account-token"
        script.answers["/api/v2/user"] = json_answer("plextv_user_401.json", 401)
        with pytest.raises(InvalidAuth):
            await client.user("srv-token")
        for token in ("", "two\nlines"):
            with pytest.raises(InvalidAuth):
                await client.user(token)
        assert len(script.requests) == 2


async def test_servers() -> None:
    """Servers with the token and the addresses for this account; a token is never shown in full."""
    async with plex_tv({RESOURCES: json_answer("plextv_resources.json")}) as (client, script):
        (server,) = await client.servers("account-token")
        assert (server.server_id, server.name, server.owned) == (SERVER_ID, "Attic", True)
        assert server.access_token == "srv-0751aefdecf1d2b0b3"
        assert "srv-" not in repr(server)
        assert [(each.local, each.relay, each.port) for each in server.connections] == [
            (True, False, 36557),
            (False, False, 32400),
            (False, True, 8443),
        ]
        assert dict(script.requests[0].query) == {"includeHttps": "1", "includeRelay": "1", "includeIPv6": "1"}


async def test_unusable_resources_are_left_out() -> None:
    """Players, servers without a token, malformed rows and malformed connections."""
    server = {"provides": "server", "clientIdentifier": "id", "accessToken": "token", "owned": False}
    rows = [
        {**server, "provides": "client,player"},
        {**server, "accessToken": None},
        {**server, "accessToken": ""},
        {**server, "clientIdentifier": None},
        "nonsense",
        {},
        server,
        {**server, "provides": "client,server", "connections": [None, {"uri": 5}, {"uri": "http://a", "port": "x"}]},
    ]
    async with plex_tv({RESOURCES: says(rows)}) as (client, _):
        servers = await client.servers("token")
    assert servers == [
        PlexResource("id", "Plex Media Server", False, "token", ()),
        PlexResource("id", "Plex Media Server", False, "token", (PlexConnection("http://a", False, False),)),
    ]


async def test_home_users() -> None:
    """Members of a Home with what is needed to switch to them; an account without a Home has none."""
    async with plex_tv({USERS: json_answer("plextv_home_users_v2.json")}) as (client, script):
        assert await client.home_users("account-token") == [
            PlexHomeUser("48151623", "b88ebe7c26d02752", "Olivia Owner", admin=True, needs_pin=False),
            PlexHomeUser("48151700", "d0e572ba40d5d6eb", "Henry Home", admin=False, needs_pin=True),
            PlexHomeUser("48151701", "5c3d43e162857d4a", "Kim", admin=False, needs_pin=False),
        ]
        del script.answers[USERS]
        assert await client.home_users("account-token") == []


async def test_switching_users() -> None:
    """A protected user needs the PIN; the token is that user's own."""
    path = f"{USERS}/d0e572ba40d5d6eb/switch"

    async def switch(request: web.Request) -> web.StreamResponse:
        good = request.query.get("pin") == "1234"
        name = "plextv_switch_v2.json" if good else "plextv_switch_wrong_pin_403.json"
        return web.Response(text=payload(name), content_type="application/json", status=201 if good else 403)

    async with plex_tv({path: switch}) as (client, script):
        assert await client.switch_user("account-token", "d0e572ba40d5d6eb", "1234") == "swt-0f95cccc2d11c3181fb7"
        for pin in ("9999", "", None):
            with pytest.raises(InvalidAuth):
                await client.switch_user("account-token", "d0e572ba40d5d6eb", pin)
        assert [request.query.get("pin") for request in script.requests] == ["1234", "9999", None, None]
        with pytest.raises(NotFound):
            await client.switch_user("account-token", "../pins")
        assert script.requests[-1].raw_path == f"{USERS}/..%2Fpins/switch"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (PINS, {}),
        (PINS, {"id": 5, "code": "", "expiresIn": 900}),
        (PINS, {"id": True, "code": "ABCD", "expiresIn": 900}),
        (PINS, []),
        ("/api/v2/user", {"title": "Olivia"}),
        (RESOURCES, {}),
        (USERS, {"users": None}),
        (USERS, {"users": [None]}),
        (USERS, {"users": [{"id": 5}]}),
        (f"{USERS}/uuid/switch", {"authToken": None}),
    ],
)
async def test_answers_of_another_shape(path: str, value: object) -> None:
    """Nothing is made of half an answer."""
    async with plex_tv({path: says(value)}) as (client, _):
        calls: dict[str, Any] = {
            PINS: client.start_pin,
            "/api/v2/user": lambda: client.user("t"),
            RESOURCES: lambda: client.servers("t"),
            USERS: lambda: client.home_users("t"),
            f"{USERS}/uuid/switch": lambda: client.switch_user("t", "uuid"),
        }
        with pytest.raises(BadResponse) as caught:
            await calls[path]()
        assert isinstance(caught.value, PlexTvError)


async def test_every_user_has_a_name() -> None:
    """Managed users have no user name, and some accounts no title."""
    names = [({"title": "Kim", "username": "k"}, "Kim"), ({"title": "", "username": "k"}, "k"), ({}, "Plex")]
    for names_told, name in names:
        async with plex_tv({"/api/v2/user": says({"id": 5, **names_told})}) as (client, _):
            assert (await client.user("t")).name == name


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=429), ServerBusy),
        (web.Response(status=503), ServerBusy),
        (web.Response(status=502), CannotConnect),
        (web.Response(status=500), BadResponse),
        (web.Response(status=422), BadResponse),
        (web.Response(text="<html></html>", content_type="text/html"), BadResponse),
        (web.Response(text="{", content_type="application/json"), BadResponse),
        (web.Response(status=404), NotFound),
    ],
)
async def test_plex_tv_that_fails(answer: web.Response, error: type[MediaServerError]) -> None:
    """It is told apart from a server that fails: whoever reads of it must not check a server's address."""
    async with plex_tv({"/api/v2/user": answer}) as (client, _):
        with pytest.raises(error) as caught:
            await client.user("account-token")
        assert isinstance(caught.value, PlexTvError)
        assert "account-token" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 498])
async def test_only_these_say_something_about_a_token(status: int) -> None:
    """498: it was good for some days."""
    async with plex_tv({"/api/v2/user": web.Response(status=status)}) as (client, _):
        with pytest.raises(InvalidAuth):
            await client.user("account-token")

"""plex.tv: codes, accounts, servers, the users of a Home, and addresses that answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex_resources import candidate_urls
from custom_components.resume_sync.servers.plex_tv import (
    PlexConnection,
    PlexHomeUser,
    PlexPin,
    PlexResource,
    PlexTv,
    reachable_url,
)
from custom_components.resume_sync.servers.sign_in import ServerUser
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotFound,
    ServerBusy,
)
from tests.servers.plex_attic import attic, client_of
from tests.servers.plex_script import Answer, Script, json_answer, payload, scripted
from tests.simulators.plex_tv import PlexTv as SimulatedPlexTv

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOW = 1_795_218_643_000
PINS = "/api/v2/pins"
USERS = "/api/v2/home/users"
RESOURCES = "/api/v2/resources"
SERVER_ID = "fbec5750064b53d5c6b4dbdc3f0d279779903ab2"


@asynccontextmanager
async def plex_tv(answers: Mapping[str, Answer]) -> AsyncIterator[tuple[PlexTv, Script]]:
    """Yield a client of a scripted plex.tv."""
    async with scripted(answers) as script, aiohttp.ClientSession() as session:
        yield PlexTv(session, client_id="our-device", base_url=script.url, now=lambda: NOW), script


def says(value: object, status: int = 200) -> Answer:
    """Return a handler that answers with JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(value, status=status)

    return answer


async def test_a_code_is_linked() -> None:
    """A code for this installation, no token before it is typed in, then the account's."""
    async with plex_tv({PINS: json_answer("plextv_pin_post.json", 201)}) as (client, script):
        pin = await client.start_pin()
        assert pin == PlexPin(564964701, "3b0742e5c70c119ddb59edc15", NOW + 1_799_000)
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


async def test_whose_account_it_is() -> None:
    """The account has an id and a name; a token of one server is none of plex.tv."""
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


async def test_resources_that_are_no_use() -> None:
    """Players, servers without a token and odd rows are left out; odd connections too."""
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
        with pytest.raises(BadResponse):
            await calls[path]()


async def test_names() -> None:
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
        (web.Response(status=401), InvalidAuth),
    ],
)
async def test_plex_tv_that_fails(answer: web.Response, error: type[MediaServerError]) -> None:
    """Only 401 says something about a token."""
    async with plex_tv({"/api/v2/user": answer}) as (client, _):
        with pytest.raises(error) as caught:
            await client.user("account-token")
        assert "account-token" not in str(caught.value)


def resource(*connections: PlexConnection, server_id: str = SERVER_ID) -> PlexResource:
    """Return a server with these addresses."""
    return PlexResource(server_id, "Attic", True, "token", connections)


async def test_the_best_address_that_answers() -> None:
    """Local before remote before relay, whichever answers first; nothing is asked with a token."""

    async def slowly(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return await json_answer("identity.json")(request)

    async with (
        scripted({"/identity": slowly}) as near,
        scripted({"/identity": json_answer("identity.json")}) as far,
        aiohttp.ClientSession() as session,
    ):
        relay = PlexConnection(far.url, local=False, relay=True)
        remote = PlexConnection(f"{far.url}/", local=False, relay=False)
        local = PlexConnection(near.url, local=True, relay=False)
        dead = PlexConnection("http://127.0.0.1:1", local=True, relay=False)
        assert await reachable_url(session, resource(relay, remote, local, dead)) == near.url
        assert await reachable_url(session, resource(relay, remote, dead)) == far.url
        assert await reachable_url(session, resource(relay)) == far.url
        by_name = PlexConnection("http://127.0.0.1:1", True, False, "127.0.0.1", int(near.url[-5:]))
        assert await reachable_url(session, resource(relay, by_name)) == near.url
        for script in (near, far):
            assert not any("X-Plex-Token" in request.headers for request in script.requests)


@pytest.mark.parametrize(
    "answer",
    [
        payload("identity.xml"),
        web.Response(text=payload("identity.json"), status=401, content_type="application/json"),
        web.Response(status=302, headers={"Location": "/elsewhere"}),
        says({"MediaContainer": {"machineIdentifier": "another"}}),
        says({"MediaContainer": []}),
        says([]),
        says({}),
        web.Response(text="[" + " " * 100_000 + "]"),
    ],
)
async def test_addresses_at_which_something_else_answers(answer: Answer) -> None:
    """Only the server itself counts."""
    async with scripted({"/identity": answer}) as script, aiohttp.ClientSession() as session:
        with pytest.raises(CannotConnect):
            await reachable_url(session, resource(PlexConnection(script.url, True, False)))


async def test_no_address_at_all() -> None:
    """A server without addresses cannot be reached."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(CannotConnect):
            await reachable_url(session, resource())


def test_addresses_in_order() -> None:
    """The plain local address comes after its name and before what is farther away, each once."""
    named = PlexConnection("https://10-0-0-5.abc.plex.direct:32400", True, False, "10.0.0.5", 32400)
    six = PlexConnection("https://fd00--5.abc.plex.direct:32400", True, False, "fd00::5", 32400)
    plain = PlexConnection("http://10.0.0.5:32400/", True, False, "10.0.0.5", 32400)
    remote = PlexConnection("https://203-0-113-7.abc.plex.direct:32400", False, False, "203.0.113.7", 32400)
    relay = PlexConnection("https://198-51-100-9.abc.plex.direct:8443", False, True, "198.51.100.9", 8443)
    assert candidate_urls([relay, remote, named, six, plain]) == [
        named.uri,
        six.uri,
        "http://10.0.0.5:32400",
        "http://[fd00::5]:32400",
        remote.uri,
        relay.uri,
    ]


async def test_from_a_code_to_a_checked_account() -> None:
    """The way of a sign-in: code, servers, a protected user of the Home, address, and the server's own word."""
    async with attic() as server:
        server.users["henry"].account.pin = "1234"
        simulated = SimulatedPlexTv(server, clock=server.clock)
        simulated.admin_needs_pin = True
        await simulated.start()
        async with aiohttp.ClientSession() as session:
            client = PlexTv(session, client_id="our-device", base_url=simulated.url, now=server.clock.now_ms)
            pin = await client.start_pin()
            assert len(pin.code) == 4
            assert pin.expires_at > server.clock.now_ms()
            assert await client.check_pin(pin.pin_id) is None
            simulated.approve_pin(pin.code, "olivia")
            token = await client.check_pin(pin.pin_id)
            assert token is not None
            assert (await client.user(token)).name == "olivia"
            (own,) = await client.servers(token)
            assert own.owned
            admin, henry = await client.home_users(token)
            assert (admin.admin, henry.admin, henry.needs_pin) == (True, False, True)
            with pytest.raises(InvalidAuth):
                await client.switch_user(token, henry.uuid, "9999")
            henrys = await client.switch_user(token, henry.uuid, "1234")
            (shared,) = await client.servers(henrys)
            assert not shared.owned
            url = await reachable_url(session, shared)
            async with client_of(server, "henry", url=url, token=shared.access_token) as account:
                assert (await account.verify()).server_id == shared.server_id
            expired = await client.start_pin()
            server.clock.advance(3600)
            with pytest.raises(NotFound):
                await client.check_pin(expired.pin_id)
            simulated.revoke_tokens("olivia")
            with pytest.raises(InvalidAuth):
                await client.servers(token)
        await simulated.stop()


async def test_certificates_by_choice() -> None:
    """A certificate that nobody knows is refused unless the user says otherwise."""
    async with attic() as server, aiohttp.ClientSession() as session:
        await server.stop()
        await server.start(tls=True)
        here = resource(PlexConnection(server.url, True, False), server_id=server.machine_id)
        with pytest.raises(CannotConnect):
            await reachable_url(session, here)
        assert await reachable_url(session, here, verify_ssl=False) == server.url

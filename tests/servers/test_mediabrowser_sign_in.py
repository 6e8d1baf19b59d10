"""Signing in to Jellyfin and Emby, against simulated servers and the samples of their answers."""

from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.emby import EmbyServer, EmbySignIn
from custom_components.resume_sync.servers.jellyfin import JellyfinServer, JellyfinSignIn, QuickConnect
from custom_components.resume_sync.servers.mediabrowser_dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.sign_in import ServerInfo, ServerUser, SignedIn
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    NotAllowed,
    NotFound,
    NotSupported,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.faults import Status

from .mediabrowser_answers import answering, by_path
from .mediabrowser_samples import sample
from .mediabrowser_servers import House, emby, jellyfin

pytestmark = pytest.mark.usefixtures("socket_enabled")

BOTH = pytest.mark.parametrize(
    ("open_house", "sign_in_type"),
    [
        pytest.param(lambda: jellyfin("10.10.7"), JellyfinSignIn, id="10.10"),
        pytest.param(lambda: jellyfin("12.0.0", base_path="/jf"), JellyfinSignIn, id="12.0"),
        pytest.param(lambda: emby("4.8.11.0"), EmbySignIn, id="4.8"),
        pytest.param(emby, EmbySignIn, id="4.9"),
    ],
)

type SignIn = JellyfinSignIn | EmbySignIn


def sign_in(house: House[Any, Any], kind: type[SignIn], device_id: str = "new device, 50 % \u00fc") -> SignIn:
    """Return a sign-in to a server."""
    return kind(house.session, url=house.server.url, device_id=device_id)


@BOTH
async def test_by_password(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """The token that comes back is good for the user, and for the device."""
    async with open_house() as house:
        signing = sign_in(house, sign_in_type)
        info = await signing.server_info()
        signed = await signing.with_password("Anna", "pass")

        assert info == ServerInfo(
            house.client.traits.server_type, house.server.server_id, house.server.name, house.server.version
        )
        assert signed.user == ServerUser(house.server.users["anna"].user_id, "anna")
        client = house.client_with(token=signed.token, device_id="new device, 50 % \u00fc")
        assert await client.verify() == info
        token = house.server.accounts.tokens[signed.token]
        assert (token.client.name, token.client.device) == ("Resume Sync", "Home Assistant")
        assert token.client.device_id == "new device, 50 % \u00fc"


@BOTH
async def test_refused(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """A wrong name or password, an empty one, a user who may not; each is tried once."""
    async with open_house() as house:
        signing = sign_in(house, sign_in_type)
        for name, password in (("anna", "wrong"), ("nobody", "pass"), ("anna", "")):
            with pytest.raises(InvalidAuth):
                await signing.with_password(name, password)
        assert house.server.traffic.requests() == 3
        house.server.users["anna"].disabled = True
        with pytest.raises(NotAllowed):
            await signing.with_password("anna", "pass")


@BOTH
async def test_a_user_without_a_password(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """An empty password is one."""
    async with open_house() as house:
        house.server.add_user("kid")

        assert (await sign_in(house, sign_in_type).with_password("kid", "")).user.name == "kid"


@BOTH
async def test_by_api_key(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """A key tells the users that it may act for, in order, without those that are switched off."""
    async with open_house() as house:
        house.server.add_user("Zoe").disabled = True
        house.server.add_user("Bea").hidden = True
        signing = sign_in(house, sign_in_type)
        key = house.server.add_api_key()

        users = await signing.users(key)

        assert [user.name for user in users] == ["admin", "anna", "Bea", "ben"]
        assert users[1].user_id == house.server.users["anna"].user_id
        assert await signing.users(house.server.add_token("admin")) == users
        for user in users:
            assert await house.client_with(token=key, user_id=user.user_id).verify()
        with pytest.raises(InvalidAuth):
            await signing.users("nonsense\n")


async def test_a_users_token_is_no_api_key() -> None:
    """Jellyfin lets it act for its own user, Emby tells nothing."""
    async with jellyfin() as house:
        users = await sign_in(house, JellyfinSignIn).users(house.server.add_token("ben"))
        assert users == [ServerUser(house.server.users["ben"].user_id, "ben")]
        house.server.faults.add("GET /Users/Me", Status(500))
        with pytest.raises(BadResponse):
            await sign_in(house, JellyfinSignIn).users(house.server.add_token("ben"))
    async with emby() as house:
        with pytest.raises(InvalidAuth):
            await sign_in(house, EmbySignIn).users(house.server.add_token("ben"))


async def test_quick_connect() -> None:
    """A code, its approval in another app, and the token; then the code is used up."""
    async with jellyfin("12.0.0") as house:
        signing = JellyfinSignIn(house.session, url=house.server.url, device_id="quick")
        assert await signing.quick_connect_enabled()
        started = await signing.start_quick_connect()
        assert await signing.finish_quick_connect(started.secret) is None
        house.server.approve_quick_connect(started.code, "ben")

        signed = await signing.finish_quick_connect(started.secret)

        assert signed is not None
        ben = house.server.users["ben"].user_id
        assert signed.user == ServerUser(ben, "ben")
        assert await house.client_with(token=signed.token, user_id=ben, device_id="quick").verify()
        assert started.secret not in repr(started)
        with pytest.raises(NotFound):
            await signing.finish_quick_connect(started.secret)


async def test_quick_connect_that_comes_to_nothing() -> None:
    """Expired, and switched off."""
    async with jellyfin() as house:
        signing = JellyfinSignIn(house.session, url=house.server.url, device_id="quick")
        started = await signing.start_quick_connect()
        house.server.clock.advance(601)
        with pytest.raises(NotFound):
            await signing.finish_quick_connect(started.secret)
        house.server.quick_connect.enabled = False
        assert not await signing.quick_connect_enabled()
        with pytest.raises(NotSupported):
            await signing.start_quick_connect()


async def test_the_other_kind_of_server() -> None:
    """A server of the other kind, a path where none is, a base path that is missing, no server."""
    async with jellyfin(base_path="/jellyfin") as jf, emby() as em:
        with pytest.raises(BadResponse):
            await EmbySignIn(jf.session, url=jf.server.url, device_id="d").server_info()
        with pytest.raises(BadResponse):
            await JellyfinSignIn(em.session, url=em.server.url, device_id="d").server_info()
        root = jf.server.url.removesuffix("/jellyfin")
        with pytest.raises(BadResponse, match="base path"):
            await JellyfinSignIn(jf.session, url=root, device_id="d").server_info()
        with pytest.raises(BadResponse, match="base path"):
            await EmbySignIn(em.session, url=f"{em.server.url}/somewhere", device_id="d").server_info()
        await em.server.stop()
        with pytest.raises(CannotConnect):
            await EmbySignIn(em.session, url=em.server.url, device_id="d", timeout_seconds=2).server_info()


async def test_servers_that_cannot_be_used() -> None:
    """Too old, or starting."""
    async with jellyfin("10.8.13") as house:
        with pytest.raises(UnsupportedVersion):
            await sign_in(house, JellyfinSignIn).server_info()
    async with emby("4.7.14.0") as house:
        with pytest.raises(UnsupportedVersion):
            await sign_in(house, EmbySignIn).server_info()
        house.server.starting = True
        with pytest.raises(ServerBusy):
            await sign_in(house, EmbySignIn).server_info()
    async with jellyfin() as house:
        house.server.starting = True
        with pytest.raises(ServerBusy):
            await sign_in(house, JellyfinSignIn).server_info()


async def test_a_certificate_that_nobody_vouches_for() -> None:
    """Refused, unless the session was told to take it."""
    async with jellyfin() as house:
        await house.server.stop()
        await house.server.start(tls=True)
        signing = JellyfinSignIn(house.session, url=house.server.url, device_id="d", timeout_seconds=5)
        with pytest.raises(CannotConnect):
            await signing.server_info()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
            info = await JellyfinSignIn(session, url=house.server.url, device_id="d").server_info()
        assert info.server_id == house.server.server_id


async def test_samples() -> None:
    """The recorded shapes of both servers are read."""
    for server, kind, server_type in (
        ("jellyfin", JellyfinSignIn, ServerType.JELLYFIN),
        ("emby", EmbySignIn, ServerType.EMBY),
    ):
        answers = {
            "/System/Info/Public": sample(server, "system_info_public"),
            "/Users/AuthenticateByName": sample(server, "authenticate_by_name"),
            "/Users": sample(server, "users"),
            "/Users/Me": sample(server, "users")[0],
        }
        async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
            signing = kind(session, url=url, device_id="d")
            info = await signing.server_info()
            signed = await signing.with_password("anna", "x")
            users = await signing.users("key")
        assert (info.server_type, info.name) == (server_type, "Den")
        assert signed == SignedIn("0123456789abcdef0123456789abcdef", users[0])
        assert [user.name for user in users] == ["anna", "ben", "kid"]


async def test_quick_connect_samples() -> None:
    """The recorded steps of Quick Connect are read."""
    steps = sample("jellyfin", "quickconnect_steps")
    answers = {
        "/QuickConnect/Enabled": steps["enabled"],
        "/QuickConnect/Initiate": steps["initiate"],
        "/QuickConnect/Connect": steps["connect_approved"],
        "/Users/AuthenticateWithQuickConnect": steps["authenticate"],
    }
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        signing = JellyfinSignIn(session, url=url, device_id="d")
        assert await signing.quick_connect_enabled() is True
        assert await signing.start_quick_connect() == QuickConnect("260018", steps["initiate"]["Secret"])
        signed = await signing.finish_quick_connect("x")
        answers["/QuickConnect/Connect"] = steps["connect_pending"]
        assert await signing.finish_quick_connect("x") is None
    assert signed is not None
    assert signed.user.name == "ben"


@pytest.mark.parametrize("server", ["jellyfin", "emby"])
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no_token", InvalidAuth),
        ("other_user_forbidden", NotAllowed),
        ("bad_guid", BadResponse),
        ("starting", ServerBusy),
    ],
)
async def test_recorded_errors(server: str, name: str, error: type[Exception]) -> None:
    """What both servers answer when they refuse, in their own words."""
    recorded = sample(server, "errors")[name]
    body = recorded["body"] if isinstance(recorded["body"], str) else "{}"
    headers = {"Retry-After": recorded["retry_after"]} if recorded.get("retry_after") else {}

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=recorded["status"], text=body, headers=headers)

    kind, item_id = (JellyfinServer, "a" * 32) if server == "jellyfin" else (EmbyServer, "7")
    async with answering(handler) as url, aiohttp.ClientSession() as session:
        client = kind(session, url=url, token="t", user_id="u", device_id="d")
        with pytest.raises(error):
            await client.states([item_id])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "/Users/AuthenticateByName"),
        ({"User": {"Id": "1", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "", "User": {"Id": "1", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t"}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t", "User": {"Id": "", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t", "User": {"Id": "1"}}, "/Users/AuthenticateByName"),
    ],
)
async def test_a_sign_in_of_the_wrong_shape(body: object, path: str) -> None:
    """No token without its user."""
    async with answering(by_path({path: body})) as url, aiohttp.ClientSession() as session:
        with pytest.raises(BadResponse):
            await EmbySignIn(session, url=url, device_id="d").with_password("a", "b")


async def test_quick_connect_of_the_wrong_shape() -> None:
    """A code without a secret, a truth that is none."""
    answers: dict[str, object] = {"/QuickConnect/Enabled": "yes"}
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        signing = JellyfinSignIn(session, url=url, device_id="d")
        with pytest.raises(BadResponse):
            await signing.quick_connect_enabled()
        for started in ({}, {"Code": "1"}, {"Code": "", "Secret": "x"}, {"Code": "1", "Secret": ""}, {"Secret": "x"}):
            answers["/QuickConnect/Initiate"] = started
            with pytest.raises(BadResponse):
                await signing.start_quick_connect()


def test_headers() -> None:
    """One Authorization header with encoded values; the legacy token header only where it is needed."""
    expected = (
        'MediaBrowser Client="Resume Sync", Device="Home Assistant", DeviceId="a%22%2Bb%25", Version="0.1.0", Token="t"'
    )

    assert JELLYFIN.headers('a"+b%', "t") == {"Authorization": expected}
    assert EMBY.headers('a"+b%', "t") == {"Authorization": expected, "X-Emby-Token": "t"}
    assert EMBY.headers("d") == JELLYFIN.headers("d")
    assert "Token" not in EMBY.headers("d")["Authorization"]


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("10.9.0", (10, 9)), ("10.11.11", (10, 11)), ("12.0.0-rc5", (12, 0)), (" 12.0 ", (12, 0)), ("100.1", (100, 1))],
)
def test_versions(version: str, numbers: tuple[int, int]) -> None:
    """Release candidates count as their release, and ten is more than nine."""
    assert JELLYFIN.supported(version) == numbers


@pytest.mark.parametrize("version", ["", "12", "a.b", "10.9x", "99999.1"])
def test_no_versions(version: str) -> None:
    """What is no version is no server of ours."""
    with pytest.raises(BadResponse):
        JELLYFIN.supported(version)


def test_which_kind_of_server() -> None:
    """Only Jellyfin names its product and its set-up."""
    jellyfin_info, emby_info = (sample(server, "system_info_public") for server in ("jellyfin", "emby"))
    bare = {"ProductName": "Jellyfin Server"}
    fork = {"StartupWizardCompleted": True, "ProductName": 5}

    assert [JELLYFIN.speaks(info) for info in (jellyfin_info, emby_info, bare, fork)] == [True, False, True, True]
    assert [EMBY.speaks(info) for info in (jellyfin_info, emby_info, bare, fork)] == [False, True, False, False]

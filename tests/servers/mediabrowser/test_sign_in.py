"""Signing in to Jellyfin and Emby, against simulated servers."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from custom_components.resume_sync.servers.mediabrowser.emby import EmbySignIn
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from custom_components.resume_sync.servers.sign_in import ServerInfo, ServerUser
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
from tests.servers.mediabrowser.signing_in import BOTH, SignIn, sign_in
from tests.simulators.faults import Fault, HtmlPage, Status

from .servers import emby, jellyfin

pytestmark = pytest.mark.usefixtures("socket_enabled")

ATTEMPT = "POST /Users/AuthenticateByName"


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
        assert house.server.traffic.requests("POST /Users/AuthenticateByName") == 3
        house.server.users["anna"].disabled = True
        with pytest.raises(NotAllowed):
            await signing.with_password("anna", "pass")


@BOTH
@pytest.mark.parametrize("typed", ["anna ", " anna", "  Anna  ", "anna\t", "anna\u00a0"])
async def test_a_name_with_spaces_around_it(
    open_house: Callable[[], Any], sign_in_type: type[SignIn], typed: str
) -> None:
    """The space that a phone adds is no part of the name: one attempt, whether or not the login page shows the user."""
    async with open_house() as house:
        for hidden in (False, True):
            house.server.users["anna"].hidden = hidden
            house.server.traffic.reset()
            signed = await sign_in(house, sign_in_type).with_password(typed, "pass")

            assert signed.user.name == "anna"
            assert house.server.traffic.table() == {"GET /Users/Public": 1, ATTEMPT: 1}


@BOTH
async def test_a_name_that_has_a_space(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """A user of just that name is the one who is meant, and nobody else is tried where the login page shows them."""
    async with open_house() as house:
        house.server.add_user("anna ", "other")
        signing = sign_in(house, sign_in_type)
        signed = await signing.with_password("Anna ", "other")
        assert signed.user.user_id == house.server.users["anna "].user_id
        assert (await signing.with_password("anna", "pass")).user.user_id == house.server.users["anna"].user_id
        assert house.server.traffic.requests(ATTEMPT) == 2
        with pytest.raises(InvalidAuth):
            await signing.with_password("anna ", "pass")
        assert house.server.traffic.requests(ATTEMPT) == 3


@BOTH
async def test_a_hidden_name_that_has_a_space(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """Where the login page shows neither, the name without the space is tried first, then just what was typed."""
    async with open_house() as house:
        house.server.add_user("kid ", "other").hidden = True
        signing = sign_in(house, sign_in_type)
        assert (await signing.with_password("kid ", "other")).user.user_id == house.server.users["kid "].user_id
        assert house.server.traffic.requests(ATTEMPT) == 2
        house.server.users["kid "].disabled = True
        with pytest.raises(NotAllowed):
            await signing.with_password("kid ", "other")


@BOTH
async def test_a_wrong_password_counts_once(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """A user whom the login page shows is tried once, with a space or without, so that nobody is locked out sooner."""
    async with open_house() as house:
        signing = sign_in(house, sign_in_type)
        for attempts, name in enumerate(("anna", "anna ", " anna"), start=1):
            with pytest.raises(InvalidAuth):
                await signing.with_password(name, "wrong")
            assert house.server.traffic.requests(ATTEMPT) == attempts


@BOTH
@pytest.mark.parametrize("fault", [Status(404), Status(500), HtmlPage(), Status(200, "[{}, 1]", "application/json")])
async def test_a_login_page_that_cannot_be_read(
    open_house: Callable[[], Any], sign_in_type: type[SignIn], fault: Fault
) -> None:
    """It is only asked to tell two users apart."""
    async with open_house() as house:
        house.server.faults.add("GET /Users/Public", fault)

        assert (await sign_in(house, sign_in_type).with_password("anna ", "pass")).user.name == "anna"


@BOTH
async def test_a_password_keeps_its_spaces(open_house: Callable[[], Any], sign_in_type: type[SignIn]) -> None:
    """They are part of it; a name of nothing but spaces is sent as it is."""
    async with open_house() as house:
        house.server.add_user("kid", " word ")
        signing = sign_in(house, sign_in_type)

        assert (await signing.with_password("kid", " word ")).user.name == "kid"
        with pytest.raises(InvalidAuth):
            await signing.with_password("  ", "")
        assert house.server.traffic.requests(ATTEMPT) == 2


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
    """A code, its approval in another app, and the token; asked again, another one, until the code has expired."""
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
        again = await signing.finish_quick_connect(started.secret)
        assert again is not None
        assert again.user == signed.user
        house.server.clock.advance(661)
        with pytest.raises(NotFound):
            await signing.finish_quick_connect(started.secret)


async def test_quick_connect_may_expire_or_be_switched_off() -> None:
    """An expired code is NotFound; without the feature it is NotSupported."""
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
    async with jellyfin("10.10.7") as house:
        house.server.starting = True
        with pytest.raises(ServerBusy):
            await sign_in(house, JellyfinSignIn).server_info()


async def test_the_server_before_jellyfin() -> None:
    """It is busy, and no stranger."""
    async with jellyfin() as house:
        house.server.starting = True
        with pytest.raises(ServerBusy):
            await sign_in(house, JellyfinSignIn).server_info()


async def test_a_self_signed_certificate_is_refused_unless_allowed() -> None:
    """The session decides."""
    async with jellyfin() as house:
        await house.server.stop()
        await house.server.start(tls=True)
        signing = JellyfinSignIn(house.session, url=house.server.url, device_id="d", timeout_seconds=5)
        with pytest.raises(CannotConnect):
            await signing.server_info()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
            info = await JellyfinSignIn(session, url=house.server.url, device_id="d").server_info()
        assert info.server_id == house.server.server_id

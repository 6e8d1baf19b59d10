"""Addresses of servers behind a proxy that redirects, or that asks for a sign-in of its own."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.proxy import SIGN_INS, proxy, redirect_to

from .conftest import AddAccount
from .dialog import Dialog, add_account, reconfigure_account, sign_in_again

type Server = SimulatedJellyfin | SimulatedEmby | PlexMediaServer

KINDS = ["jellyfin", "emby", "plex"]
TOKEN = "plex-token-that-was-typed"


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    """The server that a test is told to use."""
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def over_https(server: Server) -> Server:
    """The server, with TLS."""
    await server.stop()
    await server.start(tls=True)
    return server


async def at_address(hass: HomeAssistant, server: Server) -> Dialog:
    """Open the dialog up to the form that asks for the address."""
    if isinstance(server, PlexMediaServer):
        dialog = await add_account(hass, "plex")
        await dialog.choose("plex_manual")
        return dialog
    return await add_account(hass, "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby")


async def enter(dialog: Dialog, server: Server, url: str, token: str = TOKEN) -> None:
    """Fill in the form."""
    more = {"token": token} if isinstance(server, PlexMediaServer) else {}
    await dialog.submit(url=url, verify_ssl=False, **more)


def origin(server: Server) -> str:
    """Return a server's address without its base path."""
    return server.url.removesuffix(server.base_path)


@pytest.mark.parametrize("server", KINDS, indirect=True)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("same_path", [True, False])
async def test_http_redirects_to_https(hass: HomeAssistant, over_https: Server, status: int, same_path: bool) -> None:
    """Where no scheme was typed, https is tried; http never hears anything secret."""
    server = over_https
    token = server.token("Olga") if isinstance(server, PlexMediaServer) else "secret"
    async with proxy(redirect_to(origin(server), status=status, same_path=same_path)) as http:
        typed = f"{http.url}{server.base_path}".removeprefix("http://")
        dialog = await at_address(hass, server)
        await enter(dialog, server, typed, token)
        if not isinstance(server, PlexMediaServer):
            assert dialog.step["step_id"] == "sign_in"
            await dialog.choose("password")
            await dialog.submit(username="Anna", password="secret")

        assert dialog.step["type"] is FlowResultType.CREATE_ENTRY
        assert dialog.step["result"].data["url"] == server.url
        assert len(http.asked) == 1
        assert not http.heard(token)


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_a_redirect_that_is_not_followed(hass: HomeAssistant, over_https: Server) -> None:
    """A scheme that was typed counts, and so does the host: the form names the redirect and keeps what was typed."""
    server = over_https
    elsewhere = [
        "http://127.0.0.1:1",
        "https://localhost:1",
        "https://auth.example.org/login",
        "/web/",
        "https://[media.example.org",
        "https://media.example.org:port/",
        "",
    ]
    for location, typed_scheme in [(origin(server), "http://"), *((location, "") for location in elsewhere)]:
        async with proxy(redirect_to(location)) as http:
            typed = f"{typed_scheme}{http.url.removeprefix('http://')}{server.base_path}"
            dialog = await at_address(hass, server)
            await enter(dialog, server, typed)

            assert dialog.step["errors"] == {"url": "redirected"}, location
            assert dialog.suggested("url") == typed
            assert not http.heard(TOKEN)
            dialog.close()


@pytest.mark.parametrize("server", KINDS, indirect=True)
@pytest.mark.parametrize("sign_in", SIGN_INS)
async def test_a_proxy_asks_for_a_sign_in(hass: HomeAssistant, server: Server, sign_in: str) -> None:
    """The form says so at the address: no sign-in to the media server helps here."""
    async with proxy(SIGN_INS[sign_in]) as front:
        dialog = await at_address(hass, server)
        await enter(dialog, server, front.url)

        assert dialog.step["errors"] == {"url": "proxy_sign_in"}


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
@pytest.mark.parametrize("again", [True, False])
async def test_an_account_that_moves_behind_a_redirect(
    hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, add: AddAccount, again: bool
) -> None:
    """Reconfiguring follows to https alike; its token never goes over http. Elsewhere is told as a redirect."""
    entry = await add(server, "Anna")
    token = entry.data["token"]
    await server.stop()
    await server.start(tls=True)
    async with proxy(redirect_to(origin(server))) as http:
        dialog = await reconfigure_account(hass, entry)
        await dialog.submit(url=f"{http.url}{server.base_path}", verify_ssl=False, sign_in_again=again)
        assert dialog.step["errors"] == {"url": "redirected"}
        typed = f"{http.url}{server.base_path}".removeprefix("http://")
        await dialog.submit(url=typed, verify_ssl=False, sign_in_again=again)
        if again:
            await dialog.choose("password")
            await dialog.submit(username="Anna", password="secret")

        assert dialog.step["reason"] == "reconfigure_successful"
        assert entry.data["url"] == server.url
        assert not http.heard(token)
        assert not http.heard("secret")
    await hass.async_block_till_done()


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
async def test_signing_in_again_behind_a_redirect(
    hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, add: AddAccount
) -> None:
    """A redirect is not called another server."""
    entry = await add(server, "Anna")
    dialog = await sign_in_again(hass, entry)
    await server.stop()
    async with proxy(redirect_to("https://media.example.org"), server.port):
        await dialog.submit()

        assert dialog.step["errors"] == {"base": "redirected"}

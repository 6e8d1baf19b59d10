"""Adding accounts on Jellyfin and Emby: address, then password or API key."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulators.faults import HtmlPage, Reset, Status
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer

from .conftest import AddAccount
from .dialog import Dialog, add_account

KINDS = ["jellyfin", "emby"]


def kind_of(server: MediaBrowserServer) -> str:
    """Return the menu option of a server."""
    return "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby"


async def at_address(hass: HomeAssistant, server: MediaBrowserServer) -> Dialog:
    """Open the dialog and get past the address."""
    dialog = await add_account(hass, kind_of(server))
    assert dialog.step["step_id"] == kind_of(server)
    await dialog.submit(url=server.url, verify_ssl=True)
    assert dialog.step["step_id"] == "sign_in"
    return dialog


async def test_the_first_choice(hass: HomeAssistant) -> None:
    """The dialog starts with the kinds of servers."""
    dialog = await add_account(hass)

    assert dialog.step["step_id"] == "user"
    assert dialog.step["menu_options"] == ["plex", "jellyfin", "emby"]


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_with_password(hass: HomeAssistant, server: MediaBrowserServer) -> None:
    """A user signs in, the account is set up, and the password is not kept."""
    dialog = await at_address(hass, server)
    await dialog.choose("password")
    step = await dialog.submit(username="anna", password="secret")

    user = server.users["Anna"]
    entry = step["result"]
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["title"] == f"{kind_of(server).title()} (Anna)"
    assert entry.unique_id == f"{server.server_id}_{user.user_id}"
    device_id = entry.data["device_id"]
    token = entry.data["token"]
    assert UUID(device_id).version == 4
    assert server.accounts.tokens[token].user is user
    assert entry.data == {
        "type": kind_of(server),
        "url": server.url,
        "verify_ssl": True,
        "token": token,
        "server_id": server.server_id,
        "server_name": server.name,
        "user_id": user.user_id,
        "user_name": "Anna",
        "device_id": device_id,
    }
    assert "next_flow" not in step


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_a_name_typed_on_a_phone(hass: HomeAssistant, server: MediaBrowserServer) -> None:
    """The space that the keyboard adds does not count, and neither the field nor the account keeps it."""
    dialog = await at_address(hass, server)
    await dialog.choose("password")
    step = await dialog.submit(username="Anna ", password="secret")

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["result"].data["user_name"] == "Anna"
    assert server.traffic.requests("POST /Users/AuthenticateByName") == 1


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_with_api_key(hass: HomeAssistant, server: MediaBrowserServer) -> None:
    """An API key acts for the user that is chosen."""
    key = server.add_api_key()
    dialog = await at_address(hass, server)
    await dialog.choose("api_key")
    await dialog.submit(api_key=f" {key} ")
    assert dialog.step["step_id"] == "select_user"
    anna = server.users["Anna"].user_id
    assert dialog.options("user_id") == {anna: "Anna", server.users["Root"].user_id: "Root"}
    step = await dialog.submit(user_id=anna)

    assert step["result"].unique_id == f"{server.server_id}_{anna}"
    assert step["result"].data["token"] == key
    assert step["result"].data["user_name"] == "Anna"


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_wrong_credentials_then_right_ones(hass: HomeAssistant, server: MediaBrowserServer) -> None:
    """A wrong password, a user who may not sign in and a wrong key are told at their fields, and can be corrected."""
    dialog = await at_address(hass, server)
    await dialog.choose("password")
    await dialog.submit(username="Anna", password="wrong")
    assert dialog.step["errors"] == {"password": "invalid_auth"}
    assert dialog.suggested("username") == "Anna"

    server.users["Anna"].disabled = True
    await dialog.submit(username="Anna", password="secret")
    assert dialog.step["errors"] == {"username": "user_disabled"}

    server.users["Anna"].disabled = False
    await dialog.submit(username="Ana", password="secret")
    assert dialog.step["errors"] == {"username": "unknown_user"}
    assert dialog.suggested("username") == "Ana"
    server.faults.add("POST /Users/AuthenticateByName", Reset())
    await dialog.submit(username="Anna", password="secret")
    assert dialog.step["errors"] == {"base": "cannot_connect"}

    step = await dialog.submit(username="Anna", password="secret")
    assert step["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_wrong_api_key_then_right_one(hass: HomeAssistant, server: MediaBrowserServer) -> None:
    """A wrong key is told at its field, an outage above it; both can be corrected."""
    dialog = await at_address(hass, server)
    await dialog.choose("api_key")
    await dialog.submit(api_key="0" * 32)
    assert dialog.step["errors"] == {"api_key": "invalid_auth"}
    assert dialog.suggested("api_key") == "0" * 32

    key = server.add_api_key()
    server.faults.add("*", Status(500), times=None)
    await dialog.submit(api_key=key)
    assert dialog.step["errors"] == {"base": "server_error"}
    server.faults.clear()
    await dialog.submit(api_key=key)
    step = await dialog.submit(user_id=server.users["Root"].user_id)
    assert step["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("server", KINDS, indirect=True)
@pytest.mark.parametrize("fault", [HtmlPage(), Status(404), Status(503), Reset()], ids=lambda fault: repr(fault)[:12])
async def test_no_media_server_at_the_address(hass: HomeAssistant, server: MediaBrowserServer, fault: Any) -> None:
    """What answers is no such server: told at the address, which stays; then it works."""
    server.faults.add("*", fault, times=None)
    dialog = await add_account(hass, kind_of(server))
    await dialog.submit(url=server.url, verify_ssl=True)
    assert dialog.step["errors"] == {"url": "server_error" if fault == Status(503) else "cannot_connect"}
    assert dialog.suggested("url") == server.url
    assert dialog.suggested("verify_ssl") is True

    server.faults.clear()
    await dialog.submit(url=server.url, verify_ssl=True)
    assert dialog.step["step_id"] == "sign_in"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address", "ftp://127.0.0.1"])
async def test_wrong_address(hass: HomeAssistant, socket_enabled: None, url: str) -> None:
    """Nothing answers at the address."""
    dialog = await add_account(hass, "emby")
    await dialog.submit(url=url, verify_ssl=True)

    assert dialog.step["errors"] == {"url": "cannot_connect"}
    assert dialog.suggested("url") == url


async def test_another_kind_of_server(hass: HomeAssistant, jellyfin: SimulatedJellyfin, emby: SimulatedEmby) -> None:
    """Jellyfin is not Emby, and Emby not Jellyfin."""
    for kind, other in (("jellyfin", emby), ("emby", jellyfin)):
        dialog = await add_account(hass, kind)
        await dialog.submit(url=other.url, verify_ssl=True)
        assert dialog.step["errors"] == {"url": "wrong_kind"}


@pytest.mark.parametrize(("server", "version"), [("jellyfin", "10.8.13"), ("emby", "4.7.14.0")], indirect=["server"])
async def test_too_old(hass: HomeAssistant, server: MediaBrowserServer, version: str) -> None:
    """A server that is too old is told as that; after its update it goes on."""
    supported, server.version = server.version, version
    dialog = await add_account(hass, kind_of(server))
    await dialog.submit(url=server.url, verify_ssl=True)
    assert dialog.step["errors"] == {"url": "unsupported_version"}

    server.version = supported
    await dialog.submit(url=server.url, verify_ssl=True)
    assert dialog.step["step_id"] == "sign_in"


async def test_typed_and_pasted_addresses(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """An address without a scheme, and one copied from the browser, lead to the same entry."""
    dialog = await add_account(hass, "jellyfin")
    await dialog.submit(url=f"127.0.0.1:{jellyfin.port}/jellyfin/web/#/home.html", verify_ssl=True)
    await dialog.choose("password")
    step = await dialog.submit(username="Anna", password="secret")

    assert step["result"].data["url"] == jellyfin.url


@pytest.fixture
def refused_handshakes(hass: HomeAssistant) -> Iterator[None]:
    """Let handshakes fail: the simulator runs in the same loop, and tells the loop of clients that hang up."""
    handler = hass.loop.get_exception_handler()
    hass.loop.set_exception_handler(lambda _loop, _context: None)
    yield
    hass.loop.set_exception_handler(handler)


async def test_self_signed_certificate(hass: HomeAssistant, emby: SimulatedEmby, refused_handshakes: None) -> None:
    """A certificate that nobody signed is refused, unless the user says otherwise; that is kept."""
    await emby.stop()
    await emby.start(tls=True)
    dialog = await add_account(hass, "emby")
    await dialog.submit(url=emby.url, verify_ssl=True)
    assert dialog.step["errors"] == {"url": "certificate"}
    await dialog.submit(url=emby.url, verify_ssl=False)
    await dialog.choose("password")
    step = await dialog.submit(username="Root", password="toor")

    assert step["result"].data["verify_ssl"] is False


@pytest.mark.parametrize("server", KINDS, indirect=True)
async def test_the_same_account_twice(hass: HomeAssistant, server: Any, add: AddAccount) -> None:
    """An account is added once; another user of the server is another account."""
    entry = await add(server, "Anna")
    before = dict(entry.data)
    dialog = await at_address(hass, server)
    await dialog.choose("password")
    step = await dialog.submit(username="Anna", password="secret")
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "already_configured"
    assert entry.data == before

    other = await add(server, "Root")
    assert other.data["device_id"] != entry.data["device_id"]
    assert len(hass.config_entries.async_entries("resume_sync")) == 2


async def test_quick_connect_is_offered_where_it_is_on(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Only a server that offers Quick Connect has it in the menu; Emby has none."""
    dialog = await at_address(hass, jellyfin)
    assert dialog.step["menu_options"] == ["quick_connect", "password", "api_key"]
    await dialog.look_again()
    assert dialog.step["step_id"] == "sign_in"

    jellyfin.quick_connect.enabled = False
    dialog = await at_address(hass, jellyfin)
    assert dialog.step["menu_options"] == ["password", "api_key"]


async def test_emby_has_no_quick_connect(hass: HomeAssistant, emby: SimulatedEmby) -> None:
    """Emby offers the two ways that it has."""
    dialog = await at_address(hass, emby)

    assert dialog.step["menu_options"] == ["password", "api_key"]

"""Adding accounts on Plex with an address and a token."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulators.faults import HtmlPage
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv

from .dialog import Dialog, add_account


async def at_form(hass: HomeAssistant) -> Dialog:
    """Open the dialog up to the form."""
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    assert dialog.step["step_id"] == "plex_manual"
    assert [str(field) for field in dialog.step["data_schema"].schema][-3:] == ["url", "verify_ssl", "token"]
    return dialog


async def test_owners_token(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """The server knows its owner; plex.tv is not asked."""
    dialog = await at_form(hass)
    step = await dialog.submit(
        url=f"127.0.0.1:{plex.port}/web/index.html#!/", verify_ssl=False, token=plex.token("Olga")
    )

    assert step["type"] is FlowResultType.CREATE_ENTRY
    entry = step["result"]
    assert entry.unique_id == f"{plex.machine_id}_1"
    assert entry.data["url"] == plex.url
    assert entry.data["verify_ssl"] is False
    assert entry.data["user_id"] == "1"
    assert entry.data["token"] == plex.token("Olga")
    assert not plex_tv.traffic.table()


async def test_users_account_token(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """plex.tv knows whose account token it is, where a server takes one."""
    account_token = plex_tv.account_token("Olga")
    dialog = await at_form(hass)
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=account_token)

    assert step["result"].unique_id == f"{plex.machine_id}_1"


async def test_nobody_knows_the_user(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """A token for one server is known to nobody: whoever typed it says whose it is."""
    dialog = await at_form(hass)
    await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Anna"))
    assert dialog.step["step_id"] == "plex_manual"
    assert dialog.step["errors"] == {"user_name": "user_unknown"}
    assert dialog.suggested("token") == plex.token("Anna")
    await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Anna"), user_name="  ")
    assert dialog.step["errors"] == {"user_name": "user_unknown"}
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Anna"), user_name=" Anna ")

    assert step["title"] == "Plex (Anna)"
    assert step["result"].unique_id == f"{plex.machine_id}_name:Anna"
    assert step["result"].data["user_id"] == "name:Anna"
    assert step["result"].data["user_name"] == "Anna"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address"])
async def test_wrong_address_then_right_one(hass: HomeAssistant, plex: PlexMediaServer, url: str) -> None:
    """Nobody there: told at the address, and everything that was typed stays."""
    dialog = await at_form(hass)
    await dialog.submit(url=url, verify_ssl=False, token=plex.token("Olga"))
    assert dialog.step["errors"] == {"url": "cannot_connect"}
    assert dialog.suggested("url") == url
    assert dialog.suggested("verify_ssl") is False
    assert dialog.suggested("token") == plex.token("Olga")
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))

    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_no_plex_server(hass: HomeAssistant, plex: PlexMediaServer, emby: SimulatedEmby) -> None:
    """Emby is not Plex, and a web page is no server."""
    dialog = await at_form(hass)
    await dialog.submit(url=emby.url, verify_ssl=True, token="token")
    assert dialog.step["errors"] == {"url": "wrong_kind"}
    plex.faults.add("*", HtmlPage(), times=None)
    await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
    assert dialog.step["errors"] == {"url": "cannot_connect"}


async def test_wrong_token_then_right_one(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """A token that the server refuses is told at its field."""
    dialog = await at_form(hass)
    await dialog.submit(url=plex.url, verify_ssl=True, token="wrong")
    assert dialog.step["errors"] == {"token": "invalid_auth"}
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))

    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_too_old(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """A server that is too old is told at the address."""
    plex.version = "1.19.5.3112-b23ab3896"
    dialog = await at_form(hass)
    await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))

    assert dialog.step["errors"] == {"url": "unsupported_version"}


async def test_the_same_account_twice(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """An account is added once."""
    for reason in (None, "already_configured"):
        dialog = await at_form(hass)
        step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
        assert step.get("reason") == reason

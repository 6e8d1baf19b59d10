"""Changing an account on Jellyfin or Emby: where its server is, and how it signs in."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import AddAccount
from .dialog import reconfigure_account


@pytest.fixture
async def stranger(socket_enabled: None) -> AsyncIterator[SimulatedJellyfin]:
    """Another Jellyfin server."""
    server = SimulatedJellyfin(name="Stranger")
    await server.start()
    yield server
    await server.stop()


async def test_moved_server(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """An account follows its server to another port and keeps its token."""
    entry = await add(jellyfin, "Anna")
    before = dict(entry.data)
    await jellyfin.stop()
    jellyfin.name = "Loft"
    await jellyfin.start()
    dialog = await reconfigure_account(hass, entry)
    assert dialog.step["step_id"] == "reconfigure"
    assert dialog.suggested("url") == before["url"]
    step = await dialog.submit(url=f"{jellyfin.url}/", verify_ssl=True, sign_in_again=False)

    assert step["reason"] == "reconfigure_successful"
    assert entry.data == {**before, "url": jellyfin.url, "server_name": "Loft"}
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_wrong_address_then_right_one(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, stranger: SimulatedJellyfin, add: AddAccount
) -> None:
    """Nobody there, or another server: told at the address, which stays as it was typed."""
    entry = await add(jellyfin, "Anna")
    dialog = await reconfigure_account(hass, entry)
    await dialog.submit(url="http://127.0.0.1:1", verify_ssl=True, sign_in_again=False)
    assert dialog.step["errors"] == {"url": "cannot_connect"}
    assert dialog.suggested("url") == "http://127.0.0.1:1"
    for again in (False, True):
        await dialog.submit(url=stranger.url, verify_ssl=True, sign_in_again=again)
        assert dialog.step["errors"] == {"url": "wrong_server"}
        assert dialog.suggested("sign_in_again") is again

    step = await dialog.submit(url=jellyfin.url, verify_ssl=True, sign_in_again=False)
    assert step["reason"] == "reconfigure_successful"


async def test_sign_in_in_another_way(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """An account may change from a password to an API key, for the same user."""
    entry = await add(emby, "Anna")
    before = dict(entry.data)
    key = emby.add_api_key()
    dialog = await reconfigure_account(hass, entry)
    await dialog.submit(url=emby.url, verify_ssl=True, sign_in_again=True)
    await dialog.choose("api_key")
    step = await dialog.submit(api_key=key)

    assert step["reason"] == "reconfigure_successful"
    assert entry.data == {**before, "token": key}


async def test_refused_token(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Where the token is not accepted any more, the dialog goes on with signing in; another user is refused."""
    entry = await add(emby, "Anna")
    emby.accounts.tokens.clear()
    dialog = await reconfigure_account(hass, entry)
    await dialog.submit(url=emby.url, verify_ssl=True, sign_in_again=False)
    assert dialog.step["step_id"] == "sign_in"
    await dialog.choose("password")
    step = await dialog.submit(username="Root", password="toor")

    assert step["reason"] == "unique_id_mismatch"

"""An account on Jellyfin or Emby whose token is refused: the same user signs in again."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import AddAccount
from .dialog import Dialog, sign_in_again


async def refused(hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, entry: ConfigEntry) -> Dialog:
    """Let the server forget all tokens, and open the dialog that follows."""
    server.accounts.tokens.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    dialog = await sign_in_again(hass, entry)
    assert dialog.step["step_id"] == "reauth_confirm"
    return dialog


async def assert_signed_in(hass: HomeAssistant, entry: ConfigEntry, before: dict[str, object]) -> None:
    """Check that the account is set up again, and nothing but its token has changed."""
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["token"] != before["token"]
    assert {**entry.data, "token": None} == {**before, "token": None}
    assert len(hass.config_entries.async_entries("resume_sync")) == 1


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
async def test_by_password(hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, add: AddAccount) -> None:
    """The user's name is filled in; a wrong password can be corrected."""
    entry = await add(server, "Anna")
    before = dict(entry.data)
    dialog = await refused(hass, server, entry)
    await dialog.submit()
    await dialog.choose("password")
    assert dialog.suggested("username") == "Anna"
    await dialog.submit(username="Anna", password="wrong")
    assert dialog.step["errors"] == {"password": "invalid_auth"}
    step = await dialog.submit(username="Anna", password="secret")

    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before)


async def test_by_api_key(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """With an API key nobody has to choose a user: it is the account's."""
    entry = await add(emby, "Anna")
    before = dict(entry.data)
    dialog = await refused(hass, emby, entry)
    await dialog.submit()
    await dialog.choose("api_key")
    step = await dialog.submit(api_key=emby.add_api_key())

    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before)


async def test_by_quick_connect(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """Quick Connect works here too."""
    entry = await add(jellyfin, "Anna")
    before = dict(entry.data)
    dialog = await refused(hass, jellyfin, entry)
    await dialog.submit()
    step = await dialog.choose("quick_connect")
    jellyfin.approve_quick_connect(step["description_placeholders"]["code"], "Anna")
    step = await dialog.wait()

    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before)


async def test_while_it_is_set_up(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """An account that runs reloads with its new token."""
    entry = await add(jellyfin, "Anna")
    before = dict(entry.data)
    dialog = await sign_in_again(hass, entry)
    await dialog.submit()
    await dialog.choose("password")
    await dialog.submit(username="Anna", password="secret")

    await assert_signed_in(hass, entry, before)


async def test_another_user(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """Another user is another account: refused, nothing changes."""
    entry = await add(jellyfin, "Anna")
    before = dict(entry.data)
    dialog = await refused(hass, jellyfin, entry)
    await dialog.submit()
    await dialog.choose("password")
    step = await dialog.submit(username="Root", password="toor")

    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "unique_id_mismatch"
    assert entry.data == before


async def test_key_without_the_user(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """An API key of a server that does not have the user any more does not help."""
    entry = await add(jellyfin, "Anna")
    dialog = await refused(hass, jellyfin, entry)
    del jellyfin.users["Anna"]
    await dialog.submit()
    await dialog.choose("api_key")
    step = await dialog.submit(api_key=jellyfin.add_api_key())

    assert step["reason"] == "unique_id_mismatch"


async def test_server_away_then_another_one(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """A server that does not answer, and another one at its address, are told before anybody types a password."""
    entry = await add(jellyfin, "Anna")
    dialog = await refused(hass, jellyfin, entry)
    port = jellyfin.port
    await jellyfin.stop()
    await dialog.submit()
    assert dialog.step["errors"] == {"base": "cannot_connect"}

    stranger = SimulatedJellyfin(name="Stranger", base_path="/jellyfin")
    await stranger.start(port)
    await dialog.submit()
    assert dialog.step["errors"] == {"base": "wrong_server"}
    await stranger.stop()

    await jellyfin.start(port)
    await dialog.submit()
    assert dialog.step["step_id"] == "sign_in"

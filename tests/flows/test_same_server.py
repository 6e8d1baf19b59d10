"""Two accounts on one server: each has its own sign-in."""

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import AddAccount
from .dialog import Dialog, reconfigure_account
from .texts import ACCOUNT


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
async def test_sign_in_again(hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, add: AddAccount) -> None:
    """Only the account whose token is refused is asked for, and only its user may sign in."""
    anna, root = await add(server, "Anna"), await add(server, "Root")
    assert anna.unique_id != root.unique_id
    others = dict(root.data)
    server.accounts.tokens.pop(anna.data["token"])
    for entry in (anna, root):
        await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    assert [entry.state for entry in (anna, root)] == [ConfigEntryState.SETUP_ERROR, ConfigEntryState.LOADED]
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["entry_id"] == anna.entry_id
    await sign_in(hass, flow["flow_id"], "Root", "toor", "unique_id_mismatch")
    assert root.data == others

    await hass.config_entries.async_reload(anna.entry_id)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    await sign_in(hass, flow["flow_id"], "Anna", "secret", "reauth_successful")
    assert is_loaded(anna)
    assert is_loaded(root)
    assert root.data == others


def is_loaded(entry: ConfigEntry) -> bool:
    """Tell whether an account is set up."""
    return entry.state is ConfigEntryState.LOADED


async def sign_in(hass: HomeAssistant, flow_id: str, username: str, password: str, outcome: str) -> None:
    """Sign in by password."""
    dialog = Dialog(hass, ACCOUNT, await hass.config_entries.flow.async_configure(flow_id))
    await dialog.submit()
    await dialog.choose("password")
    assert dialog.suggested("username") == "Anna"
    step = await dialog.submit(username=username, password=password)
    assert step["reason"] == outcome
    await hass.async_block_till_done()


async def test_move_one(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """Reconfiguring one account leaves the other one where it is."""
    anna, root = await add(jellyfin, "Anna"), await add(jellyfin, "Root")
    before = dict(root.data)
    await jellyfin.stop()
    await jellyfin.start()
    dialog = await reconfigure_account(hass, anna)
    step = await dialog.submit(url=jellyfin.url, verify_ssl=True, sign_in_again=False)
    assert step["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()

    assert anna.data["url"] == jellyfin.url
    assert is_loaded(anna)
    assert root.data == before

"""Accounts on Plex that are signed in again or moved."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv

from .dialog import Dialog, add_account, reconfigure_account, sign_in_again


async def manual(hass: HomeAssistant, plex: PlexMediaServer, name: str) -> ConfigEntry:
    """Add an account by a token; whose it is has to be typed unless it is the owner."""
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token(name))
    if step.get("errors"):
        step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token(name), user_name=name)
    entry: ConfigEntry = step["result"]
    return entry


async def by_link(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv, name: str) -> ConfigEntry:
    """Add an account of somebody in Olga's Home."""
    dialog = await add_account(hass, "plex")
    await link(dialog, plex_tv, "Olga")
    step = await dialog.submit(user=str(plex.users[name].account.account_id))
    entry: ConfigEntry = step["result"]
    return entry


async def link(dialog: Dialog, plex_tv: PlexTv, name: str) -> None:
    """Link an account in an open dialog."""
    await dialog.choose("plex_code")
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], name)
    await dialog.wait()


async def refused(hass: HomeAssistant, plex: PlexMediaServer, entry: ConfigEntry, name: str) -> Dialog:
    """Let the server refuse a user's token, and open the dialog that follows."""
    plex.revoke_token(name)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    dialog = await sign_in_again(hass, entry)
    await dialog.submit()
    return dialog


async def assert_signed_in(hass: HomeAssistant, entry: ConfigEntry, before: dict[str, object], token: str) -> None:
    """Check that the account is set up again, and nothing but its token has changed."""
    await hass.async_block_till_done()
    assert entry.data == {**before, "token": token}
    assert entry.state is ConfigEntryState.LOADED


async def test_owner_links_again(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """The owner is recognised without another question."""
    entry = await manual(hass, plex, "Olga")
    before = dict(entry.data)
    dialog = await refused(hass, plex, entry, "Olga")
    await link(dialog, plex_tv, "Olga")

    assert dialog.step["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert {**entry.data, "user_name": None} == {**before, "token": plex.token("Olga"), "user_name": None}
    assert entry.state is ConfigEntryState.LOADED


async def test_member_of_the_home_again(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """The account's user is chosen already; another one is refused."""
    entry = await by_link(hass, plex, plex_tv, "Kid")
    before = dict(entry.data)
    kid, olga = (str(plex.users[name].account.account_id) for name in ("Kid", "Olga"))
    dialog = await refused(hass, plex, entry, "Kid")
    await link(dialog, plex_tv, "Olga")
    assert dialog.suggested("user") == kid
    step = await dialog.submit(user=olga)
    assert step["reason"] == "unique_id_mismatch"

    dialog = await refused(hass, plex, entry, "Kid")
    await link(dialog, plex_tv, "Olga")
    step = await dialog.submit(user=kid)
    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before, plex.token("Kid"))


async def test_account_without_the_server(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """An account that does not have the server cannot sign in for one that does."""
    plex_tv.add_account("Nobody")
    entry = await manual(hass, plex, "Olga")
    dialog = await refused(hass, plex, entry, "Olga")
    await link(dialog, plex_tv, "Nobody")

    assert dialog.step["reason"] == "unique_id_mismatch"


async def test_token_again(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """A new token can be typed; the address is filled in."""
    entry = await manual(hass, plex, "Olga")
    before = dict(entry.data)
    dialog = await refused(hass, plex, entry, "Olga")
    await dialog.choose("plex_manual")
    assert dialog.suggested("url") == plex.url
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))

    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before, plex.token("Olga"))


async def test_user_that_nobody_knows_again(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """A user who was named by hand gets a new token by hand, and is not asked for the name again."""
    entry = await manual(hass, plex, "Anna")
    before = dict(entry.data)
    dialog = await refused(hass, plex, entry, "Anna")
    assert dialog.step["step_id"] == "plex_manual"
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Anna"))

    assert step["reason"] == "reauth_successful"
    await assert_signed_in(hass, entry, before, plex.token("Anna"))


async def test_moved(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """An account follows its server to another port."""
    entry = await manual(hass, plex, "Olga")
    before = dict(entry.data)
    await plex.stop()
    await plex.start()
    dialog = await reconfigure_account(hass, entry)
    step = await dialog.submit(url=plex.url, verify_ssl=True, sign_in_again=False)

    assert step["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data == {**before, "url": plex.url}


async def test_moved_to_another_server(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """Another server at the address is told there."""
    other = PlexMediaServer(name="Other")
    other.add_user("Olga")
    await other.start()
    entry = await manual(hass, plex, "Olga")
    dialog = await reconfigure_account(hass, entry)
    await dialog.submit(url=other.url, verify_ssl=True, sign_in_again=False)
    await other.stop()

    assert dialog.step["errors"] == {"url": "wrong_server"}
    dialog.close()


@pytest.mark.parametrize("sign_in", [False, True])
async def test_sign_in_at_a_new_address(
    hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv, sign_in: bool
) -> None:
    """Moving and signing in go together, if somebody says so or the token is refused; the typed address is kept."""
    entry = await manual(hass, plex, "Olga")
    plex.revoke_token("Olga")
    await plex.stop()
    await plex.start()
    dialog = await reconfigure_account(hass, entry)
    await dialog.submit(url=plex.url, verify_ssl=False, sign_in_again=sign_in)
    assert dialog.step["step_id"] == "plex"
    await link(dialog, plex_tv, "Olga")

    assert dialog.step["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert (entry.data["url"], entry.data["verify_ssl"]) == (plex.url, False)
    assert entry.data["token"] == plex.token("Olga")

"""What accounts and pairs are called where there are several servers of a kind, and after somebody renamed them."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest

from tests.simulators.faults import Status
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv

from .conftest import AddAccount
from .dialog import Dialog, add_account, add_pair, reconfigure_account, reconfigure_pair
from .pair_dialog import RULES, at_preview, pairs


@pytest.fixture
async def parents(socket_enabled: None) -> AsyncIterator[SimulatedJellyfin]:
    """Another Jellyfin server, on which Anna and Ben have accounts."""
    server = SimulatedJellyfin(name="Parents")
    server.add_user("Anna", "secret")
    server.add_user("Ben", "secret")
    await server.start()
    yield server
    await server.stop()


async def sign_in(hass: HomeAssistant, server: SimulatedJellyfin, name: str) -> Dialog:
    """Go through the dialog of an account up to the password."""
    dialog = await add_account(hass, "jellyfin")
    await dialog.submit(url=server.url, verify_ssl=True)
    await dialog.choose("password")
    await dialog.submit(username=name, password=server.users[name].password)
    return dialog


async def move_and_sign_in_again(hass: HomeAssistant, entry: ConfigEntry, server: SimulatedJellyfin, name: str) -> None:
    """Give an account the address of its server, then sign in again as well: the server keeps the name that it has."""
    for again in (False, True):
        dialog = await reconfigure_account(hass, entry)
        await dialog.submit(url=server.url, verify_ssl=True, sign_in_again=again)
        if again:
            await dialog.choose("password")
            await dialog.submit(username="Anna", password="secret")
        assert dialog.step["reason"] == "reconfigure_successful"
        assert entry.data["server_name"] == name
        await hass.async_block_till_done()


async def test_a_second_server_of_the_kind(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, parents: SimulatedJellyfin, add: AddAccount
) -> None:
    """From then on, accounts are called by their server; those that are there keep their names."""
    first = await add(jellyfin, "Anna")
    assert [(await add(parents, name)).title for name in ("Anna", "Ben")] == ["Parents (Anna)", "Parents (Ben)"]
    assert (await add(jellyfin, "Root")).title == "Attic (Root)"
    assert first.title == "Jellyfin (Anna)"


async def test_servers_of_one_name(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, parents: SimulatedJellyfin, add: AddAccount
) -> None:
    """The name is asked for once for a server, refused where another has it, and kept when the account moves."""
    parents.name = "ATTIC"
    await add(jellyfin, "Anna")
    dialog = await sign_in(hass, parents, "Anna")
    assert dialog.step["step_id"] == "server_name"
    for taken in ("attic", "Jellyfin", "  "):
        await dialog.submit(server_name=taken)
        assert dialog.step["errors"] == {"server_name": "name_taken"}
    step = await dialog.submit(server_name=" Parents ")
    entry: ConfigEntry = step["result"]
    assert (entry.title, entry.data["server_name"]) == ("Parents (Anna)", "Parents")

    assert (await sign_in(hass, parents, "Ben")).step["title"] == "Parents (Ben)"
    await move_and_sign_in_again(hass, entry, parents, "Parents")


async def test_servers_that_came_to_one_name_later(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, parents: SimulatedJellyfin, add: AddAccount
) -> None:
    """Nothing is asked about an account that exists: it keeps the name of its server."""
    await add(jellyfin, "Anna")
    entry = await add(parents, "Anna")
    hass.config_entries.async_update_entry(entry, data={**entry.data, "server_name": "Attic"})
    await hass.async_block_till_done()
    parents.name = "Attic"
    await move_and_sign_in_again(hass, entry, parents, "Attic")


async def test_a_household_on_a_server_of_a_taken_name(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, parents: SimulatedJellyfin, add: AddAccount
) -> None:
    """The name is asked for once for all of them."""
    parents.name = "Attic"
    await add(jellyfin, "Root")
    dialog = await add_account(hass, "jellyfin")
    await dialog.submit(url=parents.url, verify_ssl=True)
    await dialog.choose("api_key")
    await dialog.submit(api_key=parents.add_api_key())
    await dialog.submit(user_id=[user.user_id for user in parents.users.values()])
    assert dialog.step["step_id"] == "server_name"
    await dialog.submit(server_name="Cabin")

    assert {entry.title for entry in hass.config_entries.async_entries("resume_sync")} == {
        "Jellyfin (Root)",
        "Cabin (Anna)",
        "Cabin (Ben)",
    }


@pytest.mark.parametrize("renamed", ["account", "peer"])
async def test_a_renamed_account(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], renamed: str) -> None:
    """Its pairs and devices follow, whichever side holds them, also to a name that another account has."""
    entry, peer = accounts
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    (pair,) = pairs(entry)
    for title in ("Anna at home", peer.title if renamed == "account" else entry.title):
        hass.config_entries.async_update_entry(entry if renamed == "account" else peer, title=title)
        await hass.async_block_till_done()
        expected = f"{entry.title} ⇄ {peer.title}"
        assert title in expected
        assert pairs(entry)[0].title == expected
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        assert {device.name for device in devices} == {entry.title, expected}

    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)
    await dialog.submit(direction="to_peer")
    await dialog.submit(**RULES)
    if dialog.step["type"] is FlowResultType.SHOW_PROGRESS:
        await dialog.wait()
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    assert pairs(entry)[0].title == f"{entry.title} → {peer.title}"


async def test_a_name_that_somebody_gave_to_a_pair(hass: HomeAssistant, pair: object) -> None:
    """It stays when an account is renamed; so does the pair of an account whose other side is gone."""
    holder = next(entry for entry in hass.config_entries.async_entries("resume_sync") if pairs(entry))
    (held,) = pairs(holder)
    hass.config_entries.async_update_subentry(holder, held, title="Film night")
    hass.config_entries.async_update_entry(holder, title="Anna")
    await hass.async_block_till_done()
    assert pairs(holder)[0].title == "Film night"

    peer = hass.config_entries.async_entry_for_domain_unique_id("resume_sync", held.data["peer"])
    assert peer is not None
    await hass.config_entries.async_remove(peer.entry_id)
    hass.config_entries.async_update_entry(holder, title="Anna at home")
    await hass.async_block_till_done()
    assert pairs(holder)[0].title == "Film night"


async def test_the_owner_of_a_plex_server_that_names_nobody(
    hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv
) -> None:
    """The owner is called as plex.tv calls them, as the others are, never as the server; else somebody is asked."""
    plex.faults.add("GET /accounts", Status(404), times=None)
    plex_tv.faults.add("GET /api/v2/user", Status(500), times=1)
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    answers = {"url": plex.url, "verify_ssl": True, "token": plex_tv.account_token("Olga")}
    await dialog.submit(**answers)
    assert dialog.step["errors"] == {"user_name": "user_unknown"}
    step = await dialog.submit(**answers, user_name="Somebody")

    assert step["title"] == "Plex (Olga)"
    assert step["result"].data["user_id"] == "1"

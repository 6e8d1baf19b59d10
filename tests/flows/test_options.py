"""The options of an account: whose it is, who may see its titles, and the libraries that it is limited to."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from tests.components.people import persons
from tests.simulators.faults import RevokedToken
from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer

from .conftest import FILM, AddAccount
from .dialog import Dialog, add_account, change_options

OTHER = Film("other", "Lighthouse", 2001, 6_000_000, {"imdb": "tt0000002"})


def in_progress(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return how many titles an account shows to be in progress."""
    (entity_id,) = (
        state.entity_id
        for state in hass.states.async_all("sensor")
        if state.entity_id.endswith("_continue_watching") and entry.state is ConfigEntryState.LOADED
    )
    state = hass.states.get(entity_id)
    return state.state if state else None


def fill(server: SimulatedJellyfin | SimulatedEmby) -> None:
    """Put another film in a library of its own, and let Anna have left both."""
    server.add_film(OTHER, library="Old Films")
    for key in (FILM.key, OTHER.key):
        (item_id,) = server.items_of(key)
        server.set_state("Anna", item_id, position_ms=600_000, last_played=server.now() - 3600)


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
async def test_choose(hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, add: AddAccount) -> None:
    """None is chosen at first, which means all; a choice takes effect at once, and can be taken back."""
    fill(server)
    entry = await add(server, "Anna")
    assert in_progress(hass, entry) == "2"
    library_id = server.library("Old Films").library_id

    dialog = await change_options(hass, entry)
    assert dialog.suggested("libraries") == []
    assert dialog.options("libraries")[library_id] == "Old Films"
    step = await dialog.submit(libraries=[library_id], private=False)
    assert step["type"] == "create_entry"
    await hass.async_block_till_done()
    assert entry.options == {"libraries": [library_id], "private": False, "artwork": True}
    assert in_progress(hass, entry) == "1"

    dialog = await change_options(hass, entry)
    assert dialog.suggested("libraries") == [library_id]
    await dialog.submit(private=False)
    await hass.async_block_till_done()
    assert entry.options == {"libraries": [], "private": False, "artwork": True}
    assert in_progress(hass, entry) == "2"


async def test_plex(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Sections of films and shows, by name."""
    plex.add_film(OTHER, library="Old Films")
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
    entry: ConfigEntry = step["result"]

    dialog = await change_options(hass, entry)
    names = dialog.options("libraries")
    assert set(names.values()) == {"Films", "Old Films"}
    (library_id,) = (key for key, name in names.items() if name == "Old Films")
    await dialog.submit(libraries=[library_id], private=False)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.options["libraries"] == [library_id]


async def vanish(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> tuple[ConfigEntry, str]:
    """Limit an account to a library that is then no longer shared with its user."""
    fill(jellyfin)
    entry = await add(jellyfin, "Anna")
    library_id = jellyfin.library("Old Films").library_id
    dialog = await change_options(hass, entry)
    await dialog.submit(libraries=[library_id], private=False)
    await hass.async_block_till_done()
    jellyfin.unshare("Old Films", "Anna")
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    return entry, library_id


async def test_a_chosen_library_that_is_gone(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> None:
    """An error of the account that tells what to do, not an empty list; another choice heals it at once."""
    entry, _ = await vanish(hass, jellyfin, add)
    assert entry.reason is not None
    assert "A library that Jellyfin (Anna) is limited to is not there any more" in entry.reason

    dialog = await change_options(hass, entry)
    assert dialog.step["errors"] == {"base": "library_gone"}
    assert dialog.suggested("libraries") == []
    assert "Old Films" not in dialog.options("libraries").values()
    await dialog.submit(libraries=[], private=False)
    await hass.async_block_till_done()

    assert entry.state is ConfigEntryState.LOADED
    assert in_progress(hass, entry) == "1"


async def test_a_chosen_library_that_comes_back(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount
) -> None:
    """The choice stays what it was."""
    entry, library_id = await vanish(hass, jellyfin, add)
    jellyfin.share("Old Films", "Anna")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    assert entry.state is ConfigEntryState.LOADED
    assert entry.options["libraries"] == [library_id]
    assert in_progress(hass, entry) == "1"


async def test_a_server_that_is_away(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Libraries cannot be chosen then and stay as they are; all else can be set."""
    fill(emby)
    entry = await add(emby, "Anna")
    library_id = emby.library("Old Films").library_id
    await (await change_options(hass, entry)).submit(libraries=[library_id], private=False)
    await hass.async_block_till_done()
    await emby.stop()

    dialog = await change_options(hass, entry)
    assert dialog.step["errors"] == {"base": "cannot_connect"}
    assert "libraries" not in dialog.step["data_schema"].schema
    assert (await dialog.submit(private=True))["type"] == "create_entry"
    assert entry.options == {"libraries": [library_id], "private": True, "artwork": True}


async def test_a_person(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Proposed by name, until somebody has decided; kept when the person's entity gets another name."""
    entry = await add(emby, "Anna")
    await persons(hass, Anna=None, Ben=None)
    dialog = await change_options(hass, entry)
    assert dialog.suggested("person") == "person.anna"
    assert dialog.suggested("private") is False
    await dialog.submit(person="person.anna", private=True)
    await hass.async_block_till_done()
    assert (entry.options["person"], entry.options["private"]) == ("anna", True)

    er.async_get(hass).async_update_entity("person.anna", new_entity_id="person.mum")
    await hass.async_block_till_done()
    dialog = await change_options(hass, entry)
    assert dialog.suggested("person") == "person.mum"
    await dialog.submit(private=False)
    await hass.async_block_till_done()
    assert "person" not in entry.options
    assert (await change_options(hass, entry)).suggested("person") is None, "nobody was chosen, so nobody is proposed"


async def test_a_person_who_is_gone(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """It is said, with what was chosen besides kept; nobody is a choice."""
    entry = await add(emby, "Anna")
    await persons(hass, Anna=None)
    dialog = await change_options(hass, entry)
    er.async_get(hass).async_remove("person.anna")
    await dialog.submit(person="person.anna", private=True)
    assert dialog.step["errors"] == {"person": "person_gone"}
    assert dialog.suggested("private") is True
    assert "libraries" in dialog.step["data_schema"].schema

    hass.config_entries.async_update_entry(entry, options={"person": "anna", "private": True})
    await hass.async_block_till_done()
    dialog = await change_options(hass, entry)
    assert dialog.step["errors"] == {"person": "person_gone"}
    assert dialog.suggested("person") is None
    await dialog.submit(private=True)
    assert entry.options["private"] is True
    assert "person" not in entry.options


async def test_two_persons_of_one_name(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Who is meant cannot be told, so nobody is proposed."""
    await persons(hass, Anna=None)
    hass.states.async_set("person.other", "home", {"friendly_name": "anna"})
    dialog = await change_options(hass, await add(emby, "Anna"))
    assert dialog.suggested("person") is None


async def test_a_token_that_is_refused(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Signing in again comes first."""
    entry = await add(emby, "Anna")
    emby.faults.add("*", RevokedToken(), times=None)

    dialog: Dialog = await change_options(hass, entry)

    assert dialog.step["errors"] == {"base": "invalid_auth"}

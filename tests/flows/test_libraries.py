"""The options of an account: the libraries that it is limited to."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.faults import RevokedToken
from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer

from .conftest import FILM, AddAccount
from .dialog import Dialog, add_account, choose_libraries

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

    dialog = await choose_libraries(hass, entry)
    assert dialog.suggested("libraries") == []
    assert dialog.options("libraries")[library_id] == "Old Films"
    step = await dialog.submit(libraries=[library_id])
    assert step["type"] == "create_entry"
    await hass.async_block_till_done()
    assert entry.options == {"libraries": [library_id]}
    assert in_progress(hass, entry) == "1"

    dialog = await choose_libraries(hass, entry)
    assert dialog.suggested("libraries") == [library_id]
    await dialog.submit()
    await hass.async_block_till_done()
    assert entry.options == {"libraries": []}
    assert in_progress(hass, entry) == "2"


async def test_plex(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Sections of films and shows, by name."""
    plex.add_film(OTHER, library="Old Films")
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
    entry: ConfigEntry = step["result"]

    dialog = await choose_libraries(hass, entry)
    names = dialog.options("libraries")
    assert set(names.values()) == {"Films", "Old Films"}
    (library_id,) = (key for key, name in names.items() if name == "Old Films")
    await dialog.submit(libraries=[library_id])
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.options == {"libraries": [library_id]}


async def vanish(hass: HomeAssistant, jellyfin: SimulatedJellyfin, add: AddAccount) -> tuple[ConfigEntry, str]:
    """Limit an account to a library that is then no longer shared with its user."""
    fill(jellyfin)
    entry = await add(jellyfin, "Anna")
    library_id = jellyfin.library("Old Films").library_id
    dialog = await choose_libraries(hass, entry)
    await dialog.submit(libraries=[library_id])
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

    dialog = await choose_libraries(hass, entry)
    assert dialog.step["errors"] == {"base": "library_gone"}
    assert dialog.suggested("libraries") == []
    assert "Old Films" not in dialog.options("libraries").values()
    await dialog.submit(libraries=[])
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
    assert entry.options == {"libraries": [library_id]}
    assert in_progress(hass, entry) == "1"


async def test_a_server_that_is_away(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Nothing can be chosen then; submitting asks again, and changes nothing."""
    entry = await add(emby, "Anna")
    port = emby.port
    await emby.stop()
    dialog = await choose_libraries(hass, entry)
    assert dialog.step["errors"] == {"base": "cannot_connect"}
    await dialog.submit()
    assert dialog.step["errors"] == {"base": "cannot_connect"}
    assert entry.options == {}

    await emby.start(port)
    await dialog.submit()
    assert dialog.step["errors"] == {}
    assert "Films" in dialog.options("libraries").values()


async def test_a_token_that_is_refused(hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount) -> None:
    """Signing in again comes first."""
    entry = await add(emby, "Anna")
    emby.faults.add("*", RevokedToken(), times=None)

    dialog: Dialog = await choose_libraries(hass, entry)

    assert dialog.step["errors"] == {"base": "invalid_auth"}

"""A Plex Media Server in the home, and its owner's account in Home Assistant."""

from homeassistant.config_entries import ConfigSubentryDataWithId
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.households.doors import door
from tests.households.entries import account_entry
from tests.simulators.plex.server import PlexMediaServer

from .household import FILMS, MINUTE, USER, Household


def plex_server() -> PlexMediaServer:
    """Return a server that belongs to Anna, with the titles of the home, not started yet."""
    server = PlexMediaServer(name="Den")
    server.add_user(USER)
    for film in FILMS:
        server.add_film(film)
    return server


def plex_unique_id(plex: PlexMediaServer) -> str:
    """Return the unique id of the owner's account."""
    return f"{plex.machine_id}_1"


def plex_position(plex: PlexMediaServer, key: str) -> int:
    """Return where a title stands, in minutes."""
    (item_id,) = plex.items_of(key)
    return plex.watch_state(USER, item_id).position_ms // MINUTE


def add_plex_account(home: Household, plex: PlexMediaServer, *pairs: ConfigSubentryDataWithId) -> MockConfigEntry:
    """Add the owner's account to Home Assistant, not set up yet."""
    entry = account_entry("entry-plex", door(plex, USER, "device-plex"), *pairs)
    entry.add_to_hass(home.hass)
    return entry

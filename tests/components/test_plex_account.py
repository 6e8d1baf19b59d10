"""An account on Plex, paired with one on Jellyfin."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.plex.server import PlexMediaServer

from .household import MINUTE, USER, Household
from .plex_account import add_plex_account, plex_server, plex_unique_id


@pytest.fixture
async def plex(home: Household) -> AsyncIterator[PlexMediaServer]:
    """A Plex Media Server that belongs to Anna, with the titles of the home."""
    server = plex_server()
    await server.start()
    yield server
    await home.hass.config_entries.async_unload("entry-plex")
    await server.stop()


async def test_positions_travel_between_plex_and_jellyfin(
    hass: HomeAssistant, home: Household, plex: PlexMediaServer, device_registry: dr.DeviceRegistry
) -> None:
    """Both ways, with the client that works in a thread; an idle round costs one listing for each kind of library."""
    entry = add_plex_account(home, plex, home.pair("jellyfin"))
    home.add_account("jellyfin")
    home.leave("jellyfin", "film-1", 42)
    (on_plex,) = plex.items_of("film-2")
    plex.set_state(USER, on_plex, position_ms=21 * MINUTE, last_played=plex.now() - 3600)
    await hass.config_entries.async_setup("entry-plex")
    await home.settle()
    assert entry.state is ConfigEntryState.LOADED

    await home.next_round()

    assert home.position("jellyfin", "film-2") == 21
    assert plex.watch_state(USER, plex.items_of("film-1")[0]).position_ms == 42 * MINUTE
    device = device_registry.async_get_device_by_identifier((DOMAIN, plex_unique_id(plex)), "entry-plex")
    assert device is not None
    assert (device.manufacturer, device.model, device.sw_version) == ("Plex", "Plex Media Server", plex.version)

    await home.next_round()
    plex.traffic.reset()
    await home.next_round()
    assert set(plex.traffic.table().values()) <= {1, 2}
    assert plex.traffic.requests() <= 2

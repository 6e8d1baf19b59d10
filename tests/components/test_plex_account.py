"""An account on Plex, paired with one on Jellyfin."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.plex import PlexMediaServer

from .household import FILMS, MINUTE, USER, Household


@pytest.fixture
async def plex(home: Household) -> AsyncIterator[PlexMediaServer]:
    """A Plex Media Server that belongs to Anna, with the titles of the home."""
    server = PlexMediaServer(name="Den")
    server.add_user(USER)
    for film in FILMS:
        server.add_film(film)
    await server.start()
    yield server
    await home.hass.config_entries.async_unload("entry-plex")
    await server.stop()


async def test_positions_travel_between_plex_and_jellyfin(
    hass: HomeAssistant, home: Household, plex: PlexMediaServer, device_registry: dr.DeviceRegistry
) -> None:
    """Both ways, with the client that works in a thread; an idle round costs one listing for each kind of library."""
    unique_id = f"{plex.machine_id}_1"
    entry = MockConfigEntry(
        domain=DOMAIN,
        entry_id="entry-plex",
        unique_id=unique_id,
        title="Den (Anna)",
        data={
            "type": "plex",
            "url": plex.url,
            "verify_ssl": True,
            "token": plex.token(USER),
            "server_id": plex.machine_id,
            "server_name": "Den",
            "user_id": "1",
            "user_name": USER,
            "device_id": "device-plex",
        },
        subentries_data=[home.pair("jellyfin")],
    )
    home.add_account("jellyfin")
    home.leave("jellyfin", "film-1", 42)
    (on_plex,) = plex.items_of("film-2")
    plex.set_state(USER, on_plex, position_ms=21 * MINUTE, last_played=plex.now() - 3600)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup("entry-plex")
    await home.settle()
    assert entry.state is ConfigEntryState.LOADED

    await home.next_round()

    assert home.position("jellyfin", "film-2") == 21
    assert plex.watch_state(USER, plex.items_of("film-1")[0]).position_ms == 42 * MINUTE
    device = device_registry.async_get_device_by_identifier((DOMAIN, unique_id), "entry-plex")
    assert device is not None
    assert (device.manufacturer, device.model, device.sw_version) == ("Plex", "Plex Media Server", plex.version)

    await home.next_round()
    plex.traffic.reset()
    await home.next_round()
    assert set(plex.traffic.table().values()) <= {1, 2}
    assert plex.traffic.requests() <= 2

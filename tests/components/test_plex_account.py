"""An account on Plex, paired with one on Jellyfin."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.plex.server import PlexMediaServer

from .household import FILMS, MINUTE, USER, Household
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


async def test_another_server_after_an_outage(
    hass: HomeAssistant, home: Household, plex: PlexMediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that was installed anew has other titles under the same keys: nothing is read, written or cleared."""
    add_plex_account(home, plex, home.pair("jellyfin"))
    home.add_account("jellyfin")
    home.leave("jellyfin", "film-1", 42)
    (on_plex,) = plex.items_of("film-2")
    plex.set_state(USER, on_plex, position_ms=21 * MINUTE, last_played=plex.now() - 3600)
    await hass.config_entries.async_setup("entry-plex")
    await home.settle()
    await home.next_round()
    port = plex.port
    await plex.stop()
    plex.database.reinstall()
    for film in reversed(FILMS):
        plex.add_film(film)
    plex.traffic.reset()
    await plex.start(port)

    for _ in range(3):
        await home.next_round()

    assert set(plex.traffic.table()) <= {"GET /identity", "GET /:/websockets/notifications"}
    assert plex.in_progress(USER) == {}
    assert {key: home.position("jellyfin", key) for key in ("film-1", "film-2")} == {"film-1": 42, "film-2": 21}
    assert home.state("sensor.with_jellyfin_status") == "failed"
    assert "Another server answers at the address of Den (Anna)" in caplog.text

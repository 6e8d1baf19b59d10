"""Seconds after a stop on Plex, or on a server that Plex is paired with."""

import asyncio
from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.plex.server import PlexMediaServer
from tests.waiting import eventually

from .household import Household
from .live import live, watch, watch_on
from .plex_account import add_plex_account, plex_position, plex_server


@pytest.fixture
async def plex(hass: HomeAssistant, live_home: Household) -> AsyncIterator[PlexMediaServer]:
    """Plex, paired with Jellyfin and Emby, in sync; all three tell of stops."""
    home, server = live_home, plex_server()
    await server.start()
    home.leave("jellyfin", "film-1", 20)
    home.add_account("emby")
    home.add_account("jellyfin")
    add_plex_account(home, server, home.pair("jellyfin"), home.pair("emby"))
    await hass.config_entries.async_setup("entry-emby")
    await hass.async_block_till_done()
    await hass.services.async_call("resume_sync", "sync", blocking=True)
    assert home.position("emby", "film-1") == 20
    await live(home, "den", "jellyfin", "emby")
    yield server
    await hass.config_entries.async_unload("entry-plex")
    await server.stop()


async def test_a_stop_on_plex_is_on_the_others_within_seconds(live_home: Household, plex: PlexMediaServer) -> None:
    """Each of them is written once, and Plex, which our writes do not wake, not at all."""
    for server in live_home.servers.values():
        server.traffic.reset()
    plex.traffic.reset()
    await watch_on(plex, "film-1", 42)
    await eventually(lambda: [live_home.position(name, "film-1") for name in ("jellyfin", "emby")] == [42, 42])
    await asyncio.sleep(2)
    assert [live_home.server(name).traffic.writes for name in ("jellyfin", "emby")] == [1, 1]
    assert plex.traffic.writes == 0


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_a_stop_elsewhere_is_on_plex_within_seconds(
    live_home: Household, plex: PlexMediaServer, name: str
) -> None:
    """It is written once, and on to the third server from there."""
    plex.traffic.reset()
    await watch(live_home, name, "film-1", 42)
    await eventually(lambda: plex_position(plex, "film-1") == 42)
    await asyncio.sleep(1)
    assert plex.traffic.writes == 1

"""A home with simulated media servers, and a clock that tests move."""

from collections.abc import AsyncIterator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.const import DOMAIN

from .household import Household, three_servers


@pytest.fixture
async def home(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory, socket_enabled: None
) -> AsyncIterator[Household]:
    """Three media servers at half a minute past noon; no account in Home Assistant yet."""
    freezer.move_to("2026-11-21 12:02:30+00:00")
    servers = three_servers()
    async with servers.running():
        yield Household(hass, freezer, hass_storage, servers)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
        # Time stands still, also for answers that are late.
        freezer.tick(3600)


@pytest.fixture
async def running_home(
    hass: HomeAssistant, hass_storage: dict[str, Any], socket_enabled: None
) -> AsyncIterator[Household]:
    """Three media servers while time passes by itself, as web servers need it; no account in Home Assistant yet."""
    servers = three_servers()
    async with servers.running():
        yield Household(hass, None, hass_storage, servers)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def live_home(running_home: Household, monkeypatch: pytest.MonkeyPatch) -> Household:
    """Three media servers that tell by themselves, in real time."""
    monkeypatch.setenv("RESUME_SYNC_LIVE_UPDATES", "on")
    return running_home

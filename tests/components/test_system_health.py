"""What the system information tells of the accounts."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status

from .household import Household
from .secrets_of_home import secrets_of_home, told

pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")  # Home Assistant's own


@pytest.fixture(autouse=True)
async def system_health(hass: HomeAssistant) -> None:
    """The page of Home Assistant."""
    assert await async_setup_component(hass, "system_health", {})


@pytest.fixture
async def accounts(home: Household) -> Household:
    """Three accounts, two of them with a pair."""
    home.server("jellyfin").name = "Cellar Cinema"
    home.server("emby").name = "Kitchen Box"
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    await home.next_round()
    return home


async def info(home: Household) -> dict[str, Any]:
    """Return what is told; no server is asked for it, and no name is told."""
    home.reset_traffic()
    found: dict[str, Any] = await get_system_health_info(home.hass, DOMAIN)
    assert sum(server.traffic.requests() for server in home.servers.values()) == 0
    assert told(secrets_of_home(home), found) == set()
    return found


async def test_all_is_well(accounts: Household) -> None:
    """Each account by the kind of its server, how many pairs there are, when the last of them synced."""
    assert await info(accounts) == {
        "accounts": 3,
        "pairs": 2,
        "last_sync": datetime(2026, 11, 21, 12, 5, 2, tzinfo=UTC),
        "Jellyfin": "ok",
        "Emby": "ok",
        "Jellyfin 2": "ok",
    }


async def test_an_outage(accounts: Household) -> None:
    """What was last known, although the server does not answer."""
    accounts.server("emby").faults.add("*", Status(502), times=None)
    await accounts.next_round()

    assert (await info(accounts))["Emby"] == {"type": "failed", "error": "cannot_connect"}
    assert (await info(accounts))["Jellyfin"] == "ok"


async def test_an_account_that_is_not_set_up(hass: HomeAssistant, accounts: Household) -> None:
    """Its error; its pairs still count, and a disabled account does not."""
    accounts.server("attic").accounts.tokens.clear()
    await hass.config_entries.async_reload("entry-attic")
    await hass.config_entries.async_unload("entry-jellyfin")
    found = await info(accounts)

    assert found["Jellyfin 2"] == {"type": "failed", "error": "invalid_auth"}
    assert found["Jellyfin"] == {"type": "failed", "error": "not_loaded"}
    assert found["pairs"] == 2
    assert found["last_sync"] == "never"

    await hass.config_entries.async_set_disabled_by("entry-emby", ConfigEntryDisabler.USER)
    assert "Emby" not in await info(accounts)


async def test_nothing_has_been_added(hass: HomeAssistant, home: Household) -> None:
    """The page works without any account."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await info(home) == {"accounts": 0, "pairs": 0, "last_sync": "never"}

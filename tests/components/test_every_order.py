"""Accounts are reloaded, disabled and removed in every order, while a run is going on."""

import asyncio
from itertools import permutations

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Latency

from .household import Household

CHANGES = ("reload", "disable")


@pytest.fixture
async def running(hass: HomeAssistant, home: Household) -> tuple[Household, asyncio.Task[object]]:
    """Two accounts with a pair, in the middle of a sync that waits for a slow answer."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(1)
    jellyfin = home.server("jellyfin")
    jellyfin.faults.add("GET /Items", Latency(30))
    asked = jellyfin.traffic.requests("GET /Items")
    sync: asyncio.Task[object] = hass.async_create_task(hass.services.async_call(DOMAIN, "sync", {}, blocking=True))
    await home.until(lambda: jellyfin.traffic.requests("GET /Items") > asked)
    assert home.state("sensor.with_emby_status") == "syncing"
    return home, sync


async def change(hass: HomeAssistant, entry_id: str, what: str) -> None:
    """Change an account's entry."""
    async with asyncio.timeout(5):
        match what:
            case "reload":
                await hass.config_entries.async_reload(entry_id)
            case "disable":
                await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
            case "remove":
                await hass.config_entries.async_remove(entry_id)


async def restore(hass: HomeAssistant, home: Household) -> None:
    """Bring both accounts back."""
    for entry in home.entries.values():
        await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await home.settle()


@pytest.mark.parametrize("names", list(permutations(("jellyfin", "emby"))), ids="-".join)
@pytest.mark.parametrize("second", CHANGES)
@pytest.mark.parametrize("first", CHANGES)
async def test_both_accounts_change(
    hass: HomeAssistant,
    running: tuple[Household, asyncio.Task[object]],
    names: tuple[str, str],
    first: str,
    second: str,
) -> None:
    """The run ends at once and writes nothing; when both accounts are back the pair goes on."""
    home, sync = running
    for name, what in zip(names, (first, second), strict=True):
        await change(hass, f"entry-{name}", what)
    with pytest.raises(HomeAssistantError, match="was interrupted"):
        await sync
    await home.settle()
    assert home.server("emby").traffic.writes == 0

    await restore(hass, home)
    assert [entry.state for entry in home.entries.values()] == [ConfigEntryState.LOADED] * 2
    home.server("jellyfin").faults.clear()
    for _ in range(2):
        await home.next_round()
    assert home.position("emby", "film-1") == 42
    assert home.state("sensor.with_emby_status") == "in_sync"


@pytest.mark.parametrize("names", list(permutations(("jellyfin", "emby"))), ids="-".join)
async def test_both_accounts_are_removed(
    hass: HomeAssistant,
    running: tuple[Household, asyncio.Task[object]],
    issue_registry: ir.IssueRegistry,
    names: tuple[str, str],
) -> None:
    """Nothing is written, and nothing is left behind."""
    home, sync = running
    for name in names:
        await change(hass, f"entry-{name}", "remove")
    with pytest.raises(HomeAssistantError, match="was interrupted"):
        await sync
    await home.settle()

    assert home.server("emby").traffic.writes == 0
    assert not issue_registry.issues
    assert (home.stored("jellyfin"), home.stored("emby")) == ({}, {})
    assert not dr.async_get(hass).devices
    assert not er.async_get(hass).entities
    assert not hass.states.async_all(["sensor", "binary_sensor", "button", "switch", "event"])


async def test_a_pair_is_removed(hass: HomeAssistant, running: tuple[Household, asyncio.Task[object]]) -> None:
    """Its run ends, its accounts stay."""
    home, sync = running
    hass.config_entries.async_remove_subentry(home.entries["jellyfin"], "pair-emby")
    with pytest.raises(HomeAssistantError, match="was interrupted"):
        await sync
    home.server("jellyfin").faults.clear()
    await home.settle()

    assert [entry.state for entry in home.entries.values()] == [ConfigEntryState.LOADED] * 2
    assert home.server("emby").traffic.writes == 0
    assert hass.states.get("event.with_emby_sync") is None

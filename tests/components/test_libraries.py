"""Accounts that are limited to some libraries, and their pairs."""

from homeassistant.core import HomeAssistant
import pytest

from .household import USER, Household


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts in sync, one film in progress on both."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    assert home.position("emby", "film-1") == 42
    return home


async def limit(hass: HomeAssistant, home: Household, name: str, *libraries: str) -> None:
    """Limit an account to libraries, by name."""
    library_ids = [home.server(name).library(library).library_id for library in libraries]
    hass.config_entries.async_update_entry(home.entries[name], options={"libraries": library_ids})
    await home.settle()


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_what_lies_outside_is_left_alone(hass: HomeAssistant, pair: Household, name: str) -> None:
    """Neither read nor written nor removed, on either side, although the pair knows it; until it is inside again."""
    other = {"jellyfin": "emby", "emby": "jellyfin"}[name]
    await limit(hass, pair, name, "Shows")
    assert pair.state(f"sensor.{name}_anna_continue_watching") == "0"

    await pair.wait(60)
    pair.leave(other, "film-1", 50, ago=1)
    pair.leave(other, "show/s01e02", 10, ago=1)
    for _ in range(3):
        await pair.next_round()
    assert pair.position(name, "film-1") == 42
    assert pair.position(name, "show/s01e02") == 10
    assert pair.position(other, "film-1") == 50

    await limit(hass, pair, name)
    for _ in range(2):
        await pair.next_round()
    assert pair.position(name, "film-1") == 50


async def test_a_library_that_vanishes(hass: HomeAssistant, pair: Household) -> None:
    """An error of the account and of its pairs that tells what to do; nothing is removed on the other side."""
    await limit(hass, pair, "emby", "Films")
    await pair.next_round()
    assert pair.state("sensor.with_emby_status") == "in_sync"

    pair.server("emby").unshare("Films", USER)
    for _ in range(3):
        await pair.next_round()

    assert pair.state("binary_sensor.emby_anna_connection") == "off"
    assert pair.state("sensor.with_emby_status") == "failed"
    assert pair.position("jellyfin", "film-1") == 42
    event = pair.attributes("event.with_emby_sync")
    assert event["event_type"] == "failed"
    assert event["error"].startswith("A library that Emby (Anna) is limited to is not there any more")

    pair.server("emby").share("Films", USER)
    for _ in range(7):
        await pair.next_round()
    assert pair.state("sensor.with_emby_status") == "in_sync"

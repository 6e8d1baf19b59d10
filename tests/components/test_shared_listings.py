"""What the servers are asked: one listing per account and round, however many pairs there are."""

from homeassistant.core import HomeAssistant
import pytest

from .household import MINUTE, Household

IDLE = {
    "jellyfin": {"GET /Items": 1},
    "emby": {"GET /Users/{user}/Items": 1},
    "attic": {"GET /Items": 1},
}


@pytest.fixture
async def triangle(home: Household) -> Household:
    """Three accounts, each paired with both others, in sync."""
    home.leave("jellyfin", "film-1", 42)
    home.leave("emby", "film-2", 21)
    home.leave("attic", "show/s01e02", 10)
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby", home.pair("attic", pair_id="pair-emby-attic"))
    home.add_account("attic")
    await home.setup()
    for _ in range(3):
        await home.next_round()
    for name in home.servers:
        assert [home.position(name, key) for key in ("film-1", "film-2", "show/s01e02")] == [42, 21, 10]
    return home


def tables(home: Household) -> dict[str, dict[str, int]]:
    """Return the requests of each server by route."""
    return {name: server.traffic.table() for name, server in home.servers.items()}


async def test_an_idle_round_costs_one_listing_per_account(triangle: Household) -> None:
    """Three pairs and three accounts' own refreshes share them."""
    for _ in range(5):
        triangle.reset_traffic()
        await triangle.next_round()
        assert tables(triangle) == IDLE


async def test_a_later_round_reads_anew(triangle: Household) -> None:
    """What was read in one round is not believed in the next."""
    triangle.leave("attic", "film-3", 33)
    await triangle.next_round()
    await triangle.next_round()

    assert triangle.position("jellyfin", "film-3") == 33
    assert triangle.position("emby", "film-3") == 33


async def test_an_action_for_all_pairs_reads_each_account_once(hass: HomeAssistant, triangle: Household) -> None:
    """They were all asked for at the same moment, which every listing has to be later than."""
    await triangle.wait(30)
    triangle.reset_traffic()

    await hass.services.async_call("resume_sync", "sync", blocking=True)

    assert tables(triangle) == IDLE


async def test_each_action_reads_anew(hass: HomeAssistant, triangle: Household) -> None:
    """A press of the button never works with what was read before it."""
    for _ in range(2):
        await triangle.wait(1)
        triangle.reset_traffic()
        await hass.services.async_call("button", "press", {"entity_id": "button.with_emby_sync_now"}, blocking=True)
        assert tables(triangle) == IDLE | {"attic": {}}


async def test_setting_up_reads_each_account_once(home: Household) -> None:
    """First runs make do with what the set-up of the accounts has read a moment ago."""
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby", home.pair("attic", pair_id="pair-emby-attic"))
    home.add_account("attic")
    await home.setup()

    assert home.listings() == {"jellyfin": 1, "emby": 1, "attic": 1}


async def test_idle_rounds_are_stored_twice_an_hour(triangle: Household) -> None:
    """Disks are spared: when nothing but the time of the last sync has changed, that can wait."""
    written = []
    for _ in range(12):
        before = triangle.stored("jellyfin")
        await triangle.next_round()
        written.append(triangle.stored("jellyfin") is not before)

    assert sum(written) == 2
    stored = triangle.stored("jellyfin")
    assert stored["pairs"]["pair-emby"]["last_sync"] > triangle.timestamp() * 1000 - 30 * MINUTE


async def test_polling_can_be_switched_off(hass: HomeAssistant, triangle: Household) -> None:
    """Home Assistant's own option for an entry leaves only actions."""
    for entry in triangle.entries.values():
        hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
        await hass.config_entries.async_reload(entry.entry_id)
    await triangle.settle()
    triangle.reset_traffic()

    for _ in range(3):
        await triangle.next_round()

    assert triangle.listings() == {"jellyfin": 0, "emby": 0, "attic": 0}

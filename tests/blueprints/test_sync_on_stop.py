"""Sync when playback stops: any way a player can end, and none that it does not."""

from homeassistant.components.automation import EVENT_AUTOMATION_TRIGGERED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.components.household import MINUTE, USER, Household
from tests.simulators.faults import Latency
from tests.simulators.playback import Viewer

from .conftest import Automate, run_on

PLAYER = "media_player.jellyfin_tablet"
OTHER_PLAYER = "media_player.plex_living_room"


@pytest.fixture
async def pairs(home: Household) -> Household:
    """Two pairs in sync, with nothing on their shelves; no round is near."""
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    await home.next_round()
    return home


def watch(home: Household, hass: HomeAssistant, film: str, player: str = PLAYER) -> Viewer:
    """Let Anna play a film, which Home Assistant sees."""
    viewer = home.server("jellyfin").viewer(USER)
    (item_id,) = home.server("jellyfin").items_of(film)
    viewer.play(item_id)
    hass.states.async_set(player, "playing")
    return viewer


@pytest.mark.parametrize("end", ["idle", "off", "standby", "unavailable", "unknown", None])
@pytest.mark.parametrize("before", ["playing", "paused", "buffering"])
async def test_any_end_syncs(
    hass: HomeAssistant, pairs: Household, automate: Automate, before: str, end: str | None
) -> None:
    """The position is on the other servers after the settling time; a player may also vanish."""
    await automate("sync_on_stop", players=[PLAYER, OTHER_PLAYER])
    viewer = watch(pairs, hass, "film-1")
    hass.states.async_set(PLAYER, before)
    await hass.async_block_till_done()
    viewer.stop(42 * MINUTE)
    if end is None:
        hass.states.async_remove(PLAYER)
    else:
        hass.states.async_set(PLAYER, end)

    await run_on(pairs)
    await run_on(pairs, 19)
    assert pairs.position("emby", "film-1") == 0
    await run_on(pairs, 1)
    await pairs.settle()

    assert (pairs.position("emby", "film-1"), pairs.position("attic", "film-1")) == (42, 42)


async def test_what_is_no_end_does_nothing(hass: HomeAssistant, pairs: Household, automate: Automate) -> None:
    """A pause, a seek, another player, and a player that is found or lost while it plays nothing."""
    await automate("sync_on_stop", players=[PLAYER])
    watch(pairs, hass, "film-1")
    pairs.reset_traffic()
    hass.states.async_set(OTHER_PLAYER, "playing")
    for state in ("paused", "playing", "buffering", "playing"):
        hass.states.async_set(PLAYER, state, {"media_position": len(state)})
    hass.states.async_set(OTHER_PLAYER, "idle")
    await hass.async_block_till_done()
    await pairs.wait(60)
    assert set(pairs.listings().values()) == {0}

    hass.states.async_set(PLAYER, "idle")
    await run_on(pairs)
    await run_on(pairs, 20)
    await pairs.settle()
    assert 0 not in pairs.listings().values()

    pairs.reset_traffic()
    for state in ("unavailable", "idle", "off", "on", "idle"):
        hass.states.async_set(PLAYER, state)
    await hass.async_block_till_done()
    await pairs.wait(60)
    assert set(pairs.listings().values()) == {0}


async def test_several_stops_make_one_sync(hass: HomeAssistant, pairs: Household, automate: Automate) -> None:
    """The settling time starts anew with each; only the chosen pair is synced."""
    await automate("sync_on_stop", players=[PLAYER, OTHER_PLAYER], pairs=[pairs.device_id("pair-emby")], settle=30)
    pairs.reset_traffic()
    for film, player, minutes in (("film-1", PLAYER, 42), ("film-2", OTHER_PLAYER, 21)):
        watch(pairs, hass, film, player).stop(minutes * MINUTE)
        hass.states.async_set(player, "unavailable")
        await run_on(pairs)
        await run_on(pairs, 20)
    assert set(pairs.listings().values()) == {0}
    await run_on(pairs, 10)
    await pairs.settle()

    assert (pairs.position("emby", "film-1"), pairs.position("emby", "film-2")) == (42, 21)
    assert (pairs.listings()["jellyfin"], pairs.listings()["attic"]) == (1, 0)
    assert pairs.position("attic", "film-1") == 0


async def test_a_stop_during_the_sync(hass: HomeAssistant, pairs: Household, automate: Automate) -> None:
    """It ends the automation that waits for the sync, and leaves nothing half done."""
    await automate("sync_on_stop", players=[PLAYER], settle=0)
    await pairs.wait(10)
    runs = async_capture_events(hass, EVENT_AUTOMATION_TRIGGERED)
    pairs.server("emby").faults.add("GET *", Latency(0.3), times=1)
    watch(pairs, hass, "film-1").stop(42 * MINUTE)
    hass.states.async_set(PLAYER, "idle")
    await pairs.until(lambda: hass.states.is_state("sensor.with_emby_status", "syncing"))
    # Later than the listing of the sync that is under way: in the same moment it would count as fresh.
    await run_on(pairs, 1)
    watch(pairs, hass, "film-2").stop(21 * MINUTE)
    hass.states.async_set(PLAYER, "idle")
    await run_on(pairs)
    await run_on(pairs, 1)
    await pairs.settle()

    assert len(runs) == 2
    assert (pairs.position("emby", "film-1"), pairs.position("emby", "film-2")) == (42, 21)
    assert pairs.state("sensor.with_emby_status") == "in_sync"

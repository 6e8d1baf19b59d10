"""Pause while: no write while something is on, and a catch-up when all of it is over."""

from homeassistant.core import CoreState, HomeAssistant
import pytest

from tests.components.household import Household

from .conftest import Automate

GUESTS = "input_boolean.guests"
BACKUP = "sensor.backup_backup_manager_state"
SWITCHES = ["switch.with_emby_automatic_sync", "switch.with_attic_automatic_sync"]


@pytest.fixture
async def pairs(hass: HomeAssistant, home: Household) -> Household:
    """Two pairs, of which the automation is to pause one or both; nothing is on."""
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    await home.next_round()
    hass.states.async_set(GUESTS, "off")
    hass.states.async_set(BACKUP, "idle")
    return home


async def becomes(home: Household, entity_id: str, state: str) -> None:
    """Change a state and let the automation do what it does about that."""
    home.hass.states.async_set(entity_id, state)
    await home.settle()


def automatic(home: Household) -> list[str]:
    """Return whether the pairs sync by themselves."""
    return [home.state(switch) for switch in SWITCHES]


async def test_nothing_is_written_while_guests_are_here(
    hass: HomeAssistant, pairs: Household, automate: Automate
) -> None:
    """Rounds only plan; when the guests have left, it is written at once. The other pair goes on."""
    await automate("pause_while", reasons=[GUESTS], switches=SWITCHES[:1])
    await becomes(pairs, GUESTS, "on")
    assert automatic(pairs) == ["off", "on"]
    pairs.leave("jellyfin", "film-1", 42)
    for _ in range(3):
        await pairs.next_round()
    assert (pairs.position("emby", "film-1"), pairs.position("attic", "film-1")) == (0, 42)

    await becomes(pairs, GUESTS, "off")
    assert pairs.position("emby", "film-1") == 42
    assert automatic(pairs) == ["on", "on"]


async def test_all_of_it_has_to_be_over(hass: HomeAssistant, pairs: Household, automate: Automate) -> None:
    """Guests and the backup may overlap; what cannot be read may still be on."""
    await automate("pause_while", reasons=[GUESTS, BACKUP], switches=SWITCHES)
    for entity_id, state, expected in (
        (BACKUP, "create_backup", "off"),
        (GUESTS, "on", "off"),
        (BACKUP, "idle", "off"),
        (GUESTS, "unavailable", "off"),
        (GUESTS, "on", "off"),
        (GUESTS, "off", "on"),
        (BACKUP, "unknown", "on"),
        (BACKUP, "receive_backup", "on"),
    ):
        await becomes(pairs, entity_id, state)
        assert automatic(pairs) == [expected] * 2, (entity_id, state)


async def test_own_states(hass: HomeAssistant, pairs: Household, automate: Automate) -> None:
    """Whatever a sensor calls it can count as on."""
    await automate("pause_while", reasons=[BACKUP], switches=SWITCHES, states=["receive_backup"])
    await becomes(pairs, BACKUP, "create_backup")
    assert automatic(pairs) == ["on", "on"]
    await becomes(pairs, BACKUP, "receive_backup")
    assert automatic(pairs) == ["off", "off"]


@pytest.mark.parametrize(("guests", "after"), [("on", "off"), ("off", "on")])
async def test_what_changed_while_home_assistant_was_off(
    hass: HomeAssistant, pairs: Household, automate: Automate, guests: str, after: str
) -> None:
    """The start of Home Assistant looks at everything: the pairs were left as they were before the change."""
    if after == "on":
        await hass.services.async_call("switch", "turn_off", {"entity_id": SWITCHES}, blocking=True)
    hass.states.async_set(GUESTS, guests)
    hass.set_state(CoreState.starting)
    await automate("pause_while", reasons=[GUESTS], switches=SWITCHES)
    assert automatic(pairs) == [guests] * 2
    await hass.async_start()
    await pairs.settle()
    assert automatic(pairs) == [after] * 2


async def test_changes_that_mean_nothing_ask_nothing_of_the_servers(
    hass: HomeAssistant, pairs: Household, automate: Automate
) -> None:
    """A sensor between two states that do not count, while nothing is paused."""
    await automate("pause_while", reasons=[BACKUP], switches=SWITCHES)
    pairs.reset_traffic()
    for state in ("receive_backup", "blocked", "idle"):
        await becomes(pairs, BACKUP, state)
    assert set(pairs.listings().values()) == {0}
    assert automatic(pairs) == ["on", "on"]

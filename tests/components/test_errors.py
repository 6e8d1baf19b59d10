"""What users see and servers feel when something goes wrong, and how it heals."""

import asyncio
import logging

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import HtmlPage, IgnoredWrite, Latency, RevokedToken, Status, WrongTotal

from .household import USER, Household

JELLYFIN_LISTING = "GET /Items"
EMBY_LISTING = "GET /Users/{user}/Items"


def reauth_entries(hass: HomeAssistant) -> list[str]:
    """Return the entries that somebody is asked to sign in to again."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow["context"]["entry_id"] for flow in flows if flow["context"]["source"] == SOURCE_REAUTH]


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts in sync, one film in progress on both."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    assert home.state("sensor.with_emby_status") == "in_sync"
    return home


async def test_an_outage_makes_the_pair_wait_and_keeps_what_was_known(pair: Household) -> None:
    """Numbers stay, the status tells; when the server is back the pair goes on at once."""
    emby = pair.server("emby")
    port = emby.port
    await emby.stop()
    await pair.next_round()

    assert pair.state("binary_sensor.emby_anna_connection") == "off"
    assert pair.state("sensor.emby_anna_continue_watching") == "unavailable"
    assert pair.state("binary_sensor.jellyfin_anna_connection") == "on"
    assert pair.state("sensor.with_emby_status") == "waiting"
    assert pair.state("sensor.with_emby_pending") == "0"
    assert pair.state("binary_sensor.with_emby_problem") == "on"

    for _ in range(4):
        await pair.next_round()
    pair.leave("jellyfin", "film-2", 21)
    await emby.start(port)
    await pair.next_round()

    assert pair.state("binary_sensor.emby_anna_connection") == "on"
    assert pair.state("sensor.with_emby_status") == "in_sync"
    assert pair.state("binary_sensor.with_emby_problem") == "off"
    assert pair.position("emby", "film-2") == 21


async def test_a_server_that_is_down_is_asked_once_per_round(pair: Household) -> None:
    """However many pairs need it, and less often by pairs that keep failing."""
    pair.server("emby").faults.add("*", Status(502), times=None)
    pair.reset_traffic()

    await pair.next_round()

    assert pair.server("emby").traffic.requests() == 1
    assert pair.state("sensor.with_emby_status") == "waiting"


async def test_an_outage_is_logged_once(pair: Household, caplog: pytest.LogCaptureFixture) -> None:
    """Neither every round nor with anything secret."""
    await pair.server("emby").stop()
    for _ in range(5):
        await pair.next_round()

    errors = [record for record in caplog.records if record.levelno >= logging.ERROR and "Emby" in record.getMessage()]
    assert len([record for record in errors if "with emby" in record.getMessage()]) == 1
    assert len([record for record in errors if "Emby (Anna) data" in record.getMessage()]) == 1
    token = pair.entries["emby"].data["token"]
    assert token not in caplog.text
    assert not any("Film 1" in record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_a_rejected_token_starts_reauth_on_its_own_account(
    hass: HomeAssistant, pair: Household, name: str
) -> None:
    """The other account is left alone, the pair fails, and the server is not asked with a bad token again."""
    listing = JELLYFIN_LISTING if name == "jellyfin" else EMBY_LISTING
    pair.server(name).faults.add(listing, RevokedToken())
    await pair.next_round()

    assert reauth_entries(hass) == [f"entry-{name}"]
    assert pair.state("sensor.with_emby_status") == "failed"
    assert all(entry.state is ConfigEntryState.LOADED for entry in pair.entries.values())

    pair.reset_traffic()
    await pair.next_round()
    await pair.next_round()
    assert pair.server(name).traffic.requests() == 0

    entry = pair.entries[name]
    token = pair.server(name).add_token(USER, "device-new")
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": token})
    await pair.settle()
    await pair.next_round()
    assert reauth_entries(hass) == []
    assert pair.state("sensor.with_emby_status") == "in_sync"


async def test_a_token_rejected_during_an_action_starts_reauth_too(hass: HomeAssistant, pair: Household) -> None:
    """Whatever made the run."""
    await pair.wait(1)
    pair.server("emby").faults.add(EMBY_LISTING, RevokedToken())

    await hass.services.async_call("button", "press", {"entity_id": "button.with_emby_sync_now"}, blocking=False)
    await pair.settle()

    assert reauth_entries(hass) == ["entry-emby"]
    assert pair.state("sensor.with_emby_status") == "failed"
    assert pair.state("binary_sensor.emby_anna_connection") == "off"


async def test_a_rejected_token_at_set_up_starts_reauth(hass: HomeAssistant, home: Household) -> None:
    """Nothing is stored or tried again."""
    home.add_account("jellyfin", token="revoked")
    await home.setup()

    assert home.entry_state("jellyfin") is ConfigEntryState.SETUP_ERROR
    assert reauth_entries(hass) == ["entry-jellyfin"]


async def test_another_server_at_the_address_is_not_set_up(home: Household) -> None:
    """A moved address must never lead one user's positions to another server."""
    home.add_account("jellyfin", url=home.server("attic").url)
    await home.setup()

    assert home.entry_state("jellyfin") is ConfigEntryState.SETUP_RETRY
    assert "Another server answers" in (home.entries["jellyfin"].reason or "")
    assert home.server("attic").traffic.writes == 0


async def test_retry_after_is_honoured(pair: Household) -> None:
    """A busy server is left alone for as long as it asks, and asked again right after that."""
    pair.leave("jellyfin", "film-2", 21)
    emby = pair.server("emby")
    emby.faults.add(EMBY_LISTING, Status(503, retry_after="900"), times=1)
    await pair.next_round()
    assert pair.state("sensor.with_emby_status") == "waiting"
    pair.reset_traffic()

    for _ in range(2):
        await pair.wait(300)
    assert emby.traffic.requests() == 0

    await pair.wait(310)
    assert pair.state("sensor.with_emby_status") == "in_sync"
    assert pair.position("emby", "film-2") == 21


@pytest.mark.parametrize("fault", [HtmlPage(), WrongTotal(7), Status(200, body="{", content_type="application/json")])
async def test_a_nonsensical_listing_changes_nothing(pair: Household, fault: HtmlPage | WrongTotal | Status) -> None:
    """No plan is made from it; the next good one is used."""
    pair.leave("jellyfin", "film-2", 21)
    pair.server("emby").faults.add(EMBY_LISTING, fault, times=None)
    await pair.next_round()

    assert pair.state("sensor.with_emby_status") == "failed"
    assert pair.position("emby", "film-1") == 42
    assert pair.position("emby", "film-2") == 0

    pair.server("emby").faults.clear()
    await pair.next_round()
    assert pair.position("emby", "film-2") == 21


async def test_a_write_that_did_not_take_is_a_problem(pair: Household) -> None:
    """It is shown and tried again."""
    pair.leave("jellyfin", "film-2", 21)
    pair.server("emby").faults.add("POST /Users/{user}/Items/{item}/UserData", IgnoredWrite())
    await pair.next_round()

    assert pair.state("sensor.with_emby_status") == "pending"
    assert pair.state("sensor.with_emby_pending") == "1"
    assert pair.state("binary_sensor.with_emby_problem") == "on"

    for _ in range(2):
        await pair.next_round()
    assert pair.position("emby", "film-2") == 21
    assert pair.state("binary_sensor.with_emby_problem") == "off"


async def test_a_token_rejected_while_writing_starts_reauth(hass: HomeAssistant, pair: Household) -> None:
    """The run tells of it although it went through otherwise."""
    pair.leave("jellyfin", "film-2", 21)
    pair.server("emby").faults.add("POST /Users/{user}/Items/{item}/UserData", RevokedToken())
    await pair.next_round()

    assert reauth_entries(hass) == ["entry-emby"]
    assert pair.state("binary_sensor.with_emby_problem") == "on"
    assert pair.state("binary_sensor.emby_anna_connection") == "off"


async def test_an_account_makes_do_with_what_an_action_of_its_round_found(hass: HomeAssistant, pair: Household) -> None:
    """A server that has just failed is not asked a second time by the account's own refresh."""
    await async_setup_component(hass, "homeassistant", {})
    await pair.next_round()
    emby = pair.server("emby")
    emby.faults.add("*", Status(502), times=None)
    await pair.wait(1)
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be reached"):
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    pair.reset_traffic()

    refresh = {"entity_id": "sensor.emby_anna_continue_watching"}
    await hass.services.async_call("homeassistant", "update_entity", refresh, blocking=True)

    assert emby.traffic.requests() == 0
    assert pair.state("binary_sensor.emby_anna_connection") == "off"


async def test_an_action_that_finds_a_server_back_wakes_its_other_pairs(hass: HomeAssistant, home: Household) -> None:
    """They do not have to wait for their next round."""
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby", home.pair("attic"))
    home.add_account("attic")
    await home.setup()
    home.server("emby").faults.add("*", Status(502), times=None)
    await home.next_round()
    assert home.state("sensor.with_attic_status") == "waiting"
    home.server("emby").faults.clear()
    await home.wait(1)

    await hass.services.async_call(DOMAIN, "sync", {"device_id": home.device_id("pair-emby")}, blocking=True)
    await home.settle()

    assert home.state("binary_sensor.emby_anna_connection") == "on"
    assert home.state("sensor.with_attic_status") == "in_sync"


async def test_a_cancelled_action_ends_its_run(hass: HomeAssistant, pair: Household) -> None:
    """A script that is stopped leaves nothing running behind."""
    await pair.wait(1)
    jellyfin = pair.server("jellyfin")
    jellyfin.faults.add(JELLYFIN_LISTING, Latency(30))
    pair.reset_traffic()
    sync = hass.async_create_task(hass.services.async_call(DOMAIN, "sync", blocking=True))
    await pair.until(lambda: jellyfin.traffic.requests(JELLYFIN_LISTING))

    sync.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sync
    assert not pair.entries["jellyfin"].runtime_data.account.runs
    assert pair.state("sensor.with_emby_status") == "in_sync"

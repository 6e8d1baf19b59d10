"""Accounts and pairs come, go, fail and return, in every order."""

import asyncio
from copy import deepcopy
from functools import partial

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState, ConfigSubentry
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.pair.preview import async_preview
from custom_components.resume_sync.pair.wished_syncs import async_wish_sync
from custom_components.resume_sync.sync.model import PairRules, Reason, RemoveMode
from tests.flows.texts import read
from tests.simulators.faults import Latency, Status

from .household import FILMS, Household

SWITCH = {"entity_id": "switch.with_emby_automatic_sync"}


def as_subentry(home: Household, peer: str) -> ConfigSubentry:
    """Return a pair as its flow adds it."""
    data = home.pair(peer)
    return ConfigSubentry(
        data=data["data"],  # type: ignore[arg-type]
        subentry_id=data["subentry_id"],
        subentry_type="pair",
        title=data["title"],
        unique_id=data["unique_id"],
    )


async def test_setting_up_reads_but_writes_nothing_until_the_next_round(home: Household) -> None:
    """A new pair only plans; the first automatic run comes with the next round."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    assert [entry.state for entry in home.entries.values()] == [ConfigEntryState.LOADED] * 2
    assert home.state("sensor.with_emby_status") == "pending"
    assert home.state("sensor.with_emby_pending") == "1"
    assert home.state("sensor.with_emby_last_successful_sync") == "unknown"
    assert home.server("emby").traffic.writes == 0

    await home.next_round()

    assert home.position("emby", "film-1") == 42
    assert home.state("sensor.with_emby_status") == "in_sync"
    assert home.state("sensor.with_emby_pending") == "0"
    assert home.state("sensor.with_emby_last_successful_sync") == "2026-11-21T12:05:02+00:00"
    assert home.state("sensor.emby_anna_continue_watching") == "1"


async def test_a_pair_that_was_just_set_up_is_left_alone_for_a_minute(home: Household) -> None:
    """A round that follows at once is not the next interval."""
    home.leave("jellyfin", "film-1", 42)
    await home.wait(140)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    await home.wait(30)
    assert home.server("emby").traffic.writes == 0

    await home.next_round()
    assert home.position("emby", "film-1") == 42


async def test_runs_go_on_with_all_entities_disabled(
    hass: HomeAssistant, home: Household, entity_registry: er.EntityRegistry
) -> None:
    """Nobody has to look for a pair to sync."""
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    for entity in list(entity_registry.entities.values()):
        entity_registry.async_update_entity(entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    for entry in home.entries.values():
        await hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert not hass.states.async_all(["sensor", "binary_sensor", "button", "switch"])

    home.leave("jellyfin", "film-1", 42)
    await home.next_round()

    assert home.position("emby", "film-1") == 42


async def test_the_first_run_waits_for_home_assistant_to_start(hass: HomeAssistant, home: Household) -> None:
    """While other accounts are still loading nothing is judged."""
    hass.set_state(CoreState.starting)
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    await home.setup()
    home.add_account("emby")
    await home.setup("emby")
    assert home.state("sensor.with_emby_pending") == "unknown"
    assert home.state("sensor.with_emby_status") == "waiting"

    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await home.settle()

    assert home.state("sensor.with_emby_pending") == "1"
    assert home.state("sensor.with_emby_status") == "pending"


async def test_a_pair_waits_for_its_peer_and_plans_when_it_is_loaded(home: Household) -> None:
    """The peer is not waited for during the set-up; its arrival makes the first run."""
    home.leave("jellyfin", "film-1", 42)
    await home.server("emby").stop()
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    assert home.entry_state("jellyfin") is ConfigEntryState.LOADED
    assert home.entry_state("emby") is ConfigEntryState.SETUP_RETRY
    assert home.state("sensor.with_emby_status") == "waiting"
    assert home.state("sensor.with_emby_pending") == "unknown"
    assert home.state("binary_sensor.with_emby_problem") == "on"

    await home.server("emby").start(home.server("emby").port)
    await home.wait(30)

    assert home.entry_state("emby") is ConfigEntryState.LOADED
    assert home.state("sensor.with_emby_status") == "pending"
    assert home.state("sensor.with_emby_pending") == "1"
    assert home.state("binary_sensor.with_emby_problem") == "off"
    assert home.server("emby").traffic.writes == 0


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_reloading_either_account_leaves_a_working_pair(hass: HomeAssistant, home: Household, name: str) -> None:
    """What a reload replaces is looked up anew by the next run."""
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    assert await hass.config_entries.async_reload(home.entries[name].entry_id)
    await home.settle()
    home.leave("jellyfin", "film-1", 42)
    home.leave("emby", "film-2", 21)
    await home.next_round()

    assert home.position("emby", "film-1") == 42
    assert home.position("jellyfin", "film-2") == 21


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_unloading_an_account_ends_its_runs_first(hass: HomeAssistant, home: Household, name: str) -> None:
    """A run in the middle of a slow answer is cancelled; nothing is written after the account has gone."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(1)
    home.server("jellyfin").faults.add("GET /Items", Latency(30))
    asked = home.server("jellyfin").traffic.requests("GET /Items")

    sync = hass.async_create_task(hass.services.async_call(DOMAIN, "sync", {}, blocking=True))
    await home.until(lambda: home.server("jellyfin").traffic.requests("GET /Items") > asked)
    assert home.state("sensor.with_emby_status") == "syncing"
    async with asyncio.timeout(5):
        assert await hass.config_entries.async_unload(home.entries[name].entry_id)

    with pytest.raises(HomeAssistantError, match="was interrupted"):
        await sync
    await home.settle()
    assert home.server("emby").traffic.writes == 0

    await home.setup(name)
    await home.next_round()
    assert home.position("emby", "film-1") == 42


async def test_stopping_home_assistant_ends_runs(hass: HomeAssistant, home: Household) -> None:
    """A run does not outlive the start of a shutdown."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(1)
    home.server("jellyfin").faults.add("GET /Items", Latency(30))
    asked = home.server("jellyfin").traffic.requests("GET /Items")
    sync = hass.async_create_task(hass.services.async_call(DOMAIN, "sync", {}, blocking=True))
    await home.until(lambda: home.server("jellyfin").traffic.requests("GET /Items") > asked)

    hass.bus.async_fire("homeassistant_stop")

    with pytest.raises(HomeAssistantError, match="was interrupted"):
        await sync
    assert home.server("emby").traffic.writes == 0


async def test_a_disabled_peer_makes_its_pairs_wait(hass: HomeAssistant, home: Household) -> None:
    """What was known stays visible, and the pair goes on when the account is enabled again."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    emby = home.add_account("emby")
    await home.setup()
    await hass.config_entries.async_set_disabled_by(emby.entry_id, ConfigEntryDisabler.USER)
    await home.next_round()

    assert home.state("sensor.with_emby_status") == "waiting"
    assert home.state("sensor.with_emby_pending") == "1"

    await hass.config_entries.async_set_disabled_by(emby.entry_id, None)
    await home.settle()
    assert home.state("sensor.with_emby_status") == "pending"


async def test_a_removed_peer_is_told_and_can_come_back(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """The pair fails with a repair; adding the same account again heals it."""
    home.add_account("jellyfin", home.pair("emby"))
    emby = home.add_account("emby")
    await home.setup()
    assert not issue_registry.issues

    await hass.config_entries.async_remove(emby.entry_id)
    await home.settle()

    issue = issue_registry.async_get_issue(DOMAIN, "peer_removed_pair-emby")
    assert issue is not None
    assert issue.is_fixable
    assert read(issue.translation_placeholders) == {"pair": "with emby"}
    assert home.state("sensor.with_emby_status") == "failed"
    assert home.state("binary_sensor.with_emby_problem") == "on"

    home.add_account("emby")
    await home.setup("emby")

    assert not issue_registry.issues
    assert home.state("sensor.with_emby_status") == "in_sync"


async def test_a_peer_that_is_missing_from_the_start_is_told(home: Household, issue_registry: ir.IssueRegistry) -> None:
    """A restored backup may lack an account."""
    home.add_account("jellyfin", home.pair("emby"))
    await home.setup()

    assert ("resume_sync", "peer_removed_pair-emby") in issue_registry.issues
    assert home.state("sensor.with_emby_status") == "failed"


async def test_removing_the_host_takes_its_pairs_state_and_repairs_along(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Nothing is left behind."""
    host = home.add_account("jellyfin", home.pair("emby"))
    emby = home.add_account("emby")
    await home.setup()
    await hass.config_entries.async_remove(emby.entry_id)
    await home.settle()
    assert issue_registry.issues

    await hass.config_entries.async_remove(host.entry_id)
    await home.settle()

    assert not issue_registry.issues
    assert home.stored("jellyfin") == {}
    assert home.stored("emby") == {}
    assert not dr.async_get(hass).devices
    assert not er.async_get(hass).entities


async def test_removing_a_pair_takes_its_entities_and_ledger_along(hass: HomeAssistant, home: Household) -> None:
    """The account goes on without it."""
    home.leave("jellyfin", "film-1", 42)
    host = home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    assert "pair-emby" in home.stored("jellyfin")["pairs"]

    hass.config_entries.async_remove_subentry(host, "pair-emby")
    await home.settle()

    assert host.state is ConfigEntryState.LOADED
    assert hass.states.get("sensor.with_emby_status") is None
    home.leave("jellyfin", "film-2", 21)
    await home.next_round()
    assert home.position("emby", "film-2") == 0
    await hass.config_entries.async_unload(host.entry_id)
    assert home.stored("jellyfin")["pairs"] == {}


@pytest.mark.parametrize("sync_now", [True, False])
async def test_a_pair_added_later_writes_at_once_only_if_wanted(
    hass: HomeAssistant, home: Household, *, sync_now: bool
) -> None:
    """The pair flow asks whether to sync right away."""
    home.leave("jellyfin", "film-1", 42)
    host = home.add_account("jellyfin")
    home.add_account("emby")
    await home.setup()

    if sync_now:
        async_wish_sync(hass, host.entry_id, home.unique_id("emby"), wanted=True)
    hass.config_entries.async_add_subentry(host, as_subentry(home, "emby"))
    await home.settle()

    assert home.position("emby", "film-1") == (42 if sync_now else 0)
    await home.next_round()
    assert home.position("emby", "film-1") == 42


async def test_a_wanted_first_sync_is_made_up_for(hass: HomeAssistant, home: Household) -> None:
    """A wish outlives a failed first run."""
    home.leave("jellyfin", "film-1", 42)
    host = home.add_account("jellyfin")
    home.add_account("emby")
    await home.setup()
    home.server("emby").faults.add("GET /Users/{user}/Items", Status(500), times=None)
    await home.wait(70)

    async_wish_sync(hass, host.entry_id, home.unique_id("emby"), wanted=True)
    hass.config_entries.async_add_subentry(host, as_subentry(home, "emby"))
    await home.settle()
    assert home.state("sensor.with_emby_status") in ("failed", "waiting")

    home.server("emby").faults.clear()
    await home.next_round()
    assert home.position("emby", "film-1") == 42


@pytest.mark.parametrize("otherwise", ["automatic off", "synced by hand", "not wanted"])
async def test_a_wish_that_is_over(hass: HomeAssistant, home: Household, otherwise: str) -> None:
    """What failed at first is not made up for once somebody has decided otherwise, or has done it."""
    host = home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    turn_off = partial(hass.services.async_call, "switch", "turn_off", SWITCH, blocking=True)
    await turn_off()
    home.server("emby").faults.add("GET /Users/{user}/Items", Status(500), times=None)
    async_wish_sync(hass, host.entry_id, home.unique_id("emby"), wanted=True)
    await home.next_round()
    assert home.state("sensor.with_emby_status") in ("failed", "waiting")

    home.server("emby").faults.clear()
    if otherwise == "automatic off":
        await turn_off()
    elif otherwise == "synced by hand":
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    else:
        async_wish_sync(hass, host.entry_id, home.unique_id("emby"), wanted=False)
    home.leave("jellyfin", "film-1", 42)
    await home.next_round()
    assert home.position("emby", "film-1") == 0


async def test_a_preview_of_a_pair_that_does_not_exist_yet(hass: HomeAssistant, home: Household) -> None:
    """The pair flow shows what the first run would do; nothing is left of it."""
    home.leave("jellyfin", "film-1", 42)
    host = home.add_account("jellyfin")
    peer = home.add_account("emby")
    await home.setup()

    report = await async_preview(hass, host, peer, PairRules(remove=RemoveMode.SOURCE))

    assert report.updated == 1
    assert not report.applied
    assert home.server("emby").traffic.writes == 0

    await hass.config_entries.async_unload(peer.entry_id)
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) is not set up at the moment"):
        await async_preview(hass, host, peer, PairRules())


async def test_a_preview_shows_what_a_first_sync_of_many_titles_would_do(hass: HomeAssistant, home: Household) -> None:
    """Whoever sees it can let the pair sync at once, so nothing is shown as waiting for approval."""
    for film in FILMS:
        home.leave("jellyfin", film.key, 42)
    host = home.add_account("jellyfin")
    peer = home.add_account("emby")
    await home.setup()

    report = await async_preview(hass, host, peer, PairRules())

    assert (report.updated, report.held) == (30, 0)
    assert home.server("emby").traffic.writes == 0


async def test_a_preview_of_an_existing_pair_uses_its_ledger(hass: HomeAssistant, home: Household) -> None:
    """Changed rules are tried on what the pair knows, without changing that."""
    home.leave("jellyfin", "film-1", 42)
    host = home.add_account("jellyfin", home.pair("emby"))
    peer = home.add_account("emby")
    await home.setup()
    await home.next_round()
    await home.next_round()
    await home.wait(1)
    home.leave("jellyfin", "film-2", 21)
    before = deepcopy(home.storage)

    report = await async_preview(hass, host, peer, PairRules(add=False))

    assert report.skipped == {Reason.ADD_OFF: 1, Reason.IN_SYNC: 1}
    assert home.storage == before
    await home.next_round()
    assert home.position("emby", "film-2") == 21

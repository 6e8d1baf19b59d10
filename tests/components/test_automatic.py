"""Automatic runs: the switch, the confirming run, and what waits for somebody's approval."""

from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
import pytest

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.pair.wished_syncs import async_wish_sync
from tests.flows.texts import problems, read

from .household import FILMS, USER, Household

# Home Assistant's own web server, which repairs need, keeps to an older way of aiohttp.
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

SWITCH = {"entity_id": "switch.with_emby_automatic_sync"}


async def set_up_pair(home: Household, **rules: Any) -> None:
    """Set up two accounts with a pair."""
    home.add_account("jellyfin", home.pair("emby", **rules))
    home.add_account("emby")
    await home.setup()


async def open_repair(hass: HomeAssistant, issue_id: str) -> Any:
    """Open the dialog of a repair."""
    await async_setup_component(hass, "repairs", {})
    await hass.async_block_till_done()
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return _checked(await manager.async_init(DOMAIN, data={"issue_id": issue_id}), issue_id)


async def answer_repair(hass: HomeAssistant, dialog: Any, answer: dict[str, str]) -> Any:
    """Answer the dialog of a repair."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    issue_id = manager.async_get(dialog["flow_id"])["context"]["issue_id"]
    return _checked(await manager.async_configure(dialog["flow_id"], answer), issue_id)


def _checked(dialog: Any, issue_id: str) -> Any:
    """Return a step, which has to have all of its texts, filled with what cannot do any harm."""
    repair = issue_id.rsplit("_", 1)[0]
    assert problems(("issues", repair, "fix_flow"), dialog) == []
    return dialog


async def test_automatic_sync_can_be_switched_off(hass: HomeAssistant, home: Household) -> None:
    """The pair still reads and plans, and syncs when asked to; restarts do not matter."""
    await set_up_pair(home)
    assert home.state("switch.with_emby_automatic_sync") == "on"
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    assert home.state("switch.with_emby_automatic_sync") == "off"
    assert home.state("sensor.with_emby_status") == "paused"

    home.leave("jellyfin", "film-1", 42)
    await home.next_round()
    assert home.state("sensor.with_emby_pending") == "1"
    assert home.state("sensor.with_emby_status") == "pending", "what waits is told first"
    assert home.state("sensor.with_emby_last_successful_sync") == "unknown"

    await hass.config_entries.async_reload("entry-jellyfin")
    await home.settle()
    for _ in range(2):
        await home.next_round()
    assert home.state("switch.with_emby_automatic_sync") == "off"
    assert home.server("emby").traffic.writes == 0

    await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert home.position("emby", "film-1") == 42
    assert home.state("sensor.with_emby_status") == "paused"

    home.leave("jellyfin", "film-2", 21)
    await hass.services.async_call("switch", "turn_on", SWITCH, blocking=True)
    await home.next_round()
    assert home.position("emby", "film-2") == 21
    assert home.state("sensor.with_emby_status") == "in_sync"


async def test_the_status_tells_of_a_run_that_writes(hass: HomeAssistant, home: Household) -> None:
    """Automatic runs that find nothing to do leave no trace in the history."""
    home.leave("jellyfin", "film-1", 42)
    await set_up_pair(home)
    seen: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["new_state"] is not None:
            seen.append(event.data["new_state"].state)

    async_track_state_change_event(hass, "sensor.with_emby_status", note)
    await home.next_round()
    assert seen == ["syncing", "in_sync"]

    for _ in range(3):
        await home.next_round()
    assert seen == ["syncing", "in_sync"]

    await hass.services.async_call("button", "press", {"entity_id": "button.with_emby_sync_now"}, blocking=True)
    assert seen == ["syncing", "in_sync"] * 2


@pytest.fixture
async def removed(home: Household) -> Household:
    """A pair that removes, in sync; the film was just taken off the shelf on Jellyfin."""
    item_id = home.leave("jellyfin", "film-1", 42)
    await set_up_pair(home, remove="source")
    await home.next_round()
    assert home.position("emby", "film-1") == 42
    home.server("jellyfin").viewer(USER).clear(item_id)
    return home


async def test_a_removal_is_confirmed_after_one_minute(removed: Household) -> None:
    """Two runs do not mean two intervals."""
    await removed.next_round()
    assert removed.position("emby", "film-1") == 42
    assert removed.state("sensor.with_emby_status") == "pending"

    await removed.wait(55)
    assert removed.position("emby", "film-1") == 42
    await removed.wait(7)

    assert removed.position("emby", "film-1") == 0
    assert removed.state("sensor.with_emby_status") == "in_sync"


async def test_the_confirming_run_reads_anew(removed: Household) -> None:
    """What the round has read is not what confirms: one listing each, the title on both sides, and what was cleared."""
    await removed.next_round()
    removed.reset_traffic()

    await removed.wait(62)

    assert removed.listings() == {"jellyfin": 2, "emby": 3, "attic": 0}


async def test_a_manual_sync_confirms_too(hass: HomeAssistant, removed: Household) -> None:
    """Any later run does, whatever started it."""
    for position in (42, 0):
        await removed.wait(1)
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
        assert removed.position("emby", "film-1") == position


async def test_nothing_is_confirmed_while_automatic_sync_is_off(hass: HomeAssistant, removed: Household) -> None:
    """Not by the clock, and not by a plan."""
    await removed.next_round()
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    await removed.wait(62)
    for _ in range(3):
        await removed.next_round()
    assert removed.position("emby", "film-1") == 42

    await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert removed.position("emby", "film-1") == 0


async def test_a_failed_confirming_run_is_made_up_for(removed: Household) -> None:
    """The removal waits until its account can be read again."""
    emby = removed.server("emby")
    await removed.next_round()
    port = emby.port
    await emby.stop()
    await removed.wait(62)
    assert removed.state("sensor.with_emby_status") == "waiting"

    await emby.start(port)
    await removed.next_round()
    assert removed.position("emby", "film-1") == 0


@pytest.fixture
async def emptied(hass: HomeAssistant, home: Household) -> Household:
    """Twenty of 24 titles in sync were taken off the shelf on Jellyfin, four by four, while the pair did not write."""
    keys = [film.key for film in FILMS[:20]]
    item_ids = [home.leave("jellyfin", film.key, 42) for film in FILMS[:24]]
    await set_up_pair(home, remove="source")
    await home.next_round()
    assert [home.position("emby", key) for key in keys] == [42] * 20
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    for first in range(0, 20, 4):
        for item_id in item_ids[first : first + 4]:
            home.server("jellyfin").viewer(USER).clear(item_id)
        await home.next_round()
    await hass.services.async_call("switch", "turn_on", SWITCH, blocking=True)
    for _ in range(3):
        await home.next_round()
    assert [home.position("emby", key) for key in keys] == [42] * 20
    return home


async def test_many_removals_at_once_are_confirmed_by_hand(
    hass: HomeAssistant, emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Neither time nor a plain sync approves of them."""
    await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert emptied.position("emby", "film-0") == 42
    issue = issue_registry.async_get_issue(DOMAIN, "mass_removal_pair-emby")
    assert issue is not None
    assert read(issue.translation_placeholders) == {"pair": "with emby", "count": "20"}

    dialog = await open_repair(hass, "mass_removal_pair-emby")
    assert dialog["type"] is FlowResultType.MENU
    placeholders = read(dialog["description_placeholders"])
    titles = placeholders.pop("titles").splitlines()
    assert placeholders == {"pair": "with emby", "count": "20"}
    assert (len(titles), titles[-1]) == (16, "- … (+5)")
    assert titles[0] == "- **Film 0 (2000)** (Emby (Anna), 0:42:00)"
    await emptied.wait(1)
    done = await answer_repair(hass, dialog, {"next_step_id": "confirm"})

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert [emptied.position("emby", film.key) for film in FILMS[:20]] == [0] * 20
    assert not issue_registry.issues


async def test_many_removals_at_once_can_be_discarded(
    hass: HomeAssistant, emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """The titles stay, and nobody asks again."""
    dialog = await open_repair(hass, "mass_removal_pair-emby")
    done = await answer_repair(hass, dialog, {"next_step_id": "discard"})

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert not issue_registry.issues
    for _ in range(3):
        await emptied.next_round()
    assert [emptied.position("emby", film.key) for film in FILMS[:20]] == [42] * 20
    assert not issue_registry.issues


async def test_the_approving_action_carries_out_many_removals(
    hass: HomeAssistant, emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """For those who prefer actions over dialogs; the repair goes away by itself."""
    await emptied.wait(1)
    await hass.services.async_call(DOMAIN, "sync", {"approve": True}, blocking=True)

    assert emptied.position("emby", "film-0") == 0
    assert not issue_registry.issues


async def test_syncing_right_away_does_not_approve_of_removals(
    hass: HomeAssistant, emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Whoever changes a pair and lets it sync at once has not been asked about the titles that are held."""
    async_wish_sync(hass, "entry-jellyfin", emptied.unique_id("emby"), wanted=True)
    assert await hass.config_entries.async_reload("entry-jellyfin")
    for _ in range(3):
        await emptied.next_round()

    assert [emptied.position("emby", film.key) for film in FILMS[:20]] == [42] * 20
    assert (DOMAIN, "mass_removal_pair-emby") in issue_registry.issues


async def test_removals_stay_held_when_somebody_goes_on_with_their_titles(
    emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Fewer of them than are held at first are no answer."""
    for film in FILMS[:12]:
        emptied.leave("jellyfin", film.key, 50)
    for _ in range(3):
        await emptied.next_round()

    assert [emptied.position("emby", film.key) for film in FILMS[:20]] == [50] * 12 + [42] * 8
    issue = issue_registry.async_get_issue(DOMAIN, "mass_removal_pair-emby")
    assert issue is not None
    assert read(issue.translation_placeholders) == {"pair": "with emby", "count": "8"}


@pytest.mark.parametrize("choice", ["confirm", "discard"])
async def test_a_repair_of_a_pair_that_is_gone(hass: HomeAssistant, emptied: Household, choice: str) -> None:
    """It says so and changes nothing."""
    dialog = await open_repair(hass, "mass_removal_pair-emby")
    await hass.config_entries.async_unload("entry-jellyfin")

    answer = await answer_repair(hass, dialog, {"next_step_id": choice})

    assert (answer["type"], answer["reason"]) == (FlowResultType.ABORT, "pair_gone")


async def test_a_repair_that_does_not_work(
    hass: HomeAssistant, emptied: Household, issue_registry: ir.IssueRegistry
) -> None:
    """It says why, and stays open."""
    dialog = await open_repair(hass, "mass_removal_pair-emby")
    await emptied.wait(1)
    await emptied.server("emby").stop()

    answer = await answer_repair(hass, dialog, {"next_step_id": "confirm"})

    assert (answer["type"], answer["reason"]) == (FlowResultType.ABORT, "failed")
    assert "Emby (Anna) cannot be reached" in read(answer["description_placeholders"])["error"]
    assert (DOMAIN, "mass_removal_pair-emby") in issue_registry.issues


@pytest.fixture
async def imported(home: Household) -> Household:
    """Twenty titles in sync, all of which stand somewhere else on Jellyfin at once."""
    for film in FILMS[:20]:
        home.leave("jellyfin", film.key, 42)
    await set_up_pair(home)
    await home.next_round()
    for film in FILMS[:20]:
        home.leave("jellyfin", film.key, 10, ago=0)
    for _ in range(3):
        await home.next_round()
    assert [home.position("emby", film.key) for film in FILMS[:20]] == [42] * 20
    return home


@pytest.mark.parametrize(("choice", "emby"), [("confirm", 10), ("discard", 42)])
async def test_many_positions_that_would_be_replaced_are_asked_about(
    hass: HomeAssistant, imported: Household, issue_registry: ir.IssueRegistry, choice: str, emby: int
) -> None:
    """An import or a tool that went wrong: nothing is written before somebody says so, and nobody asks twice."""
    assert [issue for _, issue in issue_registry.issues] == ["mass_update_pair-emby"]
    dialog = await open_repair(hass, "mass_update_pair-emby")
    titles = read(dialog["description_placeholders"])["titles"].splitlines()
    assert titles[0] == "- **Film 0 (2000)** (Emby (Anna), 0:42:00 → 0:10:00)"
    assert titles[-1] == "- … (+5)"
    await imported.wait(1)
    done = await answer_repair(hass, dialog, {"next_step_id": choice})
    await imported.settle()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    for _ in range(2):
        assert not issue_registry.issues
        await imported.next_round()
    assert {imported.position("jellyfin", film.key) for film in FILMS[:20]} == {10}
    assert {imported.position("emby", film.key) for film in FILMS[:20]} == {emby}


async def test_what_is_kept_while_automatic_sync_is_off_is_asked_about_no_more(
    hass: HomeAssistant, imported: Household, issue_registry: ir.IssueRegistry
) -> None:
    """A mere plan takes the question back; a dialog that is opened after that has nothing to ask."""
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    first, second = [await open_repair(hass, "mass_update_pair-emby") for _ in range(2)]
    await answer_repair(hass, first, {"next_step_id": "discard"})
    await imported.next_round()
    assert not issue_registry.issues

    await answer_repair(hass, second, {"next_step_id": "discard"})
    assert imported.position("emby", "film-0") == 42


async def test_a_first_sync_of_many_titles_waits_for_approval(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Nobody has seen what it would do."""
    for film in FILMS:
        home.leave("jellyfin", film.key, 42)
    await set_up_pair(home)
    await home.next_round()
    assert home.server("emby").traffic.writes == 0
    for switched in ("turn_off", "turn_on"):
        await hass.services.async_call("switch", switched, SWITCH, blocking=True)
        assert home.state("sensor.with_emby_status") == "needs_attention", "also while automatic sync is off"
    issue = issue_registry.async_get_issue(DOMAIN, "first_sync_pair-emby")
    assert issue is not None
    assert read(issue.translation_placeholders) == {"pair": "with emby", "count": "30"}

    dialog = await open_repair(hass, "first_sync_pair-emby")
    assert dialog["type"] is FlowResultType.FORM
    await home.wait(1)
    done = await answer_repair(hass, dialog, {})

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert [home.position("emby", film.key) for film in FILMS] == [42] * 30
    assert not issue_registry.issues


async def test_the_repair_of_a_removed_peer_deletes_the_pair(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Once that is confirmed, also if somebody was faster."""
    await set_up_pair(home)
    await hass.config_entries.async_remove("entry-emby")
    await home.settle()
    dialogs = [await open_repair(hass, "peer_removed_pair-emby") for _ in range(2)]
    assert [dialog["step_id"] for dialog in dialogs] == ["confirm"] * 2

    for dialog in dialogs:
        done = await answer_repair(hass, dialog, {})
        assert done["type"] is FlowResultType.CREATE_ENTRY
    await home.settle()

    assert not home.entries["jellyfin"].subentries
    assert not issue_registry.issues
    assert hass.states.get("sensor.with_emby_status") is None


async def test_the_notice_of_a_lost_history_is_closed(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """By confirming that it was read."""
    home.storage[f"{DOMAIN}.entry-jellyfin"] = {"version": 1, "minor_version": 1, "key": "x", "data": {"no": "state"}}
    home.add_account("jellyfin")
    await home.setup()

    dialog = await open_repair(hass, "state_reset_entry-jellyfin")
    assert read(dialog["description_placeholders"]) == {"account": "Jellyfin (Anna)"}
    await answer_repair(hass, dialog, {})

    assert not issue_registry.issues

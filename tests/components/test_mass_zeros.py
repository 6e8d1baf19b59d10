"""Many positions of one account that come to 0 in one read: nothing happens until somebody says what they are."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.flows.texts import read

from .household import FILMS, USER, Household
from .test_automatic import answer_repair, open_repair, set_up_pair

# Home Assistant's own web server, which repairs need, keeps to an older way of aiohttp.
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

ISSUE = "mass_zeros_entry-jellyfin"
TITLES = tuple(film.key for film in FILMS[:20])


def positions(home: Household, name: str) -> set[int]:
    """Return where the titles stand on a server, each position once."""
    return {home.position(name, key) for key in TITLES}


@pytest.fixture
async def reset(home: Household) -> Household:
    """Twenty titles in sync by a pair that removes; then Jellyfin forgets all of its positions at once."""
    item_ids = [home.leave("jellyfin", key, 42) for key in TITLES]
    await set_up_pair(home, remove="source")
    await home.next_round()
    for item_id in item_ids:
        home.server("jellyfin").viewer(USER).clear(item_id)
    for _ in range(3):
        await home.next_round()
    assert (positions(home, "jellyfin"), positions(home, "emby")) == ({0}, {42})
    return home


async def asked(hass: HomeAssistant) -> Any:
    """Open the question, which names the first titles and where they stood."""
    dialog = await open_repair(hass, ISSUE)
    assert dialog["type"] is FlowResultType.MENU
    placeholders = read(dialog["description_placeholders"])
    titles = placeholders.pop("titles").splitlines()
    assert placeholders == {"account": "Jellyfin (Anna)", "count": "20"}
    assert (len(titles), titles[0], titles[-1]) == (16, "- **Film 0 (2000)** (0:42:00)", "- … (+5)")
    return dialog


async def test_zeros_that_were_meant_are_carried_over(
    hass: HomeAssistant, reset: Household, issue_registry: ir.IssueRegistry
) -> None:
    """The repair is all that asks; a sync that approves does not answer it. Then the pair goes on by its own rules."""
    await hass.services.async_call(DOMAIN, "sync", {"approve": True}, blocking=True)
    assert positions(reset, "emby") == {42}
    assert [issue for _, issue in issue_registry.issues] == [ISSUE]

    await answer_repair(hass, await asked(hass), {"next_step_id": "meant"})
    assert (DOMAIN, ISSUE) not in issue_registry.issues
    await reset.next_round()
    await reset.wait(62)
    await hass.services.async_call(DOMAIN, "sync", {"approve": True}, blocking=True)

    assert (positions(reset, "jellyfin"), positions(reset, "emby")) == ({0}, {0})


async def test_places_are_given_back(hass: HomeAssistant, reset: Household, issue_registry: ir.IssueRegistry) -> None:
    """The account gets its positions from its own history, and nobody asks again."""
    await answer_repair(hass, await asked(hass), {"next_step_id": "give_back"})
    await reset.next_round()
    await reset.next_round()

    assert (positions(reset, "jellyfin"), positions(reset, "emby")) == ({42}, {42})
    assert not issue_registry.issues


async def test_the_question_outlasts_a_restart(
    hass: HomeAssistant, reset: Household, issue_registry: ir.IssueRegistry
) -> None:
    """It is asked as long as places are held, and taken back with the account."""
    issue_registry.async_delete(DOMAIN, ISSUE)
    await hass.config_entries.async_reload("entry-jellyfin")
    assert (DOMAIN, ISSUE) in issue_registry.issues

    await hass.config_entries.async_remove("entry-jellyfin")
    await reset.settle()
    assert (DOMAIN, ISSUE) not in issue_registry.issues


async def test_a_title_that_is_played_on_is_asked_about_no_more(
    reset: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Its viewer has answered; with the last one the question goes."""
    for key in TITLES[:19]:
        reset.leave("jellyfin", key, 50, ago=0)
    await reset.next_round()
    issue = issue_registry.async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert read(issue.translation_placeholders) == {"account": "Jellyfin (Anna)", "count": "1"}

    reset.leave("jellyfin", TITLES[19], 50, ago=0)
    await reset.next_round()
    assert (DOMAIN, ISSUE) not in issue_registry.issues


@pytest.mark.parametrize("choice", ["meant", "give_back"])
async def test_an_account_that_is_gone_cannot_be_answered_for(
    hass: HomeAssistant, reset: Household, choice: str
) -> None:
    """The dialog says so."""
    dialog = await asked(hass)
    await hass.config_entries.async_unload("entry-jellyfin")

    answer = await answer_repair(hass, dialog, {"next_step_id": choice})
    assert (answer["type"], answer["reason"]) == (FlowResultType.ABORT, "account_gone")
    opened = await open_repair(hass, ISSUE)
    assert (opened["type"], opened["reason"]) == (FlowResultType.ABORT, "account_gone")
    assert positions(reset, "emby") == {42}


async def test_a_server_that_is_away_names_no_titles(
    hass: HomeAssistant, reset: Household, issue_registry: ir.IssueRegistry
) -> None:
    """The dialog says what is wrong, and the question stays."""
    await reset.server("jellyfin").stop()
    dialog = await open_repair(hass, ISSUE)

    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "failed")
    assert "Jellyfin (Anna) cannot be reached" in read(dialog["description_placeholders"])["error"]
    assert (DOMAIN, ISSUE) in issue_registry.issues


async def test_a_dialog_that_is_left_open_asks_about_nothing(hass: HomeAssistant, reset: Household) -> None:
    """Two dialogs: what was answered in one is settled when the other is opened or answered."""
    first, second = await asked(hass), await asked(hass)
    await answer_repair(hass, first, {"next_step_id": "give_back"})
    await answer_repair(hass, second, {"next_step_id": "meant"})
    for _ in range(2):
        await reset.next_round()

    assert (positions(reset, "jellyfin"), positions(reset, "emby")) == ({42}, {42})

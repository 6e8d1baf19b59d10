"""Titles without a counterpart: since when, what they might be, and the repair that asks about them."""

from dataclasses import replace
import json
from typing import Any

from aiohttp import web
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.pair.candidates import MOST_TITLES
from custom_components.resume_sync.pair.unresolved import long_unresolved
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Item, MediaKind, Reason, Side
from custom_components.resume_sync.sync.plan.decision import Decision, Report
from tests.flows.texts import look_up, problems, read
from tests.simulators.faults import Status, Tampered
from tests.simulators.library import Episode, Film, Show

from .household import MINUTE, USER, Household

# Home Assistant's own web server, which repairs need, keeps to an older way of aiohttp.
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

ISSUE = "unresolved_titles_pair-emby"
TEXTS = ("issues", "unresolved_titles", "fix_flow")
WEEK = 7 * 24 * 3600
GARDEN = Film("garden", "Garden Party", 2024, 60 * MINUTE)
GARDEN_THERE = Film("garden-there", "Garden Party", 2024, 61 * MINUTE)
LAKE = Film("lake", "A Day at the Lake", 2023, 30 * MINUTE)
TALK = Show("talk", "Evening Talk", 2021, {}, (Episode(2, 3, "Guests", 40 * MINUTE, {}),))


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair: two films and an episode without ids in progress on Jellyfin, two of them on Emby."""
    jellyfin, emby = home.server("jellyfin"), home.server("emby")
    for film in (GARDEN, LAKE):
        jellyfin.add_film(film)
    emby.add_film(GARDEN_THERE)
    for server in (jellyfin, emby):
        server.add_show(TALK)
    home.leave("jellyfin", "garden", 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


async def unresolved(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the unresolved titles of the only pair."""
    answer: Any = await hass.services.async_call(DOMAIN, "get_unresolved", blocking=True, return_response=True)
    (pair,) = answer["pairs"]
    items: list[dict[str, Any]] = pair["items"]
    return items


async def open_repair(hass: HomeAssistant) -> Any:
    """Open the dialog of the repair."""
    await async_setup_component(hass, "repairs", {})
    await hass.async_block_till_done()
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return _checked(await manager.async_init(DOMAIN, data={"issue_id": ISSUE}))


async def answer(hass: HomeAssistant, dialog: Any, **given: str) -> Any:
    """Answer the dialog of the repair."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return _checked(await manager.async_configure(dialog["flow_id"], given))


def _checked(dialog: Any) -> Any:
    """Return a step, which has to have all of its texts, filled with what cannot do any harm."""
    assert problems(TEXTS, dialog) == []
    return dialog


def options(dialog: Any, field: str) -> dict[str, str]:
    """Return what can be chosen, with the labels."""
    selector = dialog["data_schema"].schema[field]
    return {option["value"]: option["label"] for option in selector.config["options"]}


async def test_unresolved_titles_tell_since_when_and_what_they_might_be(hass: HomeAssistant, pair: Household) -> None:
    """The other server is asked only when the action is called."""
    (candidate,) = pair.server("emby").items_of("garden-there")
    pair.reset_traffic()
    await pair.next_round()
    assert pair.server("emby").traffic.table() == {"GET /Users/{user}/Items": 1}

    (row,) = await unresolved(hass)

    assert (row["item_id"], row["reason"]) == (pair.server("jellyfin").items_of("garden")[0], "no_ids")
    assert row["since"] == "2026-11-21T12:02:30+00:00"
    assert row["candidates"] == [
        {
            "item_id": candidate,
            "title": "Garden Party",
            "kind": "movie",
            "season": None,
            "episode": None,
            "year": 2024,
            "duration": 61 * 60,
        }
    ]
    for name in pair.entries:
        await hass.config_entries.async_reload(f"entry-{name}")
    await pair.next_round()
    assert [row["since"] for row in await unresolved(hass)] == ["2026-11-21T12:02:30+00:00"]


async def test_episodes_are_proposed_too(hass: HomeAssistant, pair: Household) -> None:
    """And the other way round, from Emby to Jellyfin."""
    pair.leave("emby", "talk/s02e03", 10)
    await pair.next_round()

    rows = {row["title"]: row for row in await unresolved(hass)}

    (candidate,) = rows["Evening Talk: Guests"]["candidates"]
    assert candidate["item_id"] == pair.server("jellyfin").items_of("talk/s02e03")[0]
    assert (candidate["season"], candidate["episode"], candidate["duration"]) == (2, 3, 2400)
    assert len(rows["Garden Party"]["candidates"]) == 1


async def test_without_the_other_server_there_are_no_candidates(hass: HomeAssistant, pair: Household) -> None:
    """The titles are told all the same: while it fails, is away, or its account is not set up."""
    for status in (500, 502):
        pair.server("emby").faults.add("*", Status(status), times=None)
        assert [(row["title"], row["candidates"]) for row in await unresolved(hass)] == [("Garden Party", [])]
        pair.server("emby").faults.clear()
    assert pair.state("binary_sensor.emby_anna_connection") == "on"
    await hass.config_entries.async_unload("entry-emby")
    assert [(row["title"], row["candidates"]) for row in await unresolved(hass)] == [("Garden Party", [])]


async def test_only_the_first_titles_are_asked_for(hass: HomeAssistant, home: Household) -> None:
    """A server that does not answer is not asked for each of them."""
    many = [
        Film(f"talk-{number}", f"Talk {number:02}", 2024, 60 * MINUTE, {"tmdb": str(9000 + number)})
        for number in range(MOST_TITLES + 5)
    ]
    for film in many:
        home.server("jellyfin").add_film(film)
        home.server("emby").add_film(replace(film, ids={}))
        home.leave("jellyfin", film.key, 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()

    rows = await unresolved(hass)
    assert len(rows) == MOST_TITLES + 5
    assert sum(bool(row["candidates"]) for row in rows) == MOST_TITLES

    home.reset_traffic()
    home.server("emby").faults.add("*", Status(503), times=None)
    assert not any(row["candidates"] for row in await unresolved(hass))
    assert sum(home.server("emby").traffic.table().values()) <= 12


async def test_titles_unresolved_for_a_week_are_asked_about(
    hass: HomeAssistant, pair: Household, issue_registry: ir.IssueRegistry
) -> None:
    """Not earlier; ignoring the repair stays ignored, and it goes away with the last such title."""
    await pair.wait(WEEK - 3600)
    assert not issue_registry.issues
    await pair.wait(3700)
    await pair.next_round()
    issue = issue_registry.async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert (issue.is_fixable, issue.severity) == (True, ir.IssueSeverity.WARNING)
    assert read(issue.translation_placeholders) == {"pair": "with emby", "count": "1"}

    ir.async_ignore_issue(hass, DOMAIN, ISSUE, ignore=True)
    pair.leave("jellyfin", "lake", 10)
    await pair.next_round()
    await pair.wait(WEEK + 60)
    await pair.next_round()
    issue = issue_registry.async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert (issue.translation_placeholders or {})["count"] == "2"
    assert issue.dismissed_version is not None

    for key in ("garden", "lake"):
        pair.server("jellyfin").viewer(USER).clear(pair.server("jellyfin").items_of(key)[0])
        await pair.next_round()
    assert not issue_registry.issues


async def test_the_repair_maps_and_ignores_one_title_after_the_other(
    hass: HomeAssistant, pair: Household, issue_registry: ir.IssueRegistry
) -> None:
    """The user picks a title, then what it is; the last one comes by itself."""
    pair.leave("jellyfin", "lake", 10)
    await pair.next_round()
    await pair.wait(WEEK + 600)
    await pair.next_round()
    garden, lake = (f"left:{pair.server('jellyfin').items_of(key)[0]}" for key in ("garden", "lake"))
    (there,) = pair.server("emby").items_of("garden-there")

    dialog = await open_repair(hass)
    assert (dialog["step_id"], problems(TEXTS, dialog)) == ("title", [])
    assert options(dialog, "title") == {garden: "Garden Party (2024), 60 min", lake: "A Day at the Lake (2023), 30 min"}
    assert dialog["description_placeholders"]["count"] == "2"

    dialog = await answer(hass, dialog, title=garden)
    assert dialog["step_id"] == "match"
    assert options(dialog, "match") == {there: "Garden Party (2024), 61 min", "ignore": "Ignore this title"}
    placeholders = read(dialog["description_placeholders"])
    assert (placeholders["from"], placeholders["to"]) == ("Jellyfin (Anna)", "Emby (Anna)")
    assert (placeholders["title"], placeholders["left"]) == ("Garden Party (2024), 60 min", "1")

    dialog = await answer(hass, dialog, match=there)
    assert (dialog["step_id"], dialog["errors"]) == ("match", {})
    assert options(dialog, "match") == {"ignore": "Ignore this title"}
    assert dialog["description_placeholders"]["title_plain"] == "A Day at the Lake (2023), 30 min"

    dialog = await answer(hass, dialog, match="ignore")
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert not issue_registry.issues
    await pair.settle()
    await pair.next_round()
    ledger = pair.entries["jellyfin"].runtime_data.pairs["pair-emby"].state.ledger
    assert ledger.mappings == {garden: there, lake: None}
    assert pair.position("emby", "garden-there") == 20
    assert not issue_registry.issues
    assert pair.state("sensor.with_emby_unresolved") == "0"


async def test_every_text_of_the_dialog_exists(hass: HomeAssistant, pair: Household) -> None:
    """Also of the choice to ignore, which the frontend looks up by itself."""
    await pair.wait(WEEK + 600)
    await pair.next_round()
    dialog = await open_repair(hass)
    assert dialog["step_id"] == "match"
    for path in (("title",), ("description",), ("data", "match"), ("data_description", "match")):
        text = look_up((*TEXTS, "step", "match", *path))
        assert text.format(**dialog["description_placeholders"])
    assert look_up(("selector", "unresolved_match", "options", "ignore"))
    with pytest.raises(InvalidData):
        await answer(hass, dialog, match="something else")


async def test_the_repair_tells_why_a_choice_did_not_work(hass: HomeAssistant, pair: Household) -> None:
    """And offers it again."""
    await pair.wait(WEEK + 600)
    await pair.next_round()
    (there,) = pair.server("emby").items_of("garden-there")
    dialog = await open_repair(hass)
    pair.server("emby").delete(there)

    dialog = await answer(hass, dialog, match=there)
    assert dialog["errors"] == {"base": "failed"}
    assert there in dialog["description_placeholders"]["error_plain"]

    pair.server("jellyfin").faults.add("*", Status(502), times=None)
    dialog = await answer(hass, dialog, match="ignore")
    assert "Jellyfin (Anna) cannot be reached" in dialog["description_placeholders"]["error_plain"]

    await hass.config_entries.async_unload("entry-jellyfin")
    dialog = await answer(hass, dialog, match="ignore")
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "pair_gone")
    dialog = await open_repair(hass)
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "pair_gone")


async def test_a_title_that_was_solved_elsewhere_leaves_nothing_to_ask(hass: HomeAssistant, pair: Household) -> None:
    """The dialog ends when another window has done it all."""
    pair.leave("jellyfin", "lake", 10)
    await pair.next_round()
    await pair.wait(WEEK + 600)
    await pair.next_round()
    dialog = await open_repair(hass)
    chosen = next(iter(options(dialog, "title")))
    for key in ("garden", "lake"):
        (item_id,) = pair.server("jellyfin").items_of(key)
        data = {"device_id": pair.device_id("pair-emby"), "source_item": item_id, "ignore": True}
        await hass.services.async_call(DOMAIN, "map_item", data, blocking=True)

    assert (await answer(hass, dialog, title=chosen))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_title_that_cannot_be_read_is_listed_and_not_asked_about(hass: HomeAssistant, pair: Household) -> None:
    """Jellyfin tells no position of the lake: the action and the sensor say so, the repair asks for the garden only."""

    def without_position(response: web.Response) -> web.Response:
        body = json.loads(response.text or "null")
        for row in body.get("Items", []) if isinstance(body, dict) else []:
            if row["Name"] == LAKE.title:
                row["UserData"]["PlaybackPositionTicks"] = -1
        response.text = json.dumps(body)
        return response

    pair.leave("jellyfin", "lake", 10)
    pair.server("jellyfin").faults.add("GET /Items*", Tampered(without_position), times=None)
    await pair.next_round()
    rows = {row["title"]: row for row in await unresolved(hass)}
    assert {title: row["reason"] for title, row in rows.items()} == {
        GARDEN.title: "no_ids",
        LAKE.title: "unreadable",
    }
    assert (rows[LAKE.title]["candidates"], rows[LAKE.title]["from_position"]) == ([], None)
    assert pair.state("sensor.with_emby_unresolved") == "2"
    await pair.wait(WEEK)
    await pair.next_round()
    issue = ir.async_get(hass).async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["count"] == "1"


async def test_nobody_is_asked_about_home_videos(
    hass: HomeAssistant, home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """No other server can have them: they are counted, and neither unresolved nor in a repair after a week."""
    for number in range(30):
        home.server("jellyfin").add_film(Film(f"beach-{number}", f"IMG_{number:04}", 2019, 15 * MINUTE), "Home")
        home.leave("jellyfin", f"beach-{number}", 5)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(WEEK + 600)
    await home.next_round()
    report = home.entries["jellyfin"].runtime_data.pairs["pair-emby"].data.report
    assert report.skipped == {Reason.WITHOUT_IDS: 30}
    assert await unresolved(hass) == []
    assert not issue_registry.issues


def test_an_ambiguous_show_is_one_question() -> None:
    """Its episodes are counted in other orders on the two servers; other titles are asked about one by one."""

    def unresolved_episode(number: int, reason: Reason, show: str = "Evening Talk") -> Decision:
        """Return the decision about an episode."""
        item = Item(f"e{number}", MediaKind.EPISODE, "", show_title=show, season=1, episode=number)
        return Decision(f"key-{number}", item, Action.UNRESOLVED, reason, Side.LEFT, item.item_id)

    decisions = (
        unresolved_episode(1, Reason.AMBIGUOUS),
        unresolved_episode(2, Reason.NOT_FOUND),
        unresolved_episode(3, Reason.AMBIGUOUS),
        unresolved_episode(4, Reason.AMBIGUOUS, "Morning Talk"),
        unresolved_episode(5, Reason.NOT_FOUND),
    )
    ledger = Ledger(unresolved_since={f"left:e{number}": number for number in range(1, 6)})
    asked = long_unresolved(Report(decisions, 0, 0, applied=True), ledger, WEEK * 1000 + 10)
    assert [(title.key, title.alike) for title in asked] == [
        ("left:e1", ("e3",)),
        ("left:e2", ()),
        ("left:e4", ()),
        ("left:e5", ()),
    ]


async def test_ignoring_an_ambiguous_show_ignores_its_episodes(hass: HomeAssistant, home: Household) -> None:
    """One choice puts aside all of its episodes that are in progress."""
    jellyfin, emby = home.server("jellyfin"), home.server("emby")
    for server, year in ((jellyfin, 2021), (emby, 2023)):
        episodes = (
            Episode(1, number, f"Part {number}", 40 * MINUTE, aired=f"{year}-03-0{number}") for number in (1, 2)
        )
        server.add_show(Show("discs", "Disc Order", 2021, {"tvdb": "4242"}, tuple(episodes)))
    home.leave("jellyfin", "discs/s01e01", 20)
    home.leave("jellyfin", "discs/s01e02", 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    assert {row["reason"] for row in await unresolved(hass)} == {"ambiguous"}
    await home.wait(WEEK + 600)
    await home.next_round()
    dialog = await open_repair(hass)
    assert (dialog["step_id"], dialog["description_placeholders"]["left"]) == ("match", "0")
    assert dialog["description_placeholders"]["title_plain"].endswith("(+1)")
    dialog = await answer(hass, dialog, match="ignore")
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    await home.settle()
    await home.next_round()
    assert await unresolved(hass) == []

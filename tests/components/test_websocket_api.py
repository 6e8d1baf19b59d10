"""What the cards are told: one pair, and where every title stands; to whom, and how soon."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.dashboard.feed import TOGETHER_SECONDS
from tests.simulators.faults import Status

from .household import HOME_MOVIE, Household

PAIR = "resume_sync/pair/subscribe"
PROGRESS = "resume_sync/progress/subscribe"

type Json = dict[str, Any]


@pytest.fixture
async def couple(running_home: Household) -> Household:
    """Two accounts with a pair, planned but not synced, and one without; a title without ids."""
    home = running_home
    for server in home.servers.values():
        server.add_film(HOME_MOVIE)
    home.leave("jellyfin", "film-1", 42)
    home.leave("jellyfin", "home-movie", 10)
    home.leave("emby", "film-1", 20, ago=7200)
    home.leave("attic", "film-2", 5)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    return home


async def subscribe(client: MockHAClientWebSocket, kind: str, **data: Any) -> Json:
    """Subscribe, and return what is told at once."""
    await client.send_json_auto_id({"type": kind, **data})
    answer = await client.receive_json()
    assert answer["success"], answer
    return await news(client)


async def news(client: MockHAClientWebSocket) -> Json:
    """Return what is told next."""
    message = await client.receive_json(timeout=10)
    assert message["type"] == "event"
    told: Json = message["event"]
    return told


async def until(client: MockHAClientWebSocket, happened: Callable[[Json], object]) -> Json:
    """Return the first news in which something has happened."""
    while not happened(told := await news(client)):
        pass
    return told


def titles(table: Json) -> dict[str, Json]:
    """Return the rows of a table by title."""
    return {row["title"]: row for group in table["groups"] for row in group["titles"]}


async def test_a_pair_is_told_and_told_again(couple: Household, hass_ws_client: WebSocketGenerator) -> None:
    """Direction, accounts, what is open; after a sync what was done and why, once."""
    client = await hass_ws_client()
    device_id = couple.device_id("pair-emby")

    told = await subscribe(client, PAIR, device_id=device_id)

    assert (told["gone"], told["loaded"], told["can_run"]) == (False, True, True)
    assert told["direction"] == "two_way"
    accounts = [{"name": "Jellyfin (Anna)", "type": "jellyfin"}, {"name": "Emby (Anna)", "type": "emby"}]
    assert told["accounts"] == accounts
    assert told["error"] is None
    assert told["next_run"].endswith("+00:00")
    assert [(row["title"], row["action"], row["reason"]) for row in told["open"]] == [
        ("Garden Party", "unresolved", "no_ids")
    ]
    assert told["open"][0]["at"].endswith("+00:00")
    assert (told["recent"], told["removals"], told["removals_total"]) == ([], [], 0)

    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    (row,) = (await news(client))["recent"]
    assert (row["title"], row["action"], row["reason"]) == ("Film 1", "write", "newer_position")
    assert (row["from"], row["to"], row["from_position"]) == ("Jellyfin (Anna)", "Emby (Anna)", 2520)


async def test_what_is_told_survives_a_reload_and_ends_with_the_pair(
    couple: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """The subscription follows the account through its set-ups; recent titles are remembered."""
    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    client = await hass_ws_client()
    told = await subscribe(client, PAIR, device_id=couple.device_id("pair-emby"))
    entry = couple.entries["jellyfin"]

    await couple.hass.config_entries.async_unload(entry.entry_id)
    unloaded = await news(client)
    assert (unloaded["loaded"], "recent" in unloaded) == (False, False)
    await couple.hass.config_entries.async_setup(entry.entry_id)
    again = await until(client, lambda told: told["loaded"] and told["open"])
    assert again["recent"] == told["recent"] != []

    couple.hass.config_entries.async_remove_subentry(entry, "pair-emby")
    assert await until(client, lambda told: told["gone"]) == {"gone": True}


async def test_a_waiting_removal_and_an_error_are_told(couple: Household, hass_ws_client: WebSocketGenerator) -> None:
    """The error by its translation key, so that browsers find it in their language."""
    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    client = await hass_ws_client()
    await subscribe(client, PAIR, device_id=couple.device_id("pair-emby"))

    couple.server("jellyfin").viewer("Anna").clear(couple.server("jellyfin").items_of("film-1")[0])
    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    told = await until(client, lambda told: told["removals"])
    assert [(row["title"], row["reason"]) for row in told["removals"]] == [("Film 1", "cleared_on_source")]
    assert told["removals_total"] == 1

    couple.server("emby").faults.add("GET /Users/{user}/Items", Status(503), times=None)
    await couple.hass.services.async_call("button", "press", {"entity_id": button(couple)}, blocking=False)
    error = (await until(client, lambda told: told["error"]))["error"]
    assert error["key"] in ("server_busy", "cannot_connect", "bad_response")
    assert error["placeholders"] == {"account": "Emby (Anna)"}
    assert "Emby (Anna)" in error["message"]


def button(home: Household) -> str:
    """Return the button of the pair."""
    entity_id = er.async_get(home.hass).async_get_entity_id("button", DOMAIN, "pair-emby_sync")
    assert entity_id is not None
    return entity_id


async def test_a_device_that_is_no_pair_is_refused(couple: Household, hass_ws_client: WebSocketGenerator) -> None:
    """So is one that does not exist."""
    client = await hass_ws_client()
    account = er.async_get(couple.hass).async_get("sensor.jellyfin_anna_continue_watching")
    assert account is not None
    for device_id in ("nothing", account.device_id):
        await client.send_json_auto_id({"type": PAIR, "device_id": device_id})
        answer = await client.receive_json()
        assert answer["error"]["code"] == "not_found"


async def test_the_table_shows_every_title_on_every_account(
    couple: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """In groups that pairs connect; the account where it was moved last is marked, and why it stands as it does."""
    client = await hass_ws_client()
    table = await subscribe(client, PROGRESS)

    names = [[account["name"] for account in group["accounts"]] for group in table["groups"]]
    assert names == [["Jellyfin (Anna)", "Emby (Anna)"], ["Attic (Anna)"]]
    film = titles(table)["Film 1"]
    assert [place["position"] for place in film["places"]] == [2520, 1200]
    assert [place["percent"] for place in film["places"]] == [42, 20]
    assert film["leader"] == "entry-jellyfin"
    (film_id,) = couple.server("jellyfin").items_of("film-1")
    assert film["poster"] == {"entry_id": "entry-jellyfin", "item_id": film_id}
    assert [(one["from"], one["reason"]) for one in film["decisions"]] == [("Jellyfin (Anna)", "newer_position")]
    assert titles(table)["Garden Party"]["places"][1] is None
    assert titles(table)["Film 2"]["decisions"] == []

    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    film = titles(await news(client))["Film 1"]
    assert [place["position"] for place in film["places"]] == [2520, 2520]
    assert film["leader"] == "entry-jellyfin"

    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    film = titles(await until(client, lambda told: titles(told)["Film 1"]["decisions"][0]["at"]))["Film 1"]
    assert [one["reason"] for one in film["decisions"]] == ["newer_position"], "it tells how it came to be in sync"


async def test_an_account_that_does_not_answer_is_marked(couple: Household, hass_ws_client: WebSocketGenerator) -> None:
    """What was last known of it stays."""
    client = await hass_ws_client()
    await subscribe(client, PROGRESS)
    couple.server("emby").faults.add("GET /Users/{user}/Items", Status(503), times=None)
    await couple.hass.services.async_call("button", "press", {"entity_id": button(couple)}, blocking=False)
    table = await until(client, lambda told: not all(one["connected"] for one in told["groups"][0]["accounts"]))
    assert titles(table)["Film 1"]["places"][1]["position"] == 1200


async def test_users_see_what_their_rights_on_the_entities_allow(
    couple: Household,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    """Readers see and may not sync; whoever may read one account only sees nothing of the others, nor their pairs."""
    client = await hass_ws_client(couple.hass, hass_read_only_access_token)
    device_id = couple.device_id("pair-emby")
    assert (await subscribe(client, PAIR, device_id=device_id))["can_run"] is False
    assert len(titles(await subscribe(client, PROGRESS))) == 3

    sensor = "sensor.jellyfin_anna_continue_watching"
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {sensor: True}}})
    table = await subscribe(client, PROGRESS)
    assert [account["name"] for group in table["groups"] for account in group["accounts"]] == ["Jellyfin (Anna)"]
    assert titles(table)["Film 1"]["decisions"] == []
    assert "Emby" not in str(table)
    await client.send_json_auto_id({"type": PAIR, "device_id": device_id})
    assert (await client.receive_json())["error"]["code"] == "unauthorized"

    status = er.async_get(couple.hass).async_get_entity_id("sensor", DOMAIN, "pair-emby_status")
    assert status is not None
    rights = {status: {POLICY_READ: True}, button(couple): {POLICY_CONTROL: True}}
    hass_read_only_user.mock_policy({"entities": {"entity_ids": rights}})
    assert (await subscribe(client, PAIR, device_id=device_id))["can_run"] is True
    assert await subscribe(client, PROGRESS) == {"groups": []}


async def test_what_has_no_entity_is_for_administrators(
    couple: Household, hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """An entity that somebody deleted gives no rights."""
    registry = er.async_get(hass)
    registry.async_remove("sensor.jellyfin_anna_continue_watching")
    client = await hass_ws_client(hass, hass_read_only_access_token)
    table = await subscribe(client, PROGRESS)
    assert [account["name"] for group in table["groups"] for account in group["accounts"]] == [
        "Emby (Anna)",
        "Attic (Anna)",
    ]
    admin = await hass_ws_client()
    assert len((await subscribe(admin, PROGRESS))["groups"]) == 2


async def test_a_pair_before_its_first_run_and_without_its_other_account(
    running_home: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """There is nothing to list yet, and no name of what is gone."""
    running_home.add_account("jellyfin", running_home.pair("emby"))
    await running_home.setup()
    told = await subscribe(await hass_ws_client(), PAIR, device_id=running_home.device_id("pair-emby"))
    assert told["accounts"] == [{"name": "Jellyfin (Anna)", "type": "jellyfin"}, None]
    assert told["open"] == []
    assert told["error"]["key"] == "peer_removed"


async def test_other_integrations_and_the_same_again_are_no_news(
    couple: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """What is told next is what has changed."""
    client = await hass_ws_client()
    table = await subscribe(client, PROGRESS)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(couple.hass)
    couple.hass.config_entries.async_update_entry(other, title="Other")
    couple.entries["jellyfin"].runtime_data.account.async_update_listeners()
    await asyncio.sleep(2 * TOGETHER_SECONDS)
    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert await news(client) != table


async def test_nothing_is_told_after_the_end(couple: Household, hass_ws_client: WebSocketGenerator) -> None:
    """Also when something had just changed."""
    client = await hass_ws_client()
    await subscribe(client, PROGRESS)
    couple.entries["jellyfin"].runtime_data.account.async_update_listeners()
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
    assert (await client.receive_json())["success"]
    await couple.hass.services.async_call(DOMAIN, "sync", blocking=True)
    await client.send_json_auto_id({"type": "ping"})
    assert (await client.receive_json())["type"] == "pong"

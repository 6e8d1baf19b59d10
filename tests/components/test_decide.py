"""The action Decide: what a pair holds, plays that started behind, and what came to 0 on one account at once."""

from collections.abc import Sequence
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN

from .household import FILMS, USER, Household
from .test_automatic import set_up_pair

TITLES = tuple(film.key for film in FILMS[:20])


def account_device(home: Household, name: str) -> str:
    """Return the device of an account."""
    (device,) = (
        device
        for device in dr.async_entries_for_config_entry(dr.async_get(home.hass), f"entry-{name}")
        if device.config_subentry_id is None
    )
    return device.id


async def decide(home: Household, device_id: str, answer: str, items: Sequence[str] = ()) -> None:
    """Call the action, and let what follows run."""
    data: dict[str, Any] = {"device_id": device_id, "answer": answer}
    if items:
        data["items"] = list(items)
    await home.wait(1)
    await home.hass.services.async_call(DOMAIN, "decide", data, blocking=True)
    await home.settle()


async def refused(home: Household, device_id: str, answer: str, items: Sequence[str] = ()) -> str | None:
    """Call the action with what cannot be, and return which error that is."""
    with pytest.raises(ServiceValidationError) as error:
        await decide(home, device_id, answer, items)
    assert str(error.value) != error.value.translation_key
    return error.value.translation_key


def item(home: Household, name: str, key: str) -> str:
    """Return the id of a title on a server."""
    (item_id,) = home.server(name).items_of(key)
    return item_id


def shown(home: Household) -> tuple[str, str]:
    """Return the status of the pair, and whether it shows a problem."""
    return home.state("sensor.with_emby_status"), home.state("binary_sensor.with_emby_problem")


@pytest.fixture
async def imported(home: Household) -> Household:
    """Twenty titles in sync, all of which stand somewhere else on Jellyfin at once."""
    for key in TITLES:
        home.leave("jellyfin", key, 42)
    await set_up_pair(home)
    await home.next_round()
    for key in TITLES:
        home.leave("jellyfin", key, 10, ago=0)
    await home.next_round()
    assert {home.position("emby", key) for key in TITLES} == {42}
    return home


async def test_titles_of_a_pair_are_answered_one_by_one_or_all(
    imported: Household, issue_registry: ir.IssueRegistry
) -> None:
    """One is applied, named as either server names it; one is kept; the rest is applied at once."""
    pair = imported.device_id("pair-emby")
    await decide(imported, pair, "apply", [item(imported, "jellyfin", "film-0")])
    await decide(imported, pair, "keep", [item(imported, "emby", "film-1")])
    await imported.next_round()
    assert [imported.position("emby", key) for key in TITLES] == [10] + [42] * 19
    issue = issue_registry.async_get_issue(DOMAIN, "mass_update_pair-emby")
    assert issue is not None
    assert (issue.translation_placeholders or {})["count"] == "18"
    assert shown(imported) == ("needs_attention", "on")

    await decide(imported, pair, "apply")
    await imported.next_round()
    assert shown(imported) == ("in_sync", "off")
    assert [imported.position("emby", key) for key in TITLES] == [10, 42] + [10] * 18
    assert imported.position("jellyfin", "film-1") == 10
    assert not issue_registry.issues


async def test_what_cannot_be_answered_is_refused(hass: HomeAssistant, imported: Household) -> None:
    """Each with its reason; nothing is changed."""
    pair, account = imported.device_id("pair-emby"), account_device(imported, "jellyfin")
    assert await refused(imported, pair, "give_back") == "answer_not_of_pair"
    assert await refused(imported, pair, "source") == "nothing_to_decide"
    assert await refused(imported, pair, "apply", ["somewhere"]) == "item_not_waiting"
    assert await refused(imported, account, "keep") == "answer_not_of_account"
    assert await refused(imported, account, "give_back") == "nothing_to_decide"
    assert await refused(imported, "nobody", "apply") == "not_a_pair"
    await hass.config_entries.async_unload("entry-jellyfin")
    assert await refused(imported, account, "apply") == "account_not_loaded"
    assert await refused(imported, pair, "apply") == "pair_not_loaded"
    assert {imported.position("emby", key) for key in TITLES} == {42}


async def test_zeros_of_an_account_are_answered_one_by_one_or_all(
    home: Household, issue_registry: ir.IssueRegistry
) -> None:
    """One was meant; the others are given back."""
    item_ids = [home.leave("jellyfin", key, 42) for key in TITLES]
    await set_up_pair(home, remove="source")
    await home.next_round()
    for item_id in item_ids:
        home.server("jellyfin").viewer(USER).clear(item_id)
    await home.next_round()
    account = account_device(home, "jellyfin")

    await decide(home, account, "apply", item_ids[:1])
    issue = issue_registry.async_get_issue(DOMAIN, "mass_zeros_entry-jellyfin")
    assert issue is not None
    assert (issue.translation_placeholders or {})["count"] == "19"
    assert shown(home) == ("needs_attention", "on")
    await decide(home, account, "give_back")
    assert not issue_registry.issues
    for _ in range(3):
        await home.next_round()

    assert shown(home)[1] == "off"
    for name in ("jellyfin", "emby"):
        assert [home.position(name, key) for key in TITLES] == [0] + [42] * 19


@pytest.mark.parametrize(("answer", "expected"), [("source", 25), ("target", 80)])
async def test_a_play_that_started_behind_is_answered(home: Household, answer: str, expected: int) -> None:
    """Both stood at 20 min. Emby went on to 80 while Jellyfin was away, where it was played from 20 to 25 then."""
    home.leave("jellyfin", "film-1", 20, ago=7200)
    await set_up_pair(home)
    await home.next_round()
    assert home.position("emby", "film-1") == 20
    port = home.server("jellyfin").port
    await home.server("jellyfin").stop()
    home.leave("emby", "film-1", 80, ago=0)
    await home.next_round()
    await home.wait(1200)
    home.leave("jellyfin", "film-1", 25, ago=300)
    await home.server("jellyfin").start(port)
    await home.next_round()
    await home.next_round()
    assert (home.position("jellyfin", "film-1"), home.position("emby", "film-1")) == (25, 80)

    await decide(home, home.device_id("pair-emby"), answer)
    await home.next_round()

    assert (home.position("jellyfin", "film-1"), home.position("emby", "film-1")) == (expected, expected)

"""The actions: what they do, what they answer, and what they refuse."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status
from tests.simulators.library import Film

from .household import HOME_MOVIE, MINUTE, USER, Household

FILM_ROW = {
    "title": "Film 1",
    "kind": "movie",
    "season": None,
    "episode": None,
    "year": 2001,
    "ids": ["movie:imdb:tt1000001"],
}


async def call(hass: HomeAssistant, action: str, **data: Any) -> list[dict[str, Any]]:
    """Call an action and return the pairs of its response."""
    context = data.pop("context", None)
    answer: Any = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    assert answer.keys() == {"pairs"}
    rows: list[dict[str, Any]] = answer["pairs"]
    return rows


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair: a film and an episode to sync, one film in sync, one title without ids."""
    home.leave("jellyfin", "film-1", 42)
    home.leave("jellyfin", "show/s01e02", 10, ago=7200)
    home.leave("jellyfin", "film-2", 21, ago=9000)
    home.leave("emby", "film-2", 21, ago=9000)
    home.server("emby").add_film(HOME_MOVIE)
    home.leave("emby", HOME_MOVIE.key, 5)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(1)
    return home


async def test_sync_answers_what_it_did(hass: HomeAssistant, pair: Household) -> None:
    """Counts, and a row for each title that something was done about."""
    (answer,) = await call(hass, "sync", device_id=pair.device_id("pair-emby"))

    items = {row["title"]: row for row in answer.pop("items")}
    duration = answer.pop("duration")
    assert isinstance(duration, float)
    assert answer.pop("run_id")
    assert answer == {
        "device_id": pair.device_id("pair-emby"),
        "name": "with emby",
        "status": "in_sync",
        "error": None,
        "updated": 2,
        "cleared": 0,
        "waiting": 0,
        "unresolved": 1,
        "skipped": {"in_sync": 1},
    }
    assert items.keys() == {"Film 1", "The Show: The Second", "Garden Party"}
    assert items["Film 1"] == FILM_ROW | {
        "from": "Jellyfin (Anna)",
        "to": "Emby (Anna)",
        "from_position": 42 * 60,
        "to_position": 0,
        "action": "write",
        "reason": "only_on_source",
    }
    episode = items["The Show: The Second"]
    assert (episode["kind"], episode["season"], episode["episode"]) == ("episode", 1, 2)
    assert set(episode["ids"]) >= {"episode:tvdb:471102", "show:tvdb:4711"}
    assert (items["Garden Party"]["action"], items["Garden Party"]["reason"]) == ("unresolved", "no_ids")
    assert items["Garden Party"]["from"] == "Emby (Anna)"
    assert pair.position("emby", "film-1") == 42
    assert pair.position("emby", "show/s01e02") == 10


async def test_sync_shows_in_the_entities(hass: HomeAssistant, pair: Household) -> None:
    """As any automatic run does, and without a response nothing is answered."""
    assert await hass.services.async_call(DOMAIN, "sync", blocking=True) is None

    assert pair.state("sensor.with_emby_status") == "in_sync"
    assert pair.state("sensor.with_emby_pending") == "0"
    assert pair.state("sensor.with_emby_unresolved") == "1"
    assert pair.state("sensor.emby_anna_continue_watching") == "4"


async def test_preview_answers_every_decision_and_changes_nothing(hass: HomeAssistant, pair: Household) -> None:
    """Neither on a server nor in the state nor in an entity."""
    before = {state.entity_id: state for state in hass.states.async_all()}
    stored = {name: pair.entries[name].runtime_data.account.store.journal.to_dict() for name in pair.entries}

    (answer,) = await call(hass, "preview")

    assert {row["title"]: row["action"] for row in answer["items"]} == {
        "Film 1": "write",
        "Film 2": "none",
        "The Show: The Second": "write",
        "Garden Party": "unresolved",
    }
    assert (answer["updated"], answer["skipped"], answer["error"]) == (2, {"in_sync": 1}, None)
    assert pair.server("emby").traffic.writes == pair.server("jellyfin").traffic.writes == 0
    assert {state.entity_id: state for state in hass.states.async_all()} == before
    assert {name: pair.entries[name].runtime_data.account.store.journal.to_dict() for name in pair.entries} == stored


async def test_pairs_are_asked_for_by_device(hass: HomeAssistant, home: Household) -> None:
    """One, several, each only once, or all."""
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    emby, attic = home.device_id("pair-emby"), home.device_id("pair-attic")

    assert [row["device_id"] for row in await call(hass, "sync", device_id=emby)] == [emby]
    assert [row["device_id"] for row in await call(hass, "sync", device_id=[attic, emby, attic])] == [attic, emby]
    assert [row["device_id"] for row in await call(hass, "sync", device_id=[])] == [emby, attic]
    assert [row["device_id"] for row in await call(hass, "preview")] == [emby, attic]


@pytest.mark.parametrize("action", ["sync", "preview", "get_unresolved", "get_tombstones", "clear_tombstones"])
async def test_a_device_that_is_no_pair_is_refused(
    hass: HomeAssistant, pair: Household, device_registry: dr.DeviceRegistry, action: str
) -> None:
    """Unknown, somebody else's, or an account."""
    stranger = MockConfigEntry(domain="stranger")
    stranger.add_to_hass(hass)
    foreign = device_registry.async_get_or_create(config_entry_id=stranger.entry_id, identifiers={("stranger", "1")})
    account = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, pair.unique_id("jellyfin")), config_entry_id="entry-jellyfin"
    )
    for device_id in ("nobody", foreign.id, account):
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": [pair.device_id("pair-emby"), device_id]},
                blocking=True,
                return_response=action.startswith(("get_", "preview")),
            )
        assert (refused.value.translation_domain, refused.value.translation_key) == (DOMAIN, "not_a_pair")
    assert pair.server("emby").traffic.writes == 0


@pytest.mark.parametrize("data", [{"full": "perhaps"}, {"pairs": "all"}, {"device_id": {"a": 1}}])
async def test_nonsense_is_refused(hass: HomeAssistant, pair: Household, data: dict[str, Any]) -> None:
    """Before anything is asked of a server."""
    with pytest.raises(probatio.Invalid):
        await hass.services.async_call(DOMAIN, "sync", data, blocking=True)


async def test_without_a_pair_there_is_nothing_to_sync(hass: HomeAssistant, home: Household) -> None:
    """An automation that expects one should be seen to fail."""
    home.add_account("jellyfin")
    await home.setup()

    with pytest.raises(ServiceValidationError, match="There is no pair to sync"):
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert await call(hass, "get_unresolved") == []


async def test_one_failed_pair_does_not_fail_the_others(hass: HomeAssistant, home: Household) -> None:
    """It has its row with the error; only when all fail the action does."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    await home.wait(1)
    home.server("attic").faults.add("*", Status(502), times=None)

    emby, attic = await call(hass, "sync")

    assert (emby["status"], emby["error"], emby["updated"]) == ("in_sync", None, 1)
    assert attic == {
        "device_id": home.device_id("pair-attic"),
        "name": "with attic",
        "status": "waiting",
        "error": "Attic (Anna) cannot be reached. Check that the server runs and that Home Assistant can open its "
        "address; it will be tried again",
        "updated": 0,
        "cleared": 0,
        "waiting": 0,
        "unresolved": 0,
        "skipped": {},
        "duration": 0.0,
        "run_id": None,
        "items": [],
    }

    home.server("emby").faults.add("*", Status(502), times=None)
    await home.wait(1)
    message = r"No pair could be synced\. .*Emby \(Anna\).* Attic \(Anna\)"
    with pytest.raises(HomeAssistantError, match=message) as failed:
        await call(hass, "sync")
    assert failed.value.translation_key == "sync_failed"
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be reached"):
        await call(hass, "preview", device_id=home.device_id("pair-emby"))


async def test_pairs_of_an_account_that_is_not_set_up(hass: HomeAssistant, home: Household) -> None:
    """They fail by themselves; what only reads leaves them out, unless they are asked for."""
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby", home.pair("attic"))
    home.add_account("attic")
    await home.setup()
    devices = [home.device_id("pair-emby"), home.device_id("pair-attic")]
    await hass.config_entries.async_unload("entry-jellyfin")

    failed, done = await call(hass, "sync")

    assert (failed["device_id"], failed["status"]) == (devices[0], "waiting")
    assert failed["error"].startswith("with emby is not set up at the moment")
    assert (done["device_id"], done["error"]) == (devices[1], None)
    assert [row["device_id"] for row in await call(hass, "get_unresolved")] == [devices[1]]
    with pytest.raises(ServiceValidationError, match="with emby is not set up at the moment"):
        await call(hass, "get_unresolved", device_id=devices[0])


async def test_an_error_in_the_program_is_not_hidden(hass: HomeAssistant, pair: Household) -> None:
    """Only what users can do something about becomes a row."""
    pair.entries["jellyfin"].runtime_data.pairs["pair-emby"].rules = None

    with pytest.raises(AttributeError):
        await call(hass, "sync")


async def test_get_unresolved_tells_what_has_no_counterpart(hass: HomeAssistant, pair: Household) -> None:
    """With what a mapping by hand needs."""
    assert await call(hass, "get_unresolved") == [
        {
            "device_id": pair.device_id("pair-emby"),
            "name": "with emby",
            "items": [
                {
                    "title": "Garden Party",
                    "kind": "movie",
                    "season": None,
                    "episode": None,
                    "year": 2024,
                    "ids": [],
                    "from": "Emby (Anna)",
                    "to": "Jellyfin (Anna)",
                    "from_position": 300,
                    "to_position": None,
                    "action": "unresolved",
                    "reason": "no_ids",
                    "item_id": pair.server("emby").items_of(HOME_MOVIE.key)[0],
                    "since": "2026-11-21T12:02:30+00:00",
                    "candidates": [],
                }
            ],
        }
    ]


async def test_unresolved_titles_are_unknown_before_the_first_run(hass: HomeAssistant, home: Household) -> None:
    """An empty list, not an error."""
    await home.server("emby").stop()
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    (answer,) = await call(hass, "get_unresolved")
    assert answer["items"] == []


async def test_waiting_removals_can_be_seen_and_forgotten(hass: HomeAssistant, home: Household) -> None:
    """Forgotten ones are not recorded again until a viewer does something."""
    item_id = home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    home.server("jellyfin").viewer(USER).clear(item_id)
    await home.next_round()

    (answer,) = await call(hass, "get_tombstones")

    assert answer == {
        "device_id": home.device_id("pair-emby"),
        "name": "with emby",
        "items": [
            FILM_ROW
            | {
                "from": "Jellyfin (Anna)",
                "to": "Emby (Anna)",
                "from_position": 0,
                "to_position": 42 * 60,
                "action": "wait",
                "reason": "cleared_on_source",
                "recorded_at": "2026-11-21T12:10:02+00:00",
            }
        ],
    }

    await hass.services.async_call(DOMAIN, "clear_tombstones", blocking=True)
    assert [row["items"] for row in await call(hass, "get_tombstones")] == [[]]
    for _ in range(3):
        await home.next_round()
    assert home.position("emby", "film-1") == 42


@pytest.mark.parametrize(("action", "data"), [("clear_tombstones", {}), ("sync", {"approve": True})])
async def test_only_administrators_may_decide_about_removals(
    hass: HomeAssistant, pair: Household, hass_admin_user: MockUser, action: str, data: dict[str, Any]
) -> None:
    """Automations, which act for nobody, may too."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(name="Ben", groups=[group]).add_to_hass(hass)
    for user_id, error in ((user.id, Unauthorized), ("nobody", UnknownUser)):
        with pytest.raises(error):
            await hass.services.async_call(DOMAIN, action, data, blocking=True, context=Context(user_id=user_id))
    assert pair.server("emby").traffic.writes == 0

    for context in (Context(user_id=hass_admin_user.id), Context()):
        await hass.services.async_call(DOMAIN, action, data, blocking=True, context=context)


async def test_everybody_may_sync(hass: HomeAssistant, pair: Household) -> None:
    """Nothing is reserved but what throws away or approves."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(name="Ben", groups=[group]).add_to_hass(hass)

    (answer,) = await call(hass, "sync", context=Context(user_id=user.id))
    assert answer["updated"] == 2


async def test_a_full_sync_looks_at_everything_anew(hass: HomeAssistant, home: Household) -> None:
    """A title that was looked for in vain is looked for again at once, not a day later."""
    missing = Film("missing", "Missing Film", 1999, 90 * MINUTE, {"imdb": "tt7777777"})
    home.server("jellyfin").add_film(missing)
    home.leave("jellyfin", "missing", 30)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    asked: dict[bool, dict[str, int]] = {}
    for full in (False, True):
        await home.wait(1)
        home.reset_traffic()
        (answer,) = await call(hass, "sync", full=full)
        assert [row["reason"] for row in answer["items"]] == ["not_found"]
        asked[full] = home.server("emby").traffic.table()
    assert asked[False] == {"GET /Users/{user}/Items": 1}
    assert sum(asked[True].values()) > 1

    home.server("emby").add_film(missing)
    await home.wait(1)
    (answer,) = await call(hass, "sync", full=True)
    assert answer["updated"] == 1
    assert home.position("emby", "missing") == 30

"""What administrators decide by hand: undo, mappings, and single positions."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import IgnoredWrite, Status
from tests.simulators.library import Film

from .household import HOME_MOVIE, MINUTE, USER, Household

COPY = Film("garden-copy", "Party in the garden", 2024, 60 * MINUTE)


async def call(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action, and return its response if it has one."""
    responds = action in ("undo", "get_history", "set_progress", "sync", "preview", "get_unresolved")
    context = data.pop("context", None)
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=responds, context=context
    )


async def refused(hass: HomeAssistant, action: str, **data: Any) -> tuple[str | None, str]:
    """Call an action that is refused; return why, and how users are told."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **data)
    assert error.value.translation_domain == DOMAIN
    return error.value.translation_key, str(error.value)


def item(home: Household, name: str, key: str) -> str:
    """Return the id of a title on a server."""
    (item_id,) = home.server(name).items_of(key)
    return item_id


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair: a film to sync, and a home movie that no id tells, left in progress on Emby."""
    home.leave("jellyfin", "film-1", 42)
    home.server("emby").add_film(HOME_MOVIE)
    home.server("jellyfin").add_film(COPY)
    home.leave("emby", HOME_MOVIE.key, 5)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.wait(1)
    return home


async def reasons(hass: HomeAssistant) -> dict[str, str]:
    """Return what a preview says of each title."""
    (answer,) = (await call(hass, "preview"))["pairs"]
    return {row["title"]: row["reason"] for row in answer["items"]}


async def test_undo_puts_back_what_the_last_sync_wrote(hass: HomeAssistant, pair: Household) -> None:
    """Once; the titles are left alone until somebody plays them, also by a restarted Home Assistant."""
    device_id = pair.device_id("pair-emby")
    await call(hass, "sync")
    assert pair.position("emby", "film-1") == 42

    answer = await call(hass, "undo", device_id=device_id)
    assert answer == {
        "pairs": [
            {
                "device_id": device_id,
                "name": "with emby",
                "restored": 1,
                "moved": 0,
                "not_supported": 0,
                "failed": 0,
                "not_shown": 0,
                "error": None,
                "run_id": answer["pairs"][0]["run_id"],
            }
        ]
    }
    assert pair.position("emby", "film-1") == 0
    assert pair.position("jellyfin", "film-1") == 42
    assert pair.state("sensor.emby_anna_continue_watching") == "1"

    why, text = await refused(hass, "undo", device_id=device_id)
    assert (why, "nothing to undo for with emby" in text) == ("nothing_to_undo", True)
    for name in pair.entries:
        await hass.config_entries.async_reload(f"entry-{name}")
    for _ in range(2):
        await pair.next_round()
    assert pair.position("emby", "film-1") == 0
    assert (await reasons(hass))["Film 1"] == "undone"

    viewer = pair.server("jellyfin").viewer(USER)
    viewer.play(item(pair, "jellyfin", "film-1"), at_ms=42 * MINUTE)
    await pair.wait(600)
    viewer.stop(at_ms=52 * MINUTE)
    await pair.next_round()
    assert pair.position("emby", "film-1") == 52


async def test_undo_leaves_alone_what_somebody_moved(hass: HomeAssistant, pair: Household) -> None:
    """And tells how many titles."""
    await call(hass, "sync")
    pair.leave("emby", "film-1", 60, ago=0)

    (row,) = (await call(hass, "undo", device_id=pair.device_id("pair-emby")))["pairs"]
    assert (row["restored"], row["moved"]) == (0, 1)
    assert pair.position("emby", "film-1") == 60


async def test_nothing_to_undo_before_the_first_sync(hass: HomeAssistant, pair: Household) -> None:
    """Nor of a pair that is not set up, or of a device that is no pair."""
    device_id = pair.device_id("pair-emby")
    assert (await refused(hass, "undo", device_id=device_id))[0] == "nothing_to_undo"
    assert (await refused(hass, "undo", device_id="nobody"))[0] == "not_a_pair"
    await hass.config_entries.async_unload("entry-jellyfin")
    assert (await refused(hass, "undo", device_id=device_id))[0] == "pair_not_loaded"


@pytest.mark.parametrize("data", [{}, {"device_id": []}, {"since": "2026-11-21 08:00:00"}])
async def test_an_undo_says_of_which_pair(hass: HomeAssistant, pair: Household, data: dict[str, Any]) -> None:
    """Without a pair it would be that of everybody."""
    await call(hass, "sync")
    with pytest.raises(probatio.Invalid):
        await call(hass, "undo", **data)
    assert pair.position("emby", "film-1") == 42


async def test_an_undo_that_fails_can_be_tried_again(hass: HomeAssistant, pair: Household) -> None:
    """Whether the server is away or refuses the write."""
    await call(hass, "sync")
    device_id = pair.device_id("pair-emby")
    pair.server("emby").faults.add("GET *", Status(502), times=None)
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be reached"):
        await call(hass, "undo", device_id=device_id)
    pair.server("emby").faults.clear()

    pair.server("emby").faults.add("POST *", Status(500), times=None)
    (row,) = (await call(hass, "undo", device_id=device_id))["pairs"]
    assert (row["restored"], row["failed"], pair.position("emby", "film-1")) == (0, 1, 42)
    pair.server("emby").faults.clear()

    (row,) = (await call(hass, "undo", device_id=device_id))["pairs"]
    assert (row["restored"], pair.position("emby", "film-1")) == (1, 0)


async def test_one_failed_undo_does_not_stop_the_others(hass: HomeAssistant, home: Household) -> None:
    """It has its row with the error; pairs with nothing to undo have none."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby", home.pair("attic", pair_id="idle", direction="to_peer", add=False))
    home.add_account("attic")
    await home.setup()
    await home.wait(1)
    await call(hass, "sync")
    home.server("emby").faults.add("*", Status(502), times=None)

    device_ids = [home.device_id(pair_id) for pair_id in ("pair-emby", "pair-attic", "idle")]
    emby, attic = (await call(hass, "undo", device_id=device_ids))["pairs"]

    assert (emby["restored"], emby["error"][:27]) == (0, "Emby (Anna) cannot be reach")
    assert (attic["restored"], attic["error"]) == (1, None)
    assert home.position("attic", "film-1") == 0


async def test_a_mapped_title_is_synced_and_the_mapping_survives_a_restart(
    hass: HomeAssistant, pair: Household
) -> None:
    """It is stored, counted in the diagnostics, and taken back by unmapping either item."""
    device_id = pair.device_id("pair-emby")
    source, target = item(pair, "emby", HOME_MOVIE.key), item(pair, "jellyfin", COPY.key)
    assert (await reasons(hass))["Garden Party"] == "no_ids"

    await call(hass, "map_item", device_id=device_id, source_item=source, target_item=target)
    await pair.settle()
    assert pair.stored("jellyfin")["pairs"]["pair-emby"]["ledger"]["mappings"] == {f"right:{source}": target}
    for name in pair.entries:
        await hass.config_entries.async_reload(f"entry-{name}")
    await pair.next_round()
    await pair.next_round()
    assert pair.position("jellyfin", COPY.key) == 5
    assert pair.state("sensor.with_emby_unresolved") == "0"

    await call(hass, "unmap_item", device_id=device_id, source_item=target)
    await pair.settle()
    assert pair.stored("jellyfin")["pairs"]["pair-emby"]["ledger"]["mappings"] == {}
    await pair.next_round()
    assert await reasons(hass) == {"Film 1": "in_sync", "Garden Party": "no_ids", COPY.title: "no_ids"}


async def test_a_mapping_takes_effect_without_waiting_for_the_next_round(hass: HomeAssistant, pair: Household) -> None:
    """A run follows by itself."""
    await pair.next_round()
    await call(
        hass,
        "map_item",
        device_id=pair.device_id("pair-emby"),
        source_item=item(pair, "emby", HOME_MOVIE.key),
        target_item=item(pair, "jellyfin", COPY.key),
    )
    await pair.settle()
    assert pair.position("jellyfin", COPY.key) == 5


async def test_an_ignored_title_is_left_alone_until_it_is_unmapped(hass: HomeAssistant, pair: Household) -> None:
    """It is not counted as unresolved any more, and is once more afterwards."""
    device_id, source = pair.device_id("pair-emby"), item(pair, "emby", HOME_MOVIE.key)
    await call(hass, "map_item", device_id=device_id, source_item=source, ignore=True)
    await pair.settle()

    assert (await reasons(hass))["Garden Party"] == "ignored"
    assert (await call(hass, "get_unresolved"))["pairs"][0]["items"] == []
    await pair.next_round()
    assert pair.state("sensor.with_emby_unresolved") == "0"

    await call(hass, "unmap_item", device_id=device_id, source_item=source)
    await pair.settle()
    assert (await reasons(hass))["Garden Party"] == "no_ids"
    await pair.next_round()
    assert pair.state("sensor.with_emby_unresolved") == "1"
    assert len((await call(hass, "get_unresolved"))["pairs"][0]["items"]) == 1


async def test_ids_may_be_written_as_people_copy_them(hass: HomeAssistant, pair: Household) -> None:
    """Numbers, and GUIDs with dashes or in capitals."""
    guid = item(pair, "jellyfin", COPY.key)
    dashed = "-".join((guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:])).upper()
    source = int(item(pair, "emby", HOME_MOVIE.key))

    device_id = pair.device_id("pair-emby")
    await call(hass, "map_item", device_id=device_id, source_item=source, target_item=dashed)
    await pair.settle()

    ledger = pair.entries["jellyfin"].runtime_data.pairs["pair-emby"].state.ledger
    assert ledger.mappings == {f"right:{source}": guid}


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        (("emby", HOME_MOVIE.key), None, "target_or_ignore"),
        (("emby", HOME_MOVIE.key), "ffffffffffffffffffffffffffffffff", "unknown_item"),
        (("emby", HOME_MOVIE.key), ("emby", "film-1"), "unknown_item"),
        ("424242", ("jellyfin", COPY.key), "unknown_item"),
        (("emby", HOME_MOVIE.key), ("jellyfin", "show/s01e02"), "kinds_differ"),
        (("emby", "film-2"), ("jellyfin", "film-9"), "mapped_to_another"),
    ],
)
async def test_a_mapping_that_cannot_be_is_refused(
    hass: HomeAssistant, pair: Household, source: Any, target: Any, error: str
) -> None:
    """With a text that names the item, and nothing is stored."""
    device_id = pair.device_id("pair-emby")
    await call(
        hass,
        "map_item",
        device_id=device_id,
        source_item=item(pair, "emby", "film-8"),
        target_item=item(pair, "jellyfin", "film-9"),
    )
    ledger = pair.entries["jellyfin"].runtime_data.pairs["pair-emby"].state.ledger
    before = dict(ledger.mappings)
    source, target = (item(pair, *one) if isinstance(one, tuple) else one for one in (source, target))

    data = {"source_item": source} | ({"target_item": target} if target else {})
    why, text = await refused(hass, "map_item", device_id=device_id, **data)

    assert why == error
    assert target is None or source in text or target in text
    assert ledger.mappings == before


async def test_a_mapping_needs_either_a_target_or_to_be_ignored(hass: HomeAssistant, pair: Household) -> None:
    """Both is a mistake; so are unmapping what is not mapped, a device that is no pair, and what is no id."""
    device_id, source = pair.device_id("pair-emby"), item(pair, "emby", HOME_MOVIE.key)
    data = {"device_id": device_id, "source_item": source, "target_item": item(pair, "jellyfin", COPY.key)}
    assert (await refused(hass, "map_item", **data, ignore=True))[0] == "target_or_ignore"
    assert (await refused(hass, "unmap_item", device_id=device_id, source_item=source))[0] == "not_mapped"
    assert (await refused(hass, "unmap_item", device_id="nobody", source_item=source))[0] == "not_a_pair"
    for nonsense in ("", "a/../b", "1,2", "x" * 65, None, ["1"]):
        with pytest.raises(probatio.Invalid):
            await call(hass, "map_item", device_id=device_id, source_item=nonsense, ignore=True)


async def test_a_mapping_fails_while_a_server_is_away(hass: HomeAssistant, pair: Household) -> None:
    """Or while the other account is not set up."""
    data = {
        "device_id": pair.device_id("pair-emby"),
        "source_item": item(pair, "emby", HOME_MOVIE.key),
        "target_item": item(pair, "jellyfin", COPY.key),
    }
    pair.server("emby").faults.add("*", Status(502), times=None)
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be reached"):
        await call(hass, "map_item", **data)
    await hass.config_entries.async_unload("entry-emby")
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) is not set up"):
        await call(hass, "map_item", **data)


@pytest.mark.parametrize(
    ("server", "asked", "minutes"),
    [
        ("jellyfin", {"position": 600}, 10),
        ("emby", {"position": 600}, 10),
        ("jellyfin", {"offset": -1200}, 22),
        ("emby", {"offset": "90.5"}, 43),
        ("jellyfin", {"offset": -9999}, 0),
        ("emby", {"offset": 99999}, 100),
        ("jellyfin", {"position": 0}, 0),
        ("emby", {"position": 0}, 0),
    ],
)
async def test_set_progress_sets_the_position_of_one_title(
    hass: HomeAssistant, home: Household, server: str, asked: dict[str, Any], minutes: int
) -> None:
    """From the start or from where it stands, within its duration; nothing else changes."""
    item_id = home.leave(server, "film-1", 42)
    home.leave(server, "film-2", 21)
    home.add_account(server)
    await home.setup()

    answer = await call(hass, "set_progress", config_entry_id=f"entry-{server}", item_id=item_id, **asked)

    assert answer["position"] // 60 == home.position(server, "film-1") == minutes
    assert home.position(server, "film-2") == 21
    state = home.server(server).watch_state(USER, item_id)
    assert (state.watched, state.play_count) == (False, 0)
    titles = 2 if minutes else 1
    assert home.state(f"sensor.{server}_anna_continue_watching") == str(titles)


async def test_a_position_set_by_hand_wins_as_a_viewers_would(hass: HomeAssistant, pair: Household) -> None:
    """The next run carries it on, also backwards."""
    await call(hass, "sync")
    await pair.wait(60)
    await call(
        hass, "set_progress", config_entry_id="entry-emby", item_id=item(pair, "emby", "film-1"), offset=-20 * 60
    )
    await pair.next_round()
    assert pair.position("emby", "film-1") == pair.position("jellyfin", "film-1") == 22


async def test_set_progress_that_cannot_be_is_refused(hass: HomeAssistant, pair: Household) -> None:
    """Before anything is written."""
    known = item(pair, "emby", "film-1")
    emby = {"config_entry_id": "entry-emby", "item_id": known}
    assert (await refused(hass, "set_progress", **emby))[0] == "position_or_offset"
    assert (await refused(hass, "set_progress", **emby, position=1, offset=1))[0] == "position_or_offset"
    why, text = await refused(hass, "set_progress", config_entry_id="entry-emby", item_id="4242", position=60)
    assert (why, "Emby (Anna) has no film or episode with the id 4242" in text) == ("item_not_found", True)
    with pytest.raises(ServiceValidationError) as unknown:
        await call(hass, "set_progress", config_entry_id="nothing", item_id=known, position=60)
    assert unknown.value.translation_key == "service_config_entry_not_found"
    for nonsense in (-1, "soon", float("nan"), 1e12):
        with pytest.raises(probatio.Invalid):
            await call(hass, "set_progress", **emby, position=nonsense)
    assert pair.server("emby").traffic.writes == 0

    pair.server("emby").faults.add("POST *", IgnoredWrite(), times=None)
    assert (await refused(hass, "set_progress", **emby, position=60))[0] == "not_stored"
    pair.server("emby").faults.clear()
    pair.server("emby").faults.add("*", Status(502), times=None)
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be reached"):
        await call(hass, "set_progress", **emby, position=60)


@pytest.mark.parametrize("action", ["undo", "map_item", "unmap_item", "set_progress"])
async def test_only_administrators_may_decide_by_hand(
    hass: HomeAssistant, pair: Household, hass_admin_user: MockUser, action: str
) -> None:
    """Automations, which act for nobody, may too."""
    await call(hass, "sync")
    device_id, source = pair.device_id("pair-emby"), item(pair, "emby", HOME_MOVIE.key)
    given: dict[str, dict[str, Any]] = {
        "undo": {"device_id": device_id},
        "map_item": {"device_id": device_id, "source_item": source, "ignore": True},
        "unmap_item": {"device_id": device_id, "source_item": source},
        "set_progress": {"config_entry_id": "entry-emby", "item_id": source, "position": 60},
    }
    data = given[action]
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(name="Ben", groups=[group]).add_to_hass(hass)
    writes = pair.server("emby").traffic.writes
    with pytest.raises(Unauthorized):
        await call(hass, action, **data, context=Context(user_id=user.id))
    assert pair.server("emby").traffic.writes == writes
    assert pair.entries["jellyfin"].runtime_data.pairs["pair-emby"].state.ledger.mappings == {}

    if action == "unmap_item":
        await call(hass, "map_item", device_id=device_id, source_item=source, ignore=True)
    await call(hass, action, **data, context=Context(user_id=hass_admin_user.id))
    await pair.settle()

"""The history of an account: what was written to it, who is told, and undoing it by line, by run and by time."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status
from tests.simulators.library import Film

from .household import MINUTE, USER, Household
from .people import ordinary_user, persons

HEIST = tuple(
    Film(f"heist-{number}", f"Heist {number}", 1980, 100 * MINUTE, {"imdb": f"tt{2000000 + number}"})
    for number in range(40)
)


async def call(hass: HomeAssistant, action: str, *, user: User | None = None, **data: Any) -> Any:
    """Call an action as somebody, None: as an automation; return its response."""
    context = Context(user_id=user.id if user else None)
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True, context=context)


async def history(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    """Return the lines of a history."""
    rows: list[dict[str, Any]] = (await call(hass, "get_history", **data))["items"]
    return rows


async def sync(home: Household) -> str:
    """Sync the pair a minute later, and return the id of that run."""
    await home.wait(60)
    (row,) = (await call(home.hass, "sync", device_id=home.device_id("pair-emby")))["pairs"]
    run_id: str = row["run_id"]
    return run_id


async def undo(home: Household, *, user: User | None = None, **data: Any) -> tuple[int, int]:
    """Undo in the pair; return how many titles were put back, and how many were moved since."""
    (row,) = (await call(home.hass, "undo", user=user, device_id=home.device_id("pair-emby"), **data))["pairs"]
    assert (row["failed"], row["not_supported"], row["error"]) == (0, 0, None)
    return row["restored"], row["moved"]


def now(home: Household) -> str:
    """Return the time as people write it: that of Home Assistant's time zone."""
    return dt_util.as_local(dt_util.utc_from_timestamp(home.timestamp())).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair, in sync with one film, an hour later."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    await sync(home)
    await home.wait(3600)
    return home


async def test_what_was_written_is_told(hass: HomeAssistant, pair: Household) -> None:
    """To the account and by the pair: from where to where, over what, why and when."""
    jellyfin = pair.server("jellyfin")
    viewer = jellyfin.viewer(USER)
    viewer.play(jellyfin.items_of("film-1")[0], at_ms=42 * MINUTE)
    await pair.wait(480)
    viewer.stop(at_ms=50 * MINUTE)
    run_id = await sync(pair)
    (emby_item,) = pair.server("emby").items_of("film-1")

    latest, first = await history(hass, config_entry_id="entry-emby")

    assert latest == {
        "title": "Film 1",
        "kind": "movie",
        "season": None,
        "episode": None,
        "year": 2001,
        "ids": ["movie:imdb:tt1000001"],
        "line_id": latest["line_id"],
        "run_id": run_id,
        "at": latest["at"],
        "item_id": emby_item,
        "from": "Jellyfin (Anna)",
        "to": "Emby (Anna)",
        "from_position": 50 * 60,
        "to_position": 42 * 60,
        "action": "write",
        "reason": "newer_position",
        "by": "sync",
        "undone_at": None,
    }
    assert (first["from_position"], first["to_position"], first["reason"]) == (42 * 60, 0, "only_on_source")
    assert len({first["line_id"], latest["line_id"], first["run_id"], latest["run_id"]}) == 4
    assert await history(hass, device_id=pair.device_id("pair-emby")) == [latest, first]
    assert await history(hass, config_entry_id="entry-jellyfin") == []


async def test_removals_undos_and_positions_set_by_hand_are_told(hass: HomeAssistant, pair: Household) -> None:
    """Whatever was written to the account, whoever wanted it."""
    jellyfin = pair.server("jellyfin")
    jellyfin.viewer(USER).clear(jellyfin.items_of("film-1")[0])
    await sync(pair)
    await sync(pair)
    assert pair.position("emby", "film-1") == 0
    assert await undo(pair) == (1, 0)
    (item_id,) = pair.server("emby").items_of("film-1")
    await call(hass, "set_progress", config_entry_id="entry-emby", item_id=item_id, position=600)

    told = [
        (row["by"], row["action"], row["reason"], row["from"], row["from_position"] // 60, row["to_position"] // 60)
        for row in await history(hass, config_entry_id="entry-emby")
    ]
    assert told == [
        ("set_progress", "write", None, None, 10, 42),
        ("undo", "write", "undone", None, 42, 0),
        ("sync", "clear", "cleared_on_source", "Jellyfin (Anna)", 0, 42),
        ("sync", "write", "only_on_source", "Jellyfin (Anna)", 42, 0),
    ]
    assert [row["undone_at"] is None for row in await history(hass, config_entry_id="entry-emby")] == [
        True,
        True,
        False,
        True,
    ]


async def test_some_of_it_can_be_asked_for(hass: HomeAssistant, pair: Household) -> None:
    """By title, since when and how many; the answer says since when nothing is missing."""
    since = now(pair)
    pair.leave("jellyfin", "show/s01e02", 5, ago=30)
    pair.leave("jellyfin", "film-2", 21, ago=60)
    await sync(pair)

    async def titles(**data: Any) -> set[str]:
        return {row["title"] for row in await history(hass, config_entry_id="entry-emby", **data)}

    assert await titles() == {"Film 1", "Film 2", "The Show: The Second"}
    assert await titles(since=since) == {"Film 2", "The Show: The Second"}
    assert await titles(query="SHOW: the") == {"The Show: The Second"}
    assert await titles(query="nothing of the kind") == set()
    assert len(await titles(limit=1)) == 1
    answer = await call(hass, "get_history", config_entry_id="entry-emby")
    assert answer["known_since"] == "2026-11-21T12:02:30+00:00"


async def test_the_history_of_whom(hass: HomeAssistant, pair: Household) -> None:
    """Of an account or of a pair."""
    device_id = pair.device_id("pair-emby")
    for data in ({}, {"config_entry_id": "entry-emby", "device_id": device_id}):
        with pytest.raises(ServiceValidationError) as refused:
            await history(hass, **data)
        assert refused.value.translation_key == "account_or_pair"
    await hass.config_entries.async_unload("entry-emby")
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) is not set up"):
        await history(hass, device_id=device_id)


async def test_undo_as_of_this_morning(hass: HomeAssistant, home: Household) -> None:
    """All positions of 40 films were replaced at once, approved, and three more runs came after that."""
    for server in home.servers.values():
        for film in HEIST:
            server.add_film(film)
    for number, film in enumerate(HEIST):
        home.leave("emby", film.key, 10 + number, ago=7200)
        home.leave("jellyfin", film.key, 10 + number, ago=7200)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await sync(home)
    before = {film.key: home.position("emby", film.key) for film in HEIST}
    await home.wait(3600)
    this_morning = now(home)
    await home.wait(60)

    for film in HEIST:
        home.leave("jellyfin", film.key, 90, ago=0)
    await sync(home)
    assert {film.key: home.position("emby", film.key) for film in HEIST} == before
    await call(hass, "sync", device_id=home.device_id("pair-emby"), approve=True)
    assert {home.position("emby", film.key) for film in HEIST} == {90}
    for minute in (91, 92):
        home.leave("jellyfin", "heist-0", minute, ago=0)
        await sync(home)
    home.leave("emby", "heist-1", 60, ago=0)
    home.leave("jellyfin", "film-1", 33, ago=0)
    await sync(home)
    assert home.position("emby", "heist-0") == 92
    assert home.position("jellyfin", "heist-1") == 60

    # The 60 min are somebody's own and stay on Emby; Jellyfin gets back what a run has written over there.
    assert await undo(home, since=this_morning) == (41, 1)
    after = {film.key: home.position("emby", film.key) for film in HEIST}
    assert after == before | {"heist-1": 60}
    assert home.position("emby", "film-1") == 0
    assert home.position("jellyfin", "heist-1") == 90
    for _ in range(3):
        await home.next_round()
    assert {film.key: home.position("emby", film.key) for film in HEIST} == after
    with pytest.raises(ServiceValidationError) as refused:
        await undo(home, since=now(home))
    assert refused.value.translation_key == "nothing_to_undo"


async def test_undo_of_one_run_and_of_one_line(hass: HomeAssistant, pair: Household) -> None:
    """However many runs came after it; what no run or line is called is refused, and so is more than one of them."""
    pair.leave("jellyfin", "film-2", 20, ago=90)
    pair.leave("jellyfin", "film-3", 30, ago=60)
    run_id = await sync(pair)
    for number in (4, 5):
        pair.leave("jellyfin", f"film-{number}", 10, ago=30)
        await sync(pair)
    lines = {row["title"]: row["line_id"] for row in await history(hass, device_id=pair.device_id("pair-emby"))}

    assert await undo(pair, line_id=lines["Film 2"]) == (1, 0)
    assert [pair.position("emby", f"film-{number}") for number in (1, 2, 3, 4, 5)] == [42, 0, 30, 10, 10]
    assert await undo(pair, run_id=run_id) == (1, 0)
    assert [pair.position("emby", f"film-{number}") for number in (1, 2, 3, 4, 5)] == [42, 0, 0, 10, 10]

    for data, why in (
        ({"line_id": lines["Film 2"]}, "nothing_to_undo"),
        ({"run_id": run_id}, "nothing_to_undo"),
        ({"line_id": "none"}, "line_not_found"),
        ({"run_id": "none"}, "run_not_found"),
        ({"run_id": run_id, "since": "2026-11-21 00:00:00"}, "line_run_or_time"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await undo(pair, **data)
        assert refused.value.translation_key == why


async def test_pairs_that_share_an_account(hass: HomeAssistant, home: Household) -> None:
    """Undone together, titles go back across the writes of both; a line of another pair is not found by this one."""
    home.leave("emby", "film-1", 10, ago=7200)
    home.add_account("jellyfin", home.pair("emby", direction="to_peer"))
    home.add_account("attic", home.pair("emby", pair_id="attic-emby", direction="to_peer"))
    home.add_account("emby")
    await home.setup()
    device_ids = [home.device_id("pair-emby"), home.device_id("attic-emby")]
    await call(hass, "sync")
    await home.wait(60)
    this_morning = now(home)
    await home.wait(60)
    for name, minute in (("jellyfin", 30), ("attic", 50)):
        home.leave(name, "film-1", minute, ago=0)
        await home.wait(60)
        await call(hass, "sync")
    assert home.position("emby", "film-1") == 50
    first, second = reversed(await history(hass, config_entry_id="entry-emby"))
    with pytest.raises(ServiceValidationError):
        await call(hass, "undo", device_id=device_ids[0], line_id=second["line_id"])
    (row,) = (await call(hass, "undo", device_id=device_ids[0], line_id=first["line_id"]))["pairs"]
    assert (row["restored"], row["moved"]) == (0, 1)

    (row,) = (await call(hass, "undo", device_id=device_ids, since=this_morning))["pairs"]

    assert (row["device_id"], row["restored"]) == (device_ids[1], 1)
    assert home.position("emby", "film-1") == 10


async def test_lines_of_no_pair(hass: HomeAssistant, home: Household) -> None:
    """What was set by hand, and what a pair has written that is gone, can be undone by any pair of the account."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("attic", home.pair("emby", pair_id="attic-emby", direction="from_peer", add=False))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    await home.next_round()
    (item_id,) = home.server("emby").items_of("film-3")
    await call(hass, "set_progress", config_entry_id="entry-emby", item_id=item_id, position=600)
    by_hand, by_sync = await history(hass, config_entry_id="entry-emby")
    device_id = home.device_id("attic-emby")

    with pytest.raises(ServiceValidationError):
        await call(hass, "undo", device_id=device_id, line_id=by_sync["line_id"])
    hass.config_entries.async_remove_subentry(home.entries["jellyfin"], "pair-emby")
    await home.settle()
    for line in (by_hand, by_sync):
        (row,) = (await call(hass, "undo", device_id=device_id, line_id=line["line_id"]))["pairs"]
        assert row["restored"] == 1
    assert (home.position("emby", "film-1"), home.position("emby", "film-3")) == (0, 0)


async def test_one_server_that_fails_keeps_its_own_titles(hass: HomeAssistant, pair: Household) -> None:
    """The other account is put back all the same, and the rest by another try."""
    pair.leave("jellyfin", "film-2", 20, ago=90)
    pair.leave("emby", "film-3", 30, ago=60)
    run_id = await sync(pair)
    device_id = pair.device_id("pair-emby")
    pair.server("emby").faults.add("*", Status(502), times=None)
    (row,) = (await call(hass, "undo", device_id=device_id, run_id=run_id))["pairs"]
    assert (row["restored"], row["error"][:11]) == (1, "Emby (Anna)")
    assert (pair.position("emby", "film-2"), pair.position("jellyfin", "film-3")) == (20, 0)
    pair.server("emby").faults.clear()
    assert await undo(pair, run_id=run_id) == (1, 0)
    assert pair.position("emby", "film-2") == 0


async def test_a_private_account_s_lines(hass: HomeAssistant, pair: Household) -> None:
    """Neither those of the account nor those that came from it are for others; their person may undo one of them."""
    anna, ben = await ordinary_user(hass, "Anna"), await ordinary_user(hass, "Ben")
    await persons(hass, Anna=anna, Ben=ben)
    for name, options in (("jellyfin", {"private": True}), ("emby", {})):
        hass.config_entries.async_update_entry(pair.entries[name], options={"person": "anna", **options})
        await pair.settle()
    pair.leave("emby", "film-2", 20, ago=60)
    await sync(pair)
    device_id = pair.device_id("pair-emby")

    assert len(await history(hass, user=anna, config_entry_id="entry-emby")) == 1
    assert len(await history(hass, user=anna, device_id=device_id)) == 2
    assert await history(hass, user=ben, config_entry_id="entry-emby") == []
    for data in ({"config_entry_id": "entry-jellyfin"}, {"device_id": device_id}):
        with pytest.raises(Unauthorized):
            await history(hass, user=ben, **data)

    (line,) = await history(hass, config_entry_id="entry-emby")
    for user, data in ((ben, {"line_id": line["line_id"]}), (anna, {"run_id": line["run_id"]}), (anna, {})):
        with pytest.raises(Unauthorized):
            await undo(pair, user=user, **data)
    assert await undo(pair, user=anna, line_id=line["line_id"]) == (1, 0)
    assert pair.position("emby", "film-1") == 0


async def test_a_line_of_somebody_else_s_account(hass: HomeAssistant, pair: Household) -> None:
    """Anna may undo what was written to her account, and not what was written to Ben's."""
    anna = await ordinary_user(hass, "Anna")
    await persons(hass, Anna=anna, Ben=None)
    for name, person in (("jellyfin", "anna"), ("emby", "ben")):
        hass.config_entries.async_update_entry(pair.entries[name], options={"person": person})
        await pair.settle()
    pair.leave("emby", "film-2", 20, ago=60)
    await sync(pair)
    mine, bens = await history(hass, user=anna, device_id=pair.device_id("pair-emby"))
    assert (mine["to"], bens["to"]) == ("Jellyfin (Anna)", "Emby (Anna)")
    with pytest.raises(Unauthorized):
        await undo(pair, user=anna, line_id=bens["line_id"])
    assert await undo(pair, user=anna, line_id=mine["line_id"]) == (1, 0)

"""Servers that give item ids anew: nothing is cleared, lowered or written to another title by a reused id."""

from dataclasses import replace
import random

import pytest

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.model import Action, MediaKind, PairRules, Reason, RemoveMode, ServerType, Side
from custom_components.resume_sync.sync.run.mapping import ignore_item, map_item
from custom_components.resume_sync.sync.run.undo import Fate
from tests.sync.household import Household
from tests.sync.stories import PAIR, home, reasons, sync, watch
from tests.sync.undoing import undo_pair
from tests.sync.world import MINUTE, Holding, ModelServer, film

TITLES = 8
IN_PROGRESS = range(1, 5)


def rescan(server: ModelServer, order: list[int], *, keep_positions: bool) -> None:
    """Give every film the id that another one had: the first id goes to the film that `order` names first."""
    by_title = {holding.item.title: holding for holding in server.holdings.values()}
    scanned = {}
    for item_id, number in zip(sorted(server.holdings), order, strict=True):
        held = by_title[f"Film {number}"]
        item = replace(held.item, item_id=item_id)
        scanned[item_id] = replace(held, item=item) if keep_positions else Holding(item)
    server.holdings = scanned


def another_order(server: ModelServer, chance: random.Random) -> list[int]:
    """Return an order in which no film has the id that it has now."""
    now = [int(server.holdings[item_id].item.title.removeprefix("Film ")) for item_id in sorted(server.holdings)]
    order = list(now)
    while any(one == other for one, other in zip(order, now, strict=True)):
        chance.shuffle(order)
    return order


def positions(server: ModelServer) -> dict[str, int]:
    """Return what a server holds of each film, in minutes."""
    return {
        holding.item.title: round(holding.position_ms / MINUTE)
        for holding in server.holdings.values()
        if holding.position_ms
    }


async def settled_home(kind: ServerType, remove: RemoveMode) -> Household:
    """Return a household in which both servers hold four of eight films, each at its own place."""
    household = home(kind, ServerType.JELLYFIN, titles=TITLES, rules=PairRules(remove=remove))
    await sync(household)
    for number in IN_PROGRESS:
        watch(household, "left", f"film-{number}", 20 + number)
        await sync(household)
    await sync(household)
    return household


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("keep_positions", [False, True], ids=["positions lost", "positions kept"])
@pytest.mark.parametrize("remove", [RemoveMode.OFF, RemoveMode.SOURCE])
@pytest.mark.parametrize("kind", list(ServerType))
async def test_ids_move_on_by_one(kind: ServerType, remove: RemoveMode, keep_positions: bool, restarted: bool) -> None:
    """Restored, and scanned in another order: nothing is cleared, and each title has its own place on both sides."""
    household = await settled_home(kind, remove)
    left, right = household.servers["left"], household.servers["right"]
    before = positions(right)
    rescan(left, [7, 0, 1, 2, 3, 4, 5, 6], keep_positions=keep_positions)
    if restarted:
        household.start()
    for _ in range(5):
        report = await sync(household, after=2)
        assert positions(right) == before
        assert positions(left).items() <= before.items()
    assert positions(left) == before
    assert (report.updated, report.cleared, report.pending) == (0, 0, 0)


async def test_a_reused_id_in_progress_is_not_carried_over_the_former_title() -> None:
    """101 was film 1 at 21 min, and is film 5 now, begun anew: film 1 keeps its 21 min elsewhere."""
    household = await settled_home(ServerType.PLEX, RemoveMode.SOURCE)
    left, right = household.servers["left"], household.servers["right"]
    rescan(left, [1, 5, 0, 2, 3, 4, 6, 7], keep_positions=False)
    household.clock.time += MINUTE
    watch(household, "left", "film-1", 5)
    for _ in range(3):
        await sync(household)
    expected = {"Film 1": 21, "Film 2": 22, "Film 3": 23, "Film 4": 24, "Film 5": 5}
    assert positions(right) == expected
    assert positions(left) == expected


@pytest.mark.parametrize("batch", range(4))
async def test_ids_reused_in_any_order_change_no_other_title(batch: int) -> None:
    """Viewers watch, and now and then one server scans anew: no title ends below the place where it was left."""
    for seed in range(batch * 25, batch * 25 + 25):
        chance = random.Random(seed)
        kinds = chance.choices(list(ServerType), k=2)
        remove = chance.choice([RemoveMode.OFF, RemoveMode.SOURCE])
        household = home(kinds[0], kinds[1], titles=4, rules=PairRules(remove=remove))
        furthest: dict[str, int] = {}
        for _ in range(12):
            name = chance.choice(["left", "right"])
            server = household.servers[name]
            if chance.random() < 0.4:
                rescan(server, another_order(server, chance), keep_positions=chance.random() < 0.5)
            elif chance.random() < 0.7:
                item_id = chance.choice(sorted(server.holdings))
                title = server.holdings[item_id].item.title
                # Somebody goes on where the title was left last, on a server that has that place.
                if abs(server.holdings[item_id].position_ms - furthest.get(title, 0)) < NOISE_MS:
                    watch(household, name, item_id, chance.randrange(7, 12))
                    furthest[title] = server.holdings[item_id].position_ms
            if chance.random() < 0.2:
                household.start()
            await sync(household, after=chance.choice([1, 5, 30]))
        # A shelf that lost most of its positions at once waits for an answer.
        for account in household.accounts.values():
            account.journal.answer_held(account.journal.held().keys(), meant=False, now=household.clock.time)
        for _ in range(3):
            await sync(household)
        for server in household.servers.values():
            held = {holding.item.title: holding.position_ms for holding in server.holdings.values()}
            wrong = {title: held[title] for title, place in furthest.items() if abs(held[title] - place) > 1000}
            assert not wrong, f"seed {seed}: {wrong}, not {furthest}"
            assert not any(held[title] for title in held.keys() - furthest.keys()), f"seed {seed}"


async def test_an_undo_leaves_another_title_alone() -> None:
    """102 was film 1, and film 2 stands at the same place under that id now."""
    household = await settled_home(ServerType.JELLYFIN, RemoveMode.OFF)
    watch(household, "left", "film-1", 9)
    await sync(household)
    right = household.servers["right"]
    rescan(right, [0, 2, 1, 3, 4, 5, 6, 7], keep_positions=True)
    right.holdings["film-1"] = replace(right.holdings["film-1"], position_ms=30 * MINUTE)
    assert await undo_pair(household) == {Fate.MOVED: 1}
    assert right.holdings["film-1"].position_ms == 30 * MINUTE


async def mapped(target: str | None) -> Household:
    """Return a household in which film 6 of the left was mapped to an item of the right, or is ignored."""
    household = home(titles=TITLES)
    right = household.servers["right"]
    del right.holdings["film-6"]
    right.add(replace(film(60, "the-cut"), ids=frozenset()))
    await sync(household)
    watch(household, "left", "film-6", 30)
    assert reasons(await sync(household)) == {"film-6": Reason.NOT_FOUND}
    accounts = {Side.LEFT: household.accounts["left"], Side.RIGHT: household.accounts["right"]}
    if target is None:
        await ignore_item(accounts, household.ledgers[PAIR], "film-6", now=household.clock.now, save=household.save)
    else:
        await map_item(
            accounts, household.ledgers[PAIR], "film-6", target, now=household.clock.now, save=household.save
        )
    await sync(household)
    return household


@pytest.mark.parametrize("target", ["the-cut", None], ids=["mapped", "ignored"])
async def test_what_was_chosen_by_hand_is_asked_again_for_another_title(target: str | None) -> None:
    """The choice stays with the id, is not applied, and the title that has the id now is unresolved."""
    household = await mapped(target)
    left, right = household.servers["left"], household.servers["right"]
    rescan(left, [0, 1, 2, 3, 4, 6, 5, 7], keep_positions=True)
    watch(household, "left", "film-6", 10)
    before = positions(right)
    report = await sync(household)
    assert [(one.action, one.reason) for one in report.decisions if one.source_item_id == "film-6"] == [
        (Action.UNRESOLVED, Reason.AMBIGUOUS)
    ]
    assert positions(right) == before
    assert "left:film-6" in household.ledgers[PAIR].mappings


async def test_a_mapping_whose_target_is_another_title_is_not_applied() -> None:
    """Film 6 has no counterpart any more; what has the id now is left alone."""
    household = await mapped("the-cut")
    right = household.servers["right"]
    household.ledgers[PAIR].mapped_ids["right:the-cut"] = frozenset({"movie:tmdb:61"})
    right.holdings["the-cut"] = Holding(film(70, "the-cut"))
    watch(household, "left", "film-6", 10)
    for _ in range(2):
        report = await sync(household)
    assert reasons(report) == {"film-6": Reason.GONE}
    assert right.holdings["the-cut"].position_ms == 0


async def test_a_mapping_from_before_ids_were_kept_learns_them() -> None:
    """From the next run on it is applied to that title alone."""
    household = await mapped("the-cut")
    household.ledgers[PAIR].mapped_ids.clear()
    await sync(household)
    assert household.ledgers[PAIR].mapped_ids == {"left:film-6": film(6).ids}


async def test_a_choice_for_a_film_is_none_for_an_episode() -> None:
    """Another kind of thing has the id now: no source of ids is there to be compared."""
    household = await mapped(None)
    left = household.servers["left"]
    held = left.holdings["film-6"]
    item = replace(held.item, kind=MediaKind.EPISODE, ids=frozenset({"episode:tvdb:5"}))
    left.holdings["film-6"] = replace(held, item=item)
    assert reasons(await sync(household)) == {"film-6": Reason.AMBIGUOUS}

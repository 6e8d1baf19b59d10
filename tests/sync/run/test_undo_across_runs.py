"""Undo by run and by time, across the runs since; and after the power failed between a write and what tells of it."""

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from custom_components.resume_sync.sync.ledger import BeforeImage
from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, ServerType, Side
from custom_components.resume_sync.sync.run.history import Author
from custom_components.resume_sync.sync.run.undo import Fate, NothingToUndo
from tests.sync.household import Household
from tests.sync.stories import PAIR, REMOVE, finish, home, power_fails, reasons, sync, watch
from tests.sync.undoing import undo_pair
from tests.sync.world import DAY, MINUTE, film


def places(household: Household, name: str) -> list[int]:
    """Return where each film stands on a server, in minutes."""
    return [holding.position_ms // MINUTE for holding in household.servers[name].holdings.values()]


async def this_morning() -> tuple[Household, int]:
    """Return a household in sync, with two films in progress, and the time; nothing is to be undone yet."""
    household = home(titles=4)
    watch(household, "left", "film-0", 10)
    watch(household, "left", "film-1", 10)
    await sync(household)
    assert places(household, "right") == [10, 10, 0, 0]
    household.clock.time += DAY
    return household, household.clock.time


async def test_back_to_this_morning() -> None:
    """Four runs since: each title gets what it had then, whatever runs have written it how often."""
    household, morning = await this_morning()
    for item_id in ("film-0", "film-0", "film-2", "film-1"):
        watch(household, "left", item_id, 5)
        assert (await sync(household)).updated == 1
    assert places(household, "right") == [20, 15, 5, 0]

    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 3}

    assert places(household, "right") == [10, 10, 0, 0]
    assert set(reasons(await sync(household)).values()) == {Reason.UNDONE}
    assert places(household, "left") == [20, 15, 5, 0]
    with pytest.raises(NothingToUndo):
        await undo_pair(household, since=morning)


async def test_back_to_a_time_for_which_lines_are_kept() -> None:
    """A month later, and over a restart."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    await sync(household)
    for _ in range(30):
        household.clock.time += DAY
        await sync(household)
    household.start()
    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 1}
    assert places(household, "right") == [10, 10, 0, 0]


async def test_what_a_viewer_chose_in_between_is_given_back() -> None:
    """Not what was there before: nothing that somebody did since this morning is taken back."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    await sync(household)
    watch(household, "right", "film-0", 10)
    await sync(household)
    watch(household, "left", "film-0", 15)
    await sync(household)
    assert places(household, "right")[0] == 40
    done = await undo_pair(household, since=morning)
    # On the left nothing but the viewer's 40 min is to be seen, where a run wrote 25.
    assert done == {Fate.RESTORED: 1, Fate.MOVED: 1}
    assert [places(household, name)[0] for name in PAIR] == [40, 25]


async def test_what_a_viewer_chose_since_stays() -> None:
    """It is counted as moved, each time somebody asks."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    watch(household, "left", "film-1", 5)
    await sync(household)
    watch(household, "right", "film-0", 7)
    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 1, Fate.MOVED: 1}
    assert await undo_pair(household, since=morning) == {Fate.MOVED: 1}
    assert places(household, "right") == [22, 10, 0, 0]


async def test_one_run_of_several() -> None:
    """What later runs wrote stays; where they wrote the same title, that one counts as moved."""
    household, _ = await this_morning()
    watch(household, "left", "film-0", 5)
    watch(household, "left", "film-1", 5)
    first = (await sync(household)).run_id
    watch(household, "left", "film-2", 5)
    watch(household, "left", "film-1", 5)
    await sync(household)
    assert first is not None
    assert await undo_pair(household, run_id=first) == {Fate.RESTORED: 1, Fate.MOVED: 1}
    assert places(household, "right") == [10, 20, 5, 0]


async def test_what_another_pair_wrote_in_between_is_given_back() -> None:
    """Undone for one of two pairs that write to an account: what the other one wrote is not for it to take back."""
    pairs = [("a", "c"), ("b", "c")]
    kinds = dict.fromkeys("abc", ServerType.JELLYFIN)
    household = Household(kinds, pairs, PairRules(direction=Direction.TO_PEER))
    for server in household.servers.values():
        server.add(film(0))
    watch(household, "a", "film-0", 10)
    await household.round()
    morning = household.clock.time = household.clock.time + DAY
    for name, minutes in (("a", 5), ("b", 20), ("a", 15)):
        watch(household, name, "film-0", minutes)
        await household.round()
        household.clock.time += MINUTE
    assert [household.position(name, "film-0") // MINUTE for name in "abc"] == [30, 20, 30]
    assert await undo_pair(household, ("a", "c"), since=morning) == {Fate.RESTORED: 1}
    assert household.position("c", "film-0") // MINUTE == 20
    with pytest.raises(NothingToUndo):
        await undo_pair(household, ("a", "c"), run_id="none")


async def test_an_undo_can_be_undone() -> None:
    """It is a run like any other, with an id of its own."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    await sync(household)
    await undo_pair(household, since=morning)
    (line,) = [one for one in household.accounts["right"].history.lines.values() if one.origin.author is Author.UNDO]
    assert (line.reason, line.pair_id, line.confirmed) == (Reason.UNDONE, str(PAIR), True)
    assert await undo_pair(household, run_id=line.run_id) == {Fate.RESTORED: 1}
    assert places(household, "right")[0] == 15


async def test_writes_that_led_back_by_themselves() -> None:
    """Nothing is written for a title that stands where it stood."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    await sync(household)
    household.servers["left"].play("film-0")
    household.servers["left"].seek(10 * MINUTE)
    household.servers["left"].stop()
    await sync(household)
    assert places(household, "right")[0] == 10
    household.servers["right"].calls.clear()
    assert await undo_pair(household, since=morning) == {Fate.AS_BEFORE: 1}
    assert not household.servers["right"].writes


async def test_a_removal_is_undone_with_the_writes_before_it() -> None:
    """Cleared by the last run: the title comes back where it was this morning."""
    household, morning = await this_morning()
    household.rules[PAIR] = REMOVE
    watch(household, "left", "film-0", 5)
    await sync(household)
    finish(household, "left", "film-0")
    await sync(household)
    assert (await sync(household)).cleared == 1
    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 1}
    assert places(household, "right")[0] == 10


async def test_a_viewer_who_chose_the_same_place() -> None:
    """Taken off by a run, then begun anew and watched to the end by somebody: 0 both times, the second is theirs."""
    household, morning = await this_morning()
    household.rules[PAIR] = REMOVE
    finish(household, "left", "film-0")
    for _ in range(2):
        await sync(household)
    assert places(household, "right")[0] == 0
    household.clock.time += MINUTE
    finish(household, "right", "film-0")
    await sync(household)
    assert await undo_pair(household, since=morning) == {Fate.MOVED: 1}
    household.clock.time += MINUTE
    watch(household, "left", "film-0", 7)
    await sync(household)
    assert places(household, "right")[0] == 7
    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 1}
    assert places(household, "right")[0] == 0


async def test_a_place_that_was_given_back_in_between() -> None:
    """A server lost what a run had written, and got it again: this morning's place is still the one before."""
    household, morning = await this_morning()
    watch(household, "left", "film-0", 5)
    await sync(household)
    right = household.servers["right"]
    right.holdings["film-0"] = replace(right.holdings["film-0"], position_ms=0)
    await sync(household)
    assert places(household, "right")[0] == 15
    assert len(household.accounts["right"].history.of_pair(str(PAIR), morning)) == 2
    assert await undo_pair(household, since=morning) == {Fate.RESTORED: 1}
    assert places(household, "right")[0] == 10


@pytest.mark.parametrize("seed", range(25))
async def test_everything_of_today_can_be_taken_back(seed: int) -> None:
    """Whatever happens: each title is where it was this morning, or where somebody has left it since on that server."""
    random = Random(seed)
    household, morning = await this_morning()
    household.rules[PAIR] = REMOVE
    expected = {(name, number): place for name in PAIR for number, place in enumerate(places(household, name))}
    for _ in range(14):
        name, number = random.choice(PAIR), random.randrange(4)
        if random.random() < 0.25:
            finish(household, name, f"film-{number}")
        else:
            watch(household, name, f"film-{number}", random.randint(2, 9))
        expected[name, number] = places(household, name)[number]
        for _ in range(random.randrange(3)):
            await sync(household)
        if random.random() < 0.2:
            household.start()
    with suppress(NothingToUndo):
        assert (await undo_pair(household, since=morning))[Fate.FAILED] == 0
    found = {(name, number): place for name in PAIR for number, place in enumerate(places(household, name))}
    assert found == expected


@pytest.mark.parametrize("kind", list(ServerType))
@pytest.mark.parametrize("after_restart", [0, 1])
@pytest.mark.parametrize("arrived", [False, True])
async def test_the_power_fails_at_a_write(kind: ServerType, *, arrived: bool, after_restart: int) -> None:
    """Its line is on the disk: if the write arrived it can be undone, before and after the next run has seen it."""
    household = home(right=kind)
    watch(household, "left", "film-0", 20)
    watch(household, "right", "film-0", 10)
    watch(household, "left", "film-0", 10)
    await power_fails(household, "right", "write", arrived=arrived)
    (line,) = household.accounts["right"].history.lines.values()
    assert (line.before_ms, line.after_ms, line.confirmed) == (10 * MINUTE, 30 * MINUTE, False)
    for _ in range(after_restart):
        await sync(household)
    if not arrived and not after_restart:
        with pytest.raises(NothingToUndo):
            await undo_pair(household, run_id=line.run_id)
    else:
        kept = list(household.accounts["right"].history.lines.values())
        assert [one.confirmed for one in kept] == [bool(after_restart)]
        assert await undo_pair(household, run_id=kept[0].run_id) == {Fate.RESTORED: 1}
    assert places(household, "right")[0] == 10


async def test_the_last_run_of_an_earlier_version() -> None:
    """What its ledger kept for an undo goes into the history with the next run; what stands for others now does not."""
    household = home()
    watch(household, "left", "film-0", 20)
    watch(household, "left", "film-1", 20)
    await sync(household)
    right, ledger = household.accounts["right"], household.ledgers[PAIR]
    right.history.lines.clear()
    image = BeforeImage(Side.RIGHT, "film-0", 5 * MINUTE, 20 * MINUTE, None, film(0).ids)
    another = replace(image, item_id="film-1", keys=film(7).ids)
    ledger.before_images = (image, another, replace(image, item_id="never known"))
    await sync(household)
    household.start()
    assert household.ledgers[PAIR].before_images == ()
    assert await undo_pair(household) == {Fate.RESTORED: 1}
    assert places(household, "right") == [5, 20, 0]

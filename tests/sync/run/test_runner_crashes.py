"""Runs that break off at any request or save: the next runs repair them, and write no second value."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.resume_sync.sync.model import ServerType
from tests.sync.household import Household
from tests.sync.stories import PAIR, REMOVE, finish, home, requests, sync, watch, written
from tests.sync.world import MINUTE, Hook, PowerLoss, film


async def interrupted_story() -> Household:
    """Return a household whose next run writes to both sides, carries over a new title and clears another."""
    household = home(right=ServerType.EMBY, titles=6, rules=REMOVE)
    for number in range(4):
        watch(household, "left", f"film-{number}", 20)
    await sync(household)
    finish(household, "left", "film-3")
    await sync(household)
    watch(household, "left", "film-0", 7)
    watch(household, "right", "film-1", 9)
    watch(household, "left", "film-4", 11)
    for server in household.servers.values():
        server.calls.clear()
    household.clock.time += MINUTE
    return household


WANTED = {"film-0": 27, "film-1": 29, "film-2": 20, "film-3": 0, "film-4": 11, "film-5": 0}


async def assert_repaired(household: Household) -> None:
    """Run four times more; check the positions, and that no item was written two values."""
    for server in household.servers.values():
        server.hook = None
    for _ in range(4):
        household.clock.time += 5 * MINUTE
        await household.run_pair(PAIR)
    for name, server in household.servers.items():
        held = {item_id: holding.position_ms // MINUTE for item_id, holding in server.holdings.items()}
        assert held == WANTED, name
        values = {(item_id, position) for item_id, position in written(server)}
        assert len(values) == len({item_id for item_id, _ in values}), name
    await sync(household)
    assert (requests(household, "left"), requests(household, "right")) == ("list", "list")


def at_request(number: int, action: Callable[[], Awaitable[None]]) -> Hook:
    """Return a hook that acts at its call of this number; each request calls it on arrival and with the answer."""
    seen = 0

    async def hook(route: str, done: bool) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            await action()

    return hook


async def lose_power() -> None:
    """Let Home Assistant die."""
    raise PowerLoss


async def test_power_loss_at_any_request_is_repaired() -> None:
    """Before or after the request took effect: the next runs converge and write no second value."""
    number, died = 0, True
    while died:
        number, died = number + 1, False
        household = await interrupted_story()
        hook = at_request(number, lose_power)
        for server in household.servers.values():
            server.hook = hook
        try:
            await household.run_pair(PAIR)
        except* PowerLoss:
            died = True
            household.start()
        await assert_repaired(household)
    assert number > 20


async def test_cancellation_at_any_request_is_repaired() -> None:
    """Unloading may end a run at any request; the accounts go on with the state in memory."""
    number, cancelled = 0, True
    while cancelled:
        number += 1
        household = await interrupted_story()
        running = asyncio.create_task(household.run_pair(PAIR))

        async def cancel(task: asyncio.Task[object] = running) -> None:
            task.cancel()
            await asyncio.sleep(0)

        hook = at_request(number, cancel)
        for server in household.servers.values():
            server.hook = hook
        await asyncio.wait([running])
        cancelled = running.cancelled()
        await assert_repaired(household)
    assert number > 20


def saving(household: Household, fails_at: int, *, stores: bool) -> tuple[list[int], Callable[[], Awaitable[None]]]:
    """Return a `save` that loses power at one of its calls, before or after storing, and the list of its calls."""
    saves: list[int] = []

    async def save() -> None:
        saves.append(sum(len(server.writes) for server in household.servers.values()))
        if len(saves) - 1 != fails_at or stores:
            await household.save()
        if len(saves) - 1 == fails_at:
            raise PowerLoss

    return saves, save


@pytest.mark.parametrize("stores", [True, False])
@pytest.mark.parametrize("fails_at", [0, 1])
async def test_power_loss_while_saving_is_repaired(fails_at: int, stores: bool) -> None:
    """At the save before the writes and at the last one, stored or not."""
    household = await interrupted_story()
    _, save = saving(household, fails_at, stores=stores)
    with pytest.raises(PowerLoss):
        await household.run_pair(PAIR, save=save)
    household.start()
    await assert_repaired(household)


async def test_state_is_saved_before_the_first_write_and_at_the_end() -> None:
    """A run with writes saves twice, first before any write; a run that only found a link saves once."""
    household = await interrupted_story()
    saves, save = saving(household, -1, stores=True)
    await household.run_pair(PAIR, save=save)
    assert saves == [0, 4]
    household.servers["left"].add(film(70))
    watch(household, "left", "film-70", 20)
    saves.clear()
    await household.run_pair(PAIR, save=save)
    assert len(saves) == 1
    household.clock.time += MINUTE
    await household.run_pair(PAIR, save=save)
    assert len(saves) == 1

"""The date that is written: both lists stand in the same order afterwards."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType
from tests.sync.builders import at
from tests.sync.household import Household
from tests.sync.stories import home, sync, watch
from tests.sync.world import HOUR, MINUTE, NOON


def shelf(household: Household, name: str) -> list[str]:
    """Return what is in progress on a server, last played first, as servers show it."""
    holdings = household.servers[name].holdings
    in_progress = [item_id for item_id, holding in holdings.items() if holding.position_ms]
    return sorted(in_progress, key=lambda item_id: (holdings[item_id].date or 0, item_id), reverse=True)


def long_before_short(household: Household, name: str) -> None:
    """Watch film 0 for 80 minutes, begun before film 1 that was left after 5: both stood open at once."""
    server = household.servers[name]
    server.play("film-0", "tv")
    household.clock.time += 60 * MINUTE
    server.play("film-1", "tablet")
    household.clock.time += 5 * MINUTE
    server.stop("tablet")
    household.clock.time += 15 * MINUTE
    server.stop("tv")


@pytest.mark.parametrize("left", [ServerType.JELLYFIN, ServerType.EMBY])
@pytest.mark.parametrize("right", [ServerType.JELLYFIN, ServerType.EMBY])
@pytest.mark.parametrize("skew_ms", [0, 90 * MINUTE])
async def test_both_lists_stand_alike_after_a_first_sync(left: ServerType, right: ServerType, skew_ms: int) -> None:
    """The source's own dates are written, on the target's clock: film 1 was begun last, though film 0 was left last."""
    household = home(left, right, titles=4)
    household.servers["left"].skew_ms = skew_ms
    household.servers["right"].skew_ms = -skew_ms
    long_before_short(household, "left")
    watch(household, "left", "film-3", 20)
    assert shelf(household, "left") == ["film-3", "film-1", "film-0"]
    report = await sync(household)
    assert report.updated == 3
    assert shelf(household, "right") == shelf(household, "left")
    for item_id in shelf(household, "left"):
        dates = [server.holdings[item_id].date for server in household.servers.values()]
        assert all(date is not None for date in dates)
        assert (dates[0] or 0) - skew_ms == (dates[1] or 0) + skew_ms


async def test_dates_of_plex_do_not_mean_the_same() -> None:
    """Plex dates the stop: the latest time of the edit is written, as far as it is known."""
    household = home(ServerType.PLEX, ServerType.EMBY)
    watch(household, "left", "film-0", 20)
    stopped = household.clock.time - MINUTE
    household.servers["left"].holdings["film-0"] = replace(
        household.servers["left"].holdings["film-0"], date=stopped - 30_000
    )
    await sync(household)
    assert household.servers["right"].holdings["film-0"].date == stopped - 30_000


async def test_a_source_without_a_date_leaves_the_edit_s() -> None:
    """All that is known is that it was left before the first read."""
    household = home()
    held = household.servers["left"].holdings
    held["film-0"] = replace(held["film-0"], position_ms=20 * MINUTE)
    await sync(household)
    date = household.servers["right"].holdings["film-0"].date
    assert date is not None
    assert household.clock.time - HOUR < date <= household.clock.time


@pytest.mark.parametrize("ahead", [HOUR, 20 * HOUR])
async def test_a_date_is_never_in_the_future(ahead: int) -> None:
    """A date ahead of the clock, as a wrong one that somebody set, becomes now."""
    household = home()
    held = household.servers["left"].holdings
    held["film-0"] = replace(held["film-0"], position_ms=20 * MINUTE, date=NOON + ahead)
    await sync(household)
    date = household.servers["right"].holdings["film-0"].date
    assert date is not None
    assert date <= household.clock.time


async def test_a_date_never_goes_back() -> None:
    """Last played on the target at 13:00 and finished; then a play of 12:30 is told late: 13:00 stays."""
    household = home(rules=PairRules(Direction.TO_PEER, remove=RemoveMode.MIRROR))
    right = household.servers["right"].holdings
    right["film-0"] = replace(right["film-0"], position_ms=40 * MINUTE, date=at(60))
    left = household.servers["left"].holdings
    left["film-0"] = replace(left["film-0"], position_ms=20 * MINUTE, date=at(30))
    household.clock.time = at(90)
    report = await sync(household)
    assert (report.updated, right["film-0"].position_ms, right["film-0"].date) == (1, 20 * MINUTE, at(60))


async def test_the_order_holds_over_three_servers() -> None:
    """What travels on from the second server has its date from the first one."""
    household = Household(
        {"left": ServerType.JELLYFIN, "right": ServerType.EMBY, "third": ServerType.JELLYFIN},
        [("left", "right"), ("right", "third")],
    )
    for server in household.servers.values():
        server.add(*(replace(holding.item) for holding in home().servers["left"].holdings.values()))
    long_before_short(household, "left")
    for _ in range(2):
        household.clock.time += 5 * MINUTE
        await household.round()
    assert shelf(household, "third") == shelf(household, "left") == ["film-1", "film-0"]

"""The history of a pair: its beginning, and its effect on removals, refusals and undo."""

import pytest

from custom_components.resume_sync.sync.media_server import NotAllowed
from custom_components.resume_sync.sync.model import Action, Direction, PairRules, Reason, RemoveMode, ServerType
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.run.undo import last_run
from tests.sync.household import Household
from tests.sync.stories import PAIR, finish, home, reasons, sync, watch
from tests.sync.world import DAY, MINUTE, Holding, film

REMOVE = PairRules(remove=RemoveMode.SOURCE)


async def test_a_removal_right_after_the_first_run_counts() -> None:
    """The history begins with the reads of the first run, not with its end."""
    household = home(titles=1, rules=REMOVE)
    for server in household.servers.values():
        server.latency_ms = 4000
    watch(household, "left", "film-0", 20)
    await sync(household)
    household.servers["left"].clear("film-0")
    assert reasons(await sync(household)) == {"film-0": Reason.AWAITING_CONFIRMATION}
    assert (await sync(household)).cleared == 1
    assert household.position("right", "film-0") == 0


async def test_a_removal_right_after_a_first_run_on_shared_listings_counts() -> None:
    """A pair that runs second in its round uses the listings of the first pair."""
    pairs = [("a", "b"), ("b", "c")]
    household = Household(dict.fromkeys("abc", ServerType.JELLYFIN), pairs, REMOVE)
    for server in household.servers.values():
        server.add(film(0))
    household.servers["b"].latency_ms = 4000
    watch(household, "b", "film-0", 20)
    await household.round()
    household.servers["b"].clear("film-0")
    for _ in range(2):
        household.clock.time += 5 * MINUTE
        await household.round()
    assert [household.position(name, "film-0") for name in "abc"] == [0, 0, 0]


async def test_a_zero_from_before_the_first_run_is_no_removal() -> None:
    """Another pair of the account knows the title; this pair is new."""
    household = home(titles=1, rules=REMOVE)
    watch(household, "left", "film-0", 20)
    await sync(household)
    finish(household, "left", "film-0")
    household.ledgers[PAIR].started_at = None
    for _ in range(3):
        report = await sync(household)
        assert reasons(report) == {"film-0": Reason.FINISHED_ON_TARGET}
    assert household.position("right", "film-0") == 20 * MINUTE


async def test_a_run_that_wrote_nothing_leaves_the_last_one_to_undo() -> None:
    """A run whose only write failed is not the last one that wrote."""
    household = home(titles=2)
    watch(household, "left", "film-0", 20)
    await sync(household)
    wrote = last_run([household.accounts["right"].history], str(PAIR))
    household.servers["right"].write_errors["film-1"] = NotAllowed("Not now")
    watch(household, "left", "film-1", 20)
    assert (await sync(household)).updated == 0
    assert last_run([household.accounts["right"].history], str(PAIR)) == wrote is not None


async def test_a_snapshot_tells_its_unreadable_rows() -> None:
    """Rows with an id are told by id, rows without one are counted."""
    household = home(titles=2)
    watch(household, "left", "film-0", 20)
    household.servers["left"].nameless_rows = 2
    household.servers["left"].unknown["film-1"] = "position"
    assert home().accounts["left"].snapshot is None
    await sync(household)
    seen = household.accounts["left"].snapshot
    assert seen is not None
    assert (set(seen.items), set(seen.unknown), seen.nameless_rows) == ({"film-0"}, {"film-1"}, 2)


@pytest.mark.parametrize("dated", [True, False])
async def test_mirror_clears_a_title_finished_before_the_first_read(*, dated: bool) -> None:
    """With or without a date of the finish, once somebody has agreed to the first run: that run records it."""
    household = home(titles=1, rules=PairRules(direction=Direction.TO_PEER, remove=RemoveMode.MIRROR))
    watch(household, "right", "film-0", 20)
    finish(household, "left", "film-0")
    if not dated:
        household.servers["left"].holdings["film-0"] = Holding(film(0), watched=True)
    for _ in range(3):
        await sync(household)
    assert household.position("right", "film-0") == 20 * MINUTE
    agreed = await sync(household, approval=Approval.FIRST_SYNC)
    assert reasons(agreed) == {"film-0": Reason.AWAITING_CONFIRMATION}
    report = await sync(household)
    assert [(one.action, one.reason) for one in report.decisions] == [(Action.CLEAR, Reason.MIRRORED)]
    assert household.position("right", "film-0") == 0


async def test_a_refused_removal_stays_refused_while_a_library_is_away() -> None:
    """The library comes back as it was, and the refusal holds."""
    household = home(titles=1, rules=REMOVE)
    watch(household, "left", "film-0", 20)
    await sync(household)
    finish(household, "left", "film-0")
    await sync(household)
    household.ledgers[PAIR].clear_tombstones()
    household.servers["right"].offline_library = True
    await sync(household)
    household.servers["right"].offline_library = False
    assert reasons(await sync(household)) == {"film-0": Reason.IGNORED}
    assert household.position("right", "film-0") == 20 * MINUTE


async def test_a_finish_while_a_library_was_away_is_not_undone_by_an_older_position() -> None:
    """The item is gone in one read, back and finished in the next."""
    household = home(titles=1)
    watch(household, "left", "film-0", 20)
    await sync(household)
    household.servers["left"].offline_library = True
    await sync(household)
    household.servers["left"].offline_library = False
    finish(household, "left", "film-0")
    household.clock.time += DAY
    assert reasons(await sync(household)) == {"film-0": Reason.REMOVE_OFF}
    assert household.position("left", "film-0") == 0


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (PairRules(), Reason.REMOVE_OFF),
        (PairRules(direction=Direction.TO_PEER), Reason.CLEARED_ON_TARGET),
    ],
)
async def test_a_zero_is_known_for_as_long_as_the_title_is_in_progress_elsewhere(
    rules: PairRules, reason: Reason
) -> None:
    """Taken off on the one server, left at 20 minutes on the other: half a year later the 20 minutes are still old."""
    household = home(titles=1, rules=rules)
    watch(household, "left", "film-0", 20)
    await sync(household)
    household.servers["right"].clear("film-0")
    for _ in range(6):
        report = await sync(household, after=30 * DAY // MINUTE)

    assert reasons(report) == {"film-0": reason}
    assert (household.position("left", "film-0"), household.position("right", "film-0")) == (20 * MINUTE, 0)

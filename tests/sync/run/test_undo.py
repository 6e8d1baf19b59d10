"""Undo, positions set by hand, and the approval of a large first sync."""

import pytest

from custom_components.resume_sync.sync.media_server import CannotConnect, NotFound, NotStored, NotSupported
from custom_components.resume_sync.sync.model import Action, Reason, ServerType
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.runner import RunMode
from custom_components.resume_sync.sync.run.set_position import set_position
from custom_components.resume_sync.sync.run.undo import Fate, NothingToUndo
from tests.sync.household import Household
from tests.sync.undoing import undo_pair
from tests.sync.world import DURATION, MINUTE, film

PAIR = ("left", "right")


def home(left: ServerType = ServerType.JELLYFIN, right: ServerType = ServerType.EMBY, titles: int = 3) -> Household:
    """Return two servers with the same films, paired both ways."""
    household = Household({"left": left, "right": right}, [PAIR])
    for server in household.servers.values():
        server.add(*(film(number) for number in range(titles)))
    return household


def watch(household: Household, name: str, number: int, minutes: int) -> None:
    """Watch a film for a while and stop."""
    server = household.servers[name]
    server.play(f"film-{number}")
    household.clock.time += minutes * MINUTE
    server.stop()
    household.clock.time += MINUTE


async def put_back(household: Household) -> tuple[int, int, int, int]:
    """Undo the last run of the pair; return how many titles were put back, moved, impossible, failed."""
    done = await undo_pair(household)
    household.clock.time += MINUTE
    return done[Fate.RESTORED], done[Fate.MOVED], done[Fate.NOT_SUPPORTED], done[Fate.FAILED]


async def sync(household: Household) -> dict[str, Reason]:
    """Run the pair and return the reason by title."""
    household.clock.time += 5 * MINUTE
    report = await household.run_pair(PAIR)
    return {decision.item.title: decision.reason for decision in report.decisions}


async def test_undo_puts_back_the_last_run_and_lasts_until_a_viewer_moves_the_title() -> None:
    """Runs leave an undone title alone, in both directions, until it is moved on either side."""
    household = home()
    watch(household, "left", 0, 20)
    watch(household, "right", 0, 40)
    watch(household, "left", 1, 30)
    await sync(household)
    assert [household.position("left", "film-0"), household.position("right", "film-1")] == [40 * MINUTE, 30 * MINUTE]
    assert await put_back(household) == (2, 0, 0, 0)
    assert [household.position("left", "film-0"), household.position("right", "film-1")] == [20 * MINUTE, 0]
    for _ in range(2):
        assert await sync(household) == {"Film 0": Reason.UNDONE, "Film 1": Reason.UNDONE}
    household.start()
    assert await sync(household) == {"Film 0": Reason.UNDONE, "Film 1": Reason.UNDONE}
    watch(household, "left", 1, 5)
    watch(household, "left", 0, 5)
    reasons = await sync(household)
    assert reasons == {"Film 0": Reason.NEWER_POSITION, "Film 1": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "film-0") == 25 * MINUTE


async def test_undo_holds_for_all_pairs_of_the_account() -> None:
    """Another pair of the same account does not write the undone position again."""
    pairs = [("a", "b"), ("b", "c")]
    household = Household(dict.fromkeys("abc", ServerType.JELLYFIN), pairs)
    for server in household.servers.values():
        server.add(film(0))
    watch(household, "a", 0, 30)
    await household.round()
    await undo_pair(household, ("a", "b"))
    for _ in range(3):
        household.clock.time += 5 * MINUTE
        await household.round()
    assert [household.position(name, "film-0") for name in "abc"] == [30 * MINUTE, 0, 30 * MINUTE]


async def test_undo_leaves_titles_alone_that_a_viewer_moved_since() -> None:
    """Titles that still show the position of the run are put back."""
    household = home()
    watch(household, "left", 0, 20)
    watch(household, "left", 1, 20)
    await sync(household)
    watch(household, "right", 0, 10)
    assert await put_back(household) == (1, 1, 0, 0)
    assert household.position("right", "film-0") == 30 * MINUTE
    assert household.position("right", "film-1") == 0


async def test_second_undo_is_refused() -> None:
    """There is one step back, and none before a run has written."""
    household = home()
    with pytest.raises(NothingToUndo):
        await put_back(household)
    watch(household, "left", 0, 20)
    await sync(household)
    await put_back(household)
    with pytest.raises(NothingToUndo):
        await put_back(household)


async def test_undo_on_plex_cannot_put_back_a_zero() -> None:
    """A title that was not in progress on Plex before stays there, counted as not supported."""
    household = home(right=ServerType.PLEX)
    watch(household, "left", 0, 20)
    await sync(household)
    assert await put_back(household) == (0, 0, 1, 0)
    assert household.position("right", "film-0") == 20 * MINUTE


async def test_failed_undo_may_be_tried_again() -> None:
    """Items that could not be written are kept for another undo."""
    household = home()
    watch(household, "left", 0, 20)
    await sync(household)
    household.servers["right"].ignoring = 1
    assert await put_back(household) == (0, 0, 0, 1)
    assert await put_back(household) == (1, 0, 0, 0)
    assert household.position("right", "film-0") == 0


async def test_undo_of_a_server_that_is_down_changes_nothing() -> None:
    """The error names the account, and a later undo works."""
    household = home()
    watch(household, "left", 0, 20)
    await sync(household)
    household.servers["right"].failing = 1
    with pytest.raises(AccountError) as failed:
        await put_back(household)
    assert failed.value.account_id == "right"
    assert await put_back(household) == (1, 0, 0, 0)


async def set_by_hand(household: Household, name: str, number: int, minutes: int, *, back: bool = False) -> int:
    """Set a position, or go back by some minutes."""
    return await set_position(
        household.accounts[name],
        f"film-{number}",
        lambda position: position - minutes * MINUTE if back else minutes * MINUTE,
        now=household.clock.now,
        save=household.save,
    )


async def test_position_set_by_hand_is_an_edit_of_a_human() -> None:
    """The position travels to the other side like a viewer's own, also backwards."""
    household = home()
    watch(household, "left", 0, 50)
    await sync(household)
    assert await set_by_hand(household, "right", 0, 20, back=True) == 30 * MINUTE
    assert await sync(household) == {"Film 0": Reason.NEWER_POSITION}
    assert household.position("left", "film-0") == 30 * MINUTE
    assert await sync(household) == {"Film 0": Reason.IN_SYNC}


async def test_position_set_by_hand_stays_within_the_title() -> None:
    """Positions are kept between 0 and the duration; 0 takes the title out of progress."""
    household = home()
    watch(household, "left", 0, 10)
    assert await set_by_hand(household, "left", 0, 900) == DURATION
    assert await set_by_hand(household, "left", 0, 900, back=True) == 0
    assert household.position("left", "film-0") == 0


async def test_position_that_cannot_be_set_is_an_error() -> None:
    """Unknown items, a 0 on Plex, failed writes, writes that do not take, and servers that are down."""
    household = home(right=ServerType.PLEX)
    watch(household, "right", 0, 10)
    causes: dict[str, type[object]] = {}

    async def attempt(case: str, name: str, number: int, minutes: int) -> None:
        with pytest.raises(AccountError) as failed:
            await set_by_hand(household, name, number, minutes)
        causes[case] = type(failed.value.__cause__)

    await attempt("unknown", "left", 77, 5)
    await attempt("clear on plex", "right", 0, 0)
    household.servers["left"].ignoring = 1
    await attempt("ignored", "left", 0, 5)
    household.servers["left"].write_errors["film-1"] = CannotConnect("no")
    await attempt("failing", "left", 1, 5)
    household.servers["left"].dies_after_write = True
    await attempt("down at the read back", "left", 2, 5)
    assert causes == {
        "unknown": NotFound,
        "clear on plex": NotSupported,
        "ignored": NotStored,
        "failing": CannotConnect,
        "down at the read back": CannotConnect,
    }


async def test_large_first_run_waits_for_approval() -> None:
    """26 titles are held until approved; later runs are not held for their number."""
    household = home(titles=60)
    for number in range(26):
        watch(household, "left", number, 10)
    for _ in range(2):
        reasons = await sync(household)
        assert set(reasons.values()) == {Reason.HELD_FOR_APPROVAL}
    household.clock.time += MINUTE
    planned = await household.run_pair(PAIR, RunMode.PLAN)
    assert planned.held == planned.pending == 26
    assert planned.held_removals == 0
    report = await household.run_pair(PAIR, approval=Approval.EVERYTHING)
    assert report.updated == 26
    for number in range(30, 60):
        watch(household, "left", number, 10)
    household.clock.time += MINUTE
    report = await household.run_pair(PAIR)
    assert [decision.action for decision in report.decisions].count(Action.WRITE) == 30

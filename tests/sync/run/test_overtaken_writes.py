"""What happens while a run writes its list: nothing that a viewer does meanwhile is written over."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Action, Reason, ServerType, Side
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.run.record import remember
from tests.sync.builders import at, minutes, point
from tests.sync.household import Household
from tests.sync.stories import both_hold, reasons, sync, watch, written
from tests.sync.world import MINUTE, film

from .writing_jobs import an_account

TITLES = 15
LAST = f"film-{TITLES - 1}"

type Act = Callable[[Household], Awaitable[None]]


async def to_write(kind: ServerType) -> Household:
    """Return a household in which fifteen titles are to be written to the right side, film 14 last."""
    household = await both_hold(right=kind, titles=TITLES)
    for number in range(TITLES):
        watch(household, "left", f"film-{number}", 7)
    for server in household.servers.values():
        server.latency_ms = 0
    return household


def during_the_first_write(household: Household, act: Act) -> None:
    """Let something happen once the first write has taken effect."""
    right = household.servers["right"]
    acted = False

    async def hook(route: str, done: bool) -> None:
        nonlocal acted
        if route == "write" and done and not acted:
            acted = True
            await act(household)

    right.hook = hook


async def stop_on_the_target(household: Household) -> None:
    """Play the last title for half a minute, from 20 to 50 minutes, and stop."""
    right = household.servers["right"]
    right.play(LAST)
    right.seek(50 * MINUTE - 30_000)
    household.clock.time += 30_000
    right.stop()


async def stop_on_the_target_in_a_moment(household: Household) -> None:
    """The same within a second, so that the plan's read still counts; push tells of it."""
    right = household.servers["right"]
    right.play(LAST)
    household.clock.time += 500
    right.seek(50 * MINUTE)
    right.stop()
    household.accounts["right"].journal.note_push(LAST, Heard(household.clock.time, 50 * MINUTE))
    household.clock.time += 500


async def go_on_on_the_source(household: Household) -> None:
    """Go on to 50 minutes on the source, which is read by another run before this one comes to the title."""
    left = household.servers["left"]
    left.play(LAST)
    left.seek(50 * MINUTE)
    household.clock.time += 500
    left.stop()
    await household.accounts["left"].read(household.clock.time, household.clock.now)


async def stop_on_the_source(household: Household) -> None:
    """The same, and only push has told of it."""
    left = household.servers["left"]
    left.play(LAST)
    left.seek(50 * MINUTE)
    household.clock.time += 500
    left.stop()
    household.accounts["left"].journal.note_push(LAST, Heard(household.clock.time, 50 * MINUTE))


@pytest.mark.parametrize("kind", list(ServerType))
@pytest.mark.parametrize(
    "act", [stop_on_the_target, stop_on_the_target_in_a_moment, go_on_on_the_source, stop_on_the_source]
)
async def test_a_stop_while_a_run_writes_is_not_written_over(kind: ServerType, act: Act) -> None:
    """The write of that title is left out, with its intent; the next run carries what the viewer did."""
    household = await to_write(kind)
    during_the_first_write(household, act)

    report = await sync(household, after=1)

    right = household.servers["right"]
    assert (LAST, 27 * MINUTE) not in written(right)
    assert (reasons(report)[LAST], report.updated, report.waiting) == (Reason.NOT_VERIFIED, TITLES - 1, 1)
    assert not household.accounts["right"].journal.unseen.writes
    right.hook = None
    report = await sync(household, after=1)
    assert report.updated == 1
    assert [household.position(name, LAST) // MINUTE for name in household.servers] == [50, 50]


async def test_a_target_that_is_opened_while_a_run_writes_is_left_alone() -> None:
    """A session has told of it since the plan: whoever plays there is not written under."""
    household = await to_write(ServerType.PLEX)

    async def opened(household: Household) -> None:
        now = household.clock.time
        household.accounts["right"].journal.plays.note_report(LAST, "tv", 20 * MINUTE, None, now + 1)

    during_the_first_write(household, opened)
    report = await sync(household, after=1)
    assert (reasons(report)[LAST], report.updated) == (Reason.NOT_VERIFIED, TITLES - 1)
    assert LAST not in dict(written(household.servers["right"]))


@pytest.mark.parametrize("kind", [ServerType.JELLYFIN, ServerType.EMBY])
async def test_a_target_that_is_opened_without_a_move_is_known_by_its_new_date(kind: ServerType) -> None:
    """The date of the play stays; where the server goes away before the look back, the position is known as ours."""
    household = await both_hold(right=kind)
    right = household.servers["right"]
    watch(household, "left", "film-0", 7)
    began: int | None = None

    async def hook(route: str, done: bool) -> None:
        nonlocal began
        if route == "sessions" and done and began is None:
            household.clock.time += 2 * MINUTE
            right.play("film-0")
            right.stop()
            began = right.holdings["film-0"].date

    right.hook = hook
    right.dies_after_write = True
    report = await sync(household)
    assert (report.updated, right.holdings["film-0"].position_ms, right.holdings["film-0"].date) == (
        0,
        27 * MINUTE,
        began,
    )
    right.dies_after_write = False
    report = await sync(household)
    assert (reasons(report)["film-0"], report.updated) == (Reason.IN_SYNC, 0)
    left, right_entry = (account.journal.entries["film-0"] for account in household.accounts.values())
    assert (right_entry.edit, right_entry.written_at is not None) == (left.edit, True)


async def test_noise_on_the_target_delays_a_write_by_one_run() -> None:
    """Two seconds more than in the plan: what is written over is what was decided about."""
    household = await to_write(ServerType.EMBY)

    async def drift(household: Household) -> None:
        held = household.servers["right"].holdings[LAST]
        household.servers["right"].holdings[LAST] = replace(held, position_ms=held.position_ms + 2000)

    during_the_first_write(household, drift)
    report = await sync(household, after=1)
    assert (reasons(report)[LAST], report.updated) == (Reason.NOT_VERIFIED, TITLES - 1)
    household.servers["right"].hook = None
    assert (await sync(household, after=1)).updated == 1


@pytest.mark.parametrize(("shown", "redated"), [(20, True), (10, False)])
async def test_the_edit_of_a_place_that_the_plan_did_not_know_stays(shown: float, redated: bool) -> None:
    """A listing that left before our write came after it: the plan compared 10 min where the account stands at 20."""
    left, right = await an_account(), await an_account(ServerType.EMBY)
    before = right.journal.entries["film-0"].edit
    decision = Decision(
        key="film",
        item=film(0),
        action=Action.NONE,
        reason=Reason.BELOW_DELTA,
        source=Side.LEFT,
        source_item_id="film-0",
        target_item_ids=("film-0",),
        from_position_ms=minutes(20),
        to_position_ms=minutes(shown),
        edit=point(0),
    )
    remember({Side.LEFT: left, Side.RIGHT: right}, Ledger(started_at=1), [decision], [decision], at(1))
    assert right.journal.entries["film-0"].edit == (point(0) if redated else before)

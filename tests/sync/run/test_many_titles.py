"""Thousands of titles are computed beside the event loop: nothing that happens meanwhile is lost."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
import threading
from typing import TYPE_CHECKING, override

import pytest

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.model import ItemState, ServerType, Snapshot
from custom_components.resume_sync.sync.off_loop import MANY, off_loop
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.computing import longest_step
from tests.sync.builders import at, between
from tests.sync.household import Household
from tests.sync.stories import PAIR, home, requests, sync, watch, written
from tests.sync.world import MINUTE, Clock, ModelServer, film

if TYPE_CHECKING:
    from _collections_abc import dict_values

pytestmark = pytest.mark.slow

READ = 3 * MANY
TITLES = MANY + 20
CHANGED = 100
LINES_FOR_A_TITLE = 40


class Patient(dict[str, ItemState]):
    """Titles that a thread gets to see only once the event loop had its turn."""

    def __init__(self, items: Mapping[str, ItemState], turn: threading.Event) -> None:
        """Hold the titles."""
        super().__init__(items)
        self._turn = turn

    @override
    def values(self) -> dict_values[str, ItemState]:
        if threading.current_thread() is not threading.main_thread():
            assert self._turn.wait(60)
        return super().values()


class PatientServer(ModelServer):
    """A server whose listings are taken in only after another turn of the event loop."""

    turn = threading.Event()

    @override
    async def in_progress(self) -> Snapshot:
        snapshot = await super().in_progress()
        return replace(snapshot, items=Patient(snapshot.items, self.turn))


def many() -> tuple[Account, PatientServer]:
    """Return an account with very many films at 20 minutes."""
    server = PatientServer(ServerType.JELLYFIN, Clock(), latency_ms=20)
    server.turn.clear()
    server.add(*map(film, range(READ)))
    for item_id, holding in server.holdings.items():
        server.holdings[item_id] = replace(holding, position_ms=20 * MINUTE, date=at(-30))
    return Account("an id", "Anna", server, Journal()), server


async def while_reading(account: Account, server: PatientServer, happens: Callable[[int], None]) -> int:
    """Read the account; let something happen at each turn that the event loop gets, and return how many it got."""
    server.turn.clear()
    reading = asyncio.create_task(account.read(server.clock.time, server.clock.now))
    turns = 0
    while not reading.done():
        happens(turns)
        if turns:
            server.turn.set()
        turns += 1
        await asyncio.sleep(0)
    await reading
    return turns


async def test_few_are_computed_at_once() -> None:
    """Without another turn of the event loop, in which a run could be cancelled; many leave it its turn."""
    turn = threading.Event()
    asyncio.get_running_loop().call_soon(turn.set)
    assert not await off_loop(MANY - 1, turn.is_set)
    assert await off_loop(MANY, lambda: turn.wait(60))


async def test_what_is_heard_while_a_listing_is_taken_in_is_kept() -> None:
    """A stop, and a play that goes on; of the stops heard before, those that the listing does not show."""
    account, server = many()
    server.turn.set()
    await account.read(server.clock.time, server.clock.now)
    server.clock.time += 5 * MINUTE
    server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=30 * MINUTE)
    journal, stopped_at = account.journal, server.clock.time - MINUTE
    for item_id in ("film-0", "film-1", "goes on"):
        journal.note_push(item_id, Heard(stopped_at))

    def happens(turn: int) -> None:
        journal.note_push("goes on", None)
        journal.note_push("meanwhile" if turn else "before", Heard(server.clock.time))

    turns = await while_reading(account, server, happens)

    assert turns > 1
    assert list(journal.heard) == ["film-1", "before", "meanwhile"]
    assert journal.entries["film-0"].edit.latest == stopped_at


async def test_a_journal_that_changes_meanwhile_takes_the_listing_in_as_it_is_then() -> None:
    """As when this machine's clock was set back, which another account's run finds."""
    account, server = many()
    server.turn.set()
    await account.read(server.clock.time, server.clock.now)
    server.clock.time += 5 * MINUTE
    edit = between(-200, -100)

    turns = await while_reading(
        account, server, lambda turn: account.journal.redate("film-7", edit) if turn == 1 else None
    )

    assert turns > 1
    assert account.journal.entries["film-7"].edit == edit
    assert account.snapshot is not None
    assert account.journal.read_at == account.snapshot.read_at


async def test_cancelling_leaves_the_journal_as_it_was() -> None:
    """What a thread still computes is nobody's; the next read starts anew."""
    account, server = many()
    reading = asyncio.create_task(account.read(server.clock.time, server.clock.now))
    for _ in range(3):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    server.turn.set()
    assert reading.cancelled()
    assert (account.journal.entries, account.snapshot) == ({}, None)

    await account.read(server.clock.time, server.clock.now)
    assert len(account.journal.entries) == READ


async def everything_held() -> Household:
    """Return a household in which both sides hold very many films at 20 minutes."""
    household = home(titles=TITLES)
    for number in range(TITLES):
        watch(household, "left", f"film-{number}", 20)
    await sync(household, approval=Approval.EVERYTHING)
    await sync(household)
    return household


async def test_a_run_decides_as_with_few_titles() -> None:
    """What changed is written, nothing else; then nothing more, and a preview leaves no trace."""
    household = await everything_held()
    watch(household, "left", "film-1", 7)
    before = household.accounts["right"].journal.copy()
    report = await household.run_pair(PAIR, RunMode.PREVIEW)
    assert (report.updated, household.accounts["right"].journal) == (1, before)

    requests(household, "right")
    report = await sync(household)
    assert (report.updated, requests(household, "right")) == (1, "list sessions states write states")
    assert written(household.servers["right"]) == [("film-1", 27 * MINUTE)]
    assert (await sync(household)).updated == 0


async def test_no_step_of_a_run_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning takes hundreds of lines for each title, all of them beside the event loop; saving is not part of it."""
    household = await everything_held()
    for number in range(CHANGED):
        watch(household, "left", f"film-{number}", 7)

    async def save(_: Household) -> None:
        """Save nothing."""

    monkeypatch.setattr(Household, "save", save)
    with longest_step() as step:
        report = await sync(household)
    assert report.updated == CHANGED
    assert TITLES < step.lines < LINES_FOR_A_TITLE * TITLES

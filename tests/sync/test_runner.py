"""One run over a pair: what it asks, in which order, what it reports and what survives a failure."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.decision import AccountError
from custom_components.resume_sync.sync.ledger import LONGEST_RETRY_MS
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import PairRules, Reason, RemoveMode, ServerType, Side
from custom_components.resume_sync.sync.runner import CONFIRM_AFTER_MS, RunMode, run

from .household import Household
from .stories import PAIR, finish, home, reasons, requests, sync, watch, written
from .world import DAY, HOUR, MINUTE, Hook, PowerLoss, film

REMOVE = PairRules(remove=RemoveMode.SOURCE)


async def both_hold(
    left: ServerType = ServerType.JELLYFIN,
    right: ServerType = ServerType.JELLYFIN,
    *,
    titles: int = 3,
    rules: PairRules | None = None,
) -> Household:
    """Return a household in which both sides hold all films at 20 minutes."""
    household = home(left, right, titles=titles, rules=rules)
    for number in range(titles):
        watch(household, "left", f"film-{number}", 20)
    await sync(household, approve=True)
    await sync(household)
    return household


async def test_idle_run_is_one_listing_per_account() -> None:
    """Nothing else is asked for where nothing changed, however often."""
    household = await both_hold(titles=30)
    for _ in range(3):
        report = await sync(household)
        assert (requests(household, "left"), requests(household, "right")) == ("list", "list")
        assert set(reasons(report).values()) == {Reason.IN_SYNC}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ServerType.PLEX, "list sessions write states"),
        (ServerType.JELLYFIN, "list sessions write states"),
        (ServerType.EMBY, "list sessions states write states"),
    ],
)
async def test_one_change_of_a_title_that_both_hold(kind: ServerType, asked: str) -> None:
    """It costs who plays what, the write and reading it back; Emby is read right before, too."""
    household = await both_hold(right=kind)
    watch(household, "left", "film-1", 7)
    report = await sync(household)
    assert (requests(household, "left"), requests(household, "right")) == ("list sessions", asked)
    assert report.updated == 1
    assert written(household.servers["right"]) == [("film-1", 27 * MINUTE)]


async def test_new_titles_are_looked_up_and_read_together() -> None:
    """However many titles are new: one look-up, one read, their writes, one read back."""
    household = home(titles=20)
    for number in range(20):
        watch(household, "left", f"film-{number}", 20)
    await sync(household)
    assert requests(household, "left") == "list sessions"
    assert requests(household, "right") == "list sessions find states write*20 states"


async def test_emby_is_read_before_it_is_written_ten_at_a_time() -> None:
    """Each chunk right after its own read, because a write carries the watched mark."""
    household = home(right=ServerType.EMBY, titles=23)
    for number in range(23):
        watch(household, "left", f"film-{number}", 20)
    await sync(household)
    expected = "list sessions find states*2 write*10 states write*10 states write*3 states"
    assert requests(household, "right") == expected
    reads = [call.item_ids for call in household.servers["right"].calls if call.route == "states"]
    assert [len(item_ids) for item_ids in reads] == [23, 10, 10, 3, 23]


async def test_titles_unresolved_settled_or_ignored_cost_nothing_when_idle() -> None:
    """What was found out about them is remembered; it is no reason to ask again."""
    household = home(titles=5)
    left, right = household.servers["left"], household.servers["right"]
    left.add(film(50), replace(film(51), ids=frozenset()))
    right.holdings["film-1"] = replace(right.holdings["film-1"], watched=True)
    right.holdings["film-2"] = replace(right.holdings["film-2"], item=film(2, duration_ms=60 * MINUTE))
    household.ledgers[PAIR].mappings["left:film-3"] = None
    for item_id in ("film-1", "film-2", "film-3", "film-50", "film-51"):
        watch(household, "left", item_id, 20)
    expected = {
        "film-1": Reason.FINISHED_ON_TARGET,
        "film-2": Reason.DURATION_DIFFERS,
        "film-3": Reason.IGNORED,
        "film-50": Reason.NOT_FOUND,
        "film-51": Reason.NO_IDS,
    }
    assert reasons(await sync(household)) == expected
    for _ in range(3):
        report = await sync(household)
        assert reasons(report) == expected
        assert (requests(household, "left"), requests(household, "right")) == ("list", "list")
        assert (report.updated, report.unresolved, report.pending) == (0, 2, 0)
        assert report.skipped[Reason.IGNORED] == 1
    assert not report.changed


async def test_changed_rules_open_settled_titles_again() -> None:
    """What was settled by other rules is decided anew, without `full`."""
    household = home()
    watch(household, "left", "film-0", 20)
    household.pairs[PAIR] = PairRules(min_seconds=1800)
    assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
    household.pairs[PAIR] = PairRules()
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}


@pytest.mark.parametrize("kind", list(ServerType))
async def test_oldest_edit_is_written_first(kind: ServerType) -> None:
    """So that the target's own shelf shows the titles in the order in which they were watched."""
    household = home(right=kind, titles=6)
    order = ["film-3", "film-0", "film-5", "film-1", "film-4", "film-2"]
    for item_id in order:
        watch(household, "left", item_id, 20)
    await sync(household)
    assert [item_id for item_id, _ in written(household.servers["right"])] == order


@pytest.mark.parametrize("kind", list(ServerType))
async def test_failed_item_does_not_stop_others(kind: ServerType) -> None:
    """It alone waits, as `write_failed`, is tried again later, and nobody's server is called broken."""
    household = home(right=kind)
    for number in range(3):
        watch(household, "left", f"film-{number}", 20)
    household.servers["right"].write_errors["film-1"] = BadResponse("no")
    report = await sync(household)
    assert reasons(report) == {
        "film-0": Reason.ONLY_ON_SOURCE,
        "film-1": Reason.WRITE_FAILED,
        "film-2": Reason.ONLY_ON_SOURCE,
    }
    assert (report.updated, report.waiting, report.pending, report.failures) == (2, 1, 1, ())
    household.servers["right"].write_errors.clear()
    assert reasons(await sync(household))["film-1"] is Reason.ONLY_ON_SOURCE
    assert household.position("right", "film-1") == 20 * MINUTE
    assert household.ledgers[PAIR].updated_total == 3


@pytest.mark.parametrize(
    ("error", "most"), [(CannotConnect("no"), 3), (InvalidAuth("no"), 1), (ServerBusy("later", 30), 1)]
)
async def test_server_that_goes_away_while_written_to_is_left_alone(error: MediaServerError, most: int) -> None:
    """Three failed connections, or one refusal, end the writing; the report tells whose error it was."""
    household = home(right=ServerType.PLEX, titles=8)
    for number in range(8):
        watch(household, "left", f"film-{number}", 20)
    right = household.servers["right"]
    right.write_errors = {f"film-{number}": error for number in range(8)}
    report = await sync(household)
    assert len(right.writes) == most
    assert [(one.account_id, one.__cause__) for one in report.failures] == [("right", error)]
    assert (report.updated, report.waiting) == (0, 8)
    right.write_errors.clear()
    report = await sync(household)
    assert (report.updated, report.failures) == (8, ())


async def test_two_failed_connections_do_not_end_the_writing() -> None:
    """A server that answers in between is not away."""
    household = home(right=ServerType.PLEX, titles=5)
    for number in range(5):
        watch(household, "left", f"film-{number}", 20)
    household.servers["right"].write_errors = {"film-0": CannotConnect("no"), "film-1": CannotConnect("no")}
    report = await sync(household)
    assert (report.updated, report.waiting, report.failures) == (3, 2, ())


async def test_emby_that_goes_away_is_not_asked_for_further_chunks() -> None:
    """Neither written nor read before: only what was attempted is read back."""
    household = home(right=ServerType.EMBY, titles=23)
    for number in range(23):
        watch(household, "left", f"film-{number}", 20)
    right = household.servers["right"]
    right.write_errors = {f"film-{number}": ServerBusy("later") for number in range(23)}
    report = await sync(household)
    assert report.waiting == 23
    reads = [len(call.item_ids) for call in right.calls if call.route == "states"]
    assert reads[:2] == [23, 10]
    assert len(reads) == 3
    assert len(right.writes) <= right.traits.writes_at_once


async def test_failure_of_one_side_leaves_the_other_side_s_writes_done() -> None:
    """Both sides are written to side by side; one going away does not undo the other."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    watch(household, "right", "film-1", 7)
    household.servers["right"].write_errors["film-0"] = InvalidAuth("no")
    report = await sync(household)
    assert household.position("left", "film-1") == 27 * MINUTE
    assert reasons(report) == {
        "film-0": Reason.WRITE_FAILED,
        "film-1": Reason.NEWER_POSITION,
        "film-2": Reason.IN_SYNC,
    }
    assert [failure.account_id for failure in report.failures] == ["right"]


async def test_server_that_dies_before_the_read_back_is_reported_and_its_writes_are_found_later() -> None:
    """What could not be read back counts as unwritten until a read shows it; it is not taken for an edit."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    household.servers["right"].dies_after_write = True
    report = await sync(household)
    assert [failure.account_id for failure in report.failures] == ["right"]
    assert reasons(report)["film-0"] is Reason.NOT_VERIFIED
    assert household.ledgers[PAIR].updated_total == 3
    household.servers["right"].dies_after_write = False
    report = await sync(household)
    assert reasons(report)["film-0"] is Reason.IN_SYNC
    assert (requests(household, "left"), requests(household, "right")) == ("list", "list")
    entries = household.accounts["right"].journal.entries, household.accounts["left"].journal.entries
    assert entries[0]["film-0"].edit == entries[1]["film-0"].edit


async def test_write_overtaken_by_a_viewer_is_not_sent() -> None:
    """Emby's chunk read shows that somebody touched the title meanwhile: their position stands and travels."""
    household = await both_hold(right=ServerType.EMBY)
    watch(household, "left", "film-0", 7)
    right = household.servers["right"]
    reads = 0

    async def touch(route: str, done: bool) -> None:
        nonlocal reads
        if route == "states" and not done:
            reads += 1
            if reads == 1:
                watch(household, "right", "film-0", 11)

    right.hook = touch
    report = await sync(household)
    right.hook = None
    assert (reasons(report)["film-0"], report.waiting) == (Reason.NOT_VERIFIED, 1)
    assert not right.writes
    assert not household.accounts["right"].journal.intents
    assert not household.ledgers[PAIR].attempts
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION
    assert household.position("left", "film-0") == 31 * MINUTE


async def test_write_that_did_not_take_is_tried_again_with_back_off() -> None:
    """It waits as `not_verified`, a minute at first and twice as long each time, and is never counted."""
    household = await both_hold()
    right = household.servers["right"]
    right.ignoring = 100
    watch(household, "left", "film-0", 7)
    waits = []
    for _ in range(3):
        assert reasons(await sync(household, after=60))["film-0"] is Reason.NOT_VERIFIED
        assert len(right.writes) == 1
        (attempt,) = household.ledgers[PAIR].attempts.values()
        waits.append(attempt.retry_at - household.clock.time)
        assert reasons(await sync(household, after=0))["film-0"] is Reason.NOT_VERIFIED
        assert not right.writes
    assert [round(wait / MINUTE) for wait in waits] == [1, 2, 4]
    assert household.ledgers[PAIR].updated_total == 3
    right.ignoring = 0
    assert reasons(await sync(household, after=60))["film-0"] is Reason.NEWER_POSITION
    await sync(household)
    assert not household.ledgers[PAIR].attempts


async def test_plex_that_ignores_a_position_twice_takes_it_as_near_the_end() -> None:
    """Credits markers end a title before its threshold; it rests until the viewer moves it."""
    household = await both_hold(right=ServerType.PLEX)
    right = household.servers["right"]
    right.ignoring = 100
    watch(household, "left", "film-0", 40)
    found = []
    for _ in range(4):
        report = await sync(household, after=30)
        found.append((reasons(report)["film-0"], len(right.writes)))
    assert found == [(Reason.NOT_VERIFIED, 1)] * 2 + [(Reason.NEAR_END, 0)] * 2
    assert requests(household, "right") == "list"
    right.ignoring = 0
    watch(household, "left", "film-0", 10)
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION


@pytest.mark.parametrize("name", ["left", "right"])
@pytest.mark.parametrize("request_number", range(3))
async def test_reading_error_names_its_account_and_nothing_is_planned(name: str, request_number: int) -> None:
    """Listing, sessions and states: whichever fails ends the run before anything is written."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    watch(household, "right", "film-1", 7)
    household.servers["left"].clear("film-2")
    household.servers["right"].clear("film-2")
    before = {one: dict(server.holdings) for one, server in household.servers.items()}
    stored = household.stored
    seen = 0

    async def fail(route: str, done: bool) -> None:
        nonlocal seen
        if not done:
            seen += 1
            if seen == request_number + 1:
                raise NotAllowed(route)

    household.servers[name].hook = fail
    with pytest.raises(AccountError) as failed:
        await sync(household)
    assert failed.value.account_id == name
    assert isinstance(failed.value.__cause__, NotAllowed)
    assert {one: server.holdings for one, server in household.servers.items()} == before
    assert household.stored is stored
    household.servers[name].hook = None
    assert (await sync(household)).updated == 2


async def test_look_up_that_fails_names_its_account() -> None:
    """A search that failed says nothing about the title: no failed look-up is remembered."""
    household = home()
    watch(household, "left", "film-0", 20)

    async def fail(route: str, done: bool) -> None:
        if route == "find":
            raise BadResponse(route)

    household.servers["right"].hook = fail
    with pytest.raises(AccountError) as failed:
        await sync(household)
    assert failed.value.account_id == "right"
    assert not household.ledgers[PAIR].failed
    household.servers["right"].hook = None
    assert (await sync(household)).updated == 1


async def interrupted_story() -> Household:
    """Return a household in which the next run has writes of both sides, a new title and a clear to make."""
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
    """Let the next runs repair what was broken off, and see that they end right, without a second value."""
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


def at_request(number: int, what: Callable[[], Awaitable[None]]) -> Hook:
    """Return a hook that does something once: when a request arrives, or when its answer leaves."""
    seen = 0

    async def hook(route: str, done: bool) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            await what()

    return hook


async def lose_power() -> None:
    """Let Home Assistant die."""
    raise PowerLoss


async def test_power_loss_at_any_request_is_repaired() -> None:
    """Whether the request had taken effect or not: the next runs converge and write no second value."""
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
    """Unloading ends a run anywhere; the accounts go on with what they hold in memory."""
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
    """Return how to save with a power loss at one of the saves, before or after it is on the disk."""
    saves: list[int] = []

    async def save() -> None:
        saves.append(sum(len(server.writes) for server in household.servers.values()))
        if len(saves) - 1 != fails_at or stores:
            await household.save()
        if len(saves) - 1 == fails_at:
            raise PowerLoss

    return saves, save


async def run_with(household: Household, save: Callable[[], Awaitable[None]]) -> None:
    """Run the pair with another way to save."""
    left, right = (household.accounts[name] for name in PAIR)
    ledger, clock = household.ledgers[PAIR], household.clock
    await run(left, right, household.pairs[PAIR], ledger, now=clock.now, save=save, not_before=clock.time)


@pytest.mark.parametrize("stores", [True, False])
@pytest.mark.parametrize("fails_at", [0, 1])
async def test_power_loss_while_saving_is_repaired(fails_at: int, stores: bool) -> None:
    """Before and after the writes, on the disk or not."""
    household = await interrupted_story()
    _, save = saving(household, fails_at, stores=stores)
    with pytest.raises(PowerLoss):
        await run_with(household, save)
    household.start()
    await assert_repaired(household)


async def test_state_is_saved_before_the_first_write_and_at_the_end() -> None:
    """Twice where something is written, the first time before any write; once where only something was learnt."""
    household = await interrupted_story()
    saves, save = saving(household, -1, stores=True)
    await run_with(household, save)
    assert saves == [0, 4]
    household.servers["left"].add(film(70))
    watch(household, "left", "film-70", 20)
    saves.clear()
    await run_with(household, save)
    assert len(saves) == 1
    household.clock.time += MINUTE
    await run_with(household, save)
    assert len(saves) == 1


async def test_full_asks_again_about_every_title() -> None:
    """Failed look-ups, settled titles and writes that wait are looked at anew."""
    household = home()
    household.servers["left"].add(film(50))
    for item_id in ("film-0", "film-1", "film-50"):
        watch(household, "left", item_id, 20)
    right = household.servers["right"]
    right.add(film(1, duration_ms=60 * MINUTE))
    right.ignoring = 1
    before = {"film-0": Reason.NOT_VERIFIED, "film-1": Reason.DURATION_DIFFERS, "film-50": Reason.NOT_FOUND}
    assert reasons(await sync(household)) == before
    right.add(film(1), film(50))
    assert reasons(await sync(household, after=0)) == before
    report = await sync(household, after=0, full=True)
    assert set(reasons(report).values()) == {Reason.ONLY_ON_SOURCE}


async def test_plan_mode_writes_nothing_and_tells_what_is_pending() -> None:
    """With automatic sync off a pair is read and planned, its titles pending; no removal is recorded or confirmed."""
    household = await both_hold(rules=REMOVE)
    watch(household, "left", "film-0", 7)
    finish(household, "left", "film-1")
    for _ in range(2):
        report = await sync(household, RunMode.PLAN)
        assert (report.applied, report.updated, report.waiting, report.pending) == (False, 1, 1, 2)
        assert reasons(report)["film-1"] is Reason.AWAITING_CONFIRMATION
        assert report.confirm_at is None
        assert not household.ledgers[PAIR].tombstones
        assert not any(server.writes for server in household.servers.values())
    report = await sync(household)
    assert (report.applied, report.updated, report.pending) == (True, 1, 1)


async def test_preview_leaves_no_trace() -> None:
    """Neither in the journals, nor in the ledger, nor on the disk, nor in what later runs of the round see."""
    household = await both_hold(rules=REMOVE)
    household.servers["left"].add(film(50))
    watch(household, "left", "film-0", 7)
    watch(household, "left", "film-50", 7)
    finish(household, "left", "film-1")
    stored = household.stored
    accounts = [household.accounts[name] for name in PAIR]
    before = [account.journal.copy() for account in accounts], household.ledgers[PAIR].copy()
    snapshots = [account.snapshot for account in accounts]
    report = await sync(household, RunMode.PREVIEW, full=True)
    assert reasons(report) == {
        "film-0": Reason.NEWER_POSITION,
        "film-1": Reason.AWAITING_CONFIRMATION,
        "film-2": Reason.IN_SYNC,
        "film-50": Reason.NOT_FOUND,
    }
    assert (report.applied, report.updated) == (False, 1)
    assert ([account.journal for account in accounts], household.ledgers[PAIR]) == before
    assert [account.snapshot for account in accounts] == snapshots
    assert household.stored is stored
    assert not any(server.writes for server in household.servers.values())


async def test_confirming_run_is_due_a_minute_after_the_removal_was_recorded() -> None:
    """Then the title is read again, cleared, and nothing waits any more."""
    household = await both_hold(rules=REMOVE)
    finish(household, "left", "film-1")
    report = await sync(household)
    (tombstone,) = household.ledgers[PAIR].tombstones
    assert report.confirm_at == tombstone.recorded_at + CONFIRM_AFTER_MS
    assert household.clock.time >= tombstone.recorded_at
    report = await sync(household, after=1)
    assert requests(household, "left") == "list sessions states"
    assert requests(household, "right") == "list sessions clear states"
    assert reasons(report)["film-1"] is Reason.FINISHED_ON_SOURCE
    assert (report.cleared, report.waiting, report.confirm_at) == (1, 0, None)
    assert household.ledgers[PAIR].cleared_total == 1
    assert not household.ledgers[PAIR].tombstones


async def test_removal_is_confirmed_by_a_read_of_its_own_even_from_a_shared_listing() -> None:
    """A run that may use the listing of the run before asks for the title again, and finds it resumed."""
    household = await both_hold(rules=REMOVE)
    household.servers["left"].clear("film-1")
    assert reasons(await sync(household))["film-1"] is Reason.AWAITING_CONFIRMATION
    watch(household, "left", "film-1", 30)
    await household.run_pair(PAIR, not_before=0)
    assert household.position("right", "film-1") > 0
    await sync(household)
    assert household.position("right", "film-1") == 30 * MINUTE


async def test_removals_that_were_held_are_approved_once() -> None:
    """Too many at once wait for approval, which clears them and nothing that comes later."""
    household = await both_hold(titles=12, rules=REMOVE)
    for number in range(6):
        household.servers["left"].clear(f"film-{number}")
    for _ in range(3):
        report = await sync(household)
        assert (report.held, report.held_removals, report.cleared) == (6, 6, 0)
        assert report.confirm_at is None
    report = await sync(household, approve=True)
    assert (report.held, report.cleared) == (0, 6)
    assert [household.position("right", f"film-{number}") for number in range(6)] == [0] * 6


async def test_pairs_of_a_round_share_one_listing_per_account() -> None:
    """The middle account is listed once for both its pairs, and the second sees what the first one wrote."""
    household = Household.of(dict.fromkeys("abc", ServerType.JELLYFIN), [("a", "b"), ("b", "c")])
    for server in household.servers.values():
        server.add(film(0))
        server.latency_ms = 20
    watch(household, "a", "film-0", 20)
    reports = await household.round()
    assert [report.updated for report in reports if report] == [1, 1]
    assert [household.position(name, "film-0") for name in "abc"] == [20 * MINUTE] * 3
    assert [server.requests.count("list") for server in household.servers.values()] == [1, 1, 1]
    await household.round()
    assert [server.requests.count("list") for server in household.servers.values()] == [2, 2, 2]


async def test_one_way_pair_leaves_its_source_alone() -> None:
    """Later positions on the target stay there, titles only on the target are not looked up."""
    household = home(rules=PairRules(direction=PairRules().direction.TO_PEER))
    watch(household, "left", "film-0", 20)
    watch(household, "right", "film-0", 30)
    watch(household, "right", "film-1", 30)
    report = await sync(household)
    assert reasons(report) == {"film-0": Reason.TARGET_NEWER, "film-1": Reason.TARGET_NEWER}
    assert [decision.source for decision in report.decisions] == [Side.LEFT, Side.RIGHT]
    assert not any(server.writes or "find" in server.requests for server in household.servers.values())


async def test_unordered_edits_make_both_sides_known_at_the_later_bound() -> None:
    """After a write without an order neither side's edit is later, so that rings come to rest."""
    household = home()
    for name, minutes in (("left", 30), ("right", 20)):
        server = household.servers[name]
        server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes * MINUTE, date=None)
    report = await sync(household)
    assert reasons(report) == {"film-0": Reason.HIGHER_POSITION}
    edits = [household.accounts[name].journal.entries["film-0"].edit for name in PAIR]
    assert edits[0] == edits[1]
    assert edits[0].earliest == edits[0].latest
    assert household.servers["right"].holdings["film-0"].date is None


async def test_clock_that_was_set_back_is_followed_at_once() -> None:
    """Listings and back-offs from the future are not believed: the run reads, and the order of edits is kept."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    household.servers["right"].ignoring = 1
    await sync(household)
    for server in household.servers.values():
        server.skew_ms = 300 * DAY
    household.clock.time -= 300 * DAY
    report = await sync(household, after=LONGEST_RETRY_MS // MINUTE + 1)
    assert requests(household, "left").startswith("list")
    assert reasons(report)["film-0"] is Reason.NEWER_POSITION
    watch(household, "right", "film-1", 9)
    report = await sync(household)
    assert reasons(report)["film-1"] is Reason.NEWER_POSITION
    assert household.position("left", "film-1") == 29 * MINUTE


async def test_shared_listing_from_the_future_is_not_believed() -> None:
    """It was read before the clock was set back."""
    household = await both_hold()
    household.clock.time -= HOUR
    watch(household, "left", "film-0", 7)
    report = await sync(household)
    assert report.updated == 1


async def test_title_written_from_a_row_that_is_unreadable_waits() -> None:
    """A row that cannot be understood is neither overwritten nor taken as a source."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    household.servers["right"].unknown["film-0"] = "no duration"
    report = await sync(household)
    assert (reasons(report)["film-0"], report.pending) == (Reason.NOT_VERIFIED, 1)
    assert not household.servers["right"].writes
    household.servers["right"].unknown.clear()
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION

"""One run over a pair: modes, confirmed and held removals, shared listings, a clock set back."""

from dataclasses import replace

from custom_components.resume_sync.sync.model import PairRules, Reason, ServerType, Side
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.run.runner import CONFIRM_AFTER_MS, RunMode
from custom_components.resume_sync.sync.tries import LONGEST_RETRY_MS
from tests.sync.household import Household
from tests.sync.stories import PAIR, REMOVE, both_hold, finish, home, reasons, requests, sync, watch
from tests.sync.world import DAY, HOUR, MINUTE, film


async def test_full_asks_again_about_every_title() -> None:
    """Failed look-ups, settled titles and writes in back-off are decided anew."""
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


async def test_plan_mode_writes_nothing_and_reports_pending_titles() -> None:
    """As with automatic sync switched off: read and planned; no removal is recorded or confirmed."""
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
    """Journals, ledger, stored state and the reads of later runs are as before."""
    household = await both_hold(rules=REMOVE)
    household.servers["left"].add(film(50))
    watch(household, "left", "film-0", 7)
    watch(household, "left", "film-50", 7)
    finish(household, "left", "film-1")
    saves = household.saves
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
    assert household.saves == saves
    assert not any(server.writes for server in household.servers.values())


async def test_confirming_run_is_due_a_minute_after_the_removal_was_recorded() -> None:
    """The confirming run reads the title again and clears it; no tombstone is left."""
    household = await both_hold(rules=REMOVE)
    finish(household, "left", "film-1")
    report = await sync(household)
    (tombstone,) = household.ledgers[PAIR].tombstones
    assert report.confirm_at == tombstone.recorded_at + CONFIRM_AFTER_MS
    assert household.clock.time >= tombstone.recorded_at
    report = await sync(household, after=1)
    assert requests(household, "left") == "list sessions states"
    assert requests(household, "right") == "list sessions states clear states"
    assert reasons(report)["film-1"] is Reason.FINISHED_ON_SOURCE
    assert (report.cleared, report.waiting, report.confirm_at) == (1, 0, None)
    assert household.ledgers[PAIR].cleared_total == 1
    assert not household.ledgers[PAIR].tombstones


async def test_removal_is_confirmed_by_a_read_of_its_own_even_from_a_shared_listing() -> None:
    """The run uses the listing of the run before, but reads the title again, and finds it resumed."""
    household = await both_hold(rules=REMOVE)
    household.servers["left"].clear("film-1")
    assert reasons(await sync(household))["film-1"] is Reason.AWAITING_CONFIRMATION
    watch(household, "left", "film-1", 30)
    await household.run_pair(PAIR, not_before=0)
    assert household.position("right", "film-1") > 0
    await sync(household)
    assert household.position("right", "film-1") == 30 * MINUTE


async def test_removals_that_were_held_are_approved_once() -> None:
    """Too many in a day wait for approval; an approved run clears them, and later removals are counted anew."""
    household = await both_hold(titles=12, rules=REMOVE)
    for number in range(11):
        household.servers["left"].clear(f"film-{number}")
    report = await sync(household)
    assert (report.waiting, report.held, report.cleared) == (11, 0, 0)
    journal = household.accounts["left"].journal
    journal.answer_held(journal.held().keys(), meant=True, now=household.clock.time)
    for _ in range(3):
        report = await sync(household)
        assert (report.held, report.held_removals, report.cleared) == (11, 11, 0)
        assert report.confirm_at is None
    report = await sync(household, approval=Approval.EVERYTHING)
    assert (report.held, report.cleared) == (0, 11)
    assert [household.position("right", f"film-{number}") for number in range(11)] == [0] * 11


async def test_pairs_of_a_round_share_one_listing_per_account() -> None:
    """The middle account is listed once for both its pairs, and the second pair sees the writes of the first."""
    household = Household(dict.fromkeys("abc", ServerType.JELLYFIN), [("a", "b"), ("b", "c")])
    for server in household.servers.values():
        server.add(film(0))
        server.latency_ms = 20
    watch(household, "a", "film-0", 20)
    reports = await household.round()
    assert [report.updated for report in reports.values()] == [1, 1]
    assert [household.position(name, "film-0") for name in "abc"] == [20 * MINUTE] * 3
    assert [server.requests.count("list") for server in household.servers.values()] == [1, 1, 1]
    await household.round()
    assert [server.requests.count("list") for server in household.servers.values()] == [2, 2, 2]


async def test_one_way_pair_leaves_its_source_alone() -> None:
    """Later positions on the target stay there; titles in progress on the target alone are not looked up."""
    household = home(rules=PairRules(direction=PairRules().direction.TO_PEER))
    watch(household, "left", "film-0", 20)
    watch(household, "right", "film-0", 30)
    watch(household, "right", "film-1", 30)
    report = await sync(household)
    assert reasons(report) == {"film-0": Reason.TARGET_NEWER, "film-1": Reason.TARGET_NEWER}
    assert [decision.source for decision in report.decisions] == [Side.LEFT, Side.RIGHT]
    assert not any(server.writes or "find" in server.requests for server in household.servers.values())


async def test_edits_without_an_order_end_at_the_later_bound_on_both_sides() -> None:
    """After the write both sides have the same edit, so that pairs that form a ring come to rest."""
    household = home()
    for name, minutes in (("left", 30), ("right", 20)):
        server = household.servers[name]
        server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes * MINUTE, date=None)
    report = await sync(household)
    assert reasons(report) == {"film-0": Reason.HIGHER_POSITION}
    edits = [household.accounts[name].journal.entries["film-0"].edit for name in PAIR]
    assert edits[0] == edits[1]
    assert edits[0].earliest == edits[0].latest
    assert household.servers["right"].holdings["film-0"].date == edits[0].latest // 1000 * 1000


async def test_clock_that_was_set_back_is_followed_at_once() -> None:
    """The run reads anew, ends a back-off from the future, and keeps the order of edits."""
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


async def test_shared_listing_from_the_future_is_read_again() -> None:
    """The listing was read before the clock was set back."""
    household = await both_hold()
    household.clock.time -= HOUR
    watch(household, "left", "film-0", 7)
    report = await sync(household)
    assert report.updated == 1

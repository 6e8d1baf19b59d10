"""Servers that fail during a run: the titles written all the same, the errors reported, the retries."""

import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import Reason, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError
from tests.sync.stories import PAIR, both_hold, home, reasons, requests, sync, watch
from tests.sync.world import MINUTE


@pytest.mark.parametrize("kind", list(ServerType))
async def test_failed_item_does_not_stop_others(kind: ServerType) -> None:
    """The title waits as `write_failed` and is tried again later; the report has no failure of a server."""
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
    """Three failed connections, or one refusal, end the writing; the failure names the account."""
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
    """A server that answers other writes is not away."""
    household = home(right=ServerType.PLEX, titles=5)
    for number in range(5):
        watch(household, "left", f"film-{number}", 20)
    household.servers["right"].write_errors = {"film-0": CannotConnect("no"), "film-1": CannotConnect("no")}
    report = await sync(household)
    assert (report.updated, report.waiting, report.failures) == (3, 2, ())


async def test_emby_that_goes_away_is_not_asked_for_further_chunks() -> None:
    """Later chunks are neither read nor written; only attempted items are read back."""
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
    """The right server refuses its write; the write to the left one is done and recorded."""
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


async def test_writes_to_a_server_that_goes_away_before_the_read_back_are_found_later() -> None:
    """The titles wait until a read shows the writes; these are recognised as ours, not as edits."""
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
    """Emby's read before the write shows that a viewer moved the title meanwhile: that position stands and travels."""
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
    assert not household.accounts["right"].journal.unseen.writes
    assert not household.ledgers[PAIR].attempts
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION
    assert household.position("left", "film-0") == 31 * MINUTE


async def test_write_that_did_not_take_is_tried_again_with_back_off() -> None:
    """The title waits as `not_verified`, a minute at first, then twice as long each time; no update is counted."""
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


async def test_position_that_plex_ignored_twice_is_near_the_end() -> None:
    """Credits end a title before the threshold; the title rests until the viewer moves it."""
    household = await both_hold(right=ServerType.PLEX)
    right = household.servers["right"]
    right.ignoring = 100
    watch(household, "left", "film-0", 57)
    found = []
    for _ in range(4):
        report = await sync(household, after=30)
        found.append((reasons(report)["film-0"], len(right.writes)))
    assert found == [(Reason.NOT_VERIFIED, 1)] * 2 + [(Reason.NEAR_END, 0)] * 2
    assert requests(household, "right") == "list"
    right.ignoring = 0
    watch(household, "left", "film-0", 5)
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION


async def test_position_that_plex_ignores_before_the_credits_is_not_verified() -> None:
    """In the first three quarters of a title nothing explains it: the write is tried again, and always pending."""
    household = await both_hold(right=ServerType.PLEX)
    right = household.servers["right"]
    right.ignoring = 4
    watch(household, "left", "film-0", 50)
    for _ in range(4):
        report = await sync(household, after=60)
        assert (reasons(report)["film-0"], report.pending, len(right.writes)) == (Reason.NOT_VERIFIED, 1, 1)
    assert reasons(await sync(household, after=60))["film-0"] is Reason.NEWER_POSITION
    assert household.position("right", "film-0") == 70 * MINUTE


@pytest.mark.parametrize("name", ["left", "right"])
@pytest.mark.parametrize("request_number", range(3))
async def test_reading_error_names_its_account_and_nothing_is_planned(name: str, request_number: int) -> None:
    """A failed listing, read of sessions or read of items ends the run before any write."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    watch(household, "right", "film-1", 7)
    household.servers["left"].clear("film-2")
    household.servers["right"].clear("film-2")
    before = {one: dict(server.holdings) for one, server in household.servers.items()}
    saves = household.saves
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
    assert household.saves == saves
    household.servers[name].hook = None
    assert (await sync(household)).updated == 2


async def test_look_up_that_fails_names_its_account() -> None:
    """A search that raised an error is no failed look-up: none is remembered."""
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

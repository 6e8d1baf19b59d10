"""Writes that fail, are not sent, or are overtaken by a viewer."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    NotFound,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import Reason, ServerType, Side
from custom_components.resume_sync.sync.run.apply import Outcome, save_intents
from custom_components.resume_sync.sync.run.record import record_outcome
from tests.sync.builders import at, minutes, point
from tests.sync.stories import written
from tests.sync.world import MINUTE

from .writing_jobs import a_job, an_account, carry_out, model


@pytest.mark.parametrize("kind", list(ServerType))
async def test_error_of_one_item_stops_nothing_else(kind: ServerType) -> None:
    """The error is kept for the item; the other items are written and read back, and the account has no failure."""
    account = await an_account(kind)
    model(account).write_errors["film-1"] = error = NotFound("no")
    outcome = await carry_out(account, *(a_job(account, f"film-{number}") for number in range(3)))
    assert (outcome.verified, outcome.failed, outcome.failure) == (
        frozenset({"film-0", "film-2"}),
        {"film-1": error},
        None,
    )


async def test_server_is_given_up_after_three_failed_connections_or_one_refusal() -> None:
    """Other errors, however many, do not end the writing."""
    outcome = Outcome()
    given_up = []
    for error in (BadResponse("no"), NotFound("no"), CannotConnect("1"), CannotConnect("2"), CannotConnect("3")):
        outcome.failed[str(len(outcome.failed))] = error
        given_up.append(outcome.given_up)
    assert given_up == [False, False, False, False, True]
    assert Outcome(failed={"film-0": InvalidAuth("no")}).given_up
    assert Outcome(failed={"film-0": ServerBusy("later")}).given_up


async def test_refused_write_reports_the_account_s_error() -> None:
    """The failure names account and cause; writes that were not sent are not attempted, and their intents are gone."""
    account = await an_account(ServerType.PLEX)
    server = model(account)
    server.write_errors["film-1"] = error = InvalidAuth("no")
    outcome = await carry_out(account, *(a_job(account, f"film-{number}") for number in range(3)))
    assert [call.item_ids for call in server.writes] == [("film-0",), ("film-1",)]
    assert (outcome.attempted, outcome.verified) == (frozenset({"film-0", "film-1"}), frozenset({"film-0"}))
    assert outcome.failure is not None
    assert (outcome.failure.account_id, outcome.failure.__cause__) == ("an id", error)
    assert account.journal.unseen.writes.keys() == {"film-1"}


@pytest.mark.parametrize("error", [OSError, asyncio.CancelledError])
async def test_intents_that_could_not_be_saved_are_withdrawn(error: type[BaseException]) -> None:
    """Nothing is written then: a read of such a position shows a viewer's edit."""
    account = await an_account()

    async def save() -> None:
        assert account.journal.unseen.writes.keys() == {"film-1"}
        raise error

    with pytest.raises(error):
        await save_intents([(account, [a_job(account, "film-1")])], at(1), save)
    assert not account.journal.unseen.writes


async def test_emby_that_cannot_be_read_before_writing_is_not_written_to() -> None:
    """Emby's write carries the watched mark: without a fresh read nothing is sent."""
    account = await an_account(ServerType.EMBY)
    model(account).failing = 1
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert model(account).requests == ["states"]
    assert (outcome.attempted, outcome.verified) == (frozenset(), frozenset())
    assert outcome.failure is not None
    assert isinstance(outcome.failure.__cause__, CannotConnect)


@pytest.mark.parametrize("change", ["moved", "watched", "deleted"])
async def test_emby_item_that_a_viewer_moved_meanwhile_is_not_written(change: str) -> None:
    """The read before the write shows the move; the intent is withdrawn, the other items are written."""
    account = await an_account(ServerType.EMBY)
    server = model(account)
    jobs = [a_job(account, f"film-{number}") for number in range(2)]
    holding = server.holdings["film-0"]
    if change == "deleted":
        del server.holdings["film-0"]
    else:
        moved = replace(holding, position_ms=minutes(25))
        server.holdings["film-0"] = moved if change == "moved" else replace(holding, watched=True)
    outcome = await carry_out(account, *jobs)
    assert written(server) == [("film-1", minutes(40))]
    assert (outcome.attempted, outcome.verified) == (frozenset({"film-1"}), frozenset({"film-1"}))
    assert "film-0" not in account.journal.unseen.writes


async def test_emby_is_sent_the_state_that_was_read_last() -> None:
    """A play count or a rating that changed since the plan is kept."""
    account = await an_account(ServerType.EMBY)
    server = model(account)
    job = a_job(account, "film-0")
    server.holdings["film-0"] = replace(server.holdings["film-0"], play_count=3)
    await carry_out(account, job)
    assert server.holdings["film-0"].play_count == 3


async def test_write_that_took_late_is_found_by_the_next_read() -> None:
    """Late write: not verified at first, then recognised as ours, not as a viewer's edit."""
    account = await an_account()
    server = model(account)
    server.delay_ms = MINUTE
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert (outcome.attempted, outcome.verified) == (frozenset({"film-0"}), frozenset())
    assert account.journal.entries["film-0"].position_ms == minutes(20)
    server.clock.time += 2 * MINUTE
    server.tick()
    await account.read(server.clock.time, server.clock.now)
    assert account.journal.entries["film-0"].edit == point(-10)


async def test_position_moved_between_write_and_read_back_is_a_viewer_s() -> None:
    """The write is not verified, and the viewer's position counts from then on."""
    account = await an_account()
    server = model(account)

    async def touch(route: str, done: bool) -> None:
        if route == "write" and done:
            server.clock.time += MINUTE
            server.holdings["film-0"] = replace(
                server.holdings["film-0"], position_ms=minutes(40.5), date=server.clock.time
            )

    server.hook = touch
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert outcome.verified == frozenset()
    entry = account.journal.entries["film-0"]
    assert entry.position_ms == minutes(40.5)
    assert entry.edit.later_than(point(-10))


async def test_only_attempts_of_a_server_that_stayed_count_as_failed() -> None:
    """Failed and ignored writes are backed off, but not those that a server missed because it went away."""
    account = await an_account()
    ledger = Ledger()
    jobs = [a_job(account, f"film-{number}") for number in range(3)]
    server = model(account)
    server.write_errors["film-1"] = BadResponse("no")
    server.ignoring = 1
    results = record_outcome(ledger, Side.RIGHT, jobs, await carry_out(account, *jobs), at(2))
    expected = {"film-0": Reason.NOT_VERIFIED, "film-1": Reason.WRITE_FAILED}
    assert results == {"title of film-2": None} | {f"title of {key}": reason for key, reason in expected.items()}
    assert {key: one.reason for key, one in ledger.attempts.items()} == {
        f"right:{item_id}": reason for item_id, reason in expected.items()
    }
    account, ledger = await an_account(), Ledger()
    model(account).write_errors["film-1"] = ServerBusy("later")
    record_outcome(ledger, Side.RIGHT, jobs, await carry_out(account, *jobs), at(2))
    assert not ledger.attempts

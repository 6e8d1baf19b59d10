"""Writes: jobs, the dates sent, the states read back, and the results recorded."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Action, ItemState, PositionWrite, Reason, ServerType, Side
from custom_components.resume_sync.sync.plan.decision import Carried, Decision
from custom_components.resume_sync.sync.run.apply import apply
from custom_components.resume_sync.sync.run.jobs import Job, Planned, jobs_for
from custom_components.resume_sync.sync.run.record import record_outcome
from tests.sync.builders import at, minutes, point
from tests.sync.world import MINUTE, Call, film

from .writing_jobs import a_job, an_account, carry_out, model


def test_jobs_are_made_of_writes_and_clears_to_one_side() -> None:
    """Oldest edit first; every copy of a clear; no job for items that were not read."""
    account = asyncio.run(an_account(titles=5))

    def decided(action: Action, target: Side, *item_ids: str, edit: Edit | None, position: float = 40) -> Decision:
        return Decision(
            f"title of {item_ids[0]}",
            film(0),
            action,
            Reason.NEWER_POSITION,
            target.other,
            "theirs",
            item_ids,
            minutes(position),
            edit=edit,
            carried=Carried(edit or point(0)) if action is not Action.NONE else None,
        )

    decisions = [
        decided(Action.WRITE, Side.LEFT, "film-0", edit=point(-5)),
        decided(Action.WRITE, Side.RIGHT, "film-1", edit=point(-9)),
        decided(Action.CLEAR, Side.LEFT, "film-4", "film-2", edit=point(-7), position=0),
        decided(Action.NONE, Side.LEFT, "film-1", edit=point(-8)),
        decided(Action.WRITE, Side.LEFT, "film-3", edit=None),
        decided(Action.WRITE, Side.LEFT, "unread", edit=point(-1)),
    ]
    accounts = dict.fromkeys(Side, account)
    jobs = jobs_for(accounts, Side.LEFT, decisions, Planned.now(accounts, at(1)))
    assert [(job.item_id, job.position_ms // MINUTE) for job in jobs] == [
        ("film-3", 40),
        ("film-2", 0),
        ("film-4", 0),
        ("film-0", 40),
    ]


def test_a_place_that_is_given_back_is_as_old_as_its_own_edit() -> None:
    """Left on the target at minute 10, and on the source at minute 30: it is written before an edit of minute 20."""
    account = asyncio.run(an_account())
    own = point(10)
    given_back, carried = Carried(own, given_back=True), Carried(point(20))
    moved = Decision("0", film(0), Action.WRITE, Reason.NEWER_POSITION, Side.RIGHT, "theirs", ("film-0",), minutes(40))
    decisions = [
        replace(moved, edit=point(20), carried=carried),
        replace(moved, target_item_ids=("film-1",), edit=point(30), target_edit=own, carried=given_back),
    ]
    accounts = dict.fromkeys(Side, account)
    jobs = jobs_for(accounts, Side.LEFT, decisions, Planned.now(accounts, at(1)))
    assert [(job.item_id, job.carried, job.before_edit) for job in jobs] == [
        ("film-1", given_back, own),
        ("film-0", carried, None),
    ]


@pytest.mark.parametrize("kind", list(ServerType))
async def test_write_carries_the_source_s_edit_to_the_target(kind: ServerType) -> None:
    """The entry has the source's edit, and the place where the viewer left the item before."""
    account = await an_account(kind)
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert outcome.verified == {"film-0"}
    entry = account.journal.entries["film-0"]
    assert (entry.position_ms, entry.edit) == (minutes(40), point(-10))
    assert entry.written_at == at(1)
    assert [place.position_ms for place in entry.before] == [minutes(20)]
    assert not account.journal.unseen.writes
    state = account.state("film-0")
    assert state is not None
    assert state.position_ms == minutes(40)


@pytest.mark.parametrize(
    ("sent_at", "stored"), [(at(-10), at(-10)), (at(-10) + 700, at(-10)), (at(-40), at(-30)), (None, at(-30))]
)
async def test_date_sent_is_the_later_of_the_edit_and_the_item_s_own(sent_at: int | None, stored: int) -> None:
    """In whole seconds on the server's clock; without an order the item keeps its own."""
    for skew_ms in (0, 90 * MINUTE):
        account = await an_account(skew_ms=skew_ms)
        outcome = await carry_out(account, a_job(account, "film-0", sent_at=sent_at))
        assert outcome.verified == {"film-0"}
        assert model(account).holdings["film-0"].date == stored + skew_ms


async def test_plex_is_sent_no_date() -> None:
    """Plex stamps every write with its own clock."""
    account = await an_account(ServerType.PLEX)
    await carry_out(account, a_job(account, "film-0", sent_at=at(-10)))
    assert model(account).holdings["film-0"].date == at(1)


async def test_clear_leaves_date_and_watched_mark_alone() -> None:
    """A clear changes the position alone."""
    account = await an_account()
    server = model(account)
    before = server.holdings["film-0"]
    outcome = await carry_out(account, a_job(account, "film-0", 0))
    assert outcome.verified == {"film-0"}
    assert server.requests == ["states", "clear", "states"]
    assert server.holdings["film-0"] == replace(before, position_ms=0)
    assert account.snapshot is not None
    assert set(account.snapshot.items) == {"film-1", "film-2"}


async def test_nothing_to_write_asks_for_nothing() -> None:
    """Without jobs there is no request."""
    account = await an_account()
    outcome = await apply(account, [], model(account).clock.now)
    assert (outcome.verified, outcome.failure, model(account).calls) == (frozenset(), None, [])


@dataclass(slots=True)
class Slots:
    """The number of writes under way, and its maximum."""

    open: int = 0
    most: int = 0

    async def __call__(self, route: str, done: bool) -> None:
        """Count a write in and out, with time for others in between."""
        if route == "write":
            self.open += -1 if done else 1
            self.most = max(self.most, self.open)
            await asyncio.sleep(0)


@pytest.mark.parametrize(("kind", "at_once"), [(ServerType.PLEX, 1), (ServerType.JELLYFIN, 4), (ServerType.EMBY, 4)])
async def test_writes_run_together_as_far_as_the_server_takes_them(kind: ServerType, at_once: int) -> None:
    """Plex takes one write at a time, the others four."""
    account = await an_account(kind, 9)
    model(account).hook = slots = Slots()
    outcome = await carry_out(account, *(a_job(account, f"film-{number}") for number in range(9)))
    assert len(outcome.verified) == 9
    assert slots.most == at_once


async def test_put_back_position_is_noted_with_its_write() -> None:
    """The time of the undo is in the journal as soon as the write is read back."""
    account = await an_account()
    job = a_job(account, "film-0")
    await carry_out(account, replace(job, carried=replace(job.carried, undone_at=at(1))))
    assert account.journal.entries["film-0"].place.undone_at == at(1)


async def test_unknown_item_is_written_without_a_left_position() -> None:
    """No viewer is known to have left the item at any place."""
    account = await an_account()
    server = model(account)
    server.add(film(7))
    job = Job("title", ItemState(film(7), 0), minutes(40), Carried(point(-10)))
    assert (await carry_out(account, job)).verified == {"film-7"}
    assert account.journal.entries["film-7"].before == ()
    await server.write_position(PositionWrite(job.base, minutes(41)))
    assert server.calls[-1] == Call("write", ("film-7",), minutes(41))


async def test_every_write_has_its_line_in_the_history() -> None:
    """The position before, the position written, and the edit before: for an undo."""
    account = await an_account()
    jobs = [a_job(account, "film-0"), a_job(account, "film-1", 0)]
    outcome = await carry_out(account, *jobs)
    assert record_outcome(Ledger(), Side.RIGHT, jobs, outcome, at(2)) == {
        "title of film-0": None,
        "title of film-1": None,
    }
    assert [
        (line.item, line.before_ms, line.after_ms, line.before_edit, line.confirmed)
        for line in account.history.lines.values()
    ] == [
        (film(0), minutes(20), minutes(40), point(-20), True),
        (film(1), minutes(20), 0, point(-20), True),
    ]


async def test_title_of_several_copies_is_done_when_all_copies_are() -> None:
    """One copy that could not be cleared keeps the title waiting, be it first or last."""
    for failing in ("film-0", "film-1"):
        account = await an_account()
        model(account).write_errors[failing] = BadResponse("no")
        jobs = [replace(a_job(account, f"film-{number}", 0), key="one title") for number in (0, 1)]
        outcome = await carry_out(account, *jobs)
        assert record_outcome(Ledger(), Side.LEFT, jobs, outcome, at(2)) == {"one title": Reason.WRITE_FAILED}

"""What writes do to more than positions: proved by the read-back, put back once, and told."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.media_server import BadResponse, CannotConnect
from custom_components.resume_sync.sync.model import ItemState, PairRules, RemoveMode, ServerType
from custom_components.resume_sync.sync.run.set_position import set_position
from custom_components.resume_sync.sync.run.undo import Fate
from tests.sync.builders import at
from tests.sync.household import Household
from tests.sync.stories import PAIR, both_hold, finish, sync, watch, written
from tests.sync.undoing import undo_pair
from tests.sync.world import MINUTE, ModelServer

from .writing_jobs import a_job, an_account, carry_out, model

FULL: dict[str, Any] = {"watched": True, "play_count": 4, "favorite": True, "rating": 8.0}
TAKEN: list[dict[str, Any]] = [
    {"watched": False},
    {"play_count": 3},
    {"favorite": False},
    {"rating": None},
    {"date": None},
    {"watched": False, "play_count": 0, "favorite": False, "rating": None, "date": None},
]
GROWN: list[dict[str, Any]] = [{"play_count": 5}, {"rating": 3.0}, {"date": at(300)}]


def take(server: ModelServer, item_id: str, times: int = 1, **changes: Any) -> None:
    """Let the next writes to an item change something else, too."""
    left = times

    async def tamper(route: str, done: bool) -> None:
        nonlocal left
        if route in ("write", "clear") and done and left and server.calls[-1].item_ids == (item_id,):
            left -= 1
            server.holdings[item_id] = replace(server.holdings[item_id], **changes)

    server.hook = tamper


async def known(kind: ServerType = ServerType.JELLYFIN, rules: PairRules | None = None) -> Household:
    """Return two servers that hold all films at 20 minutes; film 0 has a history on the right one."""
    household = await both_hold(right=kind, rules=rules)
    right = household.servers["right"]
    right.holdings["film-0"] = replace(right.holdings["film-0"], **FULL)
    await sync(household)
    watch(household, "left", "film-0", 7)
    return household


@pytest.mark.parametrize("taken", TAKEN)
async def test_what_a_write_took_is_put_back(taken: dict[str, Any]) -> None:
    """Mark, count, favourite, rating and date are as before; the title is written, and told as disturbed."""
    household = await known()
    right = household.servers["right"]
    take(right, "film-0", **taken)

    report = await sync(household)

    held = right.holdings["film-0"]
    assert {name: getattr(held, name) for name in FULL} == FULL
    assert (held.position_ms, held.date is None) == (27 * MINUTE, False)
    assert (report.updated, report.disturbed) == (1, frozenset({report.decisions[0].key}))
    assert right.requests == ["list", "sessions", "states", "write", "states", "sessions", "write", "states"]
    counts = household.accounts["right"].write_counts
    assert (counts.disturbed, counts.repaired, counts.unproven) == (1, 1, 0)
    right.hook = None
    for _ in range(2):
        report = await sync(household)
        assert (report.updated, report.disturbed, report.pending) == (0, frozenset(), 0)


@pytest.mark.parametrize("grown", GROWN)
async def test_what_appeared_or_grew_is_a_viewer_s(grown: dict[str, Any]) -> None:
    """It is neither touched nor told."""
    household = await known()
    right = household.servers["right"]
    take(right, "film-0", **grown)
    report = await sync(household)
    assert (report.updated, report.disturbed) == (1, frozenset())
    held = right.holdings["film-0"]
    assert {name: getattr(held, name) for name in grown} == grown
    assert len(right.writes) == 1


async def test_a_title_is_put_back_once() -> None:
    """Another time it is told only, also after a restart and for another edit; other titles are put back."""
    household = await known()
    right = household.servers["right"]
    for minutes, repaired in ((0, 1), (9, 0), (9, 0)):
        if minutes:
            right.hook = None
            right.holdings["film-0"] = replace(right.holdings["film-0"], **FULL)
            watch(household, "left", "film-0", minutes)
        take(right, "film-0", watched=False)
        report = await sync(household)
        assert (report.updated, len(report.disturbed), len(right.writes)) == (1, 1, 1 + repaired)
        household.start()
    right.hook = None
    right.holdings["film-1"] = replace(right.holdings["film-1"], **FULL)
    watch(household, "left", "film-1", 7)
    take(right, "film-1", favorite=False)
    await sync(household)
    assert right.holdings["film-1"].favorite


@pytest.mark.parametrize("kind", [ServerType.EMBY, ServerType.PLEX])
async def test_elsewhere_it_is_only_told(kind: ServerType) -> None:
    """Emby and Plex are left as they are."""
    household = await known(kind)
    right = household.servers["right"]
    take(right, "film-0", watched=False)
    report = await sync(household)
    assert (report.updated, len(report.disturbed), len(right.writes)) == (1, 1, 1)
    assert not right.holdings["film-0"].watched
    assert (household.accounts["right"].write_counts.disturbed, household.accounts["right"].write_counts.repaired) == (
        1,
        0,
    )


@pytest.mark.parametrize("who", ["unreadable", "away", "open", "heard", "refused"])
async def test_it_is_not_put_back_where_a_viewer_may_have_taken_it(who: str) -> None:
    """Sessions that are not told, a session with the item, a stop that push has told; nor where the write fails."""
    account = await an_account()
    server = model(account)
    server.holdings["film-0"] = replace(server.holdings["film-0"], **FULL)
    await account.read(server.clock.time, server.clock.now)
    server.sessions_readable = who != "unreadable"

    async def tamper(route: str, done: bool) -> None:
        if route == "sessions" and who == "away":
            raise CannotConnect("no")
        if route == "write" and done and server.holdings["film-0"].watched:
            server.holdings["film-0"] = replace(server.holdings["film-0"], watched=False)
            if who == "open":
                server.play("film-0", "phone")
                server.pause("phone")
            elif who == "heard":
                account.journal.note_push("film-0", Heard(server.clock.time))
            elif who == "refused":
                server.write_errors["film-0"] = BadResponse("no")

    server.hook = tamper
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert (outcome.verified, dict(outcome.disturbed), outcome.repaired) == (
        frozenset({"film-0"}),
        {"film-0": False},
        frozenset(),
    )
    assert not server.holdings["film-0"].watched


async def test_a_position_that_is_not_ours_proves_nothing() -> None:
    """A viewer marked the title as never played between the write and the read: nothing of that is ours to judge."""
    account = await an_account()
    server = model(account)
    server.holdings["film-0"] = replace(server.holdings["film-0"], **FULL)
    await account.read(server.clock.time, server.clock.now)
    take(server, "film-0", position_ms=0, watched=False, play_count=0, date=None)
    outcome = await carry_out(account, a_job(account, "film-0"))
    assert (outcome.verified, dict(outcome.disturbed)) == (frozenset(), {})
    assert len(server.writes) == 1


async def test_a_mark_as_never_played_beside_a_clear_stays() -> None:
    """Our 0 and the viewer's look the same; the mark went with date and count, as only a viewer does it."""
    for changes, disturbed in (({"watched": False, "play_count": 0, "date": None}, False), ({"watched": False}, True)):
        account = await an_account()
        server = model(account)
        server.holdings["film-0"] = replace(server.holdings["film-0"], **FULL)
        await account.read(server.clock.time, server.clock.now)
        take(server, "film-0", **changes)
        outcome = await carry_out(account, a_job(account, "film-0", 0))
        assert dict(outcome.disturbed) == ({"film-0": True} if disturbed else {})
        assert server.holdings["film-0"].position_ms == 0
        assert server.holdings["film-0"].watched is disturbed


async def test_a_clear_that_took_the_mark_is_no_finish_afterwards() -> None:
    """The mark that was put back does not pass for a new one: nothing travels back."""
    household = await known(rules=PairRules(remove=RemoveMode.SOURCE))
    right = household.servers["right"]
    await sync(household)
    finish(household, "left", "film-0")
    await sync(household)
    take(right, "film-0", watched=False)
    report = await sync(household)
    assert (report.cleared, len(report.disturbed)) == (1, 1)
    assert right.holdings["film-0"].watched
    right.hook = None
    entry = household.accounts["right"].journal.entries["film-0"]
    for _ in range(2):
        report = await sync(household)
        assert (report.updated, report.cleared, report.pending) == (0, 0, 0)
    assert household.accounts["right"].journal.entries["film-0"].edit == entry.edit


async def test_items_that_no_list_tells_of_are_unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old copy that their own route tells is held against nothing; they are counted."""
    household = await known()
    right = household.servers["right"]
    shown = ModelServer._state  # noqa: SLF001

    def alone(self: ModelServer, item_id: str) -> ItemState:
        state = shown(self, item_id)
        return replace(state, listed=self is not right)

    monkeypatch.setattr(ModelServer, "_state", alone)
    take(right, "film-0", watched=False)
    report = await sync(household)
    assert (report.updated, report.disturbed, len(right.writes)) == (1, frozenset(), 1)
    assert household.accounts["right"].write_counts.unproven == 1


async def test_writes_by_hand_are_proved_as_well() -> None:
    """An undo and a position set by hand take nothing with them either."""
    household = await known()
    right, ledger = household.servers["right"], household.ledgers[PAIR]
    await sync(household)
    assert written(right) == [("film-0", 27 * MINUTE)]
    take(right, "film-0", watched=False)
    done = await undo_pair(household)
    assert (done, right.holdings["film-0"].watched) == ({Fate.RESTORED: 1}, True)
    assert "right:film-0" in ledger.repaired
    take(right, "film-1", favorite=False)
    right.holdings["film-1"] = replace(right.holdings["film-1"], **FULL)
    await set_position(
        household.accounts["right"], "film-1", lambda at_ms: at_ms + MINUTE, now=household.now, save=household.save
    )
    assert right.holdings["film-1"].favorite
    assert household.accounts["right"].write_counts.repaired == 2

"""Titles that cannot be read, were not asked for, or are gone when they are written to: each has its reason."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.media_server import NotFound
from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode, ServerType, Side
from custom_components.resume_sync.sync.run.mapping import ignore_item
from tests.sync.stories import PAIR, REMOVE, both_hold, finish, home, reasons, requests, sync, watch
from tests.sync.world import HOUR, MINUTE


async def test_unreadable_title_is_unresolved_until_it_can_be_read() -> None:
    """Nothing is written over it, the other titles go on, and it costs no request of its own."""
    household = await both_hold()
    watch(household, "left", "film-0", 7)
    watch(household, "left", "film-1", 7)
    household.servers["right"].unknown["film-0"] = "position"
    report = await sync(household)
    assert reasons(report)["film-0"] is Reason.UNREADABLE
    assert (report.unresolved, report.updated) == (1, 1)
    await sync(household)
    assert requests(household, "right") == "list"
    household.servers["right"].unknown.clear()
    assert reasons(await sync(household))["film-0"] is Reason.NEWER_POSITION
    assert household.position("right", "film-0") == 27 * MINUTE


@pytest.mark.parametrize("kind", list(ServerType))
async def test_unreadable_title_of_one_side_is_no_removal(kind: ServerType) -> None:
    """Whatever the other side does meanwhile, it is not cleared here, and not cleared there."""
    household = await both_hold(right=kind, rules=REMOVE)
    household.servers["right"].unknown["film-0"] = "position"
    finish(household, "left", "film-0")
    for _ in range(3):
        assert reasons(await sync(household))["film-0"] is Reason.UNREADABLE
    assert household.position("right", "film-0") == 20 * MINUTE


async def test_unreadable_title_that_nobody_knows_is_shown() -> None:
    """In progress on one side, never read before: it is unresolved, under its own name."""
    household = home()
    watch(household, "left", "film-0", 20)
    household.servers["left"].unknown["film-0"] = "position"
    (decision,) = (await sync(household)).decisions
    assert (decision.action, decision.reason) == (Action.UNRESOLVED, Reason.UNREADABLE)
    assert (decision.item.title, decision.from_position_ms) == ("Film 0", None)
    assert household.ledgers[PAIR].unresolved_since.keys() == {"left:film-0"}
    assert requests(household, "right") == "list"


async def test_a_row_without_an_id_makes_nothing_vanish() -> None:
    """It may be any of the titles that the list lacks: nothing is asked for, nothing is cleared."""
    household = await both_hold(rules=REMOVE)
    right = household.servers["right"]
    right.hidden = {"film-0"}
    right.nameless_rows = 1
    report = await sync(household)
    assert reasons(report) == {"film-1": Reason.IN_SYNC, "film-2": Reason.IN_SYNC, "film-0": Reason.IN_SYNC}
    assert not any(server.writes for server in household.servers.values())


async def test_titles_that_were_not_asked_for_wait() -> None:
    """160 items left the list at once: those that this run does not ask for are decided by later ones."""
    household = await both_hold(titles=3, rules=REMOVE)
    left, right = household.servers["left"], household.servers["right"]
    for number in range(3):
        del right.holdings[f"film-{number}"]
    right.unasked = {"film-1", "film-2"}
    report = await sync(household)
    assert reasons(report) == {
        "film-0": Reason.GONE,
        "film-1": Reason.NOT_VERIFIED,
        "film-2": Reason.NOT_VERIFIED,
    }
    assert next(call.item_ids for call in right.calls if call.route == "states") == ("film-0", "film-1", "film-2")
    right.unasked = set()
    assert set(reasons(await sync(household)).values()) == {Reason.GONE}
    assert not left.writes
    assert not right.writes


@pytest.mark.parametrize("kind", list(ServerType))
async def test_item_that_is_gone_when_it_is_written_to_settles_its_title(kind: ServerType) -> None:
    """The list showed it, the write says 404: the title is `gone`, waits for nothing, and the others are written."""
    household = home(right=kind)
    for number in range(2):
        watch(household, "left", f"film-{number}", 20)
    household.servers["right"].write_errors["film-1"] = NotFound("no")
    report = await sync(household)
    assert reasons(report) == {"film-0": Reason.ONLY_ON_SOURCE, "film-1": Reason.GONE}
    assert (report.updated, report.unresolved, report.pending, report.failures) == (1, 1, 0, ())
    assert household.ledgers[PAIR].unresolved_since.keys() == {"left:film-1"}


async def test_gone_item_is_not_written_to_in_every_run() -> None:
    """A batch goes on showing it: it is tried again now and then, and written when that works."""
    household = await both_hold()
    right = household.servers["right"]
    watch(household, "left", "film-1", 7)
    right.write_errors["film-1"] = NotFound("no")
    tries = 0
    for _ in range(48):
        report = await sync(household, after=30)
        assert (reasons(report)["film-1"], report.pending) == (Reason.GONE, 0)
        tries += len(right.writes)
    assert 4 <= tries <= 12
    right.write_errors.clear()
    household.clock.time += 6 * HOUR
    await sync(household)
    assert household.position("right", "film-1") == 27 * MINUTE
    assert not household.ledgers[PAIR].attempts


async def test_gone_item_that_is_absent_from_then_on_is_looked_up() -> None:
    """Its file was replaced: the title is written to the new item."""
    household = home(titles=1)
    right = household.servers["right"]
    watch(household, "left", "film-0", 20)
    right.write_errors["film-0"] = NotFound("no")
    assert reasons(await sync(household)) == {"film-0": Reason.GONE}
    item = right.holdings.pop("film-0").item
    assert set(reasons(await sync(household)).values()) <= {Reason.GONE, Reason.NOT_FOUND}
    right.holdings.clear()
    right.add(replace(item, item_id="new"))
    right.revision = "changed"
    for _ in range(2):
        await sync(household)
    assert household.position("right", "new") == 20 * MINUTE


async def test_clear_of_an_item_that_is_gone_settles_its_title() -> None:
    """Finished on the left, gone on the right when it is to be cleared."""
    household = await both_hold(rules=PairRules(remove=RemoveMode.SOURCE))
    finish(household, "left", "film-0")
    await sync(household)
    household.servers["right"].write_errors["film-0"] = NotFound("no")
    report = await sync(household)
    assert (reasons(report)["film-0"], report.pending) == (Reason.GONE, 0)
    for _ in range(3):
        report = await sync(household, after=1)
        assert report.pending <= 1


async def test_unreadable_title_can_be_ignored() -> None:
    """Nobody has to wait until its server tells a position again."""
    household = home()
    watch(household, "left", "film-0", 20)
    household.servers["left"].unknown["film-0"] = "position"
    await sync(household)
    accounts = {Side.LEFT: household.accounts["left"], Side.RIGHT: household.accounts["right"]}
    await ignore_item(accounts, household.ledgers[PAIR], "film-0", now=household.clock.now, save=household.save)
    assert reasons(await sync(household)) == {"film-0": Reason.IGNORED}

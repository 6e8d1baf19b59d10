"""The requests of a run, and their order."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.model import PairRules, Reason, ServerType
from tests.sync.stories import PAIR, both_hold, home, reasons, requests, sync, watch, written
from tests.sync.world import MINUTE, film


async def test_idle_run_is_one_listing_per_account() -> None:
    """Without changes there is no other request, run after run."""
    household = await both_hold(titles=30)
    for _ in range(3):
        report = await sync(household)
        assert (requests(household, "left"), requests(household, "right")) == ("list", "list")
        assert set(reasons(report).values()) == {Reason.IN_SYNC}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ServerType.PLEX, "list sessions write states"),
        (ServerType.JELLYFIN, "list sessions states write states"),
        (ServerType.EMBY, "list sessions states write states"),
    ],
)
async def test_one_change_of_a_title_that_both_hold(kind: ServerType, asked: str) -> None:
    """The requests are sessions, write and read-back; a read before the write where that carries more."""
    household = await both_hold(right=kind)
    watch(household, "left", "film-1", 7)
    report = await sync(household)
    assert (requests(household, "left"), requests(household, "right")) == ("list sessions", asked)
    assert report.updated == 1
    assert written(household.servers["right"]) == [("film-1", 27 * MINUTE)]


async def test_new_titles_are_looked_up_and_read_together() -> None:
    """Twenty new titles cost one look-up, one read, twenty writes and one read-back."""
    household = home(right=ServerType.PLEX, titles=20)
    for number in range(20):
        watch(household, "left", f"film-{number}", 20)
    await sync(household)
    assert requests(household, "left") == "list sessions"
    assert requests(household, "right") == "list sessions find states write*20 states"


@pytest.mark.parametrize("kind", [ServerType.JELLYFIN, ServerType.EMBY])
async def test_targets_of_a_full_set_are_read_ten_at_a_time(kind: ServerType) -> None:
    """Each chunk is read right before its writes, because these carry mark, count, favourite, rating and date."""
    household = home(right=kind, titles=23)
    for number in range(23):
        watch(household, "left", f"film-{number}", 20)
    await sync(household)
    expected = "list sessions find states*2 write*10 states write*10 states write*3 states"
    assert requests(household, "right") == expected
    reads = [call.item_ids for call in household.servers["right"].calls if call.route == "states"]
    assert [len(item_ids) for item_ids in reads] == [23, 10, 10, 3, 23]


async def test_targets_are_read_again_when_the_server_is_slow() -> None:
    """A second for each request: a full set is written within two seconds of a read, a position alone within five."""
    asked = {}
    for kind in (ServerType.JELLYFIN, ServerType.PLEX):
        household = home(right=kind, titles=9)
        for number in range(9):
            watch(household, "left", f"film-{number}", 20)
        household.servers["right"].latency_ms = 1000
        report = await sync(household)
        assert report.updated == 9
        asked[kind] = requests(household, "right")
    assert asked == {
        ServerType.JELLYFIN: "list sessions find states*2 write*3 states write*3 states write*3 states",
        ServerType.PLEX: "list sessions find states write*5 states write*4 states",
    }


async def test_titles_unresolved_settled_or_ignored_cost_nothing_when_idle() -> None:
    """The failed look-up, the settled decision and the ignoring are remembered."""
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
    """Titles settled under other rules are decided anew, without `full`."""
    household = home()
    watch(household, "left", "film-0", 20)
    household.rules[PAIR] = PairRules(min_seconds=1800)
    assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
    household.rules[PAIR] = PairRules()
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}


@pytest.mark.parametrize("kind", list(ServerType))
async def test_oldest_edit_is_written_first(kind: ServerType) -> None:
    """The target's shelf then shows the titles in the order in which they were watched."""
    household = home(right=kind, titles=6)
    order = ["film-3", "film-0", "film-5", "film-1", "film-4", "film-2"]
    for item_id in order:
        watch(household, "left", item_id, 20)
    await sync(household)
    assert [item_id for item_id, _ in written(household.servers["right"])] == order

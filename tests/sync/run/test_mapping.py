"""Mappings made by hand for titles that ids could not resolve, and the time since which these are unresolved."""

import pytest

from custom_components.resume_sync.sync.ledger import FailedLookup, Ledger, Settled, item_key
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import Item, MediaKind, Reason, ServerType, Side
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.mapping import (
    KindsDiffer,
    MappedToAnother,
    MappingRefused,
    NotMapped,
    UnclearSide,
    UnknownItem,
    ignore_item,
    map_item,
    unmap_item,
)
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.sync.household import Household
from tests.sync.world import DURATION, MINUTE

PAIR = ("left", "right")
A, B = "left-garden", "right-garden"


def home_movie(item_id: str, kind: MediaKind = MediaKind.MOVIE) -> Item:
    """Return an item without any id."""
    return Item(item_id, kind, f"Home movie {item_id}", duration_ms=DURATION)


async def unresolved_home() -> Household:
    """Return two servers that have a home movie each, left in progress on the left after a first run."""
    household = Household({"left": ServerType.JELLYFIN, "right": ServerType.JELLYFIN}, [PAIR])
    household.servers["left"].add(home_movie(A), home_movie("left-other"))
    household.servers["right"].add(home_movie(B), home_movie("right-other"), home_movie("pilot", MediaKind.EPISODE))
    await watch(household, "left", A, 20)
    assert await sync(household) == {A: Reason.NO_IDS}
    return household


async def watch(household: Household, name: str, item_id: str, minutes: int) -> None:
    """Watch an item for a while and stop."""
    server = household.servers[name]
    server.play(item_id)
    household.clock.time += minutes * MINUTE
    server.stop()
    household.clock.time += MINUTE


async def sync(household: Household, mode: RunMode = RunMode.SYNC) -> dict[str, Reason]:
    """Run the pair and return the reason by source item."""
    household.clock.time += 5 * MINUTE
    report = await household.run_pair(PAIR, mode)
    return {decision.source_item_id: decision.reason for decision in report.decisions}


async def say(household: Household, source: str, target: str | None) -> None:
    """Map an item, or ignore it."""
    accounts = {Side.LEFT: household.accounts["left"], Side.RIGHT: household.accounts["right"]}
    ledger = household.ledgers[PAIR]
    if target is None:
        await ignore_item(accounts, ledger, source, now=household.clock.now, save=household.save)
    else:
        await map_item(accounts, ledger, source, target, now=household.clock.now, save=household.save)


async def take_back(household: Household, source: str) -> None:
    """Unmap an item."""
    accounts = {Side.LEFT: household.accounts["left"], Side.RIGHT: household.accounts["right"]}
    await unmap_item(accounts, household.ledgers[PAIR], source, save=household.save)


@pytest.mark.parametrize(("source", "target"), [(A, B), (B, A)])
async def test_a_mapped_title_is_synced_from_then_on_and_after_a_restart(source: str, target: str) -> None:
    """Either of the two items may be named first."""
    household = await unresolved_home()

    await say(household, source, target)
    household.start()

    assert await sync(household) == {A: Reason.ONLY_ON_SOURCE}
    assert household.position("right", B) == 20 * MINUTE
    await watch(household, "right", B, 10)
    assert await sync(household) == {B: Reason.NEWER_POSITION}
    assert household.position("left", A) == 30 * MINUTE


async def test_an_ignored_title_is_left_alone_until_it_is_unmapped() -> None:
    """Ignoring survives a restart; unmapped, the title is unresolved once more."""
    household = await unresolved_home()

    await say(household, A, None)
    household.start()
    assert await sync(household) == {A: Reason.IGNORED}
    assert not household.ledgers[PAIR].unresolved_since

    await take_back(household, A)
    household.start()
    assert await sync(household) == {A: Reason.NO_IDS}


@pytest.mark.parametrize("named", [A, B])
async def test_an_unmapped_title_is_unresolved_again(named: str) -> None:
    """Either item may be named; positions already written stay."""
    household = await unresolved_home()
    await say(household, A, B)
    await sync(household)

    await take_back(household, named)

    assert await sync(household) == {A: Reason.NO_IDS, B: Reason.NO_IDS}
    assert household.position("right", B) == 20 * MINUTE


async def test_a_mapping_of_an_item_that_is_gone_can_be_removed() -> None:
    """No server is asked."""
    household = await unresolved_home()
    await say(household, A, B)
    del household.servers["left"].holdings[A]
    household.servers["left"].failing = household.servers["right"].failing = 99

    await take_back(household, A)
    assert household.ledgers[PAIR].mappings == {}


@pytest.mark.parametrize(
    ("source", "target", "error", "item_id"),
    [
        ("nothing", B, UnknownItem, "nothing"),
        (A, "nothing", UnknownItem, "nothing"),
        (A, "left-other", UnknownItem, "left-other"),
        (A, A, UnknownItem, A),
        ("nothing", None, UnknownItem, "nothing"),
        (A, "pilot", KindsDiffer, "pilot"),
    ],
)
async def test_an_impossible_mapping_is_refused(
    source: str, target: str | None, error: type[MappingRefused], item_id: str
) -> None:
    """The ledger is as before."""
    household = await unresolved_home()
    before = household.ledgers[PAIR].to_dict()

    with pytest.raises(error) as refused:
        await say(household, source, target)

    assert refused.value.item_id == item_id
    assert household.ledgers[PAIR].to_dict() == before


async def test_two_sources_cannot_be_mapped_to_one_target() -> None:
    """A mapped target stays with its source, from whichever side they were mapped; an ignored one can be mapped."""
    household = await unresolved_home()
    await say(household, A, B)
    for source, target in (("left-other", B), ("right-other", A)):
        with pytest.raises(MappedToAnother) as refused:
            await say(household, source, target)
        assert refused.value.item_id == target

    await say(household, "right-other", None)
    await say(household, "left-other", "right-other")
    assert household.ledgers[PAIR].linked_by_hand() == {A: B, "left-other": "right-other"}


async def test_a_new_mapping_takes_the_place_of_the_old_one() -> None:
    """A later mapping, or ignoring, of the source replaces the earlier one."""
    household = await unresolved_home()
    await say(household, A, B)
    await say(household, A, "right-other")
    assert household.ledgers[PAIR].linked_by_hand() == {A: "right-other"}

    await say(household, "right-other", "left-other")
    assert household.ledgers[PAIR].linked_by_hand() == {"left-other": "right-other"}

    await say(household, "left-other", None)
    assert household.ledgers[PAIR].mappings == {"left:left-other": None}


async def test_mapping_forgets_earlier_look_ups_of_both_items() -> None:
    """Records of other items stay."""
    household = await unresolved_home()
    ledger = household.ledgers[PAIR]
    known_by = frozenset({"movie:tmdb:1"})
    keys = [item_key(Side.LEFT, A), item_key(Side.RIGHT, B), item_key(Side.LEFT, "left-other")]
    for is_mapped in (False, True):
        ledger.links = dict.fromkeys(keys, ("x",))
        ledger.settled = dict.fromkeys(keys, Settled(1, None, Reason.NEAR_END, ()))
        ledger.failed = dict.fromkeys(keys, FailedLookup(Reason.NOT_FOUND, known_by, 0))
        await (take_back(household, B) if is_mapped else say(household, A, B))
        for remembered in (ledger.links, ledger.settled, ledger.failed):
            assert set(remembered) == {keys[2]}


async def test_an_item_that_is_not_mapped_cannot_be_unmapped() -> None:
    """Neither an existing item nor an unknown one."""
    household = await unresolved_home()
    for item_id in (A, "nothing"):
        with pytest.raises(NotMapped):
            await take_back(household, item_id)


async def test_the_same_id_on_both_servers() -> None:
    """The unresolved item is meant, then the one in progress; two equal ones are refused."""
    household = Household({"left": ServerType.EMBY, "right": ServerType.EMBY}, [PAIR])
    for server in household.servers.values():
        server.add(home_movie("1"), home_movie("2"))
    with pytest.raises(UnclearSide):
        await say(household, "1", None)
    await watch(household, "right", "1", 20)
    await say(household, "1", None)
    assert household.ledgers[PAIR].mappings == {"right:1": None}

    await take_back(household, "1")
    await sync(household)
    await watch(household, "left", "1", 20)
    await say(household, "1", "2")
    assert household.ledgers[PAIR].mappings == {"right:1": "2"}


async def test_a_mapping_is_not_made_while_an_account_cannot_be_read() -> None:
    """The account's error is raised, and the ledger is as before."""
    household = await unresolved_home()
    household.servers["right"].failing = 1

    with pytest.raises(AccountError) as failed:
        await say(household, A, B)
    assert isinstance(failed.value.__cause__, CannotConnect)
    assert household.ledgers[PAIR].mappings == {}


async def test_titles_are_unresolved_since_the_run_that_found_them_so() -> None:
    """Until they are resolved, finished or cleared; a preview leaves no trace, a run that only plans does."""
    household = await unresolved_home()
    ledger = household.ledgers[PAIR]
    since = dict(ledger.unresolved_since)
    assert set(since) == {item_key(Side.LEFT, A)}

    await watch(household, "left", "left-other", 20)
    await sync(household, RunMode.PREVIEW)
    assert ledger.unresolved_since == since
    await sync(household, RunMode.PLAN)
    assert ledger.unresolved_since == since | {item_key(Side.LEFT, "left-other"): household.clock.time}

    household.servers["left"].clear(A)
    await sync(household)
    assert set(ledger.unresolved_since) == {item_key(Side.LEFT, "left-other")}


def test_unresolved_times_in_the_future_are_lowered_to_now() -> None:
    """This machine's clock was set back."""
    ledger = Ledger(unresolved_since={"left:a": 100, "left:b": 10})
    ledger.step_back(50)
    assert ledger.unresolved_since == {"left:a": 50, "left:b": 10}

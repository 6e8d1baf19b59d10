"""Stories of two and three servers over several runs."""

from dataclasses import replace
from itertools import permutations

import pytest

from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, RemoveMode, ServerType
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import AccountError
from tests.sync.household import Household
from tests.sync.stories import PAIR, finish, home, reasons, sync, watch, written
from tests.sync.world import DAY, HOUR, MINUTE, NOON, Holding, ModelServer, PowerLoss, film

PLEX, JELLYFIN, EMBY = ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY
REMOVE = PairRules(remove=RemoveMode.SOURCE)
TRIANGLE = [("jellyfin", "plex"), ("plex", "emby"), ("emby", "jellyfin")]


def resume(server: ModelServer, who: str = "tv") -> None:
    """Go on with a paused session: to its server it is still the same play."""
    session = server.sessions[who]
    server.sessions[who] = replace(
        session, began=server.clock.time, from_ms=session.paused_at_ms or 0, paused_at_ms=None
    )


def positions(household: Household, item_id: str = "film-0") -> list[int]:
    """Return the position of a title on each server, in whole minutes."""
    return [server.holdings[item_id].position_ms // MINUTE for server in household.servers.values()]


def stored(server: ModelServer, item_id: str, minutes: int, *, hours_ago: int) -> None:
    """Store a position that was watched some hours before noon, without a break."""
    start = NOON - hours_ago * HOUR - (0 if server.kind is PLEX else minutes * MINUTE)
    server.holdings[item_id] = replace(server.holdings[item_id], position_ms=minutes * MINUTE, date=start)


async def assert_quiet(household: Household) -> None:
    """Check that further runs write nothing."""
    for server in household.servers.values():
        server.calls.clear()
    for _ in range(2):
        household.clock.time += 20 * MINUTE
        await household.round()
    removes = any(rules.remove is not RemoveMode.OFF for rules in household.rules.values())
    assert {name: server.requests for name, server in household.servers.items()} == {
        name: ["hub", "list"] * 2 if removes and server.kind is PLEX else ["list"] * 2
        for name, server in household.servers.items()
    }


@pytest.mark.parametrize("kind", [JELLYFIN, EMBY])
async def test_clock_trap(kind: ServerType) -> None:
    """80 minutes in a play that began five hours ago beat our own 20 minutes that Plex stamped three hours ago."""
    household = home(kind, PLEX)
    left = household.servers["left"]
    await sync(household)
    begun = household.clock.time
    left.play("film-0")
    household.clock.time += 20 * MINUTE
    left.pause()
    household.clock.time = begun + 2 * HOUR
    assert reasons(await sync(household, after=0)) == {"film-0": Reason.ONLY_ON_SOURCE}
    household.clock.time = begun + 4 * HOUR
    resume(left)
    household.clock.time = begun + 5 * HOUR
    left.stop()
    dates = [server.holdings["film-0"].date or 0 for server in household.servers.values()]
    assert dates[1] > dates[0] + HOUR
    assert reasons(await sync(household, after=1)) == {"film-0": Reason.NEWER_POSITION}
    assert positions(household) == [80, 80]
    await assert_quiet(household)


@pytest.mark.parametrize("pairs", list(permutations(TRIANGLE)), ids=lambda pairs: " ".join("-".join(p) for p in pairs))
@pytest.mark.parametrize("where", ["jellyfin", "emby"])
async def test_clock_trap_of_three_servers(where: str, pairs: list[tuple[str, str]]) -> None:
    """In every order of the pairs, our own writes on two servers never count as edits."""
    household = Household({"jellyfin": JELLYFIN, "plex": PLEX, "emby": EMBY}, pairs)
    for server in household.servers.values():
        server.add(film(0))
        server.latency_ms = 20
    await household.round()
    server = household.servers[where]
    server.play("film-0")
    household.clock.time += 20 * MINUTE
    server.pause()
    household.clock.time += HOUR
    await household.round()
    await household.round()
    assert positions(household) == [20, 20, 20]
    household.clock.time += 2 * HOUR
    resume(server)
    household.clock.time += HOUR
    server.stop()
    household.clock.time += MINUTE
    await household.round()
    await household.round()
    assert positions(household) == [80, 80, 80]
    assert not server.writes
    await assert_quiet(household)


@pytest.mark.parametrize("kind", list(ServerType))
async def test_paused_app_that_closes_next_morning(kind: ServerType) -> None:
    """The app puts its old position over ours. That is no edit: the newer position is written again."""
    household = home(kind, JELLYFIN)
    left = household.servers["left"]
    await sync(household)
    left.play("film-0", "app")
    household.clock.time += 30 * MINUTE
    left.pause("app")
    await sync(household)
    watch(household, "right", "film-0", 40)
    assert reasons(await sync(household)) == {"film-0": Reason.PLAYING_ON_TARGET}
    left.sessions_readable = False
    await sync(household)
    assert positions(household) == [70, 70]
    household.clock.time += 9 * HOUR
    left.stop("app")
    assert positions(household) == [30, 70]
    await sync(household)
    assert positions(household) == [70, 70]
    assert not household.servers["right"].writes
    await assert_quiet(household)


@pytest.mark.parametrize("kind", list(ServerType))
async def test_power_loss_between_write_and_save(kind: ServerType) -> None:
    """The intent marks the position as ours, so that a later rewind on the source is carried over."""
    household = home(JELLYFIN, kind)
    watch(household, "left", "film-0", 20)
    await sync(household)
    watch(household, "left", "film-0", 30)
    saves = 0

    async def save() -> None:
        nonlocal saves
        saves += 1
        if saves > 1:
            raise PowerLoss
        await household.save()

    with pytest.raises(PowerLoss):
        await household.run_pair(PAIR, save=save)
    assert positions(household) == [50, 50]
    household.start()
    left = household.servers["left"]
    left.play("film-0")
    left.seek(10 * MINUTE)
    household.clock.time += MINUTE
    left.stop()
    assert reasons(await sync(household)) == {"film-0": Reason.NEWER_POSITION}
    assert positions(household) == [11, 11]
    assert written(household.servers["right"]) == [("film-0", 11 * MINUTE)]
    await assert_quiet(household)


@pytest.mark.parametrize("kind", list(ServerType))
async def test_new_item_id_after_a_file_upgrade(kind: ServerType) -> None:
    """The new item continues the old one: the date of the scan is no edit, and no removal travels."""
    household = home(kind, JELLYFIN, rules=REMOVE)
    for _ in range(2):
        watch(household, "right", "film-0", 20)
        await sync(household)
    watch(household, "right", "film-0", 20)
    left = household.servers["left"]
    old = left.holdings.pop("film-0")
    household.clock.time += HOUR
    left.holdings["4k"] = replace(old, item=film(0, "4k"), date=household.clock.time // 1000 * 1000)
    await sync(household)
    assert left.holdings["4k"].position_ms // MINUTE == household.position("right", "film-0") // MINUTE == 60
    assert not household.servers["right"].writes
    await assert_quiet(household)


async def test_different_histories_at_the_first_run() -> None:
    """The later position stands, higher or lower; titles of one side are carried over; no title is cleared."""
    household = home(JELLYFIN, PLEX, titles=6, rules=REMOVE)
    left, right = household.servers["left"], household.servers["right"]
    stored(left, "film-0", 30, hours_ago=20)
    stored(right, "film-0", 60, hours_ago=200)
    stored(left, "film-1", 40, hours_ago=300)
    stored(right, "film-1", 10, hours_ago=2)
    stored(left, "film-2", 25, hours_ago=5)
    stored(right, "film-3", 35, hours_ago=5)
    left.holdings["film-4"] = replace(left.holdings["film-4"], watched=True, date=NOON - HOUR - 100 * MINUTE)
    stored(right, "film-4", 35, hours_ago=50)
    left.holdings["film-5"] = replace(left.holdings["film-5"], watched=True, date=NOON - 50 * HOUR)
    stored(right, "film-5", 15, hours_ago=1)
    assert reasons(await sync(household))["film-4"] is Reason.NOT_SUPPORTED
    await sync(household)
    held = {item_id: positions(household, item_id) for item_id in left.holdings}
    assert held == {
        "film-0": [30, 30],
        "film-1": [10, 10],
        "film-2": [25, 25],
        "film-3": [35, 35],
        "film-4": [0, 35],
        "film-5": [15, 15],
    }
    assert (left.holdings["film-4"].watched, left.holdings["film-5"].watched) == (True, True)
    await assert_quiet(household)


@pytest.mark.parametrize("kind", [JELLYFIN, EMBY])
async def test_rewind_right_after_a_sync(kind: ServerType) -> None:
    """The date sent with our write is later than that of the play, but the rewind is the newest edit."""
    household = home(kind, PLEX)
    await sync(household)
    left = household.servers["left"]
    watch(household, "left", "film-0", 20)
    await sync(household)
    watch(household, "right", "film-0", 40)
    await sync(household, after=0)
    assert positions(household) == [60, 60]
    left.play("film-0")
    left.seek(9 * MINUTE)
    household.clock.time += MINUTE // 2
    left.stop()
    assert reasons(await sync(household, after=0)) == {"film-0": Reason.NEWER_POSITION}
    assert positions(household) == [9, 9]
    await assert_quiet(household)


@pytest.mark.parametrize("kind", list(ServerType))
async def test_two_edits_that_meet_exactly_at_an_observation(kind: ServerType) -> None:
    """A stop and a rewind on the other side, both in the millisecond of a run: the rewind stands."""
    household = home(JELLYFIN, kind)
    for server in household.servers.values():
        server.latency_ms = 0
    watch(household, "left", "film-0", 20)
    await sync(household)
    left, right = household.servers["left"], household.servers["right"]
    left.play("film-0")
    household.clock.time += 30 * MINUTE
    left.stop()
    await sync(household, after=0)
    assert positions(household) == [50, 50]
    right.play("film-0")
    right.seek(12 * MINUTE)
    right.stop()
    assert reasons(await sync(household, after=5)) == {"film-0": Reason.NEWER_POSITION}
    assert positions(household) == [12, 12]
    await assert_quiet(household)


async def test_finished_on_jellyfin_is_cleared_on_emby_in_the_second_run_and_not_on_plex() -> None:
    """Emby is cleared by the confirming run; Plex keeps the title, as `not_supported`."""
    pairs = [("jellyfin", "emby"), ("jellyfin", "plex")]
    household = Household({"jellyfin": JELLYFIN, "emby": EMBY, "plex": PLEX}, pairs, REMOVE)
    for server in household.servers.values():
        server.add(film(0))
        server.latency_ms = 20
    watch(household, "jellyfin", "film-0", 20)
    for _ in range(2):
        await household.round()
        household.clock.time += 5 * MINUTE
    finish(household, "jellyfin", "film-0")
    for server in household.servers.values():
        server.calls.clear()
    told = []
    for _ in range(3):
        reports = await household.round()
        told.append([list(reasons(report).values()) for report in reports.values()])
        household.clock.time += 5 * MINUTE
    assert told == [
        [[Reason.AWAITING_CONFIRMATION], [Reason.NOT_SUPPORTED]],
        [[Reason.FINISHED_ON_SOURCE], [Reason.NOT_SUPPORTED]],
        [[], [Reason.NOT_SUPPORTED]],
    ]
    assert positions(household) == [0, 0, 20]
    assert not household.servers["plex"].writes
    assert not household.servers["emby"].holdings["film-0"].watched


async def removing(titles: int = 3) -> Household:
    """Return a household that carries removals both ways, with all titles at 20 minutes."""
    household = home(rules=REMOVE, titles=titles)
    for number in range(titles):
        watch(household, "left", f"film-{number}", 20)
    for _ in range(3):
        await sync(household)
    return household


async def test_list_that_fails_clears_nothing() -> None:
    """A failed listing is no 0, run after run."""
    household = await removing()
    for _ in range(3):
        household.servers["left"].failing = 1
        with pytest.raises(AccountError):
            await sync(household)
    household.servers["left"].failing = 0
    await assert_quiet(household)
    assert positions(household) == [20, 20]


async def test_list_that_is_empty_by_error_clears_nothing() -> None:
    """A read by ids finds the items with their positions, on either side."""
    household = await removing()
    for server in household.servers.values():
        server.hidden = set(server.holdings)
        for _ in range(3):
            report = await sync(household)
            assert set(reasons(report).values()) == {Reason.IN_SYNC}
        server.hidden = set()
    assert positions(household) == [20, 20]
    await assert_quiet(household)


@pytest.mark.parametrize("name", PAIR)
async def test_library_that_is_not_there_clears_nothing(name: str) -> None:
    """A disk is not mounted: listing and items are gone, then back as they were."""
    household = await removing()
    household.servers[name].offline_library = True
    for _ in range(3):
        report = await sync(household)
        assert report.waiting == 0
        household.clock.time += 2 * DAY
    household.servers[name].offline_library = False
    for _ in range(3):
        await sync(household)
    assert positions(household) == [20, 20]
    assert not any(server.writes for server in household.servers.values())


async def test_deleted_item_clears_nothing() -> None:
    """The title stays in progress where it still exists, and is reported as missing."""
    household = await removing()
    del household.servers["left"].holdings["film-0"]
    for _ in range(3):
        assert reasons(await sync(household))["film-0"] in (Reason.GONE, Reason.NOT_FOUND)
    assert household.position("right", "film-0") == 20 * MINUTE
    assert not household.ledgers[PAIR].tombstones


async def test_item_that_comes_back_after_its_deletion_is_given_the_position_again() -> None:
    """The item is added anew at 0, which is no removal."""
    household = await removing()
    left = household.servers["left"]
    left.revision = "1"
    del left.holdings["film-0"]
    await sync(household)
    left.holdings["again"] = Holding(film(0, "again"))
    left.revision = "2"
    for _ in range(2):
        await sync(household)
    assert household.position("right", "film-0") == left.holdings["again"].position_ms == 20 * MINUTE


async def test_mirror_makes_the_target_like_its_source() -> None:
    """Later edits of the target are replaced: positions are written back, and titles at 0 on the source are cleared."""
    household = home(rules=PairRules(direction=Direction.TO_PEER, remove=RemoveMode.MIRROR))
    watch(household, "left", "film-0", 20)
    await sync(household, approval=Approval.FIRST_SYNC)
    watch(household, "right", "film-0", 30)
    watch(household, "right", "film-1", 30)
    for _ in range(2):
        await sync(household)
    assert (positions(household, "film-0"), positions(household, "film-1")) == ([20, 20], [0, 0])
    assert not household.servers["left"].writes

"""A server that stores what is written to it, and loses it again."""

from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, RemoveMode, ServerType
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.sync.household import Household
from tests.sync.stories import PAIR, both_hold, reasons, sync, watch
from tests.sync.world import DAY, HOUR, MINUTE, Holding

FILM = "film-0"


class Fight:
    """Something on the right server that puts an older position of a film back, before each listing."""

    def __init__(self, household: Household, kept: Holding) -> None:
        """Fight for a position with its date."""
        self.household = household
        self.kept = kept
        self.over = False
        household.servers["right"].hook = self

    async def __call__(self, route: str, done: bool) -> None:
        """Put it back."""
        if route == "list" and not done and not self.over:
            self.household.servers["right"].holdings[FILM] = self.kept

    async def writes_of(self, days: int) -> list[int]:
        """Return the minutes at which the pair writes in so many days of automatic runs; it reads and plans between."""
        start, written = self.household.clock.time, []
        while self.household.clock.time < start + days * DAY:
            report = await sync(self.household, RunMode.PLAN, after=2)
            report = await sync(self.household, after=3)
            if self.household.servers["right"].writes:
                written.append((self.household.clock.time - start) // MINUTE)
            else:
                assert (reasons(report)[FILM], report.pending) == (Reason.NOT_KEPT, 0)
            self.household.start()
        return written


async def fought_over(kind: ServerType = ServerType.JELLYFIN, rules: PairRules | None = None) -> Fight:
    """Return a fight about a film that was watched on from 20 to 27 minutes on the left."""
    household = await both_hold(right=kind, rules=rules)
    household.servers["left"].latency_ms = household.servers["right"].latency_ms = 0
    fight = Fight(household, household.servers["right"].holdings[FILM])
    watch(household, "left", FILM, 7)
    return fight


@pytest.mark.parametrize("kind", list(ServerType))
async def test_a_write_that_is_gone_again_is_tried_less_and_less(kind: ServerType) -> None:
    """Four times at once, then after 15 min, 1 h, 4 h and daily, whatever is planned and restarted meanwhile."""
    fight = await fought_over(kind)
    written = await fight.writes_of(days=3)
    waits = [later - earlier for earlier, later in pairwise(written)]
    assert waits == [5, 5, 5, 15, 60, 240, 24 * 60, 24 * 60]


async def test_it_is_written_when_the_fight_is_over() -> None:
    """The next try is the last one; a day later nothing is remembered of it."""
    fight = await fought_over()
    await fight.writes_of(days=1)
    household, fight.over = fight.household, True
    household.clock.time += DAY
    assert reasons(await sync(household))[FILM] is Reason.NEWER_POSITION
    assert reasons(await sync(household))[FILM] is Reason.IN_SYNC
    household.clock.time += DAY
    await sync(household)
    assert not household.ledgers[PAIR].stored


async def waiting() -> Fight:
    """Return a fight whose next try is most of an hour away."""
    fight = await fought_over()
    for _ in range(8):
        await sync(fight.household)
    assert reasons(await sync(fight.household))[FILM] is Reason.NOT_KEPT
    return fight


@pytest.mark.parametrize("how", ["heard", "play"])
async def test_it_is_tried_at_once_when_a_session_ended(how: str) -> None:
    """The app that kept on writing was closed at its old place."""
    fight = await waiting()
    journal = fight.household.accounts["right"].journal
    for _ in range(2):
        report = await sync(fight.household)
        assert not fight.household.servers["right"].writes
    now = fight.household.clock.time
    if how == "heard":
        journal.note_push(FILM, Heard(now, 20 * MINUTE))
    else:
        journal.plays.note_report(FILM, "tv", 20 * MINUTE, None, now - MINUTE)
        journal.plays.note_end(FILM, "tv", now)
    report = await sync(fight.household)
    assert (reasons(report)[FILM], report.updated) == (Reason.NEWER_POSITION, 1)
    assert reasons(await sync(fight.household))[FILM] is Reason.NOT_KEPT


async def test_it_is_tried_at_once_when_the_viewer_went_on() -> None:
    """Another edit is another write, however near: it has its own four tries."""
    fight = await waiting()
    watch(fight.household, "left", FILM, 1)
    tries = 0
    for _ in range(6):
        report = await sync(fight.household)
        tries += report.updated
    assert (tries, reasons(report)[FILM]) == (4, Reason.NOT_KEPT)


async def test_a_person_may_ask_for_another_try() -> None:
    """A full sync forgets what was not kept."""
    fight = await waiting()
    report = await sync(fight.household, full=True)
    assert report.updated == 1


async def test_the_source_decides_again_when_somebody_moved_the_target() -> None:
    """In a mirror the target's edit does not stand: each is overwritten at once, however often."""
    rules = PairRules(Direction.TO_PEER, remove=RemoveMode.MIRROR)
    household = await both_hold(rules=rules)
    for _ in range(7):
        household.clock.time += MINUTE
        watch(household, "right", FILM, 3)
        report = await sync(household)
        assert reasons(report)[FILM] is Reason.MIRRORED
    fight = Fight(household, replace(household.servers["right"].holdings[FILM], position_ms=9 * MINUTE))
    updated = [(await sync(household)).updated for _ in range(8)]
    assert sum(updated) < 8
    fight.over = True
    watch(household, "right", FILM, 3)
    assert reasons(await sync(household))[FILM] is Reason.MIRRORED


async def test_what_was_never_seen_is_not_verified() -> None:
    """A write that no read shows backs off as ever, between planning runs and over restarts."""
    household = await both_hold()
    right = household.servers["right"]
    right.ignoring = 1000
    watch(household, "left", FILM, 7)
    start, written = household.clock.time, []
    while household.clock.time < start + 8 * HOUR:
        await sync(household, RunMode.PLAN, after=1)
        report = await sync(household, after=1)
        assert (reasons(report)[FILM], report.pending) == (Reason.NOT_VERIFIED, 1)
        if right.writes:
            written.append((household.clock.time - start) // MINUTE)
        household.start()
    waits = [later - earlier for earlier, later in pairwise(written)]
    assert waits == [2, 2, 4, 8, 16, 32, 64, 128]


async def test_a_clock_that_is_set_back_lengthens_no_wait() -> None:
    """The next try comes when it would have come, or earlier."""
    fight = await waiting()
    fight.household.clock.time -= 6 * HOUR
    report = await sync(fight.household)
    assert report.updated == 1

"""What the checks must not expect: schedules in which nobody could have told what a viewer did."""

from collections.abc import Awaitable, Callable

import pytest

from custom_components.resume_sync.sync.model import RemoveMode, ServerType
from custom_components.resume_sync.sync.run.runner import RunMode

from .household import Trouble
from .schedule import Mishap, Schedule, Setting, Shape

type Steps = Callable[[Schedule], Awaitable[None]]


async def seeks_back_unseen(schedule: Schedule) -> None:
    """Seek back to the start in a play known before, on a server that does not tell who plays: as if cleared."""
    schedule.begin("a", "long", None)
    schedule.wait(11 * 60)
    await schedule.sync()
    schedule.deed("seek", "a", "long", 0.02)
    for _ in range(3):
        schedule.wait(7)
        await schedule.sync()


async def seeks_back_between_two_looks(schedule: Schedule) -> None:
    """Pause, seek back to the start and stop before anybody looks again: as if cleared, to all who can see."""
    schedule.begin("b", "long", 0.177)
    schedule.wait(7)
    schedule.deed("pause", "b", "long")
    await schedule.sync()
    schedule.deed("seek", "b", "long", 0.024)
    schedule.deed("stop", "b", "long")


async def begins_anew_what_it_finished(schedule: Schedule) -> None:
    """Finish a title, begin it anew and take the mark back, all before the first look."""
    schedule.watch("b", "long", 2, None)
    schedule.wait(3600)
    schedule.begin("a", "long", None)
    schedule.wait(5 * 3600)
    schedule.begin("a", "long", None)
    schedule.deed("stop", "a", "long")
    schedule.deed("unwatched", "a", "long")


async def clears_what_was_marked(schedule: Schedule) -> None:
    """Watch a title for a while, mark it and take that back, all before the first look."""
    schedule.watch("b", "long", 2, None)
    schedule.wait(3600)
    schedule.watch("a", "long", 3, None)
    schedule.deed("watched", "a", "long")
    schedule.deed("clear", "a", "long")


async def closes_a_second_app_over_the_first(schedule: Schedule) -> None:
    """Open a title on two screens, and let the one that never moved close last: all before the first look."""
    schedule.watch("a", "film", 17, None)
    schedule.wait(60)
    schedule.begin("b", "film", None)
    schedule.wait(7)
    schedule.deed("sleep", "b", "film")
    schedule.begin("b", "film", 0.023)


async def wakes_an_app_over_what_was_played_since(schedule: Schedule) -> None:
    """Let an app sleep where we wrote, finish elsewhere, play on another screen, and close the first: all unseen."""
    schedule.watch("b", "long", 17, 0.27)
    schedule.wait(60)
    await schedule.sync()
    schedule.begin("a", "long", None)
    schedule.wait(7)
    schedule.deed("sleep", "a", "long")
    schedule.begin("b", "long", None)
    schedule.wait(5 * 3600)
    schedule.watch("a", "long", 17, None)
    schedule.deed("stop", "a", "long")


async def begins_right_after_the_clock_was_set_back(schedule: Schedule) -> None:
    """Set the clock back, and begin to play somewhere before the next look: what was known is dated at that look."""
    schedule.watch("b", "long", 11, None)
    schedule.wait(60)
    schedule.ignore_writes("a")
    await schedule.sync()
    schedule.set_clock(-3600)
    schedule.wait(7)
    schedule.begin("a", "long", 0.044)
    schedule.wait(14)
    await schedule.sync()
    schedule.wait(60)


async def finishes_what_was_marked(schedule: Schedule) -> None:
    """Mark a title by hand, and then watch its end: a second finish."""
    schedule.wait(7)
    schedule.deed("watched", "b", "long")
    schedule.wait(14)
    schedule.begin("a", "long", None)
    schedule.wait(70)
    schedule.begin("b", "long", None)
    schedule.wait(14)
    schedule.deed("seek", "b", "long", 0.915)
    schedule.wait(98)


async def plays_on_two_screens_at_once(schedule: Schedule) -> None:
    """Play a title on two servers at once, one near its end: which came last is open, and the end is not carried on."""
    schedule.begin("a", "long", None)
    schedule.wait(7)
    schedule.begin("b", "long", 0.879)
    schedule.wait(189)


async def marks_what_is_not_there(schedule: Schedule) -> None:
    """Take a mark back in the middle of a run, of a title whose library is away: there is nothing to click on."""
    schedule.watch("a", "film", 2, None)
    schedule.wait(7)
    await schedule.sync()
    schedule.wait(7)
    schedule.unmount("a", mounted=False)
    schedule.wait(7)
    await schedule.sync_pair(0, RunMode.SYNC, Mishap(Trouble.VIEWER, 3, "unwatched", "a", "film"), full=False)


async def closes_an_app_at_zero_over_what_we_wrote(schedule: Schedule) -> None:
    """Open a title at its start, let the app sleep, take its mark back, and close it after we have written there."""
    schedule.watch("a", "long", 11, None)
    schedule.wait(60)
    schedule.begin("b", "long", None)
    schedule.wait(7)
    schedule.deed("sleep", "b", "long")
    schedule.deed("unwatched", "b", "long")
    schedule.wait(3600)
    await schedule.sync()
    schedule.wait(7)
    schedule.deed("stop", "b", "long")


async def marks_again_what_was_finished_and_left_elsewhere(schedule: Schedule) -> None:
    """Finish a title, leave it elsewhere, and mark it by hand where we wrote: as if the app of then had closed."""
    schedule.watch("b", "long", 33, 0.769)
    schedule.wait(3 * 3600)
    schedule.watch("a", "long", 6, 0.296)
    schedule.wait(60)
    await schedule.sync()
    schedule.wait(7)
    await schedule.sync()
    schedule.wait(7)
    schedule.deed("watched", "b", "long")


@pytest.mark.parametrize(
    ("kinds", "remove", "steps"),
    [
        ((ServerType.JELLYFIN, ServerType.JELLYFIN), RemoveMode.SOURCE, seeks_back_unseen),
        ((ServerType.EMBY, ServerType.JELLYFIN), RemoveMode.SOURCE, seeks_back_between_two_looks),
        ((ServerType.JELLYFIN, ServerType.PLEX), RemoveMode.OFF, begins_anew_what_it_finished),
        ((ServerType.PLEX, ServerType.PLEX), RemoveMode.OFF, clears_what_was_marked),
        ((ServerType.PLEX, ServerType.EMBY), RemoveMode.OFF, closes_a_second_app_over_the_first),
        ((ServerType.EMBY, ServerType.JELLYFIN), RemoveMode.SOURCE, wakes_an_app_over_what_was_played_since),
        ((ServerType.JELLYFIN, ServerType.JELLYFIN), RemoveMode.OFF, begins_right_after_the_clock_was_set_back),
        ((ServerType.EMBY, ServerType.PLEX), RemoveMode.OFF, finishes_what_was_marked),
        ((ServerType.EMBY, ServerType.EMBY, ServerType.PLEX), RemoveMode.OFF, plays_on_two_screens_at_once),
        ((ServerType.EMBY, ServerType.EMBY), RemoveMode.OFF, marks_what_is_not_there),
        ((ServerType.EMBY, ServerType.JELLYFIN), RemoveMode.SOURCE, closes_an_app_at_zero_over_what_we_wrote),
        ((ServerType.JELLYFIN, ServerType.EMBY), RemoveMode.SOURCE, marks_again_what_was_finished_and_left_elsewhere),
    ],
)
async def test_what_nobody_can_tell(kinds: tuple[ServerType, ...], remove: RemoveMode, steps: Steps) -> None:
    """Schedules whose truth leaves no trace on the servers violate nothing."""
    schedule = Schedule(
        Setting(
            shape=Shape.PAIR if len(kinds) == 2 else Shape.CHAIN,
            kinds=kinds,
            skews=(0.0,) * len(kinds),
            readable=(False, True, True),
            remove=remove,
            latency=0.7,
            backwards=False,
            second_user=False,
            seed=0,
        )
    )
    schedule.open()
    await steps(schedule)
    await schedule.end()
    assert schedule.audit.violations == []

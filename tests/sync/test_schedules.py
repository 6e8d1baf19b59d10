"""Thousands of random schedules: the last human action wins on every server, and then all is quiet."""

import pytest

from .schedules import Schedule, preview_changes_nothing
from .world import Marks

SCHEDULES = 1000
BATCH = 100
WRONG_PER_BATCH = 1
"""What no observer can order: a finish that was never seen, seeks in a play never seen, a chance position."""


@pytest.mark.parametrize("first", range(0, SCHEDULES, BATCH))
async def test_last_human_action_wins(first: int) -> None:
    """Whatever viewers, faults and crashes do meanwhile, positions end as a human left them last, and stay."""
    wrong = []
    for seed in range(first, first + BATCH):
        schedule = Schedule(seed)
        await schedule.play_out()
        if schedule.wrong():
            wrong.append((seed, *schedule.wrong()))
        assert schedule.marks_held() == schedule.marks_left(), f"watched marks or play counts touched, seed {seed}"
        assert await schedule.writes_when_quiet() == 0, f"still writing, seed {seed}"
    assert len(wrong) <= WRONG_PER_BATCH, wrong


async def test_watched_marks_and_play_counts_are_never_touched() -> None:
    """What only viewers may change is on every server, at every moment, what viewers made of it."""
    marked = 0
    for seed in range(40):
        schedule = Schedule(seed)
        for _ in range(14):
            schedule.wait(200_000)
            await schedule.random_step()
            assert schedule.marks_held() == schedule.marks_left(), f"seed {seed}"
        marked += sum(marks != Marks() for marks in schedule.marks_left().values())
    assert marked > 40


async def test_previews_leave_no_trace() -> None:
    """A preview changes neither servers nor state, whatever the household is in the middle of."""
    for seed in range(60):
        schedule = Schedule(seed)
        for _ in range(6):
            schedule.wait(200_000)
            await schedule.random_step()
            assert await preview_changes_nothing(schedule), f"seed {seed}"

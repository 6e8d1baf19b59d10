"""Thousands of random schedules: the last human action wins on every server, and then all is quiet."""

from collections import Counter

import pytest

from .schedules import Schedule, preview_changes_nothing

SCHEDULES = 1200
BATCH = 150
WRONG_PER_THOUSAND = 6
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
        assert await schedule.writes_when_quiet() == 0, f"still writing, seed {seed}"
    assert len(wrong) * 1000 <= max(WRONG_PER_THOUSAND * BATCH, 2000), wrong


async def test_previews_leave_no_trace() -> None:
    """A preview changes neither servers nor state, whatever the household is in the middle of."""
    for seed in range(60):
        schedule = Schedule(seed)
        for _ in range(6):
            schedule.wait(200_000)
            await schedule.random_step()
            assert await preview_changes_nothing(schedule), f"seed {seed}"


async def test_watched_marks_and_play_counts_are_never_touched() -> None:
    """What only viewers may change is the same with Resume Sync and without it."""
    for seed in range(60):
        schedule = Schedule(seed)
        await schedule.play_out()
        counts = Counter(
            {
                (name, key): one.play_count
                for name, server in schedule.household.servers.items()
                for key, one in server.holdings.items()
            }
        )
        assert counts == Counter(schedule.plays), f"seed {seed}"

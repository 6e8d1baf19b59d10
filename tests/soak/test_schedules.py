"""The fast profile of the random schedules: the same ones every time; `scripts/soak` plays fresh ones."""

import pytest

from .batch import run_batch, schedules_to_catch_the_naive

pytestmark = pytest.mark.slow

SEED = 7
SCHEDULES = 300
INVARIANTS = range(1, 9)


def test_invariants_hold_in_random_schedules() -> None:
    """Whatever viewers, servers, faults and restarts do, and in whatever order."""
    batch = run_batch(SEED, SCHEDULES, shrink=False)
    assert batch.failure is None, batch.failure
    assert batch.tally.schedules >= SCHEDULES
    assert batch.tally.faults > SCHEDULES
    assert all(batch.tally.checked[number] for number in INVARIANTS), batch.tally.checked


def test_naive_planner_is_caught() -> None:
    """The newest server date wins, absence is intent: the same schedules find that out soon."""
    caught_in = schedules_to_catch_the_naive(SEED, 50)
    assert caught_in is not None
    assert caught_in < 50

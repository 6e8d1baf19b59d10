"""Schedules in batches: each is drawn from one seed, so that it can be drawn again."""

from dataclasses import dataclass
import traceback
from typing import override

from hypothesis import HealthCheck, Phase, seed as seeded, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import SyncMachine
from .naive import NaiveEngine
from .schedule import Schedule, Setting
from .tally import Tally, Violation

STEPS = 40
"""How many steps a schedule has at most, before everything comes to rest."""


class NaiveMachine(SyncMachine):
    """Draws the same schedules for the naive planner."""

    @override
    def new_schedule(self, setting: Setting) -> Schedule:
        """Return the schedule of a setting, for a planner without memory of others."""
        return Schedule(setting, type(self).connect, NaiveEngine())


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch of schedules came to; `failure` tells the shortest schedule found that violates an invariant.

    `family` names the one that it is of, if any.
    """

    seed: int | None
    tally: Tally
    failure: str | None = None
    family: str | None = None


def run_batch(
    seed: int | None, schedules: int, machine: type[SyncMachine] = SyncMachine, *, shrink: bool = True
) -> Batch:
    """Draw and play schedules; without a seed, hypothesis chooses them by its own settings."""
    tally = Tally()
    drawn = type(machine.__name__, (machine,), {"tally": tally})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=schedules,
        stateful_step_count=STEPS,
        phases=phases,
        database=None,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(drawn if seed is None else seeded(seed)(drawn), settings=chosen)
    except Violation as violation:
        return Batch(seed, tally, "".join(traceback.format_exception_only(violation)))
    except Exception:  # noqa: BLE001 - whatever a schedule breaks is its finding
        return Batch(seed, tally, traceback.format_exc())
    return Batch(seed, tally)


def schedules_to_catch_the_naive(seed: int | None, at_most: int) -> int | None:
    """Return how many schedules it takes until the naive planner violates an invariant, if it does."""
    return run_batch(seed, at_most, NaiveMachine, shrink=False).tally.caught_in

"""Playing a family's schedules, each drawn from the family's name and a seed."""

import asyncio
from collections.abc import Iterable
from random import Random
import traceback

from custom_components.resume_sync.sync.run.runner import run as run_product
from tests.households.over_the_port import Engine

from ..batch import Batch
from ..schedule import Schedule
from ..tally import Tally
from . import FAMILIES
from .family import Evening, Family


def play(family: Family, seed: int, engine: Engine = run_product, *, judge: bool = True) -> Schedule:
    """Play one schedule to its end; `judge` False: play it on where an invariant is violated."""
    # The seed alone would give all families the same dice.
    random = Random(f"{family.name} {seed}")
    schedule = Schedule(family.setting(random), engine=engine)

    async def evening() -> None:
        schedule.open()
        await family.steps(Evening(schedule, random))
        if not judge or not schedule.audit.violations:
            await schedule.end()

    asyncio.run(evening())
    return schedule


def first_caught(family: Family, seeds: Iterable[int], engine: Engine = run_product) -> int | None:
    """Return the first seed whose schedule violates an invariant, or breaks; None: all of them hold."""
    return next((seed for seed in seeds if _failure(family, seed, Tally(), engine)), None)


def run_family(name: str, seed: int, schedules: int) -> Batch:
    """Play so many schedules of a family, from a seed on, up to the first that violates an invariant."""
    tally = Tally()
    for number in range(seed * schedules, (seed + 1) * schedules):
        failure = _failure(FAMILIES[name], number, tally)
        if failure is not None:
            return Batch(seed, tally, f"{name}, schedule {number}: {failure}", name)
    return Batch(seed, tally, None, name)


def _failure(family: Family, seed: int, tally: Tally, engine: Engine = run_product) -> str | None:
    """Play and count one schedule; return what is wrong."""
    try:
        schedule = play(family, seed, engine)
    except Exception:  # noqa: BLE001 - whatever a schedule breaks is its finding
        return traceback.format_exc()
    tally.count(schedule)
    return "\n".join(schedule.audit.violations[:3]) or None

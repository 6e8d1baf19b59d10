"""Play random schedules and families of directed ones for a while; count what they lose, or kill a Home Assistant."""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import count, cycle
import os
import secrets
import sys
import time

from .batch import Batch, run_batch, schedules_to_catch_the_naive
from .families import FAMILIES
from .families.count import count_all
from .families.play import run_family
from .kill import kill_again_and_again
from .tally import Tally

SCHEDULES_PER_BATCH = 25
NAIVE_LIMIT = 50
FAMILIES_PER_BATCH = 6
"""Batches of families for each batch of random schedules: those are short, so that each kind takes half of the time."""
INVARIANTS = {
    1: "convergence",
    2: "the last human action wins",
    3: "absence clears nothing",
    4: "watched marks stay",
    5: "no cross-talk",
    6: "previews leave no trace",
    7: "converges after a crash",
    8: "one decision per title",
}


def say(text: str) -> None:
    """Tell the person who watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=5.0, help="how long to go on (default: 5)")
    parser.add_argument("--seed", type=int, help="the first batch's seed (default: a fresh one)")
    parser.add_argument("--batches", type=int, help="end after so many batches of schedules")
    parser.add_argument("--family", choices=FAMILIES, metavar="NAME", help=f"only this one of {', '.join(FAMILIES)}")
    parser.add_argument("--count", type=int, metavar="N", help="count what N directed schedules lose instead")
    parser.add_argument("--kill", type=int, metavar="N", help="kill a Home Assistant so many times instead")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest schedules that fail")
    return parser.parse_args()


def plays(asked: argparse.Namespace, seed: int) -> Iterator[Callable[[], Batch]]:
    """Yield the batches to play: random schedules, and families in turn; or one family alone."""
    numbers = count(seed)
    names = cycle(FAMILIES if asked.family is None else (asked.family,))
    while True:
        if asked.family is None:
            yield partial(run_batch, next(numbers), SCHEDULES_PER_BATCH, shrink=asked.shrink)
        for _ in range(FAMILIES_PER_BATCH):
            yield partial(run_family, next(names), next(numbers), SCHEDULES_PER_BATCH)


def batches(asked: argparse.Namespace, seed: int) -> Iterator[Batch]:
    """Play batches in as many processes as there are cores, until the time is up."""
    end = time.monotonic() + asked.minutes * 60
    asked_for = plays(asked, seed)
    cores = os.cpu_count() or 1
    left = sys.maxsize if asked.batches is None else asked.batches
    with ProcessPoolExecutor(cores) as pool:
        running: set[Future[Batch]] = set()
        while True:
            while left and len(running) < cores and time.monotonic() < end:
                running.add(pool.submit(next(asked_for)))
                left -= 1
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def soak(asked: argparse.Namespace, seed: int) -> int:
    """Play schedules and tell what they came to; return the exit status."""
    say(f"Seed {seed}, {asked.minutes:g} minutes, batches of {SCHEDULES_PER_BATCH} schedules")
    total, failed = Tally(), []
    told_at = time.monotonic()
    for batch in batches(asked, seed):
        total.add(batch.tally)
        if batch.failure is not None:
            failed.append(batch.seed)
            again = f"scripts/soak --seed {batch.seed} --batches 1 --shrink"
            if batch.family is not None:
                again = f"scripts/soak --family {batch.family} --seed {batch.seed} --batches 1"
            say(f"\nSeed {batch.seed} fails (again: {again}):\n{batch.failure}")
        if time.monotonic() - told_at > 60:
            told_at = time.monotonic()
            say(f"... {total.schedules:,} schedules, {len(failed)} violations")
    caught_in = schedules_to_catch_the_naive(seed, NAIVE_LIMIT)
    report(total, failed, caught_in)
    return int(bool(failed) or caught_in is None)


def report(total: Tally, failed: list[int | None], caught_in: int | None) -> None:
    """Print the figures."""
    say(f"schedules        {total.schedules:>12,}")
    say(f"steps            {total.steps:>12,}")
    say(f"runs of pairs    {total.runs:>12,}")
    say(f"faults injected  {total.faults:>12,}")
    say(f"restarts         {total.restarts:>12,}")
    say(f"invariant checks {total.checked.total():>12,}")
    for number, name in INVARIANTS.items():
        say(f"  {number} {name:<28} {total.checked[number]:>10,}")
    say(f"violations       {len(failed):>12,}" + (f"   seeds {failed}" if failed else ""))
    naive = f"caught in schedule {caught_in}" if caught_in else f"not caught within {NAIVE_LIMIT} schedules"
    say(f"naive planner    {naive}")


def count_losses(schedules: int) -> int:
    """Print what directed schedules lose, the same ones every time, by family; return the exit status."""
    total = Tally()
    say(f"{'':<22}{'schedules':>10}{'unasked clears':>16}{'lost places':>13}{'left at 0':>11}{'lowered':>9}")

    def line(name: str, tally: Tally) -> None:
        figures = f"{tally.schedules:>10}{tally.unasked_clears:>16}{tally.lost_places:>13}"
        say(f"{name:<22}{figures}{tally.left_at_zero:>11}{tally.lowered:>9}")

    for name, tally in count_all(schedules):
        line(name, tally)
        total.add(tally)
    line("all", total)
    return 0


def kill(asked: argparse.Namespace, seed: int) -> int:
    """Kill a Home Assistant so many times and tell what that cost; return the exit status."""
    say(f"Seed {seed}, {asked.kill} kills")
    toll = asyncio.run(kill_again_and_again(asked.kill, seed))
    say(f"kills                  {toll.kills:>5}, {toll.during_a_run} of them in the middle of a run")
    say(f"state files readable   {toll.files - len(toll.unreadable):>5} of {toll.files}")
    say(f"positions lost         {len(toll.lost):>5}")
    say(f"wrong clears           {len(toll.wrongly_cleared):>5}")
    say(f"titles apart           {len(toll.apart):>5}")
    say(f"runs that failed       {len(toll.failed_runs):>5}")
    say(f"writes when settled    {toll.written_when_settled:>5}")
    for line in (*toll.unreadable, *toll.lost, *toll.wrongly_cleared, *toll.apart, *toll.reasons, *toll.failed_runs):
        say(line)
    return int(not toll.is_free)


def main() -> int:
    """Do what was asked for; return the exit status."""
    asked = arguments()
    if asked.count is not None:
        return count_losses(asked.count)
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    return soak(asked, seed) if asked.kill is None else kill(asked, seed)


if __name__ == "__main__":
    sys.exit(main())

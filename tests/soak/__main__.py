"""Play random schedules for a while, or kill a real Home Assistant in the middle of its runs with `--kill N`."""

import argparse
import asyncio
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import count
import os
import secrets
import sys
import time

from .batch import Batch, run_batch, schedules_to_catch_the_naive
from .kill import kill_again_and_again
from .machine import Tally

SCHEDULES_PER_BATCH = 25
NAIVE_LIMIT = 50
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
    parser.add_argument("--kill", type=int, metavar="N", help="kill a Home Assistant so many times instead")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest schedules that fail")
    return parser.parse_args()


def batches(asked: argparse.Namespace, seed: int) -> Iterator[Batch]:
    """Play batches in as many processes as there are cores, until the time is up."""
    end = time.monotonic() + asked.minutes * 60
    seeds = count(seed)
    cores = os.cpu_count() or 1
    left = sys.maxsize if asked.batches is None else asked.batches
    play = partial(run_batch, schedules=SCHEDULES_PER_BATCH, shrink=asked.shrink)
    with ProcessPoolExecutor(cores) as pool:
        running: set[Future[Batch]] = set()
        while True:
            while left and len(running) < cores and time.monotonic() < end:
                running.add(pool.submit(play, next(seeds)))
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
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    return soak(asked, seed) if asked.kill is None else kill(asked, seed)


if __name__ == "__main__":
    sys.exit(main())

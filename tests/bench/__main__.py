"""Measure what runs cost: requests, bytes, time, the event loop's longest stall, and memory."""

import argparse
import asyncio
from dataclasses import replace
import gc
from pathlib import Path
import sys
import tracemalloc

from tests.households.over_the_port import Pair

from .home import Plan, open_home
from .index_memory import index_memory
from .live_home import NAME, USER, open_live_home
from .media_servers import Place
from .result import Delay, Measurement, Results, with_memory
from .scenarios import SCENARIOS, live_scenarios
from .server_process import ServerProcess
from .size import LARGE, LIVE_LATENCY_MS, Size
from .table import comparison, table

USERS = ("anna", "ben")
KINDS = ("plex", "jellyfin", "emby")


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--large", action="store_true", help=f"measure with {LARGE}")
    parser.add_argument("--films", type=int, metavar="N")
    parser.add_argument("--shows", type=int, metavar="N")
    parser.add_argument("--episodes", type=int, metavar="N", help="episodes of each show")
    parser.add_argument("--in-progress", type=int, metavar="N", help="titles in progress on each account")
    parser.add_argument("--latency", type=int, metavar="MS", dest="latency_ms", help="how long each answer takes")
    parser.add_argument("--stops", type=int, metavar="N", help="how often something is stopped on each server")
    parser.add_argument("--home", default="", metavar="NAME", help="measure only homes with this in their name")
    parser.add_argument("--no-memory", action="store_true", help="leave out the second, slower pass")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare with figures that were kept")
    return parser.parse_args()


def size_of(asked: argparse.Namespace) -> Size:
    """Return the size that was asked for."""
    base = LARGE if asked.large else Size()
    names = ("films", "shows", "episodes", "in_progress", "latency_ms", "stops")
    given = {name: getattr(asked, name) for name in names}
    return Size(**{name: getattr(base, name) if value is None else value for name, value in given.items()})


def plans() -> list[Plan]:
    """Return a home with a pair towards each kind of server, and one with ten pairs of six accounts."""
    anna: dict[str, Place] = {kind: (kind, USERS[0]) for kind in KINDS}
    ben: dict[str, Place] = {kind: (kind, USERS[1]) for kind in KINDS}
    towards: dict[str, Place] = {"plex": anna["jellyfin"], "jellyfin": anna["emby"], "emby": anna["jellyfin"]}
    triangle = [("jellyfin", "plex"), ("emby", "jellyfin"), ("emby", "plex")]
    ten: list[Pair[Place]] = [(person[one], person[other]) for person in (anna, ben) for one, other in triangle]
    ten += [(anna[kind], ben[kind]) for kind in KINDS]
    ten.append((anna["jellyfin"], ben["plex"]))
    single = [Plan(f"{source[0]} to {kind}", [(source, anna[kind])]) for kind, source in towards.items()]
    return [*single, Plan("ten pairs, six accounts", ten)]


async def live(plan: Plan, size: Size, servers: ServerProcess) -> tuple[list[Measurement], dict[str, float]]:
    """Live through all scenarios in one home."""
    async with open_home(plan, size, servers) as home:
        for scenario in SCENARIOS:
            sys.stderr.write(f"{plan.name}: {scenario.__name__}{', memory' * tracemalloc.is_tracing()}\n")
            gc.collect()
            await scenario(home)
        return home.measurements, index_memory(home) if tracemalloc.is_tracing() else {}


async def live_through_pushes(size: Size) -> tuple[list[Measurement], list[Delay]]:
    """Live through what only happens where servers tell by themselves, in real time."""
    with ServerProcess(size, (USER,), None) as servers:
        async with open_live_home(size, servers) as home:
            for scenario in live_scenarios(size):
                sys.stderr.write(f"{NAME}: {scenario.__name__}\n")
                await scenario(home)
            return home.measurements, home.delays


def measure(size: Size, name: str, *, memory: bool) -> Results:
    """Measure all homes, each a second time for its memory alone if that is wanted."""
    measurements: list[Measurement] = []
    index_mib: dict[str, float] = {}
    delays: list[Delay] = []
    with ServerProcess(size, USERS) as servers:
        for plan in (plan for plan in plans() if name in plan.name):
            timed, _ = asyncio.run(live(plan, size, servers))
            if memory:
                tracemalloc.start()
                traced, indexes = asyncio.run(live(plan, size, servers))
                tracemalloc.stop()
                timed, index_mib = with_memory(timed, traced), index_mib | indexes
            measurements += timed
            sys.stderr.write(f"{table(Results(str(size), timed, {}))}\n")
    if name in NAME:
        pushed, delays = asyncio.run(live_through_pushes(replace(size, latency_ms=size.latency_ms or LIVE_LATENCY_MS)))
        measurements += pushed
    return Results(str(size), measurements, index_mib, delays)


def main() -> int:
    """Measure, and print the figures."""
    asked = arguments()
    results = measure(size_of(asked), asked.home, memory=not asked.no_memory)
    sys.stdout.write(f"{table(results)}\n")
    if asked.compare:
        sys.stdout.write(f"\n{comparison(results, Results.load(asked.compare))}\n")
    if asked.json:
        results.save(asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

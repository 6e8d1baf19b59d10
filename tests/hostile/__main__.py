"""Measure what hostile answers cost: `python -m tests.hostile [drips] [bombs] [floods] [NAME ...]`.

Names limit the tables to these rows.

Each meets a client in a fresh process: how long until the request ended, what memory it took at its peak, for how long
the event loop was held up at most, and how much of that was computed by the loop's own thread.
"""

import asyncio
from collections.abc import Collection, Mapping
import json
import sys
from typing import Any

from .bombs import BOMBS, exploding
from .client import measure
from .drips import BEFORE_A_SOCKET, WAYS, dripping
from .floods import FLOODS, flooding, no_sessions
from .raw_server import raw_server

KINDS = ("plex", "jellyfin", "emby")
DEADLINE_SECONDS = 3.0
PATIENCE_SECONDS = 20.0
FLOOD_SECONDS = 60.0
_COST = "{seconds:.1f} | {memory:+.0f} | {stall:,.0f} | {step:,.0f} | {outcome} |"


def main() -> None:
    """Print the tables that are asked for, or be the client of one request."""
    asked = sys.argv[1:]
    if asked[:1] == ["client"]:
        kind, request, url, seconds, patience = asked[1:]
        asyncio.run(measure(kind, request, url, float(seconds), float(patience)))
        return
    tables = {"drips": drips, "bombs": bombs, "floods": floods}
    names = {name for name in asked if name not in tables}
    for name in [name for name in tables if name in asked] or tables:
        asyncio.run(tables[name](names))


def chosen[Row](rows: Mapping[str, Row], names: Collection[str]) -> dict[str, Row]:
    """Return the rows that are asked for, all where none is named."""
    return {name: row for name, row in rows.items() if name in names or not names}


async def drips(names: Collection[str]) -> None:
    """Print how each way to drip ends."""
    print(f"\nNo request may take longer than {DEADLINE_SECONDS:.0f} s; watched for {PATIENCE_SECONDS:.0f} s.\n")
    print("| way to drip | " + " | ".join([*KINDS, *(f"push of {kind}" for kind in KINDS)]) + " |")
    print("|---" * (1 + 2 * len(KINDS)) + "|")
    for way in chosen(WAYS, names):
        asked = [(kind, "in_progress") for kind in KINDS]
        asked += [(kind, "events") for kind in KINDS if way in BEFORE_A_SOCKET]
        cells = await asyncio.gather(*(_dripped(way, kind, request) for kind, request in asked))
        print(f"| {way} | {' | '.join(cells)} |{'' if way in BEFORE_A_SOCKET else ' - |' * len(KINDS)}", flush=True)


async def _dripped(way: str, kind: str, request: str) -> str:
    """Return how a request ends whose answer drips."""
    async with raw_server(dripping(way)) as server:
        cost = await cost_of(kind, request, server.url, DEADLINE_SECONDS, PATIENCE_SECONDS)
    return "{seconds:.1f} s, {outcome}".format(**cost)


async def bombs(names: Collection[str]) -> None:
    """Print what each bomb costs."""
    print("\n| body | on the wire | seconds | memory, MiB | loop held up, ms | longest step, ms | outcome |")
    print("|---|---|---|---|---|---|---|")
    for name, bomb in chosen(BOMBS, names).items():
        async with raw_server(exploding(bomb)) as server:
            cost = await cost_of("jellyfin" if bomb.is_json else "plex", "in_progress", server.url, 60, 300)
        print(f"| {name} | {len(bomb.body()) / 1024:,.0f} KiB | {_COST.format(**cost)}", flush=True)


async def floods(names: Collection[str]) -> None:
    """Print what each flood of push messages costs."""
    print("\n| pushed without a pause | seconds | memory, MiB | loop held up, ms | longest step, ms | outcome |")
    print("|---|---|---|---|---|---|")
    for name in chosen(FLOODS, names):
        for kind in ("plex", "jellyfin"):
            async with raw_server(no_sessions, flooding(name)) as server:
                cost = await cost_of(kind, "events", server.url, 60, FLOOD_SECONDS)
            print(f"| {name}, to {kind} | {_COST.format(**cost)}", flush=True)


async def cost_of(kind: str, request: str, url: str, seconds: float, patience: float) -> dict[str, Any]:
    """Let a fresh process make one request, and return what it cost."""
    arguments = ("-m", "tests.hostile", "client", kind, request, url, str(seconds), str(patience))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    answer, _ = await process.communicate()
    lines = answer.splitlines()
    if not lines:
        nothing = dict.fromkeys(("seconds", "memory", "stall", "step"), 0.0)
        return {**nothing, "outcome": f"**the process ended with {process.returncode}**"}
    cost: dict[str, Any] = json.loads(lines[-1])
    return cost


if __name__ == "__main__":
    main()

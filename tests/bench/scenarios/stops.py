"""Stops, each of which is to be on the other servers soon."""

import asyncio
from collections import defaultdict
from random import Random

from ..live_home import PLACES, LiveHome, eventually
from ..result import Delay

_PLAYED_SECONDS = 3.0


async def stops(home: LiveHome) -> None:
    """A film is played on each server, and they are stopped one by one, with pauses of any length."""
    films = range(0, home.size.in_progress, 2)
    random, seconds = Random(7), defaultdict[str, list[float]](list)
    async with home.measured(f"{home.size.stops} stops each"):
        for first in range(0, home.size.stops * len(PLACES), len(PLACES)):
            for number, place in enumerate(PLACES, first):
                await asyncio.to_thread(home.servers.play, place, films[number % len(films)])
            await asyncio.sleep(_PLAYED_SECONDS)
            for number, place in enumerate(PLACES, first):
                await asyncio.to_thread(home.servers.stop_at, place, 15 + 5 * (number // len(films)))
                await eventually(lambda: len(home.servers.arrivals()) == len(PLACES))
                for kind, delay in (await asyncio.to_thread(home.servers.arrivals)).items():
                    seconds[f"{place[0]} to {kind}"].append(delay)
                await asyncio.sleep(0.5 + random.random())
    directions = [f"{one[0]} to {other[0]}" for one in PLACES for other in PLACES if one is not other]
    home.delays += [Delay.of(direction, seconds[direction]) for direction in directions]

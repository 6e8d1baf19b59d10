"""An hour in which nothing happens, on a clock that is moved on."""

import asyncio
import time

from ..live_home import NAME, LiveHome, eventually
from ..result import Measurement

_STEP_SECONDS = 5


async def idle_hour(home: LiveHome) -> None:
    """Each account is polled twelve times, and connections are kept open; nothing is written."""
    await asyncio.sleep(1)
    home.servers.asked()
    started = time.perf_counter()
    for _ in range(3600 // _STEP_SECONDS):
        home.ahead.seconds += _STEP_SECONDS
        home.servers.advance(_STEP_SECONDS)
        await asyncio.sleep(0.01)
        await eventually(home.idle)
    asked = home.servers.asked()
    assert home.live(), "a connection did not last"
    assert not any(one.writes for one in asked.values())
    home.measurements.append(Measurement(NAME, "idle hour", time.perf_counter() - started, 0, 0, asked=asked))

"""What is measured while something is done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import time
import tracemalloc

from .loop_watch import LoopWatch
from .result import Measurement
from .server_process import ServerProcess

MIB = 2**20


@asynccontextmanager
async def measured(
    home: str, scenario: str, servers: ServerProcess, measurements: list[Measurement]
) -> AsyncIterator[None]:
    """Measure what is done meanwhile: time and stalls, or memory where that is traced."""
    servers.asked()
    if tracemalloc.is_tracing():
        tracemalloc.reset_peak()
    started = time.perf_counter()
    async with LoopWatch() as watch:
        yield
        seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1] / MIB if tracemalloc.is_tracing() else 0.0
    asked = servers.asked()
    measurements.append(Measurement(home, scenario, seconds, watch.stall_ms, watch.step_ms, peak, asked, watch.places))

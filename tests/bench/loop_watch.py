"""How long the event loop was held up, and by what."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import cache
import gc
from pathlib import Path
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Self

PRODUCT = Path("custom_components", "resume_sync")
LONG_MS = 20.0
_TICK_SECONDS = 0.001
_SAMPLE_SECONDS = 0.002
_SHARE = 0.6
_COLLECTION = "garbage collection (all threads)"

type Place = tuple[str, ...]


class LoopWatch:
    """Ticks on the event loop while it is open.

    `stall_ms` is the longest time without a tick, `step_ms` the most that the loop's own thread computed in such a
    time: the rest is waiting, for the interpreter's lock or for the machine, and garbage collections, which come to
    whichever thread needs memory and in which no thread can run. `places`: what computed for longer than `LONG_MS`,
    with the longest time of each, and the longest garbage collection.
    """

    def __init__(self) -> None:
        """Measure nothing yet."""
        self.stall_ms = 0.0
        self.step_ms = 0.0
        self.places: dict[str, float] = {}
        self._thread_id = threading.get_ident()
        self._samples: list[Place] = []
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._ticker: asyncio.Task[None] | None = None
        self._collecting_since = 0.0
        self._computed_since = 0.0
        self._collected = 0.0

    async def __aenter__(self) -> Self:
        """Begin to tick."""
        gc.callbacks.append(self._collect)
        self._ticker = asyncio.create_task(self._tick())
        self._sampler.start()
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Tick once more, and end."""
        await asyncio.sleep(2 * _TICK_SECONDS)
        self._over.set()
        gc.callbacks.remove(self._collect)
        assert self._ticker is not None
        self._ticker.cancel()
        await asyncio.wait([self._ticker])
        self._sampler.join()

    async def _tick(self) -> None:
        """Measure the time between two ticks."""
        while True:
            before, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_TICK_SECONDS)
            gap = (time.perf_counter() - before - _TICK_SECONDS) * 1000
            step = (time.thread_time() - computed - self._collected) * 1000
            self._collected = 0.0
            self.stall_ms = max(self.stall_ms, gap)
            self.step_ms = max(self.step_ms, step)
            samples, self._samples = self._samples, []
            if step > LONG_MS:
                where = common_place(samples)
                self.places[where] = max(self.places.get(where, 0), step)

    def _collect(self, phase: str, _: dict[str, int]) -> None:
        """Measure a garbage collection, in whatever thread."""
        if phase == "start":
            self._collecting_since, self._computed_since = time.perf_counter(), time.thread_time()
            return
        if threading.get_ident() == self._thread_id:
            self._collected += time.thread_time() - self._computed_since
        if (took := (time.perf_counter() - self._collecting_since) * 1000) > LONG_MS:
            self.places[_COLLECTION] = max(self.places.get(_COLLECTION, 0), took)

    def _sample(self) -> None:
        """Look every few milliseconds at what the loop's thread is doing."""
        while not self._over.wait(_SAMPLE_SECONDS):
            self._samples.append(_product_frames(sys._current_frames().get(self._thread_id)))  # noqa: SLF001


def common_place(samples: Sequence[Place]) -> str:
    """Return the innermost function that most of the samples were in, with its caller.

    Several short steps in a row, none of which took most of the time, are told as that.
    """
    place: Place = ()
    while True:
        deeper = Counter(sample[: len(place) + 1] for sample in samples if len(sample) > len(place))
        most = next(iter(deeper.most_common(1)), None)
        if most is None or most[0][:-1] != place or most[1] < _SHARE * len(samples):
            return " > ".join(place[-2:]) or ("several steps in a row" if any(samples) else "outside the integration")
        place = most[0]


def _product_frames(frame: FrameType | None) -> Place:
    """Return the integration's functions on a stack, outermost first."""
    names = []
    while frame is not None:
        if name := _product_function(frame.f_code):
            names.append(name)
        frame = frame.f_back
    return tuple(reversed(names))


@cache
def _product_function(code: CodeType) -> str | None:
    """Return the name of a function of the integration, None for all others."""
    path = Path(code.co_filename)
    return f"{path.stem}.{code.co_name}" if str(PRODUCT) in str(path) else None

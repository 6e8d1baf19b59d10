"""The one clock of a simulation."""

from collections.abc import Callable
import time


class SimulatedClock:
    """A clock in epoch seconds that only tests move, or that follows real time and can be moved ahead of it.

    `start` None: real time plus everything it was advanced by. Otherwise time stands still between two `advance`.
    `real`: what real time is; the tests of Home Assistant put the time of their home in its place.
    """

    real: Callable[[], float] | None = None

    def __init__(self, start: float | None = None) -> None:
        """Set the clock."""
        self._start = start
        self._ahead = 0.0
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        """Return the time in epoch seconds."""
        return (self._start if self._start is not None else (self.real or time.time)()) + self._ahead

    def now_ms(self) -> int:
        """Return the time in epoch milliseconds, as the integration's own clock does."""
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        """Move the clock on, and let every server live through that time."""
        self._ahead += seconds
        for listener in tuple(self._listeners):
            listener()

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each move."""
        self._listeners.append(listener)

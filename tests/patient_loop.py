"""An event loop whose time does not pass while the machine is busy."""

import asyncio
from collections.abc import Callable
import selectors
import time
from typing import override

_WHEN_SOMETHING_CAME = 0.001


class _Waiting(selectors.DefaultSelector):
    """Waits, and adds up for how long it waited. `seconds`: the sum. `turned` is called before each wait."""

    # Where it is kept as it is also while a test freezes time.
    _real = staticmethod(time.monotonic)

    def __init__(self) -> None:
        """Have waited for nothing yet."""
        super().__init__()
        self.seconds = self._real()
        self.turned: Callable[[], None] = lambda: None

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turned()
        began = self._real()
        came = super().select(timeout)
        waited = self._real() - began
        if timeout is not None:
            waited = min(waited, timeout)
        # A message that came at once may be seen late, because others had the processor: 12 ms later, say, of which
        # one counts. A timer that nothing came before is due exactly.
        self.seconds += min(waited, _WHEN_SOMETHING_CAME) if came else waited
        return came


class PatientLoop(asyncio.SelectorEventLoop):
    """Counts only the time in which it had nothing to do; how long its own work takes does not matter.

    A sleep of 0.6 seconds beside ten messages that are handled meanwhile is over after all of them, however slow the
    machine: two ends of a connection in one loop never give each other up. What waits for a thread or for another
    process waits in real time.
    """

    def __init__(self) -> None:
        """Start at the time of the machine."""
        self.waiting = _Waiting()
        super().__init__(self.waiting)

    @override
    def time(self) -> float:
        return self.waiting.seconds

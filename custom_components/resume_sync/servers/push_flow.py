"""How much a server may push: what is above that for long is not taken any more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..sync.media_server import PushedTooMuch
from .limits import MIB

MESSAGES_A_SECOND: Final = 1000
BYTES_A_SECOND: Final = MIB
_SECONDS: Final = 10


@dataclass(slots=True)
class _Bucket:
    """Fills with what comes, and runs dry at the rate that is allowed."""

    rate: float
    level: float = 0.0

    def overflows(self, amount: float, seconds: float) -> bool:
        """Add what came so many seconds after what came before; tell whether that was too much for too long."""
        self.level = max(0.0, self.level - seconds * self.rate) + amount
        return self.level > _SECONDS * self.rate


class PushFlow:
    """Counts messages and bytes of one connection. `time`: seconds of the event loop.

    Twice the rate is too much after ten seconds; a burst that is as much as ten seconds may bring is taken.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        """Nothing came yet."""
        self._time = time
        self._last = time()
        self._messages = _Bucket(MESSAGES_A_SECOND)
        self._bytes = _Bucket(BYTES_A_SECOND)

    def came(self, size: int) -> None:
        """Count a message; raises PushedTooMuch."""
        now = self._time()
        seconds, self._last = now - self._last, now
        # Both are counted, whatever the first says.
        if self._messages.overflows(1, seconds) | self._bytes.overflows(size, seconds):
            raise PushedTooMuch("The server pushes more than can be taken")

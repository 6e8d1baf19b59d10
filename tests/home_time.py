"""The time of day in a home: that of the machine, moved to the middle of a round."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
import time
from unittest.mock import patch

from homeassistant.util import dt as dt_util

from tests.simulators.clock import SimulatedClock

ROUND_SECONDS = 300
_MIDDLE = ROUND_SECONDS // 2


@contextmanager
def home_time() -> Iterator[None]:
    """Let Home Assistant and simulated servers go by one clock that is some minutes slow.

    Rounds begin every five minutes by that clock, so none begins in the first 150 seconds: what a test begins at
    12:04:59 begins at 12:02:30. The clock is never fast: nobody would accept a token that was issued later than now.
    """
    slow = (time.time() - _MIDDLE) % ROUND_SECONDS

    def now() -> float:
        """Return the time in epoch seconds."""
        return time.time() - slow

    def utcnow() -> datetime:
        """Return it as Home Assistant asks for it."""
        return datetime.fromtimestamp(now(), UTC)

    with patch.object(dt_util, "utcnow", utcnow), patch.object(SimulatedClock, "real", staticmethod(now)):
        yield

"""Time that runs ahead of the machine's, for Home Assistant and its event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
import time
from unittest.mock import patch

from homeassistant.util import dt as dt_util


class TimeAhead:
    """Real time, and what it was moved on by: connections live on as long as no step is longer than they endure."""

    def __init__(self) -> None:
        """Keep real time."""
        self._utcnow = dt_util.utcnow
        self.seconds = 0.0

    def utcnow(self) -> datetime:
        """Return the time of day."""
        return self._utcnow() + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return the time of the event loop."""
        return time.monotonic() + self.seconds


@contextmanager
def time_ahead() -> Iterator[TimeAhead]:
    """Let the running event loop and Home Assistant go by a time that can be moved on, from now on.

    What waits on the loop must have ended before this does: its time is set back then.
    """
    ahead, loop = TimeAhead(), asyncio.get_running_loop()
    with patch.object(dt_util, "utcnow", ahead.utcnow), patch.object(loop, "time", ahead.monotonic):
        yield ahead

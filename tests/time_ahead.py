"""Time that runs ahead, for Home Assistant and its event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from homeassistant.util import dt as dt_util


class TimeAhead:
    """The loop's own time, and what it was moved on by: connections live on as long as they endure every step."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the loop's own time, and with the time of day that Home Assistant knows."""
        self.seconds = 0.0
        self._own = loop.time
        self._began = loop.time()
        self._date = dt_util.utcnow()
        self._stood = 0.0
        self._stands_since: float | None = None

    def utcnow(self) -> datetime:
        """Return the time of day."""
        return self._date + timedelta(seconds=self.time() - self._began)

    def time(self) -> float:
        """Return the time of the event loop."""
        own = self._own() if self._stands_since is None else self._stands_since
        return own - self._stood + self.seconds

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Let time pass only by being moved on, so that an hour is 3600 seconds, however long it takes."""
        self._stands_since = self._own()
        try:
            yield
        finally:
            self._stood += self._own() - self._stands_since
            self._stands_since = None


@contextmanager
def time_ahead() -> Iterator[TimeAhead]:
    """Let the running event loop and Home Assistant go by a time that can be moved on, from now on.

    What waits on the loop must have ended before this does: its time is set back then.
    """
    loop = asyncio.get_running_loop()
    ahead = TimeAhead(loop)
    with patch.object(dt_util, "utcnow", ahead.utcnow), patch.object(loop, "time", ahead.time):
        yield ahead

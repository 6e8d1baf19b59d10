"""The events of one connection that wait to be taken, and the reads of sessions that its messages call for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
import logging
from typing import Final

from ..sync.media_server import PushEvent, PushKind
from ..sync.model import SessionRead

MOST_PENDING: Final = 256
LIBRARY_SECONDS: Final = 5.0
READ_SECONDS: Final = 2.0

_LOGGER = logging.getLogger(__name__)

type Key = tuple[PushKind, str | None]


class PushInbox:
    """Waiting events, the latest of each kind and item; beyond 256 an event no longer names its item.

    Changes of the library come out at most every five seconds. `now` is epoch milliseconds.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        """Start empty."""
        self.now = now
        self._pending: dict[Key, PushEvent] = {}
        self._sessions: Callable[[], SessionRead | None] = lambda: None
        self._arrived = asyncio.Event()
        self._library_from = 0.0
        self._error: BaseException | None = None
        self._dropped: set[str] = set()

    def put(
        self, kind: PushKind, item_id: str | None = None, position_ms: int | None = None, at: int | None = None
    ) -> None:
        """Add an event in place of a waiting one of its kind and item; `at` is when its message came, None for now."""
        if len(self._pending) >= MOST_PENDING and (kind, item_id) not in self._pending:
            item_id = position_ms = None
        self._pending.pop((kind, item_id), None)
        self._pending[kind, item_id] = PushEvent(kind, self.now() if at is None else at, item_id, position_ms)
        self._arrived.set()

    def put_sessions(self, sessions: Callable[[], SessionRead]) -> None:
        """Add that there is news of sessions; what they do is asked for when the event is taken."""
        self._sessions = sessions
        self.put(PushKind.SESSIONS)

    def drop(self, reason: str) -> None:
        """Log, once per connection, that messages are dropped for a reason: a text of ours, nothing from the server."""
        if reason not in self._dropped:
            self._dropped.add(reason)
            _LOGGER.debug("Left out of what a server pushes: %s", reason)

    def fail(self, error: BaseException) -> None:
        """End the connection with an error, which is raised after the last waiting event was taken."""
        self._error = self._error or error
        self._arrived.set()

    async def take(self) -> PushEvent:
        """Wait for the next event and return it; raises the error that ended the connection."""
        loop = asyncio.get_running_loop()
        while True:
            if (key := self._next(loop.time())) is not None:
                event = self._pending.pop(key)
                return replace(event, sessions=self._sessions()) if event.kind is PushKind.SESSIONS else event
            if self._error is not None:
                raise self._error
            self._arrived.clear()
            try:
                async with asyncio.timeout_at(self._library_from if self._pending else None):
                    await self._arrived.wait()
            except TimeoutError:
                continue

    def _next(self, time: float) -> Key | None:
        """Return which event comes next; None: none, or a change of the library too soon after the last one."""
        for key in self._pending:
            if key[0] is not PushKind.LIBRARY_CHANGED:
                return key
            if time >= self._library_from:
                self._library_from = time + LIBRARY_SECONDS
                return key
        return None


class Reads:
    """Runs one kind of read when messages call for it, at most every two seconds.

    After a quiet time two reads may follow each other at once: at 20:00:00 a write of ours causes a read, at 20:00:01
    somebody stops, and that read does not wait.
    """

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        """Ask nothing yet."""
        self._read = read
        self._wanted = False
        self._changed = asyncio.Event()
        self._not_before = 0.0
        self._due: float | None = None

    def want(self) -> None:
        """Ask for a read that begins after this call."""
        self._wanted = True
        self._changed.set()

    def want_in(self, seconds: float | None) -> None:
        """Ask for a read later, in place of another one asked for so; None: not any more."""
        self._due = None if seconds is None else asyncio.get_running_loop().time() + seconds
        self._changed.set()

    async def now(self) -> None:
        """Read at once."""
        self._not_before = max(self._not_before + READ_SECONDS, asyncio.get_running_loop().time())
        await self._read()

    async def run(self) -> None:
        """Serve calls of `want` and `want_in`, one read after the other, until cancelled."""
        while True:
            await self._until_wanted()
            await asyncio.sleep(self._not_before - asyncio.get_running_loop().time())
            self._wanted = False
            await self.now()

    async def _until_wanted(self) -> None:
        """Wait until a read is asked for, or one that was asked for later is due."""
        while not self._wanted:
            try:
                async with asyncio.timeout_at(self._due):
                    await self._changed.wait()
            except TimeoutError:
                self._due = None
                return
            self._changed.clear()

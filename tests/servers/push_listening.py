"""Listens to what a server pushes, for the tests of that."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

import pytest

from custom_components.resume_sync.sync.journal.plays import Plays
from custom_components.resume_sync.sync.media_server import MediaServer, MediaServerError, PushEvent, PushKind
from tests.waiting import eventually

SOON = 60.0


class Listener:
    """The events of one connection, in the order of their arrival, and in `plays` what sessions told.

    Events that tell of sessions alone are only counted, in `lists`.
    """

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.plays = Plays()
        self.lists = 0
        self._events: asyncio.Queue[PushEvent | MediaServerError] = asyncio.Queue()

    async def listen(self, events: AsyncIterator[PushEvent]) -> None:
        """Take all events, and the error at their end."""
        try:
            async for event in events:
                self.take_sessions(event)
                if event.kind is PushKind.SESSIONS:
                    self.lists += 1
                else:
                    self._events.put_nowait(event)
        except MediaServerError as error:
            self._events.put_nowait(error)

    def take_sessions(self, event: PushEvent) -> None:
        """Note what an event tells of sessions."""
        if event.sessions is not None:
            self.plays.note(event.sessions)

    async def more_lists_than(self, count: int) -> None:
        """Wait until sessions were told once more."""
        await eventually(lambda: self.lists > count)

    async def event(self) -> PushEvent:
        """Return the next event, which comes soon."""
        async with asyncio.timeout(SOON):
            event = await self._events.get()
        assert isinstance(event, PushEvent), event
        return event

    async def told(self, count: int = 1) -> list[tuple[PushKind, str | None]]:
        """Return kind and item of the next events."""
        events = [await self.event() for _ in range(count)]
        return [(event.kind, event.item_id) for event in events]

    async def error(self) -> MediaServerError:
        """Return what ends the connection soon, without another event."""
        async with asyncio.timeout(SOON):
            error = await self._events.get()
        assert isinstance(error, MediaServerError), error
        return error

    async def quiet(self, seconds: float = 0.3) -> bool:
        """Tell whether nothing comes for a while."""
        await asyncio.sleep(seconds)
        return self._events.empty()

    def heard(self) -> list[PushEvent]:
        """Return all events that came and were not asked for."""
        events = [self._events.get_nowait() for _ in range(self._events.qsize())]
        return [event for event in events if isinstance(event, PushEvent)]


@asynccontextmanager
async def listening(server: MediaServer) -> AsyncIterator[Listener]:
    """Connect, and yield the listener once the server took the connection; afterwards nothing is left of it."""
    listener = Listener()
    events = server.events()
    assert isinstance(events, AsyncGenerator)
    async with aclosing(events):
        first = await anext(events)
        assert first.kind is PushKind.CONNECTED
        listener.take_sessions(first)
        task = asyncio.create_task(listener.listen(events))
        try:
            yield listener
        finally:
            task.cancel()
            await asyncio.wait([task])
    assert tasks_of_push() == []


async def failure(server: MediaServer) -> MediaServerError:
    """Return why no connection comes about."""
    with pytest.raises(MediaServerError) as caught:
        async with asyncio.timeout(SOON):
            await anext(server.events())
    assert tasks_of_push() == []
    return caught.value


def tasks_of_push() -> list[str]:
    """Return the tasks that run code of a server's client."""
    files = {task.get_name(): getattr(task.get_coro(), "cr_code", None) for task in asyncio.all_tasks()}
    return sorted(name for name, code in files.items() if code and "resume_sync/servers" in code.co_filename)


def kinds(events: Iterable[PushEvent]) -> list[PushKind]:
    """Return the kinds of events."""
    return [event.kind for event in events]

"""What facts are asked in: a server, with what may be done to it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from .fact import Need
from .servers import Server

type Wait = Callable[[float], Awaitable[None]]


class Lab(ABC):
    """A server to be asked. `offers` is what was given for it; `wait` lets its time pass, simulated or not."""

    server: Server

    def __init__(self, *, offers: frozenset[Need], wait: Wait) -> None:
        """Ask nothing yet."""
        self.offers = offers
        self.wait = wait

    @abstractmethod
    async def open(self) -> None:
        """Find out what server this is, and make what all facts share."""

    @abstractmethod
    async def clean(self) -> None:
        """Take away what one fact has made."""

    @abstractmethod
    async def close(self) -> None:
        """Take away what all facts share."""

    def one_fact(self) -> AbstractAsyncContextManager[None]:
        """Return what one fact is asked in; what it makes is gone afterwards."""
        return self._one_fact()

    @asynccontextmanager
    async def _one_fact(self) -> AsyncIterator[None]:
        """Clean up whatever happened."""
        try:
            yield
        finally:
            await self.clean()


@asynccontextmanager
async def opened[L: Lab](lab: L) -> AsyncIterator[L]:
    """Open a lab, and leave the server as it was."""
    try:
        await lab.open()
        yield lab
    finally:
        await lab.close()

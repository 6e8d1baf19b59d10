"""The process that the simulated servers live in, so that their work is not taken for the product's."""

import asyncio
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self

from tests.households.doors import Door

from .media_servers import START, Asked, MediaServers, Place
from .size import Size

_SECONDS_TO_END = 10


class ServerProcess:
    """Servers in another process. Every method waits for its end, the event loop with it: never while measuring."""

    def __init__(self, size: Size, users: Sequence[str], start: float | None = START) -> None:
        """Start the process and wait until all ports are open. `start` None: time passes by itself there."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, size, tuple(users), start), daemon=True)
        self._process.start()
        theirs.close()
        self.doors: dict[Place, Door] = self._pipe.recv()

    def __enter__(self) -> Self:
        """Return the servers."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(_SECONDS_TO_END)

    def reset(self) -> None:
        """Start anew, with the same libraries."""
        self._ask("reset")

    def advance(self, seconds: float) -> None:
        """Let time pass on the servers."""
        self._ask("advance", seconds)

    def leave(self, places: Sequence[Place], first: int, count: int, minutes: float) -> None:
        """Leave titles in progress; see `MediaServers.leave`."""
        self._ask("leave", places, first, count, minutes)

    def play(self, place: Place, number: int) -> None:
        """Let a title be played; see `MediaServers.play`."""
        self._ask("play", place, number)

    def stop_at(self, place: Place, minutes: float) -> None:
        """Let what is played there be stopped; see `MediaServers.stop_at`."""
        self._ask("stop_at", place, minutes)

    def arrivals(self) -> dict[str, float]:
        """Return how long after the last stop its position was on each server, in seconds."""
        arrivals: dict[str, float] = self._ask("arrivals")
        return arrivals

    def storm(self, user: str, first: int, count: int) -> None:
        """Push many messages; see `MediaServers.storm`."""
        self._ask("storm", user, first, count)

    def positions(self, place: Place) -> dict[str, int]:
        """Return what is in progress on an account, in milliseconds by title."""
        positions: dict[str, int] = self._ask("positions", *place)
        return positions

    def asked(self) -> dict[str, Asked]:
        """Return what each server was asked since the last call."""
        asked: dict[str, Asked] = self._ask("asked")
        return asked

    def _ask(self, name: str, *arguments: object) -> Any:
        """Call a method of the servers."""
        self._pipe.send((name, arguments))
        return self._pipe.recv()


def _serve(pipe: Connection, size: Size, users: Sequence[str], start: float | None) -> None:
    """Run the servers until the other end of the pipe is closed."""
    asyncio.run(_answer(pipe, MediaServers(size, users, start)))


async def _answer(pipe: Connection, servers: MediaServers) -> None:
    """Open the ports, and carry out what comes through the pipe."""
    pipe.send(await servers.start())
    ended = asyncio.Event()

    def carry_out() -> None:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            ended.set()
            return
        pipe.send(getattr(servers, name)(*arguments))

    loop = asyncio.get_running_loop()
    loop.add_reader(pipe.fileno(), carry_out)
    await ended.wait()
    loop.remove_reader(pipe.fileno())
    await servers.stop()

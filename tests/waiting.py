"""Waiting for what is to come, however slow the machine is: limits only end what hangs."""

import asyncio
from collections.abc import Awaitable, Callable
import time

PATIENCE_SECONDS = 180
_PAUSE_SECONDS = 0.1
_SHORT_PAUSE_SECONDS = 0.001


async def until[T](look: Callable[[], Awaitable[T]], is_right: Callable[[T], object], expected: str) -> T:
    """Look until it is right, and return what is there then; raises TimeoutError with what was expected and seen."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_right(seen := await look()):
        if time.monotonic() > end:
            message = f"expected {expected}, still seen after {PATIENCE_SECONDS} seconds: {seen}"
            raise TimeoutError(message)
        await asyncio.sleep(_PAUSE_SECONDS)
    return seen


async def eventually(happened: Callable[[], object]) -> None:
    """Wait until something has happened in this process, also while the time of its loop is frozen."""
    for _ in range(int(PATIENCE_SECONDS / _SHORT_PAUSE_SECONDS)):
        if happened():
            return
        await asyncio.to_thread(time.sleep, _SHORT_PAUSE_SECONDS)
    raise TimeoutError("It never happened")

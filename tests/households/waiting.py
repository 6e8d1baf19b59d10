"""Waiting for what is to come, however slow the machine is."""

import asyncio
from collections.abc import Awaitable, Callable
import time

PATIENCE_SECONDS = 180
"""Ends what hangs, and nothing that is only slow."""

_PAUSE_SECONDS = 0.1


async def until[T](look: Callable[[], Awaitable[T]], is_right: Callable[[T], object], expected: str) -> T:
    """Look until it is right, and return what is there then; raises TimeoutError with what was expected and seen."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_right(seen := await look()):
        if time.monotonic() > end:
            message = f"expected {expected}, still seen after {PATIENCE_SECONDS} seconds: {seen}"
            raise TimeoutError(message)
        await asyncio.sleep(_PAUSE_SECONDS)
    return seen

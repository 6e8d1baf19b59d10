"""Waiting until somebody approves a sign-in code on another screen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ..sync.media_server import CannotConnect, ServerBusy

POLL_SECONDS: Final = 1.0
TOLERATED_FAILURES: Final = 3


async def wait_for_approval[T](check: Callable[[], Awaitable[T | None]], *, poll_seconds: float = POLL_SECONDS) -> T:
    """Ask every second until `check` returns something; raises NotFound when the code has expired.

    A few failed requests in a row are tolerated: people often approve the code on the same slow network.
    """
    failures = 0
    while True:
        pause = poll_seconds
        try:
            approved = await check()
        except (CannotConnect, ServerBusy) as error:
            failures += 1
            if failures > TOLERATED_FAILURES:
                raise
            if isinstance(error, ServerBusy):
                pause = max(pause, error.retry_after or 0)
        else:
            if approved is not None:
                return approved
            failures = 0
        await asyncio.sleep(pause)

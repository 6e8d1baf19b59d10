"""Waiting until somebody approves a sign-in code on another screen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ..sync.media_server import CannotConnect, ServerBusy

POLL_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
CODE_SECONDS: Final = 15 * 60.0
TOLERATED_FAILURES: Final = 3


async def wait_for_approval[T](
    check: Callable[[], Awaitable[T | None]],
    *,
    good_for_seconds: float = CODE_SECONDS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Ask every second until `check` returns something; raises NotFound when the code has expired.

    A few failed requests in a row are tolerated: people often approve the code on the same slow network. A server that
    asks to slow down is asked less and less often, as long as the code is good: somebody may just be entering it.
    """
    failures = 0
    waited = 0.0
    pause = POLL_SECONDS
    while True:
        try:
            approved = await check()
        except ServerBusy as busy:
            failures = 0
            pause = max(min(2 * pause, LONGEST_PAUSE_SECONDS), busy.retry_after or 0)
            if waited + pause > good_for_seconds:
                raise
        except CannotConnect:
            failures += 1
            if failures > TOLERATED_FAILURES:
                raise
        else:
            if approved is not None:
                return approved
            failures, pause = 0, POLL_SECONDS
        await sleep(pause)
        waited += pause

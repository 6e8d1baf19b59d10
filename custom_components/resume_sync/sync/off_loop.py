"""Long computations run in a thread, beside the event loop."""

import asyncio
from collections.abc import Callable

MANY = 500
"""The number of titles from which a thread pays: fewer are computed before it would have started."""


async def off_loop[T](size: int, compute: Callable[[], T]) -> T:
    """Return the result of a computation over `size` titles; from `MANY` titles on it runs in a thread.

    The data that it reads must not change while it runs. A thread cannot be cancelled: it computes on to its end after
    its caller has gone, so it must not change shared data.
    """
    return compute() if size < MANY else await asyncio.to_thread(compute)

"""What takes long to compute, done beside the event loop."""

import asyncio
from collections.abc import Callable

MANY = 500
"""From how many titles on: fewer are done before a thread would have begun."""


async def off_loop[T](size: int, compute: Callable[[], T]) -> T:
    """Return what is computed of `size` titles, of many in a thread, so that the event loop gets its turn meanwhile.

    Nothing that it reads may change meanwhile. When this is cancelled it computes on to its end, unheeded: it may
    change nothing that anybody else sees.
    """
    return compute() if size < MANY else await asyncio.to_thread(compute)

"""What the tests of the benchmark share."""

import asyncio
from collections.abc import Callable, Mapping


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Take the loop that measurements take: the servers live in another process, where real time passes."""
    return {"real": asyncio.SelectorEventLoop}

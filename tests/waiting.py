"""Waiting for what happens by itself."""

import asyncio
from collections.abc import Callable

import pytest

_PATIENCE_SECONDS = 120.0


async def eventually(happened: Callable[[], object]) -> None:
    """Wait until something has happened; how long that may take only bounds a hang."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE_SECONDS
    while not happened():
        if loop.time() > end:
            pytest.fail("It never happened")
        await asyncio.sleep(0.001)

"""A storm of messages."""

import asyncio

from ..live_home import USER, LiveHome

_SECONDS = 10
_A_SECOND = 1000
_AT_ONCE = 100


async def push_storm(home: LiveHome) -> None:
    """Every server pushes a thousand messages a second for ten seconds, each about another item."""
    async with home.measured("storm of pushes"):
        for first in range(0, _SECONDS * _A_SECOND, _AT_ONCE):
            await asyncio.to_thread(home.servers.storm, USER, first, _AT_ONCE)
            await asyncio.sleep(_AT_ONCE / _A_SECOND)
        await asyncio.sleep(_SECONDS)
    assert home.live()

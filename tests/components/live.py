"""Accounts that hear of what happens, and somebody who makes it happen."""

import asyncio

from tests.households.media_servers import Server
from tests.waiting import eventually

from .household import MINUTE, USER, Household

LIVE = "binary_sensor.{}_anna_live_updates"


async def live(home: Household, *names: str) -> None:
    """Wait until accounts hear of what happens."""
    await eventually(lambda: all(home.state(LIVE.format(name)) == "on" for name in names))


async def watch(home: Household, name: str, key: str, minutes: int) -> None:
    """Let Anna go on with a title for a moment, and stop at a minute."""
    await watch_on(home.servers[name], key, minutes)


async def watch_on(server: Server, key: str, minutes: int) -> None:
    """Let her do so on a server of which the home knows nothing."""
    viewer = server.viewer(USER)
    (item_id,) = server.items_of(key)
    viewer.play(item_id)
    await asyncio.sleep(0.05)
    viewer.progress(minutes * MINUTE)
    viewer.stop(minutes * MINUTE)

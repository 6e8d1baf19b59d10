"""Accounts that hear of what happens, and somebody who makes it happen."""

import asyncio

from tests.waiting import eventually

from .household import MINUTE, USER, Household

LIVE = "binary_sensor.{}_anna_live_updates"


async def live(home: Household, *names: str) -> None:
    """Wait until accounts hear of what happens."""
    await eventually(lambda: all(home.state(LIVE.format(name)) == "on" for name in names))


async def watch(home: Household, name: str, key: str, minutes: int) -> None:
    """Let Anna go on with a title for a moment, and stop at a minute."""
    viewer = home.server(name).viewer(USER)
    (item_id,) = home.server(name).items_of(key)
    viewer.play(item_id)
    await asyncio.sleep(0.05)
    viewer.progress(minutes * MINUTE)
    viewer.stop(minutes * MINUTE)

"""One request to a hostile server, in a process of its own, and what it cost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
import gc
import json
import os
from pathlib import Path
import re
import sys
import time
from typing import Any

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.media_server import MediaServer, MediaServerError
from tests.bench.loop_watch import LoopWatch
from tests.servers.all_clients import DEVICE, TOKEN, USER

_KIB = 1024


@asynccontextmanager
async def client_of(kind: str, url: str, seconds: float) -> AsyncIterator[MediaServer]:
    """Yield a client of a server that says it is of a kind, with a limit on the seconds of every request."""
    account: dict[str, Any] = {"url": url, "token": TOKEN, "device_id": DEVICE, "confirm_seconds": 0}
    if kind == "plex":
        plex = PlexServer(**account, user_id="1", user_name="anna", timeout=seconds)
        try:
            yield plex
        finally:
            await plex.close()
        return
    make = {"jellyfin": JellyfinServer, "emby": EmbyServer}[kind]
    async with aiohttp.ClientSession() as session:
        yield make(session, **account, user_id=USER, timeout_seconds=seconds)


async def listened(client: MediaServer) -> None:
    """Take every event until the connection ends."""
    async with aclosing(client.events()) as events:
        async for _ in events:
            pass


async def measure(kind: str, request: str, url: str, seconds: float, patience: float) -> None:
    """Make one request, print what it cost, and end the process whatever still runs in it."""
    async with client_of(kind, url, seconds) as client:
        ask: Awaitable[object] = listened(client) if request == "events" else getattr(client, request)()
        # What all of Home Assistant's modules hold is not the request's. From here on the peak is counted anew (Linux).
        gc.collect()
        gc.freeze()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        memory, began = memory_kib("VmRSS"), time.perf_counter()
        async with LoopWatch() as watch:
            task = asyncio.ensure_future(ask)
            await asyncio.wait([task], timeout=patience)
            took = time.perf_counter() - began
        cost = {
            "seconds": took,
            "memory": (memory_kib("VmHWM") - memory) / _KIB,
            "stall": watch.stall_ms,
            "step": watch.step_ms,
            "outcome": outcome_of(task),
        }
        print(json.dumps(cost))
        sys.stdout.flush()
        os._exit(0)


def memory_kib(name: str) -> int:
    """Return what this process takes now (`VmRSS`), or took at its peak (`VmHWM`)."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1])


def outcome_of(task: asyncio.Future[Any]) -> str:
    """Return how a request ended."""
    if not task.done():
        return "**still running**"
    error = task.exception()
    if isinstance(error, MediaServerError):
        return f"{type(error).__name__}: {error}"
    return "accepted" if error is None else f"**{error!r}**"

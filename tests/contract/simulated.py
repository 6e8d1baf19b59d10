"""The simulators as servers to be asked: each kind and version that differs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from tests.simulators.clock import SimulatedClock
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .fact import Need
from .lab import Lab, opened
from .media import MediaFolder
from .mediabrowser.lab import MediaBrowserLab
from .servers import Kind

START = 1_795_032_000.0
"""18 November 2026, 20:00 UTC."""

EVERYTHING = frozenset(Need)

type Opening = Callable[[], AbstractAsyncContextManager[Lab]]


def passing(clock: SimulatedClock) -> Callable[[float], Awaitable[None]]:
    """Return what lets the time of a simulation pass."""

    async def wait(seconds: float) -> None:
        """Move the clock on."""
        clock.advance(seconds)

    return wait


@asynccontextmanager
async def mediabrowser(kind: Kind, version: str) -> AsyncIterator[Lab]:
    """Open a simulated Jellyfin or Emby with an administrator, a media folder and all the time there is."""
    clock = SimulatedClock(START)
    make = SimulatedJellyfin if kind is Kind.JELLYFIN else SimulatedEmby
    server = make(version=version, clock=clock)
    server.add_user("admin", "secret", admin=True)
    await server.start()
    try:
        async with aiohttp.ClientSession() as http:
            with TemporaryDirectory() as folder:
                lab = MediaBrowserLab(
                    http,
                    kind,
                    server.url,
                    user="admin",
                    password="secret",
                    media=MediaFolder.given(str(Path(folder))),
                    wait=passing(clock),
                    offers=EVERYTHING,
                )
                async with opened(lab):
                    yield lab
    finally:
        await server.stop()


SIMULATED: dict[str, Opening] = {
    f"{kind} {version}": partial(mediabrowser, kind, version)
    for kind, versions in (
        (Kind.JELLYFIN, ("10.9.11", "10.10.7", "10.11.3", "10.11.11", "12.0.0")),
        (Kind.EMBY, ("4.8.11.0", "4.9.5.0")),
    )
    for version in versions
}
"""By name; each opens a lab on a new server."""

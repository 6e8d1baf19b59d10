"""The simulators as servers to be asked: each kind and version that differs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from tests.simulators.clock import SimulatedClock
from tests.simulators.library import catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import running

from .fact import Need
from .lab import Lab, opened
from .media import MediaFolder
from .mediabrowser.lab import MediaBrowserLab
from .plex.lab import PlexLab
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


@asynccontextmanager
async def plex(version: str) -> AsyncIterator[Lab]:
    """Open a simulated Plex Media Server with an owner, a Home and plex.tv."""
    clock = SimulatedClock(START)
    server = PlexMediaServer(version=version, clock=clock)
    server.add_user("olivia")
    server.add_user("henry", pin="1234")
    server.add_user("Kim", restricted=True)
    server.fill(catalogue(films=12, shows=2, episodes_per_show=6))
    plex_tv = PlexTv(server, clock=clock)
    async with running(server, plex_tv), aiohttp.ClientSession() as http:
        lab = PlexLab(
            http,
            server.url,
            token=plex_tv.account_token("olivia"),
            member_token=server.token("Kim"),
            plex_tv=plex_tv.url,
            wait=passing(clock),
            offers=EVERYTHING,
        )
        async with opened(lab):
            yield lab


SIMULATED: Mapping[str, Opening] = {
    f"{kind} {version}": partial(mediabrowser, kind, version)
    for kind, versions in (
        (Kind.JELLYFIN, ("10.9.11", "10.10.7", "10.11.3", "10.11.11", "12.0.0")),
        (Kind.EMBY, ("4.8.11.0", "4.9.5.0")),
    )
    for version in versions
} | {f"{Kind.PLEX} 1.43.2": partial(plex, "1.43.2.10687-563d026ea")}
"""By name; each opens a lab on a new server."""

"""The three servers with what tests of their push connections need to know of each."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from custom_components.resume_sync.sync.media_server import MediaServer
from tests.servers.mediabrowser.servers import emby, jellyfin
from tests.servers.plex.attic import attic, client_of
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer

type Simulated = SimulatedJellyfin | SimulatedEmby | PlexMediaServer


@dataclass(slots=True)
class Place:
    """A server, how to connect to it as one of its users, and a film there."""

    server: Simulated
    client: Callable[..., AbstractAsyncContextManager[MediaServer]]
    film: str
    user: str
    route: str


@asynccontextmanager
async def place(name: str) -> AsyncIterator[Place]:
    """Run one of the three servers."""
    if name == "plex":
        async with attic() as plex:
            (film,) = plex.items_of("alien")
            yield Place(plex, partial(client_of, plex), film, "olivia", "GET /:/websockets/notifications")
        return
    opened: Any = {"jellyfin": jellyfin, "emby": emby}[name]
    async with opened() as house:
        house.server.pushes.user_data_seconds = 0.05

        @asynccontextmanager
        async def client(**changes: Any) -> AsyncIterator[MediaServer]:
            """Yield a client."""
            if "timeout" in changes:
                changes["timeout_seconds"] = changes.pop("timeout")
            yield house.client_with(**changes)

        route = "GET /socket" if name == "jellyfin" else "GET /embywebsocket"
        yield Place(house.server, client, house.item("blue"), "anna", route)


every_server = pytest.mark.parametrize("name", ["jellyfin", "emby", "plex"])

"""A household with a real Home Assistant: it runs in a process of its own and sees three simulated media servers."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
import tempfile
from typing import override

import aiohttp

from tests.simulators.clock import SimulatedClock
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import running

from .home_assistant import HomeAssistant, free_port
from .media_servers import PASSWORD, MediaServers
from .rest_client import RestClient

USERNAME = "demo"


class ThreeServers(MediaServers):
    """Plex with plex.tv, Jellyfin and Emby, named so; the first user administers all of them and watches there."""

    def __init__(self, *users: str) -> None:
        """Make them without titles."""
        clock = SimulatedClock()
        self.plex = PlexMediaServer(name="Plex", clock=clock)
        self.plex_tv = PlexTv(clock=clock)
        self.jellyfin = SimulatedJellyfin(name="Jellyfin", clock=clock)
        self.emby = SimulatedEmby(name="Emby", clock=clock)
        for user in users:
            self.plex.add_user(user)
            for server in (self.jellyfin, self.emby):
                server.add_user(user, PASSWORD, admin=user == users[0])
        self.plex_tv.publish(self.plex)
        super().__init__({"Plex": self.plex, "Jellyfin": self.jellyfin, "Emby": self.emby}, clock, users[0])

    @override
    def running(self) -> AbstractAsyncContextManager[None]:
        """Open all ports, that of plex.tv too, for as long as the context lasts."""
        return running(self.plex_tv, *self.values())


@asynccontextmanager
async def home_assistant(
    servers: ThreeServers, *, port: int | None = None, discovery: str = ""
) -> AsyncIterator[tuple[HomeAssistant, RestClient]]:
    """Open the servers' ports, start a Home Assistant and sign in as its first user.

    `discovery` is where it looks for servers in the network, by default nowhere.
    """
    async with servers.running():
        environment = {"RESUME_SYNC_PLEX_TV": servers.plex_tv.url, "RESUME_SYNC_DISCOVERY": discovery}
        with tempfile.TemporaryDirectory(prefix="resume-sync-home-") as folder:
            home = HomeAssistant(Path(folder), port or free_port(), environment)
            async with home, aiohttp.ClientSession() as session:
                client = RestClient(session, home.url)
                await client.create_user(servers.user, USERNAME, PASSWORD)
                await client.until_running()
                yield home, client

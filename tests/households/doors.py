"""How clients get into the accounts of a household: what signing in leaves, and the client that is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.plex.server import PlexMediaServer

from .media_servers import Server, kind_of

DEVICE = "resume-sync"

type Client = PlexServer | JellyfinServer | EmbyServer


@dataclass(frozen=True, slots=True)
class Door:
    """One account: where its server is, and what lets a client in. It can be sent to another process."""

    kind: ServerType
    url: str
    token: str
    server_id: str
    server_name: str
    user_id: str
    user: str
    device_id: str

    @property
    def unique_id(self) -> str:
        """What Home Assistant knows the account by."""
        return f"{self.server_id}_{self.user_id}"


def door(server: Server, user: str, device_id: str = DEVICE) -> Door:
    """Sign a user in on a running server."""
    if isinstance(server, PlexMediaServer):
        token, server_id = server.token(user), server.machine_id
    else:
        assert isinstance(server, MediaBrowserServer)
        token, server_id = server.add_token(user, device_id), server.server_id
    user_id = server.users[user].user_id
    return Door(kind_of(server), server.url, token, server_id, server.name, user_id, user, device_id)


def client(door: Door, session: aiohttp.ClientSession, now: Callable[[], int]) -> Client:
    """Return the product's client of an account; `now` tells the time in epoch milliseconds."""
    given: dict[str, Any] = {
        "url": door.url,
        "token": door.token,
        "user_id": door.user_id,
        "device_id": door.device_id,
        "server_id": door.server_id,
        "now": now,
        "confirm_seconds": 0.01,
    }
    if door.kind is ServerType.PLEX:
        return PlexServer(user_name=door.user, **given)
    return (EmbyServer if door.kind is ServerType.EMBY else JellyfinServer)(session, **given)

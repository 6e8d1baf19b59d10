"""The simulated servers of a household, and who watches there."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, override

from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.clock import SimulatedClock
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.playback import Viewer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.port import running
from tests.simulators.server import SimulatedServer

PASSWORD = "correct horse"
MINUTE = 60_000

type Server = SimulatedServer[Any]


def new_server(
    kind: ServerType, name: str, clock: SimulatedClock, *users: str, jellyfin: str = "10.11.11"
) -> PlexMediaServer | SimulatedJellyfin | SimulatedEmby:
    """Return a server of a kind, with users and empty libraries; on Plex the first user is the owner.

    `jellyfin` is the version of a Jellyfin.
    """
    server: PlexMediaServer | SimulatedJellyfin | SimulatedEmby
    if kind is ServerType.PLEX:
        server = PlexMediaServer(name=name, clock=clock)
    elif kind is ServerType.JELLYFIN:
        server = SimulatedJellyfin(name=name, clock=clock, version=jellyfin)
    else:
        server = SimulatedEmby(name=name, clock=clock)
    for user in users:
        server.add_user(user)
    return server


def kind_of(server: Server) -> ServerType:
    """Return what kind of server this is."""
    if isinstance(server, PlexMediaServer):
        return ServerType.PLEX
    return ServerType.JELLYFIN if isinstance(server, SimulatedJellyfin) else ServerType.EMBY


class MediaServers(Mapping[str, Server]):
    """Servers by name, all on one clock, and one user of all of them who watches things there."""

    def __init__(self, servers: Mapping[str, Server], clock: SimulatedClock, user: str) -> None:
        """Take the servers as they are; their ports are not open yet."""
        self.clock = clock
        self.user = user
        self._servers = dict(servers)

    @override
    def __getitem__(self, name: str) -> Server:
        return self._servers[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._servers)

    @override
    def __len__(self) -> int:
        return len(self._servers)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Open all ports for as long as the context lasts."""
        return running(*self.values())

    def item(self, name: str, key: str) -> str:
        """Return the one item of a title on a server."""
        (item_id,) = self[name].items_of(key)
        return item_id

    def viewer(self, name: str, device: str = "TV") -> Viewer:
        """Return the user in front of one server."""
        return self[name].viewer(self.user, device)

    def leave(self, name: str, key: str, position_ms: int, ago: float = 3600, *, watched: bool = False) -> str:
        """Let the user have left a title at a position, as the server dated it so many seconds ago; return its item."""
        item_id, server = self.item(name, key), self[name]
        last_played = server.now() - ago
        server.set_state(self.user, item_id, position_ms=position_ms, watched=watched, last_played=last_played)
        return item_id

    def watch(self, name: str, key: str, *, from_minute: float | None = None, minutes: float) -> None:
        """Watch a title for a while and stop."""
        viewer = self.viewer(name)
        viewer.play(self.item(name, key), None if from_minute is None else int(from_minute * MINUTE))
        self.clock.advance(minutes * 60)
        viewer.stop()

    def stop_at(self, name: str, key: str, position_ms: int) -> None:
        """Go on with a title, skip to a position, and stop there."""
        viewer = self.viewer(name)
        viewer.play(self[name].items_of(key)[0])
        viewer.progress(position_ms)
        viewer.stop(position_ms)

    def position(self, name: str, key: str) -> int | None:
        """Return where a title stands on a server, None where the server does not have it; of copies the furthest."""
        server = self[name]
        return max((server.watch_state(self.user, item).position_ms for item in server.items_of(key)), default=None)

    def minute(self, name: str, key: str) -> int:
        """Return the minute in which a title stands on a server that has it."""
        position = self.position(name, key)
        assert position is not None, f"{name} has no {key}"
        return position // MINUTE

    def positions(self, key: str) -> dict[str, int | None]:
        """Return where a title stands on each server."""
        return {name: self.position(name, key) for name in self}

    def minutes(self, key: str) -> dict[str, float]:
        """Return where a title stands on each server that has it, in minutes."""
        return {name: position / MINUTE for name, position in self.positions(key).items() if position is not None}

    def reset_traffic(self) -> None:
        """Count requests anew."""
        for server in self.values():
            server.traffic.reset()

    def requests(self) -> dict[str, dict[str, int]]:
        """Return how often each route of each server was asked."""
        return {name: server.traffic.table() for name, server in self.items()}

    def writes(self) -> dict[str, int]:
        """Return how many requests to each server changed a state."""
        return {name: server.traffic.writes for name, server in self.items()}

"""How long a position takes from the server on which it was left to the others."""

from collections.abc import Mapping
from functools import partial
import time
from typing import Any

from tests.simulators.server import SimulatedServer
from tests.simulators.state import StateChange

_CLOSE_MS = 10_000


class Stopwatch:
    """Takes the time on the servers' side. `arrivals`: seconds from the stop, by kind of server."""

    def __init__(self, servers: Mapping[str, SimulatedServer[Any]]) -> None:
        """Follow what is stored on the servers."""
        self.arrivals: dict[str, float] = {}
        self._servers = servers
        self._user = ""
        self._position_ms = 0
        self._started = 0.0
        for kind, server in servers.items():
            server.states.on_change(partial(self._changed, kind))

    def start(self, user: str, position_ms: int) -> None:
        """Take the time from now on until a position of a user is stored."""
        self._user, self._position_ms = user, position_ms
        self._started = time.perf_counter()
        self.arrivals.clear()

    def _changed(self, kind: str, change: StateChange) -> None:
        """Note the first time that a server holds the position."""
        is_users = self._user and change.user_id == self._servers[kind].users[self._user].user_id
        if is_users and abs(change.after.position_ms - self._position_ms) < _CLOSE_MS:
            self.arrivals.setdefault(kind, time.perf_counter() - self._started)

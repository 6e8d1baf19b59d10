"""A simulated plex.tv: sign-in by PIN, accounts, Plex Homes, and who may use which server."""

from tests.simulators.clock import SimulatedClock
from tests.simulators.plex.server import PlexMediaServer

from .directory import PlexTvDirectory
from .people import PeopleRoutes
from .pins import PinRoutes
from .servers import ServerRoutes
from .watch_state import WatchStateSync


class PlexTv(PlexTvDirectory):
    """Everything that it knows, with the routes by which it is asked."""

    def __init__(self, *servers: PlexMediaServer, clock: SimulatedClock | None = None) -> None:
        """Open for business, with these servers and their users."""
        super().__init__(*servers, clock=clock)
        self.pins = PinRoutes(self)
        self.people = PeopleRoutes(self)
        self.shares = ServerRoutes(self)
        self.watch_state = WatchStateSync(self)

    def approve_pin(self, code: str, name: str) -> None:
        """Let a user enter the code of a PIN at plex.tv/link; raises KeyError where there is no such code."""
        self.pins.approve(code, self.account(name))

"""A simulated Plex Media Server."""

from typing import override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.routes import Call

from .database import PlexDatabase
from .hubs import HubRoutes
from .listings import LibraryRoutes
from .markup import Element, not_found, unauthorized, xml_answer
from .owner import OwnerRoutes
from .photos import PhotoRoutes
from .playback import PlexPlayback
from .push import PlexPush
from .reports import ReportRoutes


class PlexMediaServer(PlexPlayback):
    """A Plex Media Server as clients see it: XML by default, JSON for those who accept it.

    `library_routes`, `report_routes` and `owner_routes` hold the switches for what differs between real servers.
    """

    def __init__(
        self,
        *,
        name: str = "Attic",
        version: str = "1.43.2.10687-563d026ea",
        clock: SimulatedClock | None = None,
        machine_id: str | None = None,
        linked_copies: bool = False,
    ) -> None:
        """Make a server without users and libraries."""
        super().__init__(name=name, version=version, clock=clock, machine_id=machine_id, linked_copies=linked_copies)
        self.library_routes = LibraryRoutes(self)
        self.hub_routes = HubRoutes(self, self.library_routes)
        self.report_routes = ReportRoutes(self)
        self.photo_routes = PhotoRoutes(self)
        self.owner_routes = OwnerRoutes(self)
        self.pushes = PlexPush(self)
        self.database = PlexDatabase(self)

    @override
    def unknown_path(self, call: Call) -> web.StreamResponse:
        return unauthorized(call) if self.user_of(call) is None else not_found()

    @override
    def while_starting(self, call: Call) -> web.StreamResponse | None:
        status = "Plex Media Server is currently running startup maintenance tasks."
        return xml_answer(Element("Response", {"code": 503, "title": "Maintenance", "status": status}), status=503)

    @override
    def headers(self) -> dict[str, str]:
        return {"X-Plex-Protocol": "1.0", "Cache-Control": "no-cache"}

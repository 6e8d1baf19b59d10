"""The small libraries of a household, and the servers that hold them."""

from typing import Any

from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Catalogue, Episode, Film, Show
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.server import SimulatedServer

MINUTE = 60_000
START = 1_790_000_000.0
USERS = ("anna", "ben")
PASSWORD = "correct horse"

CATALOGUE = Catalogue(
    (
        Film("long", "The Long One", 1999, 150 * MINUTE, {"imdb": "tt1111111", "tmdb": "111"}),
        Film("film", "The Film", 2007, 100 * MINUTE, {"imdb": "tt2222222"}),
    ),
    (
        Show(
            "show",
            "The Show",
            2015,
            {"tvdb": "333", "imdb": "tt3333333"},
            (Episode(0, 1, "Special", 50 * MINUTE), Episode(1, 1, "Pilot", 44 * MINUTE, {"tvdb": "3331"})),
        ),
    ),
)
TITLES = ("long", "film", "show/s00e01", "show/s01e01")

type Server = SimulatedServer[Any]


def stocked_server(kind: ServerType, name: str, clock: SimulatedClock) -> Server:
    """Return a server of a kind with both users and all titles; its port is not open."""
    server: PlexMediaServer | SimulatedJellyfin | SimulatedEmby
    if kind is ServerType.PLEX:
        server = PlexMediaServer(name=name, clock=clock)
    elif kind is ServerType.JELLYFIN:
        server = SimulatedJellyfin(name=name, clock=clock)
    else:
        server = SimulatedEmby(name=name, clock=clock)
    for user in USERS:
        server.add_user(user)
    server.fill(CATALOGUE)
    return server


def kind_of(server: Server) -> ServerType:
    """Return what kind of server this is."""
    if isinstance(server, PlexMediaServer):
        return ServerType.PLEX
    return ServerType.JELLYFIN if isinstance(server, SimulatedJellyfin) else ServerType.EMBY

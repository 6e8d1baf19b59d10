"""The media servers of a small household: what they hold, and where Anna left what."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from tests.simulators import discovery
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Episode, Film, Show
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import running
from tests.simulators.server import SimulatedServer

VIEWER = "Anna"
OTHER = "Ben"
PASSWORD = "correct horse"
MINUTE = 60_000
HOUR = 3600.0

# A title that would show itself if anything took it for more than text.
HOSTILE = '<img src="/nowhere" onerror="window.harmed=1"> **bold** ![x](/nowhere) [y](/nowhere)'
NO_IDS = "Garden Party"

FILMS = (
    Film("harbour", "Blue Harbour", 2011, 100 * MINUTE, {"imdb": "tt1234501"}),
    Film("lights", "Northern Lights", 2019, 118 * MINUTE, {"imdb": "tt1234502"}),
    Film("orchard", "The Orchard Keeper", 2023, 94 * MINUTE, {"imdb": "tt1234503"}),
    Film("tram", "Last Tram to Ostend", 2016, 107 * MINUTE, {"imdb": "tt1234504"}),
    Film("garden", NO_IDS, 2024, 60 * MINUTE),
    Film("hostile", HOSTILE, 2001, 90 * MINUTE, {"imdb": "tt1234505"}),
)
SHOWS = (
    Show(
        "road",
        "Long Road",
        2008,
        {"tvdb": "81189"},
        tuple(Episode(2, number, f"Mile {number}", 47 * MINUTE, {"tvdb": f"34910{number}"}) for number in range(1, 6)),
    ),
)
# Where Anna left what: the minute, and how many hours ago.
LEFT: Mapping[str, Mapping[str, tuple[int, float]]] = {
    "Jellyfin": {"harbour": (42, 1), "lights": (12, 60), "garden": (17, 30), "hostile": (31, 200)},
    "Emby": {"harbour": (20, 70), "lights": (63, 5), "road/s02e03": (25, 26)},
    "Plex": {"orchard": (51, 12), "tram": (14, 90)},
}


class Household:
    """Plex with plex.tv, Jellyfin and Emby; Anna is on each. `is_announced`: Emby answers who looks for it."""

    def __init__(self) -> None:
        """Fill the libraries and let the past happen."""
        self.clock = SimulatedClock()
        self.plex = PlexMediaServer(name="Plex", clock=self.clock)
        self.plex_tv = PlexTv(clock=self.clock)
        self.jellyfin = SimulatedJellyfin(name="Jellyfin", clock=self.clock)
        self.emby = SimulatedEmby(name="Emby", clock=self.clock)
        for name in (VIEWER, OTHER):
            self.plex.add_user(name)
        for server in (self.jellyfin, self.emby):
            server.add_user(VIEWER, PASSWORD, admin=True)
        for name, each in self.by_name.items():
            for film in FILMS:
                if name != "Plex" or film.ids:
                    each.add_film(film)
            for show in SHOWS:
                each.add_show(show)
            for key, (minute, hours) in LEFT[name].items():
                self._leave(each, key, minute, hours)
        self.plex_tv.publish(self.plex)
        self.is_announced = False

    @property
    def by_name(self) -> dict[str, SimulatedServer[Any]]:
        """The media servers."""
        return {"Plex": self.plex, "Jellyfin": self.jellyfin, "Emby": self.emby}

    def running(self) -> AbstractAsyncContextManager[None]:
        """Open all ports for as long as the context lasts."""
        return running(self.plex_tv, *self.by_name.values())

    def announce(self, question: bytes) -> Iterable[bytes]:
        """Answer who asks the network for servers."""
        reply = discovery.emby(name=self.emby.name, server_id=self.emby.server_id, address=self.emby.url)
        return reply(question) if self.is_announced else []

    def stop_at(self, name: str, key: str, minute: int) -> None:
        """Let Anna go on with a title on one server, and stop there."""
        server = self.by_name[name]
        viewer = server.viewer(VIEWER)
        viewer.play(server.items_of(key)[0])
        viewer.progress(minute * MINUTE)
        viewer.stop(minute * MINUTE)

    def minute(self, name: str, key: str) -> int:
        """Return where a title stands on a server."""
        server = self.by_name[name]
        return int(server.watch_state(VIEWER, server.items_of(key)[0]).position_ms // MINUTE)

    def _leave(self, server: SimulatedServer[Any], key: str, minute: int, hours: float) -> None:
        """Leave a title at a minute some hours ago; Jellyfin and Emby date the start of a play."""
        ago = hours * HOUR + (0 if server is self.plex else minute * 60)
        for item_id in server.items_of(key):
            server.set_state(VIEWER, item_id, position_ms=minute * MINUTE, last_played=self.clock.now() - ago)

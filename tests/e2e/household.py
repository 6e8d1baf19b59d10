"""The media servers of a small household: what they hold, and where Anna left what."""

from collections.abc import Iterable, Mapping

from tests.households.media_servers import MINUTE
from tests.households.with_home_assistant import ThreeServers
from tests.simulators import discovery
from tests.simulators.library import Episode, Film, Show

VIEWER = "Anna"
OTHER = "Ben"
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


class Household(ThreeServers):
    """The three servers; Anna is on each. `is_announced`: Emby answers who looks for it."""

    def __init__(self) -> None:
        """Fill the libraries and let the past happen."""
        super().__init__(VIEWER, OTHER)
        self.is_announced = False
        for name, server in self.items():
            server.pictures.drawn = True
            for film in FILMS:
                if name != "Plex" or film.ids:
                    server.add_film(film)
            for show in SHOWS:
                server.add_show(show)
            for key, (minute, hours) in LEFT[name].items():
                # Jellyfin and Emby date the start of a play.
                self.leave(name, key, minute * MINUTE, hours * HOUR + (0 if name == "Plex" else minute * 60))

    def announce(self, question: bytes) -> Iterable[bytes]:
        """Answer who asks the network for servers."""
        reply = discovery.emby(name=self.emby.name, server_id=self.emby.server_id, address=self.emby.url)
        return reply(question) if self.is_announced else []

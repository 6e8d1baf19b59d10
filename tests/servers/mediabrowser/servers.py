"""Simulated Jellyfin and Emby servers with a client each, for the tests of the clients."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.sync.media_server import MediaServer
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Episode, Film, Show, catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

START = 1_790_000_000.0
MINUTE = 60_000

FILM = Film("blue", "Blue Harbour", 2011, 104 * MINUTE, {"imdb": "tt1234567", "tmdb": "55555"})
UNKNOWN_FILM = Film("nameless", "Nameless", None, None)
SHOW = Show(
    "road",
    "Long Road",
    2008,
    {"tvdb": "81189", "imdb": "tt0903747", "tmdb": "1396"},
    (
        Episode(0, 1, "Making Of", 25 * MINUTE, {"tvdb": "777001"}),
        Episode(1, 1, "Part 1", 47 * MINUTE, {"tvdb": "349101", "imdb": "tt0959101"}),
        Episode(1, 2, "Part 2", 47 * MINUTE),
        Episode(2, 7, "Double", 88 * MINUTE, {"tvdb": "349207"}, number_end=8),
    ),
)

# Seasons are numbers here, and years on the servers that it is wanted from.
TALK = Show(
    "talk",
    "Kettle Talk",
    2014,
    {"tvdb": "330001"},
    (
        Episode(1, 1, "First", 30 * MINUTE, {"tvdb": "990100", "tmdb": "880100"}),
        Episode(1, 2, "Second", 30 * MINUTE, {"tvdb": "990101", "tmdb": "880101"}),
        Episode(1, 3, "Third", 30 * MINUTE),
    ),
)

type Simulated = SimulatedJellyfin | SimulatedEmby


@dataclass(slots=True)
class House[S: (SimulatedJellyfin, SimulatedEmby), C: (JellyfinServer, EmbyServer)]:
    """A server, the client of the user anna on it with her token, and the session."""

    server: S
    client: C
    session: aiohttp.ClientSession
    token: str

    def client_with(self, **changes: Any) -> C:
        """Return another client of the same account, with something changed."""
        given: dict[str, Any] = {
            "url": self.server.url,
            "token": self.token,
            "user_id": self.server.users["anna"].user_id,
            "device_id": "resume-sync-1",
            "server_id": self.server.server_id,
            "now": self.server.clock.now_ms,
            "confirm_seconds": 0,
        }
        return type(self.client)(self.session, **(given | changes))

    def item(self, key: str) -> str:
        """Return the one item of a title."""
        (item_id,) = self.server.items_of(key)
        return item_id


def furnish(server: Simulated) -> None:
    """Give a server three users, a film, a film without ids, and a show."""
    server.add_user("anna", "pass")
    server.add_user("ben", "word")
    server.add_user("admin", "root", admin=True)
    server.add_film(FILM)
    server.add_film(UNKNOWN_FILM)
    server.add_show(SHOW)


@asynccontextmanager
async def opened[S: (SimulatedJellyfin, SimulatedEmby), C: (JellyfinServer, EmbyServer)](
    server: S, client_type: type[C]
) -> AsyncIterator[House[S, C]]:
    """Run a server and yield it with a client."""
    furnish(server)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            token = server.add_token("anna", "resume-sync-1")
            house = House(server, client_type(session, url="", token="", user_id="", device_id=""), session, token)
            house.client = house.client_with()
            yield house
    finally:
        await server.stop()


def jellyfin(
    version: str = "10.11.11", **options: Any
) -> AbstractAsyncContextManager[House[SimulatedJellyfin, JellyfinServer]]:
    """Run a Jellyfin server and yield it with a client."""
    return opened(SimulatedJellyfin(version=version, clock=SimulatedClock(START), **options), JellyfinServer)


def emby(version: str = "4.9.5.0", **options: Any) -> AbstractAsyncContextManager[House[SimulatedEmby, EmbyServer]]:
    """Run an Emby server and yield it with a client."""
    return opened(SimulatedEmby(version=version, clock=SimulatedClock(START), **options), EmbyServer)


def port(client: JellyfinServer | EmbyServer) -> MediaServer:
    """Return a client as the rest of the program sees it."""
    return client


def wanted_film(film: Film, item_id: str = "there") -> Item:
    """Return a film as another server's client tells it."""
    ids = frozenset(f"movie:{source}:{value}" for source, value in film.ids.items())
    return Item(item_id, MediaKind.MOVIE, film.title, ids, film.year, film.duration_ms)


def wanted_episode(show: Show, season: int, number: int, *, own_ids: bool = True, show_ids: bool = True) -> Item:
    """Return an episode as another server's client tells it."""
    (episode,) = (each for each in show.episodes if (each.season, each.number) == (season, number))
    return Item(
        f"there-{show.key}-{season}x{number}",
        MediaKind.EPISODE,
        episode.title,
        frozenset(f"episode:{source}:{value}" for source, value in episode.ids.items() if own_ids),
        show.year,
        episode.duration_ms,
        show.title,
        frozenset(f"show:{source}:{value}" for source, value in show.ids.items() if show_ids),
        season,
        number,
    )


def wanted_talk(number: int, tvdb: int, *, season: int | None = 2014) -> Item:
    """Return an episode of `TALK` as a server tells it whose seasons are years."""
    ids = frozenset({f"episode:tvdb:{tvdb}", f"episode:tmdb:{tvdb - 110_000}"})
    show_ids = frozenset({"show:tvdb:330001"})
    return Item(f"talk-{number}", MediaKind.EPISODE, "", ids, 2014, None, "Kettle Talk", show_ids, season, number)


def many_films(count: int) -> tuple[Film, ...]:
    """Return made-up films that all have ids."""
    return tuple(film for film in catalogue(films=count + count // 40 + 1, shows=0).films if film.ids)[:count]

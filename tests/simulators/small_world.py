"""A few titles on small servers, and clients that ask those servers over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import Any

import aiohttp

from .clock import SimulatedClock
from .library import Episode, Film, Show
from .mediabrowser.emby import SimulatedEmby
from .mediabrowser.jellyfin import SimulatedJellyfin
from .mediabrowser.server import MediaBrowserServer

RESUMABLE = "Recursive=true&Filters=IsResumable&IncludeItemTypes=Movie,Episode&SortBy=DatePlayed&SortOrder=Descending"
HOUR = 3_600_000
MINUTE = 60_000
START = datetime(2026, 11, 18, 20, 0, 0, tzinfo=UTC).timestamp()
CLIENT = 'MediaBrowser Client="Resume%20Sync", Device="Home+Assistant", DeviceId="a1b2c3", Version="1.0.0"'

HARBOUR = Film("harbour", "Blue Harbour", 2011, 100 * MINUTE, {"imdb": "tt1234567", "tmdb": "55555"})
SHORT = Film("short", "Short", 2020, 110_000, {"imdb": "tt7654321"})
NAMELESS = Film("nameless", "Nameless", None, 95 * MINUTE)
ROAD = Show(
    "road",
    "Long Road",
    2008,
    {"tvdb": "81189", "imdb": "tt0903747"},
    (
        Episode(0, 1, "Special", 25 * MINUTE),
        Episode(1, 1, "Part 1", 47 * MINUTE, {"tvdb": "349101"}),
        Episode(1, 2, "Part 2", 47 * MINUTE),
        Episode(2, 7, "Double", 88 * MINUTE, {"tvdb": "349207"}, number_end=8),
    ),
)


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str | None
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


class Client:
    """A client with one user's token."""

    def __init__(self, http: aiohttp.ClientSession, server: MediaBrowserServer, token: str) -> None:
        """Speak for the owner of a token."""
        self._http = http
        self.server = server
        self.token = token

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send one request with the current and the legacy token header."""
        known = {"Authorization": f'{CLIENT}, Token="{self.token}"', "X-Emby-Token": self.token} if self.token else {}
        async with self._http.request(
            method, self.server.url + path, json=body, headers=known | headers, allow_redirects=False
        ) as response:
            return Answer(
                response.status, response.headers.get("Content-Type"), await response.text(), dict(response.headers)
            )

    async def get(self, path: str) -> Any:
        """Return the JSON of a page that has to be there."""
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    async def names(self, path: str) -> list[str]:
        """Return the names in a listing."""
        return [row["Name"] for row in (await self.get(path))["Items"]]


class World:
    """Servers with the same small library, and clients to ask them."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        """Start with no server."""
        self.http = http
        self.clock = SimulatedClock(START)
        self.servers: list[MediaBrowserServer] = []

    async def add[S: MediaBrowserServer](self, server: S) -> S:
        """Fill and open a server."""
        server.add_user("anna", "secret", admin=True)
        server.add_user("ben")
        for film in (HARBOUR, SHORT, NAMELESS):
            server.add_film(film)
        server.add_show(ROAD)
        await server.start()
        self.servers.append(server)
        return server

    async def jellyfin(self, version: str = "10.11.11", **options: Any) -> SimulatedJellyfin:
        """Add a Jellyfin."""
        return await self.add(SimulatedJellyfin(version=version, clock=self.clock, **options))

    async def emby(self, version: str = "4.9.5.0", **options: Any) -> SimulatedEmby:
        """Add an Emby."""
        return await self.add(SimulatedEmby(version=version, clock=self.clock, **options))

    def client(self, server: MediaBrowserServer, user: str = "anna") -> Client:
        """Return a signed-in client."""
        return Client(self.http, server, server.add_token(user))

    def anybody(self, server: MediaBrowserServer, token: str = "") -> Client:
        """Return a client with any token, or none."""
        return Client(self.http, server, token)


@asynccontextmanager
async def small_world() -> AsyncIterator[World]:
    """Give a world, and close its ports."""
    async with aiohttp.ClientSession() as http:
        world = World(http)
        try:
            yield world
        finally:
            for server in world.servers:
                await server.stop()


def item(server: MediaBrowserServer, key: str) -> str:
    """Return the one item of a title."""
    (item_id,) = server.items_of(key)
    return item_id


def user_id(server: MediaBrowserServer, name: str = "anna") -> str:
    """Return a user's id."""
    return server.users[name].user_id

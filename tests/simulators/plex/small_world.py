"""A small Plex Media Server with an open port, for tests, and a bare client of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from aiohttp import ClientSession
from yarl import URL

from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Episode, Film, Show

from .accounts import PlexRole
from .server import PlexMediaServer

START = 1_795_218_000.0
HOUR = 3_600_000

AMELIE = Film("amelie", "Amélie", 2001, 7_320_000, {"imdb": "tt0211843", "tmdb": "194"})
LOST = Show(
    "lost",
    "Lost",
    2004,
    {"imdb": "tt0411008", "tvdb": "73739"},
    (
        Episode(0, 1, "The Journey", 2_400_000, {"tvdb": "300001"}),
        Episode(1, 1, "Pilot", 2_500_000, {"tvdb": "127131"}),
        Episode(1, 2, "Tabula Rasa", 2_500_000, {"imdb": "tt0636290", "tvdb": "127132"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    text: str

    @property
    def root(self) -> Element:
        """The body as XML."""
        return fromstring(self.text)  # noqa: S314 - our own server wrote it

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class Attic:
    """A server and a session to ask it with."""

    def __init__(self, server: PlexMediaServer) -> None:
        """Open the session."""
        self.server = server
        self._session = ClientSession()

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        token: str | None = None,
        accept: str = "",
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
    ) -> Answer:
        """Ask with a token, the owner's for this server unless given; "" is none."""
        sent = dict(headers or {})
        token = self.server.token(self.server.owner.name) if token is None else token
        if token:
            sent["X-Plex-Token"] = token
        if accept:
            sent["Accept"] = accept
        async with self._session.request(method, URL(f"{url or self.server.url}{path}"), headers=sent) as response:
            return Answer(response.status, response.content_type, dict(response.headers), await response.text())

    async def report(self, item_id: str, time_ms: int, state: str = "stopped", **options: str) -> Answer:
        """Send a timeline report as the app `tv`; options are query arguments, `token` and `client` besides."""
        token, client = options.pop("token", None), options.pop("client", "tv")
        method = options.pop("method", "GET")
        query = {"ratingKey": item_id, "key": f"/library/metadata/{item_id}", "time": str(time_ms), "state": state}
        query = {**query, "identifier": "com.plexapp.plugins.library", "duration": "7320000", **options}
        path = str(URL("/:/timeline").with_query({name: value for name, value in query.items() if value}))
        headers = {"X-Plex-Client-Identifier": client} if client else {}
        return await self.ask(path, method=method, token=token, headers=headers)

    def item(self, title: Film, copy: int = 0) -> str:
        """Return the rating key of a film, or of another copy of it."""
        return self.server.items_of(title.key)[copy]

    def episode(self, season: int, number: int) -> str:
        """Return the rating key of an episode."""
        return self.server.items_of(LOST.episode_key(season, number))[0]

    @property
    def show(self) -> str:
        """The rating key of the show."""
        return self.server.items_of(LOST.key)[0]


@asynccontextmanager
async def attic(*, linked_copies: bool = False) -> AsyncIterator[Attic]:
    """Run a server with its owner, a member of the Home, a managed user and a friend, who has one library."""
    server = PlexMediaServer(clock=SimulatedClock(START), linked_copies=linked_copies)
    server.add_film(AMELIE)
    server.add_show(LOST)
    server.add_film(AMELIE, library="Films 4K")
    server.add_user("olivia", title="Olivia Owner")
    server.add_user("henry", title="Henry Home", pin="1234")
    server.add_user("Kim", restricted=True)
    server.add_user("frank", role=PlexRole.FRIEND, libraries=["Films"])
    await server.start()
    world = Attic(server)
    try:
        yield world
    finally:
        await world.close()
        await server.stop()


def keys(root: Element) -> list[str]:
    """Return the rating keys of a listing in its order."""
    return [row.attrib["ratingKey"] for row in root]


def titles(root: Element) -> set[str]:
    """Return the titles of a listing."""
    return {row.attrib["title"] for row in root}


def one(root: Element) -> Element:
    """Return the only row."""
    (row,) = root
    return row

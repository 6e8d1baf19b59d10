"""Posters: whose they are, and what is refused before a browser gets it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import struct

import aiohttp
import pytest

from custom_components.resume_sync.servers.mediabrowser.artwork import MediaBrowserArtwork
from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.pictures import MOST_PIXELS_A_SIDE, Artwork, checked
from custom_components.resume_sync.servers.plex.artwork import PlexArtwork
from custom_components.resume_sync.sync.media_server import BadResponse, NotFound
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Episode, Film, Show
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.posters import draw, png

pytestmark = pytest.mark.usefixtures("socket_enabled")

START = 1_790_000_000.0
KINDS = ("jellyfin", "emby", "plex")
FILM = Film("blue", "Blue Harbour", 2011, 6_000_000, {"imdb": "tt1234567"})
SHOW = Show("road", "Long Road", 2008, {"tvdb": "81189"}, (Episode(1, 1, "Part 1", 2_700_000, {"tvdb": "349101"}),))


@dataclass(frozen=True, slots=True)
class Shown:
    """A server with a film and an episode, and what asks it for posters."""

    server: MediaBrowserServer | PlexMediaServer
    artwork: Artwork

    def item(self, key: str) -> str:
        """Return the id of a title's only item."""
        (item_id,) = (entry.item_id for entry in self.server.holdings if entry.key == key)
        return item_id


@asynccontextmanager
async def shown(kind: str) -> AsyncIterator[Shown]:
    """Run a server of a kind."""
    clock = SimulatedClock(START)
    if kind == "plex":
        plex = PlexMediaServer(clock=clock)
        plex.add_user("anna")
        async with furnished(plex) as session:
            yield Shown(plex, PlexArtwork(session, url=plex.url, token=plex.token("anna"), device_id="d"))
        return
    server = SimulatedJellyfin(clock=clock) if kind == "jellyfin" else SimulatedEmby(clock=clock)
    user_id = server.add_user("anna", "pass").user_id
    dialect = JELLYFIN if kind == "jellyfin" else EMBY
    async with furnished(server) as session:
        where = {"url": server.url, "token": server.add_token("anna"), "device_id": "d"}
        yield Shown(server, MediaBrowserArtwork(session, dialect, user_id=user_id, **where))


@asynccontextmanager
async def furnished(server: MediaBrowserServer | PlexMediaServer) -> AsyncIterator[aiohttp.ClientSession]:
    """Run a server with the titles; yield a session to ask it with."""
    server.add_film(FILM)
    server.add_show(SHOW)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield session
    finally:
        await server.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_posters_are_those_of_films_and_of_shows(kind: str) -> None:
    """An episode is shown by its show; a second size costs one request, where the show is known."""
    async with shown(kind) as here:
        here.server.pictures.drawn = True

        film = await here.artwork.poster(here.item("blue"), 32)
        assert (film.content, film.content_type) == (draw("Blue Harbour", 32), "image/png")
        episode = await here.artwork.poster(here.item("road/s01e01"), 32)
        assert episode.content == draw("Long Road", 32)

        here.server.traffic.reset()
        await here.artwork.poster(here.item("road/s01e01"), 48)
        assert here.server.traffic.requests() == (2 if kind == "plex" else 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_there(kind: str) -> None:
    """No poster, no such item, and what is no id at all, for which nobody is asked."""
    async with shown(kind) as here:
        for item_id in (here.item("blue"), here.item("blue")[:-1] + "0", "../users"):
            with pytest.raises(NotFound):
                await here.artwork.poster(item_id, 32)

        here.server.traffic.reset()
        with pytest.raises(NotFound):
            await here.artwork.poster("../users", 32)
        assert here.server.traffic.requests() == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg onload='alert(1)'/>",
        b"GIF89a\x01\x00\x01\x00",
        png(30_000, 30_000, b""),
        png(0, 10, b""),
        b"\xff\xd8\xff\xe0\x00\x02",
        bytes(3 * 1024 * 1024),
    ],
    ids=["nothing", "svg", "gif", "bomb", "no size", "jpeg without size", "too large"],
)
async def test_what_is_no_picture_for_a_browser_is_refused(kind: str, content: bytes) -> None:
    """Whatever the server calls it."""
    async with shown(kind) as here:
        here.server.pictures.own[here.item("blue")] = content
        with pytest.raises(BadResponse):
            await here.artwork.poster(here.item("blue"), 32)


def jpeg(width: int, height: int) -> bytes:
    """Return a JPEG as far as its size, with fill bytes and a segment of an application before it."""
    application = b"\xff\xff\xe0\x00\x06JFIF"
    size = b"\xff\xc2\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22"
    return b"\xff\xd8" + application + size


def test_a_jpeg_tells_its_size() -> None:
    """Behind what applications put there; beyond the bound it is refused."""
    assert checked(jpeg(320, 480)).content_type == "image/jpeg"
    for width, height in ((MOST_PIXELS_A_SIDE + 1, 10), (10, MOST_PIXELS_A_SIDE + 1), (0, 10)):
        with pytest.raises(BadResponse):
            checked(jpeg(width, height))

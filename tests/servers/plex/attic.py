"""A simulated Plex Media Server with a household, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.model import Item, ItemState, PositionWrite
from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Episode, Film, Show
from tests.simulators.plex.accounts import PlexRole
from tests.simulators.plex.server import PlexMediaServer

START = 1_790_000_000.0
HOUR = 3_600_000
ALL = "GET /library/all"
METADATA = "GET /library/metadata/{ids}"
LEAVES = "GET /library/metadata/{id}/allLeaves"
SECTIONS = "GET /library/sections"
SECTION = "GET /library/sections/{section}/all"
ACCOUNTS = "GET /accounts"
PROGRESS = "GET /:/progress"
SESSIONS = "GET /status/sessions"
IDENTITY = "GET /identity"
TIMELINE = "GET /:/timeline"

ALIEN = Film("alien", "Alien", 1979, 7_000_000, {"imdb": "tt0078748", "tmdb": "348"})
BRAZIL = Film("brazil", "Brazil", 1985, 8_000_000, {"imdb": "tt0088846"})
COMMA = Film("dolly", "Hello, Dolly!", 1969, 9_000_000, {"imdb": "tt0064418"})
HOME_VIDEO = Film("beach", "Beach", None, 600_000)
EXPANSE = Show(
    "expanse",
    "The Expanse",
    2015,
    {"tvdb": "280619", "imdb": "tt3230854"},
    (
        Episode(0, 1, "Behind the scenes", 1_200_000, {"tvdb": "5500000"}),
        Episode(1, 1, "Dulcinea", 2_700_000, {"tvdb": "5500001", "imdb": "tt3982220"}),
        Episode(1, 2, "The Big Empty", 2_700_000, {"tvdb": "5500002"}),
        Episode(1, 3, "Remember the Cant", 2_700_000),
        Episode(2, 1, "Safe", 2_700_000, {"tvdb": "5500011"}),
    ),
)
OLD_SHOW = Show("old", "Old Show", 1999, {"tvdb": "70001"}, (Episode(1, 2, "Second", 1_500_000, {"tvdb": "600002"}),))


@asynccontextmanager
async def attic(**options: Any) -> AsyncIterator[PlexMediaServer]:
    """Run a server with an owner, a member of the home and a friend, and a few titles."""
    server = PlexMediaServer(clock=SimulatedClock(START), **options)
    server.add_user("olivia")
    server.add_user("henry")
    server.add_user("frank", role=PlexRole.FRIEND)
    for film in (ALIEN, BRAZIL, COMMA):
        server.add_film(film)
    server.add_show(EXPANSE)
    server.add_library("Old series", LibraryKind.SHOWS, agent="com.plexapp.agents.thetvdb")
    server.add_show(OLD_SHOW, library="Old series")
    server.add_library("Home videos", LibraryKind.FILMS, agent="com.plexapp.agents.none")
    server.add_film(HOME_VIDEO, library="Home videos")
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def client_of(server: PlexMediaServer, user: str = "olivia", **options: Any) -> AsyncIterator[PlexServer]:
    """Yield a user's client."""
    defaults: dict[str, Any] = {
        "url": server.url,
        "token": server.token(user),
        "user_id": server.users[user].user_id,
        "user_name": user,
        "device_id": "our-device",
        "server_id": server.machine_id,
        "now": server.clock.now_ms,
        "timeout": 60,
        "confirm_seconds": 0.01,
    }
    client = PlexServer(**(defaults | options))
    try:
        yield client
    finally:
        await client.close()


def only(server: PlexMediaServer, key: str) -> str:
    """Return the one item of a title."""
    (item_id,) = server.items_of(key)
    return item_id


def wanted(item: Item, **changes: Any) -> Item:
    """Return what another server would call the same title."""
    values: dict[str, Any] = {
        "item_id": f"other-{item.item_id}",
        "kind": item.kind,
        "title": item.title,
        "ids": frozenset(typed for typed in item.ids if ":plex:" not in typed),
        "show_title": item.show_title,
        "show_ids": frozenset(typed for typed in item.show_ids if ":plex:" not in typed),
        "season": item.season,
        "episode": item.episode,
    }
    return Item(**(values | changes))


async def state_of(client: PlexServer, item_id: str) -> ItemState:
    """Read one item."""
    return (await client.states([item_id])).items[item_id]


async def write(client: PlexServer, item_id: str, position_ms: int) -> ItemState:
    """Write a position over the item's state as it is now; return what is there afterwards."""
    await client.write_position(PositionWrite(await state_of(client, item_id), position_ms))
    return await state_of(client, item_id)

"""Each version of Jellyfin and Emby that is tested, running, with a client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from .servers import MINUTE, START, House, emby, jellyfin

type AnyHouse = House[Any, Any]


LISTING = {
    "10.9": "GET /Items",
    "10.11": "GET /Items",
    "12.0": "GET /UserItems/Resume",
    "4.8": "GET /Users/{user}/Items",
}


VERSIONS: dict[str, Callable[[], AbstractAsyncContextManager[AnyHouse]]] = {
    "10.9": lambda: jellyfin("10.9.0"),
    "10.11": lambda: jellyfin("10.11.11", base_path="/media/jellyfin"),
    "12.0": lambda: jellyfin("12.0.0"),
    "4.8": lambda: emby("4.8.11.0"),
    "4.9": lambda: emby(base_path="/emby-proxy"),
}


@pytest.fixture(params=list(VERSIONS))
def release(request: pytest.FixtureRequest) -> str:
    """Each version of each server."""
    return str(request.param)


@pytest.fixture
async def house(release: str) -> AsyncIterator[AnyHouse]:
    """A running server of that version with a client."""
    async with VERSIONS[release]() as house:
        yield house


def listing_of(release: str) -> str:
    """Return the route that lists what is in progress."""
    return LISTING.get(release, "GET /Users/{user}/Items")


def put_in_progress(house: AnyHouse) -> tuple[str, str]:
    """Leave the film and an episode somewhere."""
    film, episode = house.item("blue"), house.item("road/s01e02")
    house.server.set_state(
        "anna", film, position_ms=15 * MINUTE, watched=True, play_count=3, last_played=START - 3600, favorite=True
    )
    house.server.set_state("anna", episode, position_ms=5 * MINUTE, play_count=1, last_played=START - 60)
    return film, episode

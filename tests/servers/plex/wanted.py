"""Titles as another server knows them, and where they are found on a Plex Media Server."""

from dataclasses import replace

from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.simulators.library import Episode, Show
from tests.simulators.plex.server import PlexMediaServer


def film(key: str = "alien", title: str = "Alien", *ids: str) -> Item:
    """Return a film as another server knows it."""
    return Item(f"other-{key}", MediaKind.MOVIE, title, frozenset(ids or {"movie:imdb:tt0078748"}))


def episode(season: int | None = 1, number: int | None = 2, *ids: str, **changes: object) -> Item:
    """Return an episode as another server knows it."""
    item = Item(
        f"other-{season}-{number}",
        MediaKind.EPISODE,
        "An episode",
        frozenset(ids),
        show_title="The Expanse",
        show_ids=frozenset({"show:tvdb:280619"}),
        season=season,
        episode=number,
    )
    return replace(item, **changes)  # type: ignore[arg-type]


async def found(client: PlexServer, *items: Item) -> list[list[str]]:
    """Return the rating keys found for each wanted item."""
    hits = await client.find(items)
    assert hits.keys() == {item.item_id for item in items}
    return [[hit.item_id for hit in hits[item.item_id]] for item in items]


def show_of(server: PlexMediaServer, title: str, number: int) -> None:
    """Put another show of the same name on the server."""
    server.add_show(Show(f"same-{number}", title, 2000, {"tvdb": str(9000 + number)}, (Episode(1, 1, "One", 1000),)))

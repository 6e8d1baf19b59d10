"""Finding other servers' episodes on a Plex Media Server: by number, by id, and through their shows."""

from datetime import date

import pytest

from tests.servers.plex.attic import ALL, BRAZIL, EXPANSE, HOUR, LEAVES, METADATA, attic, client_of, only
from tests.servers.plex.wanted import episode, film, found, show_of
from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Episode, Show

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_episodes_by_number() -> None:
    """Specials, episodes with and without ids of their own; one query for all of them."""
    async with attic() as server, client_of(server) as client:
        hits = await found(client, episode(0, 1), episode(1, 3), episode(2, 1, "episode:tvdb:5500011"), episode(7, 1))
        assert hits[:3] == [[only(server, EXPANSE.episode_key(*number))] for number in ((0, 1), (1, 3), (2, 1))]
        assert hits[3] == []
        assert server.traffic.table() == {"GET /identity": 1, ALL: 2, LEAVES: 1}
        server.traffic.reset()
        assert await found(client, episode(7, 1)) == [[]]
        assert server.traffic.requests(LEAVES) == 0
        server.clock.advance(700)
        assert await found(client, episode(7, 1)) == [[]]
        assert server.traffic.requests(LEAVES) == 1


async def test_episodes_in_every_copy_of_a_show() -> None:
    """A show in two libraries has two copies of each episode."""
    async with attic() as server, client_of(server) as client:
        server.add_show(EXPANSE, library="Shows 4K")
        assert await found(client, episode(1, 2)) == [server.items_of(EXPANSE.episode_key(1, 2))]


async def test_own_ids_over_numbers() -> None:
    """Where numbers are counted in another order, an episode's own id finds it."""
    async with attic() as server, client_of(server) as client:
        moved = episode(1, 1, "episode:tvdb:5500011")
        hits = (await client.find([moved]))[moved.item_id]
        assert {hit.item_id for hit in hits} == {
            only(server, EXPANSE.episode_key(1, 1)),
            only(server, EXPANSE.episode_key(2, 1)),
        }


async def test_an_episode_in_a_season_of_another_number() -> None:
    """Seasons are years elsewhere: its own id finds it, once the show was read as a whole."""
    async with attic() as server, client_of(server) as client:
        there = only(server, EXPANSE.episode_key(2, 1))
        assert await found(client, episode(2017, 1, "episode:tvdb:5500011")) == [[there]]
        server.traffic.reset()
        assert await found(client, episode(2017, 1, "episode:tvdb:5500011")) == [[there]]
        assert server.traffic.requests(LEAVES) == 0


async def test_the_right_episode_is_found_beside_one_that_aired_another_year() -> None:
    """The one of the same number has no ids, and aired in another year: it is no reason not to look further."""
    show = Show(
        "discs",
        "Disc Order",
        2014,
        {"tvdb": "4242"},
        (
            Episode(1, 1, "First", HOUR, aired="2014-03-01"),
            Episode(1, 2, "Second", HOUR, {"tvdb": "4242002"}, aired="2016-03-01"),
        ),
    )
    async with attic() as server, client_of(server) as client:
        server.add_show(show)
        aired = date(2016, 3, 1).toordinal()
        wanted = episode(1, 1, "episode:tvdb:4242002", show_ids=frozenset({"show:tvdb:4242"}), aired=aired)
        assert only(server, show.episode_key(1, 2)) in (await found(client, wanted))[0]


async def test_episodes_without_numbers_or_show_ids() -> None:
    """An episode's own id is enough where its show is found by id or has the same name."""
    async with attic() as server, client_of(server) as client:
        first = only(server, EXPANSE.episode_key(1, 1))
        assert await found(client, episode(None, None, "episode:tvdb:5500001")) == [[first]]
        nameless = episode(1, 1, "episode:imdb:tt3982220", show_ids=frozenset(), item_id="by-name")
        assert await found(client, nameless) == [[first]]
        assert await found(client, episode(1, 1, "episode:tvdb:1", show_ids=frozenset())) == [[]]
        assert await found(client, episode(1, 1, show_ids=frozenset({"show:tvdb:5"}))) == [[]]
        assert await found(client, episode(1, 1, "episode:tvdb:5500001", show_ids=frozenset(), show_title=None)) == [[]]


async def test_legacy_libraries() -> None:
    """Shows of legacy agents are found by the id in their guid."""
    async with attic() as server, client_of(server) as client:
        old = episode(1, 2, "episode:tvdb:600002", show_ids=frozenset({"show:tvdb:70001"}), show_title="Anders")
        assert await found(client, old) == [[only(server, "old/s01e02")]]
        server.add_library("Old films", LibraryKind.FILMS, agent="com.plexapp.agents.imdb")
        copy = server.add_film(BRAZIL, library="Old films")
        assert await found(client, film("brazil", "Brazil", "movie:imdb:tt0088846")) == [
            [server.items_of("brazil")[0], copy]
        ]


async def test_ids_withheld_from_listings() -> None:
    """What is found carries its ids, also where listings leave those of episodes out."""
    async with attic() as server, client_of(server) as client:
        server.library_routes.episode_guids = False
        item = episode(1, 2, "episode:tvdb:5500002")
        (hit,) = (await client.find([item]))[item.item_id]
        assert "episode:tvdb:5500002" in hit.ids
        assert "show:imdb:tt3230854" in hit.show_ids
        assert server.traffic.requests(METADATA) == 1


async def test_a_show_that_is_gone() -> None:
    """A show deleted since the index was read has no episodes."""
    async with attic() as server, client_of(server) as client:
        await found(client, episode(1, 1), *(film(str(n), "?", f"movie:tmdb:{n}") for n in range(1, 5)))
        await found(client, *(episode(9, 9, show_title=str(n), item_id=str(n)) for n in range(4)))
        server.clock.advance(700)
        server.delete(server.items_of("expanse")[0])
        assert await found(client, episode(1, 2)) == [[]]


async def test_a_show_that_is_new() -> None:
    """Shows, too, are asked for anew when the index is a few minutes old."""
    async with attic() as server, client_of(server) as client:
        item = episode(1, 1, show_ids=frozenset({"show:tvdb:9001"}), show_title="Neu")
        assert await found(client, item) == [[]]
        server.clock.advance(600)
        show_of(server, "New", 1)
        assert await found(client, item) == [[only(server, "same-1/s01e01")]]


async def test_only_a_few_shows_of_one_name_are_read() -> None:
    """Names are candidates, so no more than three shows are read for one."""
    async with attic() as server, client_of(server) as client:
        for number in range(5):
            show_of(server, "Same", number)
        item = episode(1, 1, "episode:tvdb:1", show_ids=frozenset(), show_title="Same")
        assert await found(client, item) == [[]]
        assert server.traffic.requests(LEAVES) == 3

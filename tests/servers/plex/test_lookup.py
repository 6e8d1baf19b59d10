"""Finding other servers' titles on a Plex Media Server: films, and what an index costs."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.servers.plex.listing import query_title
from custom_components.resume_sync.sync.media_server import BadResponse, CannotConnect
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.servers.plex.attic import ALIEN, ALL, EXPANSE, SECTION, SECTIONS, attic, client_of, only, state_of, wanted
from tests.servers.plex.wanted import episode, film, found
from tests.simulators.faults import HtmlPage, Status
from tests.simulators.library import Film, catalogue

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_few_films_are_asked_for_by_title() -> None:
    """Without an index, a title query finds a film; whatever is found has to share an id."""
    async with attic() as server, client_of(server) as client:
        remake = server.add_film(Film("remake", "Alien", 2030, 7_000_000, {"imdb": "tt9999999"}))
        copy = server.add_film(ALIEN, library="Films 4K")
        alien = server.items_of("alien")[0]

        assert await found(client, film()) == [[alien, copy]]
        assert server.traffic.requests(ALL) == 1
        assert await found(client, film("dolly", "Hello, Dolly!", "movie:imdb:tt0064418")) == [[only(server, "dolly")]]
        assert server.traffic.requests(ALL) == 2
        assert await found(client, film("remake", "ALIEN", "movie:imdb:tt9999999")) == [[remake]]


async def test_an_index_where_the_title_is_another() -> None:
    """A film under another title is found in the index, which serves all later look-ups."""
    async with attic() as server, client_of(server) as client:
        german = film("alien", "Das unheimliche Wesen", "movie:tmdb:348")
        assert await found(client, german) == [[only(server, "alien")]]
        assert server.traffic.requests(ALL) == 2
        assert await found(client, film("b", "x", "movie:imdb:tt0088846"), german) == [
            [only(server, "brazil")],
            [only(server, "alien")],
        ]
        assert server.traffic.requests(ALL) == 2


async def test_many_films_and_episodes_cold_and_warm() -> None:
    """2,000 films and 200 shows: an index each in pages of 1,000, then two queries for twenty episodes."""
    async with attic() as server, client_of(server) as client:
        titles = catalogue(films=2000, shows=200, episodes_per_show=10, seed=5)
        server.fill(titles)
        films = [film(each.key, "?", f"movie:tmdb:{each.ids['tmdb']}") for each in titles.films[:10]]
        shows = [show for show in titles.shows if show.ids][:20]
        episodes = [
            episode(
                1,
                3,
                item_id=f"other-{show.key}",
                show_title=show.key,
                show_ids=frozenset({f"show:tmdb:{show.ids['tmdb']}"}),
            )
            for show in shows
        ]

        hits = await found(client, *films, *episodes)

        assert hits == [
            *([only(server, each.key)] for each in titles.films[:10]),
            *([only(server, show.episode_key(1, 3))] for show in shows),
        ]
        assert server.traffic.table() == {"GET /identity": 1, ALL: 6}
        server.traffic.reset()
        assert await found(client, *films, *episodes) == hits
        assert server.traffic.table() == {ALL: 2}


async def test_the_index_follows_the_library() -> None:
    """A miss asks for what is new when the index is a few minutes old, and for everything after a day or `forget`."""
    async with attic() as server, client_of(server) as client:
        new = film("new", "Neu", "movie:tmdb:777")
        assert await found(client, new) == [[]]
        item_id = server.add_film(Film("new", "New", 2026, 6_000_000, {"tmdb": "777"}))
        server.clock.advance(60)
        server.traffic.reset()
        assert await found(client, new) == [[]]
        assert server.traffic.requests(ALL) == 0
        server.clock.advance(300)
        assert await found(client, new) == [[item_id]]
        assert server.traffic.requests(ALL) == 2
        server.delete(item_id)
        server.clock.advance(25 * 3600)
        assert await found(client, new) == [[]]
        assert server.traffic.requests(ALL) == 4
        client.forget()
        assert await found(client, new) == [[]]
        assert server.traffic.requests(ALL) == 6


async def test_an_item_that_was_matched_anew() -> None:
    """New ids replace the old ones in the index."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        await found(client, film("a", "?", "movie:tmdb:348"), film("b", "?", "movie:tmdb:999"))
        server.clock.advance(600)
        server.unmatch(alien)
        server.holdings[alien].changed_at = server.now()
        old, other = film("a", "?", "movie:tmdb:348"), film("b", "?", "movie:tmdb:999")
        assert await found(client, old, other) == [[alien], []]
        assert await found(client, old, other) == [[], []]


@pytest.mark.parametrize("skew", [-7200, 7200])
async def test_a_refresh_speaks_the_servers_time(skew: float) -> None:
    """What is new is asked for on the server's clock."""
    async with attic() as server, client_of(server) as client:
        server.skew = skew
        assert await found(client, film("new", "?", "movie:tmdb:777")) == [[]]
        server.clock.advance(1800)
        item_id = server.add_film(Film("new", "New", 2026, 6_000_000, {"tmdb": "777"}))
        assert await found(client, film("new", "?", "movie:tmdb:777")) == [[item_id]]


async def test_a_refused_refresh_reads_everything() -> None:
    """A server that does not know `addedAt` or `updatedAt` is read anew."""
    async with attic() as server, client_of(server) as client:
        server.library_routes.all_supported = True
        new = film("new", "?", "movie:tmdb:777")
        assert await found(client, new) == [[]]
        item_id = server.add_film(Film("new", "New", 2026, 6_000_000, {"tmdb": "777"}))
        server.clock.advance(600)
        server.faults.add(ALL, Status(400), times=2)
        server.faults.add(SECTION, Status(400), times=2)
        assert await found(client, new) == [[item_id]]


async def test_an_index_by_section() -> None:
    """Where nothing is listed across the server, films, shows and their episodes are found section by section."""
    async with attic() as server, client_of(server) as client:
        server.library_routes.all_supported = False
        assert await found(client, film(), episode(1, 2)) == [
            [only(server, "alien")],
            [only(server, EXPANSE.episode_key(1, 2))],
        ]
        server.traffic.reset()
        assert await found(client, episode(1, 1), film("b", "?", "movie:imdb:tt0088846")) == [
            [only(server, EXPANSE.episode_key(1, 1))],
            [only(server, "brazil")],
        ]
        assert server.traffic.table() == {}


async def test_guids_are_looked_up_directly() -> None:
    """Two Plex servers share `plex://` guids: one query finds all of them, without an index."""
    async with attic() as server, client_of(server) as client:
        alien, second = only(server, "alien"), only(server, EXPANSE.episode_key(1, 2))
        server.set_state("olivia", alien, position_ms=100_000)
        server.set_state("olivia", second, position_ms=100_000)
        snapshot = await client.in_progress()
        items = [replace(state.item, item_id=f"other-{key}") for key, state in snapshot.items.items()]
        server.traffic.reset()

        assert sorted(await found(client, *items)) == sorted([[alien], [second]])
        assert server.traffic.table() == {ALL: 2}


async def test_guids_that_a_server_does_not_look_up() -> None:
    """A refused guid query costs nothing but itself, once."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        item = replace((await state_of(client, alien)).item, item_id="other")
        server.traffic.reset()
        server.faults.add(ALL, Status(404))
        assert await found(client, item) == [[alien]]
        assert server.traffic.requests(ALL) == 2
        client.forget()
        unknown = replace(item, ids=frozenset({f"movie:plex:{'ab' * 12}"}))
        assert await found(client, unknown) == [[]]


async def test_items_without_ids_are_not_looked_for() -> None:
    """Nor are shows; a title too short for a query is looked for in the index."""
    async with attic() as server, client_of(server) as client:
        nothing = Item("x", MediaKind.MOVIE, "Alien")
        show = Item("y", MediaKind.SHOW, "The Expanse", frozenset({"show:tvdb:280619"}))
        assert await found(client, nothing, show) == [[], []]
        assert await client.find([]) == {}
        assert server.traffic.table() == {}
        assert await found(client, film("a", "M")) == [[only(server, "alien")]]
        assert server.traffic.table() == {"GET /identity": 1, ALL: 1}


@pytest.mark.parametrize("title", ["Alien", "A,", ",", "", "Hello, Dolly!"])
def test_a_query_holds_the_longest_part_of_a_title_without_commas(title: str) -> None:
    """A comma means "or", so only a part without one is asked for."""
    part = query_title(title)
    assert part == {"Alien": "Alien", "Hello, Dolly!": "Dolly!"}.get(title)


async def test_failures_are_no_misses() -> None:
    """A look-up that fails raises."""
    async with attic() as server, client_of(server) as client:
        for fault, error in ((HtmlPage(), BadResponse), (Status(502), CannotConnect)):
            server.faults.add(ALL, fault)
            with pytest.raises(error):
                await client.find([film()])
        assert await found(client, film()) == [[only(server, "alien")]]


async def test_the_revision_of_the_library() -> None:
    """It is unknown at first, and watched as long as something is missing."""
    async with attic() as server, client_of(server) as client:
        revisions = [client.library_revision]
        await client.verify()
        revisions.append(client.library_revision)
        server.set_state("olivia", only(server, "alien"), position_ms=100_000)
        server.set_state("olivia", only(server, EXPANSE.episode_key(1, 1)), position_ms=100_000)
        new = film("new", "New", "movie:tmdb:777")
        await found(client, new)
        server.add_film(Film("new", "New", 2026, 6_000_000, {"tmdb": "777"}))
        await client.in_progress()
        revisions.append(client.library_revision)
        server.clock.advance(1000)
        server.traffic.reset()
        await client.in_progress()
        revisions.append(client.library_revision)
        assert server.traffic.requests(SECTIONS) == 1
        server.clock.advance(1000)
        server.faults.add(SECTIONS, Status(500))
        await client.in_progress()
        revisions.append(client.library_revision)
        unread, first, _, second, _ = revisions
        assert (unread is None, first is None, second is None) == (True, False, False)
        assert revisions == [None, first, first, second, second]
        assert first != second
        client.forget()
        assert await found(client, new) != [[]]
        server.clock.advance(1000)
        server.traffic.reset()
        await client.in_progress()
        assert server.traffic.requests(SECTIONS) == 0


async def test_items_look_alike_on_both_sides() -> None:
    """What a listing tells of a title finds the same title by its external ids."""
    async with attic() as server, client_of(server) as client:
        for key in ("alien", EXPANSE.episode_key(1, 1)):
            server.set_state("olivia", only(server, key), position_ms=100_000)
        snapshot = await client.in_progress()
        hits = await client.find([wanted(state.item) for state in snapshot.items.values()])
        assert {key: [hit.item_id for hit in items] for key, items in hits.items()} == {
            f"other-{key}": [key] for key in snapshot.items
        }

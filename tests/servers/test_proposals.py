"""Which items are proposed to a person: the pure ranking, and each client's search for candidates."""

from typing import Any

import pytest

from custom_components.resume_sync.servers.proposals import best_episodes, best_films, best_shows, search_terms
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.simulators.faults import Reset, Status
from tests.simulators.library import Episode, Film, Show

from .mediabrowser.servers import MINUTE, emby, jellyfin
from .plex.attic import ALL, EXPANSE, LEAVES, SECTION, attic, client_of, only

CUTS = (
    Film("alien", "Alien", 1979, 117 * MINUTE, {"imdb": "tt0078748"}),
    Film("cut", "Alien: Director's Cut", 1979, 116 * MINUTE),
    Film("sequel", "Aliens", 1986, 137 * MINUTE),
    Film("undated", "The Alien", None, None),
    Film("remake", "Alien", 1980, 60 * MINUTE),
    Film("other", "Brazil", 1979, 117 * MINUTE),
)
OFFICES = (
    Show(
        "us",
        "The Office",
        2005,
        {"tvdb": "73244"},
        (Episode(1, 1, "Pilot", None), Episode(1, 2, "Diversity Day", None)),
    ),
    Show("uk", "The Office", 2001, {}, (Episode(1, 1, "Downsize", None), Episode(2, 1, "Merger", None))),
    Show("box", "Office Hours", 1999, {}, (Episode(1, 1, "Nine", None),)),
)


def film(item_id: str, title: str, year: int | None = None, minutes: int | None = None) -> Item:
    """Return a film."""
    return Item(
        item_id, MediaKind.MOVIE, title, year=year, duration_ms=minutes * MINUTE if minutes is not None else None
    )


def episode(
    item_id: str, title: str, season: int | None = None, number: int | None = None, show: str | None = None
) -> Item:
    """Return an episode."""
    return Item(item_id, MediaKind.EPISODE, title, show_title=show, season=season, episode=number)


def show(item_id: str, title: str) -> Item:
    """Return a show."""
    return Item(item_id, MediaKind.SHOW, title)


@pytest.mark.parametrize(
    ("title", "terms"),
    [
        ("Alien", ("Alien",)),
        ("  Alien  ", ("Alien",)),
        ("Alien: Director's Cut", ("Alien: Director's Cut", "Alien")),
        ("Alien (Remastered)", ("Alien (Remastered)", "Alien")),
        ("Alien - Extended", ("Alien - Extended", "Alien")),
        ("Blade Runner", ("Blade Runner", "Runner")),
        ("(500) Days", ("(500) Days", "Days")),
        ("Amélie", ("Amélie",)),
        ("M", ()),
        ("", ()),
        ("x" * 10_000, ("x" * 200,)),
    ],
)
def test_search_terms_are_the_title_and_its_main_part(title: str, terms: tuple[str, ...]) -> None:
    """The title itself, then the title without subtitle, or its longest word."""
    assert search_terms(title) == terms


def ids(items: tuple[Item, ...]) -> list[str]:
    """Return the ids of items, in order."""
    return [item.item_id for item in items]


def test_films_by_title_year_and_duration() -> None:
    """The same title, year and duration come first; a film of another time is none that anybody means."""
    wanted = film("w", "The Alien", 1979, 117)
    candidates = [
        film("sequel", "Aliens", 1986, 137),
        film("near", "Alien", 1980, 117),
        film("long", "Alien", 1979, 200),
        film("cut", "Alien: Director's Cut", 1979, 116),
        film("unknown", "Alien"),
        film("same", "ALIEN", 1979, 117),
        film("same", "ALIEN", 1979, 117),
        film("other", "Brazil", 1979, 117),
        show("show", "Alien"),
        film("empty", "", 1979, 117),
    ]

    assert ids(best_films(wanted, candidates)) == ["same", "near", "cut", "unknown", "long"]
    assert best_films(film("w", "???", 1979), candidates) == ()


def test_no_more_than_five_in_a_stable_order() -> None:
    """Equals are ordered by id."""
    copies = [film(str(number), "Alien") for number in range(9)]

    assert ids(best_films(film("w", "Alien"), reversed(copies))) == ["0", "1", "2", "3", "4"]


def test_accents_and_punctuation_do_not_count() -> None:
    """Titles are compared as people read them."""
    assert ids(best_films(film("w", "Le fabuleux destin d'Amelie"), [film("a", "Le Fabuleux Destin d-Amélie")])) == [
        "a"
    ]
    assert best_films(film("w", "Up"), [film("a", "Upgrade")]) == ()
    assert ids(best_films(film("w", "(500) Days"), [film("a", "[500] Days"), film("b", "[Rec]")])) == ["a"]


def test_shows_of_one_title() -> None:
    """The likeliest show, and another one that is called the same; films are none."""
    shows = [show("1", "Office Space"), show("2", "The Office"), show("3", "Office"), show("4", "The Office")]

    assert ids(best_shows(episode("w", "Pilot", show="The Office"), [*shows, film("5", "The Office")])) == ["2", "3"]
    assert ids(best_shows(episode("w", "Pilot", show="Office Space"), shows)) == ["1"]
    assert best_shows(episode("w", "Pilot"), shows) == ()


def test_episodes_by_number_then_by_title() -> None:
    """The number counts more than the title, because titles are translated."""
    wanted = episode("w", "Diversity Day", 1, 2)
    candidates = [
        episode("title", "Diversity Day", 1, 3),
        episode("number", "Tag der Vielfalt", 1, 2),
        episode("both", "Diversity day", 1, 2),
        episode("neither", "Pilot", 1, 1),
        film("film", "Diversity Day"),
    ]

    assert ids(best_episodes(wanted, candidates)) == ["both", "number", "title"]
    assert ids(best_episodes(episode("w", "Pilot"), [episode("a", "Pilot"), episode("b", "End")])) == ["a"]


async def proposed(client: Any, server: Any, wanted: Item) -> list[str]:
    """Return the titles' keys of what a client proposes."""
    server.traffic.reset()
    return [server.holdings[item.item_id].key for item in await client.propose(wanted)]


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("kind", ["jellyfin", "jellyfin 12", "emby"])
async def test_mediabrowser(kind: str) -> None:
    """Films by a search, episodes by a search for their show and one look at the season."""
    houses: dict[str, Any] = {"jellyfin": jellyfin, "jellyfin 12": lambda: jellyfin("12.0.0"), "emby": emby}
    async with houses[kind]() as house:
        server, client = house.server, house.client
        for one in CUTS:
            server.add_film(one)
        for each in OFFICES:
            server.add_show(each)
        listing = "GET /Users/{user}/Items" if kind == "emby" else "GET /Items"

        assert await proposed(client, server, film("w", "Alien", 1979, 117)) == ["alien", "cut", "undated", "remake"]
        assert server.traffic.table() == {listing: 1}
        assert await proposed(client, server, film("w", "Alien: Theatrical", 1979, 117)) == [
            "alien",
            "cut",
            "undated",
            "remake",
        ]
        assert server.traffic.table() == {listing: 2}
        assert await proposed(client, server, film("w", "Nothing like it", 1979)) == []
        assert await proposed(client, server, film("w", "?")) == []
        assert server.traffic.table() == {}

        wanted = episode("w", "Pilot", 1, 1, "The Office")
        assert await proposed(client, server, wanted) == ["us/s01e01", "uk/s01e01"]
        assert server.traffic.table() == {listing: 1, "GET /Shows/{item}/Episodes": 2}
        (best, _) = await client.propose(wanted)
        assert (best.show_title, best.season, best.episode, best.title) == ("The Office", 1, 1, "Pilot")
        assert await proposed(client, server, episode("w", "Merger", 2, 1, "The Office: UK")) == ["uk/s02e01"]
        assert await proposed(client, server, episode("w", "Pilot", 1, 1, "No such show")) == []
        assert await proposed(client, server, episode("w", "Pilot", None, 1, "The Office")) == []
        assert await proposed(client, server, episode("w", "Pilot", 1, 1)) == []

        client.forget()
        server.faults.add("GET /Shows/*", Status(404))
        assert len(await client.propose(wanted)) == 1
        server.faults.add("GET *", Reset(), times=None)
        with pytest.raises(CannotConnect):
            await client.propose(film("w", "Alien"))
        server.faults.clear()

        limited = house.client_with(libraries=[server.library("Shows").library_id])
        assert await proposed(limited, server, film("w", "Alien", 1979, 117)) == []
        assert await proposed(limited, server, wanted) == ["us/s01e01", "uk/s01e01"]


@pytest.mark.usefixtures("socket_enabled")
async def test_plex() -> None:
    """Films by a query for their title, episodes by a query for their show and its episodes."""
    async with attic() as server, client_of(server) as client:
        for one in CUTS[1:]:
            server.add_film(one)

        assert await proposed(client, server, film("w", "Alien", 1979, 117)) == ["alien", "cut", "undated", "remake"]
        assert server.traffic.table() == {"GET /identity": 1, ALL: 1}
        assert await proposed(client, server, film("w", "Alien: Theatrical", 1979, 117)) == [
            "alien",
            "cut",
            "undated",
            "remake",
        ]
        assert server.traffic.table() == {ALL: 2}
        assert await proposed(client, server, film("w", "Nothing like it", 1979)) == []
        assert await proposed(client, server, film("w", "a,b,c,d")) == []
        assert server.traffic.table() == {}

        wanted = episode("w", "The Big Void", 1, 2, "Expanse")
        assert (await proposed(client, server, wanted))[0] == EXPANSE.episode_key(1, 2)
        assert server.traffic.table() == {ALL: 1, LEAVES: 1}
        assert await proposed(client, server, episode("w", "Pilot", 1, 1, "No such show")) == []
        assert await proposed(client, server, episode("w", "Pilot", 1, 1)) == []
        server.faults.add(LEAVES, Status(404))
        assert await proposed(client, server, wanted) == []
        server.faults.add(ALL, Status(400))
        assert await proposed(client, server, film("w", "Alien", 1979, 117)) == []


@pytest.mark.usefixtures("socket_enabled")
async def test_plex_section_by_section() -> None:
    """Where no query across the server is answered, or sections were chosen, each section is asked."""
    async with attic() as server:
        film_id = only(server, "alien")
        async with client_of(server) as client:
            server.library_routes.all_supported = False
            await client.in_progress()
            assert await proposed(client, server, film("w", "Alien", 1979)) == ["alien"]
            assert server.traffic.requests(ALL) == 0
        async with client_of(server, libraries=[server.library("Home videos").library_id]) as client:
            assert await proposed(client, server, film("w", "Alien", 1979)) == []
        async with client_of(server, libraries=[server.library("Films").library_id]) as client:
            assert [item.item_id for item in await client.propose(film("w", "Alien", 1979))] == [film_id]
            assert server.traffic.requests(SECTION) == 2

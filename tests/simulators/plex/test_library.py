"""The simulated Plex Media Server, read by raw HTTP and by plexapi, against what is known of the real one."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.computing import lines_of, lines_run
from tests.simulators.faults import EmptyList, WrongTotal
from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Film, catalogue
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex.small_world import AMELIE, HOUR, LOST, START, Attic, attic, keys, one, titles
from tests.simulators.port import running


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[Attic]:
    """Give a server with an open port, four users and a few titles."""
    async with attic() as world:
        yield world


async def test_untouched_items_have_no_state_attributes(world: Attic) -> None:
    """Nothing seen: no offset, no count, no date."""
    row = one((await world.ask(f"/library/metadata/{world.item(AMELIE)}")).root)
    assert not {"viewOffset", "viewCount", "lastViewedAt"} & set(row.attrib)


async def test_listing_in_progress_across_libraries(world: Attic) -> None:
    """One query by type lists what is in progress everywhere, with each row's library, for this user alone."""
    film, copy, episode = world.item(AMELIE), world.item(AMELIE, 1), world.episode(1, 2)
    for item_id in (film, copy, episode):
        world.server.set_state("olivia", item_id, position_ms=HOUR)
    films = await world.ask("/library/all?type=1&viewOffset>>=0&includeGuids=1")
    assert keys(films.root) == [film, copy]
    assert [row.attrib["librarySectionID"] for row in films.root] == ["1", "3"]
    episodes = await world.ask("/library/all?type=4&viewOffset%3E%3E=0&includeGuids=1")
    assert keys(episodes.root) == [episode]
    row = one(episodes.root)
    assert (row.attrib["parentIndex"], row.attrib["index"], row.attrib["grandparentTitle"]) == ("1", "2", LOST.title)
    assert [child.attrib["id"] for child in row.findall("Guid")] == ["imdb://tt0636290", "tvdb://127132"]
    nothing = await world.ask("/library/all?type=1&viewOffset>>=0", token=world.server.token("henry"))
    assert keys(nothing.root) == []
    assert (await world.ask("/library/all?viewOffset>>=0")).status == 400


async def test_listing_one_library(world: Attic) -> None:
    """There the library stands on the container, and the type has a default."""
    answer = await world.ask("/library/sections/1/all")
    assert answer.root.attrib["librarySectionID"] == "1"
    assert "librarySectionID" not in answer.root[0].attrib
    assert answer.root[0].find("Guid") is None
    assert {row.tag for row in (await world.ask("/library/sections/2/all")).root} == {"Directory"}
    assert keys((await world.ask("/library/sections/1/all?type=4")).root) == []
    assert (await world.ask("/library/sections/99/all")).status == 404


@pytest.mark.parametrize("refusal", [400, 404])
async def test_a_server_without_the_listing_of_everything(world: Attic, refusal: int) -> None:
    """Then the libraries have to be listed one by one."""
    world.server.library_routes.all_supported = False
    world.server.library_routes.all_refusal = refusal
    assert (await world.ask("/library/all?type=1")).status == refusal
    assert (await world.ask("/library/sections/1/all?type=1")).status == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("title=am", {"Amélie", "Gamma"}),
        ("title==Gamma", {"Gamma"}),
        ("title%3D=gamma", {"Gamma"}),
        ("title<=am", {"Amélie"}),
        ("title!=a", {"Tenet"}),
        ("year=2001", {"Amélie"}),
        ("year>>=2001", {"Tenet", "Zulu Dawn"}),
        ("year<<=2001&title=a", {"Gamma"}),
        ("year=1999,2020", {"Gamma", "Tenet"}),
        ("movie.year=2020", {"Tenet"}),
        ("unwatched=1&title=a", {"Amélie", "Zulu Dawn"}),
        ("unwatched=0", {"Gamma"}),
        ("inProgress=1", {"Tenet"}),
        ("viewCount>>=0", {"Gamma"}),
        (f"lastViewedAt>>={int(START) - 200}", {"Tenet"}),
        ("lastViewedAt>>=1970-01-01", {"Gamma", "Tenet"}),
        (f"addedAt>>={int(START) - 1}&year=2020", {"Tenet"}),
        (f"addedAt>>={int(START)}", set()),
        ("checkFiles=1&nonsense=7&year=2020", {"Tenet"}),
        ("guid=imdb://tt0211843", set()),
    ],
)
async def test_media_queries(world: Attic, query: str, found: set[str]) -> None:
    """Filters by field and operator; arguments that are no fields change nothing."""
    for key, title, year in (("g", "Gamma", 1999), ("t", "Tenet", 2020), ("z", "Zulu Dawn", 2010)):
        world.server.add_film(Film(key, title, year, HOUR))
    gamma, tenet = world.server.items_of("g")[0], world.server.items_of("t")[0]
    world.server.set_state("olivia", gamma, play_count=1, last_played=START - 900)
    world.server.set_state("olivia", tenet, position_ms=HOUR // 2, last_played=START - 100)
    assert titles((await world.ask(f"/library/sections/1/all?type=1&{query}")).root) == found


async def test_primary_guids_only(world: Attic) -> None:
    """A query by GUID finds both copies by the agent's GUID, and nothing by external ids."""
    guid = one((await world.ask(f"/library/metadata/{world.item(AMELIE)}")).root).attrib["guid"]
    assert guid.startswith("plex://movie/")
    both = await world.ask(f"/library/all?type=1&guid={guid}")
    assert keys(both.root) == [world.item(AMELIE), world.item(AMELIE, 1)]
    assert keys((await world.ask("/library/all?type=1&guid=tmdb://194")).root) == []


async def test_an_episode_by_its_show_and_numbers(world: Attic) -> None:
    """Fields of show and season qualify episodes; specials are season 0."""
    path = f"/library/all?type=4&show.id={world.show}"
    assert keys((await world.ask(f"{path}&season.index=1&episode.index=2")).root) == [world.episode(1, 2)]
    assert keys((await world.ask(f"{path}&season.index=0")).root) == [world.episode(0, 1)]
    ids = f"{world.episode(1, 1)},{world.episode(0, 1)}"
    assert keys((await world.ask(f"/library/all?type=4&episode.id={ids}&sort=episode.id")).root) == [
        world.episode(0, 1),
        world.episode(1, 1),
    ]


async def test_sorting(world: Attic) -> None:
    """Titles without their article by default; by any known field; an unknown field or direction is refused."""
    world.server.add_film(Film("b", "The Best Film", 1990, HOUR))
    names = [row.attrib["title"] for row in (await world.ask("/library/sections/1/all")).root]
    assert names == ["Amélie", "The Best Film"]
    names = [row.attrib["title"] for row in (await world.ask("/library/sections/1/all?sort=id:desc")).root]
    assert names == ["The Best Film", "Amélie"]
    for bad in ("nonsense", "titleSort:upwards", "unwatched"):
        assert (await world.ask(f"/library/sections/1/all?sort={bad}")).status == 400


async def test_paging(world: Attic) -> None:
    """Start and size come as headers or in the query; the answer tells offset and total, twice."""
    for number in range(7):
        world.server.add_film(Film(f"n{number}", f"Number {number}", 2000, HOUR))
    seen = []
    for start in (0, 3, 6):
        headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": "3"}
        page = await world.ask("/library/sections/1/all", headers=headers)
        assert (page.root.attrib["totalSize"], page.root.attrib["offset"]) == ("8", str(start))
        assert page.headers["X-Plex-Container-Total-Size"] == "8"
        seen += keys(page.root)
    assert seen == keys((await world.ask("/library/sections/1/all")).root)
    page = await world.ask("/library/sections/1/all?X-Plex-Container-Start=2&X-Plex-Container-Size=2")
    assert keys(page.root) == seen[2:4]
    limited = await world.ask("/library/sections/1/all?limit=3")
    assert (keys(limited.root), limited.root.get("totalSize")) == (seen[:3], None)
    world.server.library_routes.pages = False
    page = await world.ask("/library/sections/1/all?X-Plex-Container-Start=2&X-Plex-Container-Size=2")
    assert keys(page.root) == seen


async def test_leaving_out_what_is_not_needed(world: Attic) -> None:
    """Elements and fields can be excluded, but never the key of a row."""
    path = "/library/sections/1/all?includeGuids=1&excludeElements=Media,Genre&excludeFields=summary,ratingKey"
    row = one((await world.ask(path)).root)
    assert {child.tag for child in row} == {"Guid"}
    assert "summary" not in row.attrib
    assert row.attrib["ratingKey"] == world.item(AMELIE)


async def test_batches_by_rating_key(world: Attic) -> None:
    """Unknown keys are left out, with no word; none known is a 404; ids and credits come on request."""
    film, episode = world.item(AMELIE), world.episode(1, 1)
    world.server.add_credits(film, 6_900_000, 7_000_000)
    world.server.delete(world.item(AMELIE, 1))
    answer = await world.ask(f"/library/metadata/{episode},99999,{film}?includeMarkers=1")
    assert set(keys(answer.root)) == {film, episode}
    marker = next(row for row in answer.root if row.attrib["ratingKey"] == film).find("Marker")
    assert marker is not None
    assert (marker.attrib["type"], marker.attrib["startTimeOffset"], marker.attrib["final"]) == (
        "credits",
        "6900000",
        "1",
    )
    assert (await world.ask("/library/metadata/99999,88888")).status == 404


async def test_ids_of_episodes_may_be_kept_from_listings(world: Attic) -> None:
    """They come with the details then."""
    world.server.library_routes.episode_guids = False
    row = one((await world.ask(f"/library/all?type=4&id={world.episode(1, 2)}&includeGuids=1")).root)
    assert row.find("Guid") is None
    assert one((await world.ask(f"/library/metadata/{world.episode(1, 2)}")).root).find("Guid") is not None


async def test_shows_and_what_lies_below(world: Attic) -> None:
    """All leaves of a show come in order; a show's ids are on the show alone."""
    leaves = await world.ask(f"/library/metadata/{world.show}/allLeaves")
    assert keys(leaves.root) == [world.episode(0, 1), world.episode(1, 1), world.episode(1, 2)]
    seasons = await world.ask(f"/library/metadata/{world.show}/children")
    assert [row.attrib["index"] for row in seasons.root] == ["0", "1"]
    assert len(keys((await world.ask(f"/library/metadata/{keys(seasons.root)[1]}/children")).root)) == 2
    world.server.set_state("olivia", world.episode(1, 1), play_count=1)
    show = one((await world.ask(f"/library/metadata/{world.show}")).root)
    assert (show.attrib["leafCount"], show.attrib["viewedLeafCount"]) == ("3", "1")
    assert {child.attrib["id"] for child in show.findall("Guid")} == {"imdb://tt0411008", "tvdb://73739"}


async def test_hidden_seasons(world: Attic) -> None:
    """The rating key of the season is missing then; the numbers stay."""
    world.server.hide_seasons(world.show)
    row = one((await world.ask(f"/library/metadata/{world.episode(1, 2)}")).root)
    assert (row.attrib["skipParent"], row.attrib["parentIndex"]) == ("1", "1")
    assert "parentRatingKey" not in row.attrib


@pytest.mark.parametrize(
    ("agent", "film_guid", "episode_guid"),
    [
        ("com.plexapp.agents.imdb", "com.plexapp.agents.imdb://tt0211843?lang=en", None),
        ("com.plexapp.agents.themoviedb", "com.plexapp.agents.themoviedb://194?lang=en", None),
        ("com.plexapp.agents.thetvdb", None, "com.plexapp.agents.thetvdb://73739/1/2?lang=en"),
        ("com.plexapp.agents.hama", None, "com.plexapp.agents.hama://tvdb-73739/1/2?lang=en"),
    ],
)
async def test_legacy_agents(world: Attic, agent: str, film_guid: str | None, episode_guid: str | None) -> None:
    """Their GUIDs carry the external id, episodes that of the show; there are no other ids."""
    if film_guid is not None:
        world.server.add_library("Old", LibraryKind.FILMS, agent=agent)
        item_id = world.server.add_film(AMELIE, library="Old")
    else:
        world.server.add_library("Old", LibraryKind.SHOWS, agent=agent)
        world.server.add_show(LOST, library="Old")
        item_id = world.server.items_of(LOST.episode_key(1, 2))[1]
    row = one((await world.ask(f"/library/metadata/{item_id}?includeGuids=1")).root)
    assert row.attrib["guid"] == (film_guid or episode_guid)
    assert row.find("Guid") is None


async def test_items_that_no_agent_knows(world: Attic) -> None:
    """They have local GUIDs; home videos the agent of nothing."""
    unknown = world.server.add_film(Film("u", "Our Garden", None, HOUR))
    world.server.add_library("Home videos", LibraryKind.FILMS, agent="com.plexapp.agents.none")
    video = world.server.add_film(AMELIE, library="Home videos")
    episode = world.episode(1, 2)
    world.server.unmatch(episode)
    rows = {
        row.attrib["ratingKey"]: row for row in (await world.ask(f"/library/metadata/{unknown},{video},{episode}")).root
    }
    assert rows[unknown].attrib["guid"] == f"local://{unknown}"
    assert rows[video].attrib["guid"].startswith("com.plexapp.agents.none://")
    assert rows[episode].attrib["guid"] == f"local://{episode}"
    assert rows[episode].attrib["grandparentGuid"].startswith("plex://show/")
    assert all(row.find("Guid") is None for row in rows.values())


async def test_versions_are_one_item_and_copies_are_two(world: Attic) -> None:
    """Another version adds a file to the row; a copy in another library has a key and a state of its own."""
    film, copy = world.item(AMELIE), world.item(AMELIE, 1)
    version = world.server.add_version(film, duration_ms=7_000_000)
    row = one((await world.ask(f"/library/metadata/{film}")).root)
    assert [media.attrib["duration"] for media in row.findall("Media")] == [str(AMELIE.duration_ms), "7000000"]
    assert (await world.ask(f"/library/metadata/{version}")).status == 404
    assert keys((await world.ask("/library/sections/1/all")).root) == [film]
    world.server.set_state("olivia", film, position_ms=HOUR)
    assert world.server.watch_state("olivia", copy).position_ms == 0


async def test_copies_may_share_their_state(socket_enabled: None) -> None:
    """On a server that stores states by GUID."""
    async with attic(linked_copies=True) as world:
        viewer = world.server.viewer("olivia")
        viewer.play(world.item(AMELIE), HOUR)
        viewer.stop()
        assert viewer.state(world.item(AMELIE, 1)).position_ms == HOUR
        assert set(viewer.in_progress()) == {world.item(AMELIE), world.item(AMELIE, 1)}


async def test_an_upgraded_file_keeps_its_state_under_a_new_key(world: Attic) -> None:
    """The old key is gone; an item without a match loses its state."""
    film = world.item(AMELIE)
    world.server.set_state("olivia", film, position_ms=HOUR)
    new = world.server.replace_file(film)
    assert (await world.ask(f"/library/metadata/{film}")).status == 404
    assert world.server.watch_state("olivia", new).position_ms == HOUR
    garden = world.server.add_film(Film("u", "Our Garden", None, HOUR))
    world.server.set_state("olivia", garden, position_ms=HOUR // 2)
    assert world.server.watch_state("olivia", world.server.replace_file(garden)).position_ms == 0


async def test_a_file_that_is_gone_before_its_row(world: Attic) -> None:
    """Until the trash is emptied the row stays and tells when the file went; a user who left sees nothing at all."""
    world.server.trash(world.item(AMELIE))
    row = one((await world.ask("/library/sections/1/all")).root)
    assert row.attrib["deletedAt"] == str(int(START))
    token = world.server.token("henry")
    world.server.remove_user("henry")
    assert (await world.ask("/library/sections/1/all", token=token)).status == 401


async def test_listings_that_lie(world: Attic) -> None:
    """A listing can be empty by error, or tell a wrong total."""
    world.server.faults.add("GET /library/sections/{section}/all", EmptyList())
    assert keys((await world.ask("/library/sections/1/all")).root) == []
    world.server.faults.add("GET /library/sections/{section}/all", WrongTotal(7))
    answer = await world.ask("/library/sections/1/all")
    assert (len(keys(answer.root)), answer.root.attrib["totalSize"]) == (1, "7")


async def test_large_libraries_are_quick(socket_enabled: None) -> None:
    """An item of 12,000 is filled in like one of 1,200, and what is in progress is found without going through them.

    Counted in lines of code.
    """
    filling, listing = [], []
    for size in (1, 10):
        server, last_page = PlexMediaServer(), 1000 * size - 500
        titles = catalogue(films=200 * size, shows=20 * size, episodes_per_show=50)
        filling.append(lines_of(partial(server.fill, titles), "tests/simulators") / size)
        server.add_user("olivia")
        async with running(server):
            for show in range(20):
                server.set_state("olivia", server.items_of(f"show-{show:03}/s01e05")[0], position_ms=HOUR // 2)
            world = Attic(server)
            with lines_run("tests/simulators") as lines:
                answer = await world.ask("/library/all?type=4&viewOffset>>=0&includeGuids=1")
            page = f"X-Plex-Container-Start={last_page}&X-Plex-Container-Size=500"
            last = await world.ask(f"/library/all?type=4&excludeElements=Media,Genre&{page}")
            await world.close()
        assert len(keys(answer.root)) == 20
        assert (len(keys(last.root)), last.root.attrib["totalSize"]) == (500, str(1000 * size))
        listing.append(lines.total)
    assert filling[1] < 1.1 * filling[0]
    assert listing[1] < 1.1 * listing[0]

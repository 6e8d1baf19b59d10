"""Accounts of Jellyfin and Emby that are limited to some libraries."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.sign_in import Library
from custom_components.resume_sync.sync.media_server import BadResponse, InvalidAuth, LibraryGone, MediaServerError
from tests.simulators.faults import EmptyList, Fault, HtmlPage, Status
from tests.simulators.holdings import LibraryKind
from tests.simulators.library import Film
from tests.simulators.mediabrowser.server import MissingParent

from .answers import answering
from .samples import sample
from .servers import FILM, MINUTE, SHOW, START, House, emby, jellyfin, wanted_episode, wanted_film

pytestmark = pytest.mark.usefixtures("socket_enabled")

type AnyHouse = House[Any, Any]

VERSIONS: dict[str, Callable[[], AbstractAsyncContextManager[AnyHouse]]] = {
    "10.11": lambda: jellyfin("10.11.11"),
    "12.0": lambda: jellyfin("12.0.0"),
    "4.9": emby,
}
LISTINGS = {"10.11": "GET /Items", "12.0": "GET /UserItems/Resume", "4.9": "GET /Users/{user}/Items"}
VIEWS = {"10.11": "GET /UserViews", "12.0": "GET /UserViews", "4.9": "GET /Users/{user}/Views"}
EVERY_TIME: dict[str, dict[str, int]] = {"10.11": {}, "12.0": {"GET /UserViews": 1}, "4.9": {}}


@pytest.fixture(params=list(VERSIONS))
def release(request: pytest.FixtureRequest) -> str:
    """Each version of each server."""
    return str(request.param)


@pytest.fixture
async def house(release: str) -> AsyncIterator[AnyHouse]:
    """A server with a film in two libraries, a show, and all of them in progress."""
    async with VERSIONS[release]() as house:
        house.server.add_film(FILM, library="Films 4K")
        for key in ("blue", "road/s01e02"):
            for item_id in house.server.items_of(key):
                house.server.set_state("anna", item_id, position_ms=20 * MINUTE, last_played=START - 60)
        yield house


def limited(house: AnyHouse, *names: str) -> Any:
    """Return a client that is limited to libraries."""
    return house.client_with(libraries=[house.server.library(name).library_id for name in names])


def in_library(house: AnyHouse, key: str, name: str) -> str:
    """Return the one item of a title in a library."""
    (item_id,) = (each for each in house.server.items_of(key) if house.server.holdings[each].library.name == name)
    return str(item_id)


async def test_libraries_of_films_and_shows(house: AnyHouse) -> None:
    """The libraries that a user sees are told by id and name."""
    told = await house.client.libraries()

    assert [library.name for library in told] == ["Films", "Shows", "Films 4K"]
    assert told[0] == Library(house.server.library("Films").library_id, "Films")

    house.server.unshare("Films", "anna")
    assert [library.name for library in await house.client.libraries()] == ["Shows", "Films 4K"]


async def test_other_libraries_are_left_out() -> None:
    """Music, collections and channels are no libraries of films and shows; mixed ones tell no type."""
    rows = sample("jellyfin", "views")["Items"]
    others = [
        {**rows[0], "Id": "a" * 32, "CollectionType": "music"},
        {**rows[0], "Id": "b" * 32, "CollectionType": "boxsets"},
        {**rows[0], "Id": "c" * 32, "Type": "Channel"},
        {key: value for key, value in rows[0].items() if key not in ("CollectionType", "Name")} | {"Id": "d" * 32},
        {**rows[0], "Id": "no id"},
        "no row",
    ]
    async with VERSIONS["10.11"]() as house:

        async def views(request: web.Request) -> web.Response:
            return web.json_response({"Items": [*rows, *others], "TotalRecordCount": 10})

        async with answering(views) as url:
            told = await house.client_with(url=url, server_id=rows[0]["ServerId"]).libraries()

    assert told == (*(Library(row["Id"], row["Name"]) for row in rows), Library("d" * 32, "d" * 32))


async def test_no_choice_asks_as_before(house: AnyHouse, release: str) -> None:
    """Without a choice no library is asked for."""
    await house.client.in_progress()
    house.server.traffic.reset()

    snapshot = await house.client.in_progress()

    assert len(snapshot.items) == 3
    assert house.server.traffic.table() == {LISTINGS[release]: 1}


async def test_one_listing_for_each_library(house: AnyHouse, release: str) -> None:
    """Only titles of the chosen libraries are listed, for one request each while nothing changes.

    On version 12 the list of libraries is read each time: what is in progress below one is told to whom lost it, too.
    """
    client = limited(house, "Films", "Shows")

    first = await client.in_progress()

    assert first.items.keys() == {in_library(house, "blue", "Films"), house.item("road/s01e02")}
    assert first.items[house.item("road/s01e02")].item.show_ids
    house.server.traffic.reset()
    again = await client.in_progress()
    assert again.items == first.items
    assert house.server.traffic.table() == {LISTINGS[release]: 2, **EVERY_TIME[release]}


async def test_libraries_are_looked_for_when_the_rows_change(house: AnyHouse, release: str) -> None:
    """A title that comes or goes costs one look at the list of libraries; a position that moves costs none."""
    client = limited(house, "Films", "Shows")
    await client.in_progress()
    house.server.traffic.reset()

    house.server.set_state("anna", in_library(house, "blue", "Films"), position_ms=30 * MINUTE)
    await client.in_progress()
    assert house.server.traffic.table() == {LISTINGS[release]: 2, **EVERY_TIME[release]}

    house.server.traffic.reset()
    house.server.set_state("anna", house.item("road/s01e01"), position_ms=20 * MINUTE)
    await client.in_progress()
    assert house.server.traffic.table()[VIEWS[release]] == 1


@pytest.mark.parametrize("answer", MissingParent)
@pytest.mark.parametrize("removed", [False, True])
async def test_a_library_that_vanished(house: AnyHouse, answer: MissingParent, removed: bool) -> None:
    """Whether it was removed or is not shared any more, and whatever the server answers: an error, nothing vanished."""
    client = limited(house, "Films", "Shows")
    await client.in_progress()
    gone = house.server.library("Films").library_id

    house.server.missing_parent = answer
    if removed:
        house.server.remove_library("Films")
    else:
        house.server.unshare("Films", "anna")

    for _ in range(2):
        with pytest.raises(LibraryGone) as caught:
            await client.in_progress()
        assert caught.value.library_ids == (gone,)
        assert gone not in str(caught.value)


@pytest.mark.parametrize("release", ["10.11", "4.9"])
async def test_a_library_that_was_empty_vanishes(house: AnyHouse, release: str) -> None:
    """An empty answer is believed for an hour."""
    house.server.missing_parent = MissingParent.NOTHING
    house.server.add_library("Kids", LibraryKind.FILMS)
    client = limited(house, "Shows", "Kids")
    await client.in_progress()
    house.server.traffic.reset()
    house.server.remove_library("Kids")

    house.server.clock.advance(59 * 60)
    assert (await client.in_progress()).items.keys() == {house.item("road/s01e02")}
    assert house.server.traffic.table() == {LISTINGS[release]: 2}

    house.server.clock.advance(61)
    with pytest.raises(LibraryGone):
        await client.in_progress()


@pytest.mark.parametrize("release", ["10.11", "4.9"])
async def test_an_empty_library_that_is_there(house: AnyHouse, release: str) -> None:
    """Nothing in progress in a library that exists is a fact, looked up once an hour."""
    client = limited(house, "Films 4K")
    house.server.set_state("anna", in_library(house, "blue", "Films 4K"), position_ms=0)

    assert (await client.in_progress()).items == {}
    house.server.traffic.reset()
    for _ in range(12):
        house.server.clock.advance(300)
        assert (await client.in_progress()).items == {}
    assert house.server.traffic.table()[VIEWS[release]] == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(404), BadResponse),
        (Status(500), BadResponse),
        (HtmlPage(), BadResponse),
        (EmptyList(), LibraryGone),
    ],
)
async def test_libraries_that_cannot_be_read(
    house: AnyHouse, release: str, fault: Fault, error: type[MediaServerError]
) -> None:
    """While the list of libraries cannot be read, a changed answer is not believed."""
    client = limited(house, "Films")
    house.server.faults.add(VIEWS[release], fault)

    with pytest.raises(error):
        await client.in_progress()

    assert len((await client.in_progress()).items) == 1


async def test_states_do_not_depend_on_the_choice(house: AnyHouse) -> None:
    """An item that is known by its id is read wherever it is."""
    client = limited(house, "Shows")
    film = in_library(house, "blue", "Films")

    read = await client.states([film])

    assert read.items[film].position_ms == 20 * MINUTE


async def test_titles_are_found_in_the_chosen_libraries_only(house: AnyHouse) -> None:
    """A film that is in two libraries is found in the chosen one, and a show in another one is not found."""
    wanted = [wanted_film(FILM), wanted_episode(SHOW, 1, 1)]

    found = await limited(house, "Films 4K").find(wanted)

    assert [item.item_id for item in found["there"]] == [in_library(house, "blue", "Films 4K")]
    assert found["there-road-1x1"] == ()

    found = await limited(house, "Films", "Films 4K", "Shows").find(wanted)
    assert {item.item_id for item in found["there"]} == set(house.server.items_of("blue"))
    assert [item.item_id for item in found["there-road-1x1"]] == [house.item("road/s01e01")]


@pytest.mark.parametrize("answer", MissingParent)
async def test_nothing_is_found_in_a_library_that_vanished(house: AnyHouse, answer: MissingParent) -> None:
    """A look-up in a library that is gone is an error too, and so is the next one."""
    client = limited(house, "Films 4K")
    house.server.missing_parent = answer
    house.server.remove_library("Films 4K")

    for _ in range(2):
        with pytest.raises(LibraryGone):
            await client.find([wanted_film(FILM)])


async def test_a_dead_token_is_no_library_that_vanished(house: AnyHouse, release: str) -> None:
    """A refusal is asked after, and stays what it is where that is refused too, or where the libraries are there."""
    client = limited(house, "Films", "Shows")
    await client.in_progress()
    house.server.faults.add(LISTINGS[release], Status(401), times=2)
    with pytest.raises(InvalidAuth):
        await client.in_progress()
    await client.in_progress()

    del house.server.accounts.tokens[house.token]
    with pytest.raises(InvalidAuth):
        await client.in_progress()


async def test_an_index_is_read_library_by_library() -> None:
    """More than a few titles: Jellyfin's index holds the chosen libraries, and what is saved there later."""
    async with jellyfin() as house:
        house.server.add_film(FILM, library="Films 4K")
        client: JellyfinServer = limited(house, "Films 4K", "Shows")
        client.forget()
        wanted = [wanted_film(FILM), wanted_episode(SHOW, 1, 1)] + [
            wanted_film(Film(f"film-{n}", f"Film {n}", 2000, None, {"imdb": f"tt777000{n}"}), f"f{n}") for n in range(5)
        ]

        found = await client.find(wanted)

        assert [item.item_id for item in found["there"]] == [in_library(house, "blue", "Films 4K")]
        assert found["f3"] == ()
        house.server.traffic.reset()
        house.server.clock.advance(600)
        house.server.add_film(Film("film-3", "Film 3", 2000, None, {"imdb": "tt7770003"}))
        house.server.add_film(Film("film-4", "Film 4", 2000, None, {"imdb": "tt7770004"}), library="Films 4K")
        found = await client.find(wanted)
        assert found["f3"] == ()
        assert [item.item_id for item in found["f4"]] == [house.item("film-4")]
        assert house.server.traffic.requests("GET /Items") == 2


async def test_libraries_off_the_home_screen_count_when_chosen() -> None:
    """On version 12 a chosen library is asked for by itself, whether or not it is on the home screen."""
    async with jellyfin("12.0.0") as house:
        house.server.set_state("anna", house.item("blue"), position_ms=20 * MINUTE)
        house.server.users["anna"].latest_excludes = {house.server.library("Films").library_id}

        assert (await limited(house, "Films").in_progress()).items.keys() == {house.item("blue")}
        assert (await limited(house, "Shows").in_progress()).items == {}

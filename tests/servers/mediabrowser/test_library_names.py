"""In which library an item is: asked for where several copies of a title have to be told apart."""

from aiohttp import web
import pytest

from tests.simulators.faults import Status, Tampered

from . import releases as mediabrowser_releases
from .releases import AnyHouse, put_in_progress
from .servers import FILM, SHOW

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house

ABOVE = "GET /Items/{item}/Ancestors"


def answer(body: object) -> Tampered:
    """Let a server answer something else."""
    return Tampered(lambda _: web.json_response(body))


async def test_films_and_episodes(house: AnyHouse) -> None:
    """Each is asked for by itself, and not again within a day."""
    film, copy, episode = house.item("blue"), house.server.add_film(FILM, "4K"), house.item("road/s01e01")
    house.server.traffic.reset()
    expected = {film: "Films", copy: "4K", episode: "Shows"}
    for _ in range(2):
        assert await house.client.libraries_of([film, copy, episode]) == expected
    assert house.server.traffic.table() == {ABOVE: 3}

    house.server.clock.advance(24 * 3600)
    assert await house.client.libraries_of([film]) == {film: "Films"}
    assert house.server.traffic.requests(ABOVE) == 4

    house.client.forget()
    assert await house.client.libraries_of([copy]) == {copy: "4K"}
    assert house.server.traffic.requests(ABOVE) == 5


async def test_what_lies_in_one_place_is_asked_for_once(house: AnyHouse) -> None:
    """Films that were read lie in a folder, episodes in their show; a listing starts anew."""
    film, episode = put_in_progress(house)
    others = [house.item("nameless"), house.item("road/s02e07")]
    await house.client.in_progress()
    await house.client.states(others)
    house.server.traffic.reset()

    names = await house.client.libraries_of([film, episode, *others])

    assert names == {film: "Films", episode: "Shows", others[0]: "Films", others[1]: "Shows"}
    assert house.server.traffic.table() == {ABOVE: 2}


async def test_a_library_that_is_not_told(house: AnyHouse) -> None:
    """Nothing fails for want of it: gone, refused, broken, nonsense, an id that cannot be this server's."""
    film = house.item("blue")
    nonsense: list[object] = [{}, [], [7, {"Type": "CollectionFolder", "Name": 7}, {"Type": "Folder", "Name": "Disk"}]]
    for fault in (Status(404), Status(403), Status(500), *(answer(body) for body in nonsense)):
        house.server.faults.add(ABOVE, fault)
        assert await house.client.libraries_of([film]) == {}
        house.client.forget()
    house.server.traffic.reset()
    assert await house.client.libraries_of(["no id of this server"]) == {}
    assert house.server.traffic.table() == {}


async def test_an_item_of_a_show(house: AnyHouse) -> None:
    """Above an episode are its season and its show, and then the library."""
    assert await house.client.libraries_of([house.item(SHOW.key)]) == {house.item(SHOW.key): "Shows"}

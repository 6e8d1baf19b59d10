"""Looking titles up on the versions of Jellyfin that people run, and what it costs there."""

import pytest

from tests.simulators.library import Episode, Film, Show

from .servers import FILM, MINUTE, SHOW, jellyfin, many_films, wanted_episode, wanted_film

pytestmark = pytest.mark.usefixtures("socket_enabled")

SEASON = "GET /Shows/{item}/Episodes"
NEIGHBOUR = Show("street", "Long Street", 2009, {"tvdb": "4242"}, (Episode(1, 1, "One", 20 * MINUTE),))


@pytest.mark.parametrize("version", ["10.9.0", "10.10.7", "10.11.11", "12.0.0"])
async def test_an_index_that_is_an_hour_old(version: str) -> None:
    """A title that is new since then is found with one request."""
    async with jellyfin(version) as house:
        await house.client.find([wanted_film(film, film.key) for film in many_films(5)])
        house.server.clock.advance(3600)
        late = Film("late", "Late", 2020, 90 * MINUTE, {"imdb": "tt0000777"})
        house.server.add_film(late)
        house.server.traffic.reset()

        found = await house.client.find([wanted_film(late)])

        assert [item.item_id for item in found["there"]] == [house.item("late")]
        assert house.server.traffic.table() == {"GET /Items": 1}


@pytest.mark.parametrize("own_ids", [True, False])
async def test_a_show_that_was_scanned_once(own_ids: bool) -> None:
    """10.11 tells no episode of it: by number across the library it does, and the show's id proves the episode."""
    async with jellyfin("10.11.11") as house:
        house.server.show_taken_in(house.item("road"))
        house.server.add_show(NEIGHBOUR)
        await house.client.verify()
        house.server.traffic.reset()
        wanted = [wanted_episode(SHOW, 1, number, own_ids=own_ids) for number in (1, 2)]

        found = await house.client.find(wanted)

        assert [[item.item_id for item in found[each.item_id]] for each in wanted] == [
            [house.item("road/s01e01")],
            [house.item("road/s01e02")],
        ]
        assert found[wanted[0].item_id][0].show_ids == {"show:tvdb:81189", "show:imdb:tt0903747", "show:tmdb:1396"}
        assert house.server.traffic.table() == {"GET /Items": 3, SEASON: 2}

        house.server.scan()
        house.server.clock.advance(301)
        house.server.traffic.reset()
        await house.client.find(wanted)
        assert house.server.traffic.table() == {"GET /Items": 1, SEASON: 1}


@pytest.mark.parametrize("version", ["10.9.0", "10.10.7", "12.0.0"])
async def test_other_versions_are_not_asked_for_numbers(version: str) -> None:
    """A season that the show does not have is no reason to ask: it is looked for in all of its show, by its own ids."""
    async with jellyfin(version) as house:
        await house.client.verify()
        house.server.delete(house.item("road/s02e07"))
        house.server.traffic.reset()

        found = await house.client.find([wanted_episode(SHOW, 2, 7)])

        assert found == {"there-road-2x7": ()}
        assert house.server.traffic.table() == {"GET /Items": 1, SEASON: 2}


async def test_a_version_that_was_played() -> None:
    """12 lists it in the resume list alone: it is there with the film's ids, and costs no look-up."""
    async with jellyfin("12.0.0") as house:
        film = house.item("blue")
        cut = house.server.add_version(film, duration_ms=120 * MINUTE)
        viewer = house.server.viewer("anna")
        viewer.play(film, 30 * MINUTE, version_id=cut)
        viewer.stop(31 * MINUTE)
        await house.client.verify()
        house.server.traffic.reset()

        snapshot = await house.client.in_progress()
        read = await house.client.states([cut])

        assert snapshot.items[cut].item.ids == wanted_film(FILM).ids
        assert (read.items[cut].position_ms, read.absent) == (31 * MINUTE, frozenset())
        assert house.server.traffic.table() == {"GET /UserItems/Resume": 1, "GET /Items": 1, "GET /Items/{item}": 1}

"""What is absent: by access, not by what a batch says; and batches that fail, or leave items out."""

import pytest

from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.sync.media_server import LibraryGone, NotFound
from custom_components.resume_sync.sync.model import PositionWrite, StateRead
from tests.simulators.faults import Status
from tests.simulators.library import Episode, Show
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .releases import put_in_progress
from .servers import MINUTE, SHOW, House, emby, jellyfin, many_films

pytestmark = pytest.mark.usefixtures("socket_enabled")

ALL = pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
ITEM, ITEMS = "GET /Items/{item}", "GET /Items"
BROKEN = "0" * 31 + "1"

type JellyfinHouse = House[SimulatedJellyfin, JellyfinServer]


async def listed(house: JellyfinHouse) -> None:
    """Read what is in progress, and count requests from here on."""
    await house.client.in_progress()
    house.server.traffic.reset()


@ALL
async def test_a_title_of_a_withdrawn_library_is_absent(version: str) -> None:
    """A batch still tells its position, its own route is 404: one request, for this title only."""
    async with jellyfin(version) as house:
        film, episode = put_in_progress(house)
        house.server.unshare("Films", "anna")
        await listed(house)

        read = await house.client.states([film, episode])

        assert set(read.items) == {episode}
        assert read.absent == {film}
        assert house.server.traffic.table() == {ITEMS: 1, ITEM: 1}


@ALL
async def test_a_title_that_was_begun_since_the_listing_is_asked_for_once(version: str) -> None:
    """It is there, and is believed until the next listing shows it."""
    async with jellyfin(version) as house:
        await listed(house)
        film, _ = put_in_progress(house)

        for _ in range(3):
            assert set((await house.client.states([film])).items) == {film}

        assert house.server.traffic.requests(ITEM) == 1


@ALL
async def test_what_was_written_needs_no_question(version: str) -> None:
    """A write that the server took has told that the user may see the item."""
    async with jellyfin(version) as house:
        await listed(house)
        film = house.item("blue")
        base = (await house.client.states([film])).items[film]
        await house.client.write_position(PositionWrite(base, 20 * MINUTE))

        assert (await house.client.states([film])).items[film].position_ms == 20 * MINUTE
        assert house.server.traffic.requests(ITEM) == 0


@ALL
async def test_the_targets_of_first_writes_are_asked_for(version: str) -> None:
    """At 0 nothing tells that a library was withdrawn; a write would be refused with 404.

    What is there is asked for once in six hours.
    """
    async with jellyfin(version) as house:
        film, episode = house.item("blue"), house.item("road/s01e01")
        base = (await house.client.states([film])).items[film]
        house.server.unshare("Films", "anna")
        await listed(house)

        assert (await house.client.states([film])).absent == frozenset()
        for asked in (2, 3):
            assert await house.client.withdrawn([film, episode]) == {film}
            assert house.server.traffic.requests(ITEM) == asked
        with pytest.raises(NotFound):
            await house.client.write_position(PositionWrite(base, 20 * MINUTE))


async def test_emby_is_not_asked_for_single_items() -> None:
    """There an item's id opens it without access to its library."""
    async with emby() as house:
        await house.client.in_progress()
        film, _ = put_in_progress(house)
        house.server.traffic.reset()

        assert set((await house.client.states([film])).items) == {film}
        assert await house.client.withdrawn([film]) == frozenset()
        assert house.server.traffic.requests() == 1


async def test_an_account_limited_to_a_library_that_was_withdrawn() -> None:
    """On 12 the list of what is in progress below it goes on as if nothing had happened."""
    async with jellyfin("12.0.0") as house:
        put_in_progress(house)
        client = house.client_with(libraries=[house.server.library("Films").library_id])
        assert len((await client.in_progress()).items) == 1
        house.server.unshare("Films", "anna")

        for _ in range(2):
            with pytest.raises(LibraryGone):
                await client.in_progress()


async def test_a_library_off_the_home_screen_that_was_withdrawn() -> None:
    """It is asked for by itself, so that its list would go on, too."""
    async with jellyfin("12.0.0") as house:
        _, episode = put_in_progress(house)
        house.server.users["anna"].latest_excludes = {house.server.library("Films").library_id}
        assert len((await house.client.in_progress()).items) == 2
        house.server.unshare("Films", "anna")

        assert set((await house.client.in_progress()).items) == {episode}


async def test_one_broken_item_among_a_hundred() -> None:
    """10.11 answers a batch with 500 for one item of an unknown type: halves find it, and it alone is unknown."""
    async with jellyfin("10.11.11") as house:
        ids = [house.server.add_film(film) for film in many_films(150)]

        read = await house.client.states([*ids, BROKEN])

        assert (set(read.items), read.absent, set(read.unknown)) == (set(ids), frozenset(), {BROKEN})
        assert house.server.traffic.table() == {ITEMS: 14}
        house.server.traffic.reset()
        again = await house.client.states([*ids, BROKEN])
        assert (again.items, set(again.unknown)) == (read.items, {BROKEN})
        assert house.server.traffic.table() == {ITEMS: 3}


async def test_a_broken_item_alone() -> None:
    """Nothing is known of it, and nothing more is asked."""
    async with jellyfin("10.11.11") as house:
        read = await house.client.states([BROKEN])

        assert (read.items, read.absent, set(read.unknown)) == ({}, frozenset(), {BROKEN})
        assert house.server.traffic.table() == {ITEMS: 1}


async def test_a_server_that_fails_on_every_batch() -> None:
    """It is asked thirty times in vain, and nothing is known of any item: no title is judged to be gone."""
    async with jellyfin("10.11.11") as house:
        ids = [house.server.add_film(film) for film in many_films(150)]
        house.server.faults.add(ITEMS, Status(500), times=1000)

        read = await house.client.states(ids)

        assert (read.items, read.absent, set(read.unknown)) == ({}, frozenset(), set())
        assert house.server.traffic.requests() == 30


async def test_a_batch_that_fails_once() -> None:
    """Its halves bring everything."""
    async with emby() as house:
        ids = [house.server.add_film(film) for film in many_films(10)]
        house.server.faults.add("GET /Users/{user}/Items", Status(500))

        assert set((await house.client.states(ids)).items) == set(ids)
        assert house.server.traffic.requests() == 3


async def many_gone(house: JellyfinHouse) -> tuple[str, list[str]]:
    """Return a title and 159 ids of titles that are gone."""
    film, _ = put_in_progress(house)
    gone = [house.server.add_film(each) for each in many_films(159)]
    for item_id in gone:
        house.server.delete(item_id)
    await listed(house)
    return film, gone


@pytest.mark.parametrize("version", ["10.9.0", "10.10.7", "10.11.11"])
async def test_159_of_160_titles_are_gone(version: str) -> None:
    """Up to 10.11 a batch hides nothing: two requests."""
    async with jellyfin(version) as house:
        film, gone = await many_gone(house)

        read = await house.client.states([film, *gone])

        assert (set(read.items), set(read.unknown)) == ({film}, set())
        assert read.absent == set(gone)
        assert house.server.traffic.table() == {ITEMS: 2}


async def test_159_of_160_titles_are_gone_on_12() -> None:
    """A version may hide behind each: twenty are asked for in a run, the rest are unknown until their turn comes."""
    async with jellyfin("12.0.0") as house:
        film, gone = await many_gone(house)
        seen: list[StateRead] = []
        left = set(gone)
        while left:
            house.server.traffic.reset()
            read = await house.client.states([film, *left])
            assert house.server.traffic.table() == {ITEMS: 1 + (len(left) >= 100), ITEM: min(20, len(left))}
            house.server.traffic.reset()
            rest = await house.client.states(left - read.absent)
            assert rest.absent == frozenset()
            assert ITEM not in house.server.traffic.table()
            assert (set(read.items), set(read.unknown)) == ({film}, set())
            left -= read.absent
            seen.append(read)
            await listed(house)

    assert [len(read.absent) for read in seen] == [20] * 7 + [19]
    assert all(set(read.items) == {film} for read in seen)


async def test_those_that_wait_longest_are_asked_for_first() -> None:
    """Thirty versions of films, of which twenty could be asked for in the run before."""
    async with jellyfin("12.0.0") as house:
        versions = {house.server.add_version(house.server.add_film(film)) for film in many_films(30)}
        await listed(house)
        first = await house.client.states(versions)
        house.server.clock.advance(300)
        await listed(house)
        second = await house.client.states(versions)

    assert (len(first.items), len(second.items)) == (20, 20)
    assert first.items.keys() | second.items.keys() == versions


@ALL
async def test_a_show_in_two_folders(version: str) -> None:
    """A batch of both has one row; the other folder's ids come when it is asked for alone."""
    async with jellyfin(version) as house:
        second = Show("road-2", SHOW.title, SHOW.year, SHOW.ids, (Episode(2, 1, "Part 3", 47 * MINUTE),))
        house.server.add_show(second)
        episodes = house.item("road/s01e02"), house.item("road-2/s02e01")
        for item_id in episodes:
            house.server.set_state("anna", item_id, position_ms=5 * MINUTE)

        snapshot = await house.client.in_progress()

        told = [snapshot.items[item_id].item.show_ids for item_id in episodes]
        assert told[0] == told[1] == {"show:tvdb:81189", "show:imdb:tt0903747", "show:tmdb:1396"}

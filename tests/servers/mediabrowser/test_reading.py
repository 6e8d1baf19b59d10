"""Reading the titles in progress, on Jellyfin and Emby alike: one complete read, or an error."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import MediaKind
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, RevokedToken, Status, Truncated, WrongTotal
from tests.simulators.library import Film

from . import releases as mediabrowser_releases
from .releases import AnyHouse, listing_of, put_in_progress
from .servers import MINUTE, START, emby, jellyfin, many_films, port

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house


async def test_nothing_in_progress(house: AnyHouse, release: str) -> None:
    """An empty shelf is an answer."""
    await house.client.verify()
    house.server.traffic.reset()

    snapshot = await house.client.in_progress()

    assert (snapshot.items, snapshot.unknown, snapshot.nameless_rows) == ({}, {}, 0)
    assert house.server.traffic.table() == {listing_of(release): 1}


async def test_home_videos_are_told_from_a_film_that_nobody_matched(house: AnyHouse) -> None:
    """They lie in a library in which nothing has ids."""
    videos = {house.server.add_film(Film(f"beach-{number}", "Beach", None, 60 * MINUTE), "Home") for number in range(3)}
    unmatched = house.item("nameless")
    film, episode = put_in_progress(house)
    for item_id in (*videos, unmatched):
        house.server.set_state("anna", item_id, position_ms=15 * MINUTE)

    items = (await house.client.in_progress()).items

    assert set(items) == {*videos, unmatched, film, episode}
    assert {key for key, state in items.items() if not state.item.identifiable} == videos


async def test_in_progress(house: AnyHouse, release: str) -> None:
    """One request brings everything, one more the ids of the show, and never again."""
    film, episode = put_in_progress(house)
    house.server.set_state("ben", house.item("road/s01e01"), position_ms=7 * MINUTE)
    await house.client.verify()
    house.server.traffic.reset()

    snapshot = await port(house.client).in_progress()

    assert set(snapshot.items) == {film, episode}
    assert (snapshot.unknown, snapshot.nameless_rows) == ({}, 0)
    assert (snapshot.read_at, snapshot.skew_ms) == (house.server.clock.now_ms(), 0)
    state = snapshot.items[film]
    assert (state.position_ms, state.watched, state.play_count, state.favorite) == (15 * MINUTE, True, 3, True)
    assert state.last_played_server_ms == int(START - 3600) * 1000
    assert state.item.ids == {"movie:imdb:tt1234567", "movie:tmdb:55555"}
    assert (state.item.title, state.item.year, state.item.duration_ms) == ("Blue Harbour", 2011, 104 * MINUTE)
    item = snapshot.items[episode].item
    assert (item.kind, item.season, item.episode, item.show_title) == (MediaKind.EPISODE, 1, 2, "Long Road")
    assert item.show_ids == {"show:tvdb:81189", "show:imdb:tt0903747", "show:tmdb:1396"}
    assert house.server.traffic.requests() == 2

    house.server.traffic.reset()
    house.server.clock.advance(6 * 3600 - 60)
    again = await house.client.in_progress()
    assert again.items == snapshot.items
    assert house.server.traffic.table() == {listing_of(release): 1}


async def test_skew(house: AnyHouse) -> None:
    """A server whose clock is off says so in each read."""
    put_in_progress(house)
    house.server.skew = -600.0

    snapshot = await house.client.in_progress()
    read = await house.client.states(snapshot.items)

    assert abs(snapshot.skew_ms + 600_000) <= 501
    assert read.skew_ms == snapshot.skew_ms


async def test_pages(house: AnyHouse, release: str) -> None:
    """Pages of 500 up to the first short one, each title once."""
    films = many_films(1000)
    ids = [house.server.add_film(film) for film in films]
    for number, item_id in enumerate(ids):
        house.server.set_state("anna", item_id, position_ms=MINUTE + number, last_played=START - 10_000 + number)
    await house.client.verify()
    house.server.traffic.reset()

    snapshot = await house.client.in_progress()

    assert {key: state.position_ms for key, state in snapshot.items.items()} == {
        key: MINUTE + number for number, key in enumerate(ids)
    }
    assert house.server.traffic.table() == {listing_of(release): 3}
    for fault, error in ((Status(500), BadResponse), (Truncated(), BadResponse), (Reset(), CannotConnect)):
        house.server.faults.add(listing_of(release), fault, skip=1, times=2)
        with pytest.raises(error):
            await house.client.in_progress()
        house.server.faults.clear()
    house.server.faults.add(listing_of(release), WrongTotal(1001), skip=2)
    with pytest.raises(BadResponse):
        await house.client.in_progress()


@pytest.mark.parametrize("total", [0, 1])
async def test_a_total_below_the_rows_means_nothing(house: AnyHouse, release: str, total: int) -> None:
    """Some answers say 0 with rows."""
    put_in_progress(house)
    house.server.faults.add(listing_of(release), WrongTotal(total))

    assert len((await house.client.in_progress()).items) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(401), InvalidAuth),
        (Status(403), NotAllowed),
        (Status(404), BadResponse),
        (Status(500), BadResponse),
        (Status(502), CannotConnect),
        (HtmlPage(), BadResponse),
        (Truncated(), BadResponse),
        (Truncated(share=0.4, honest=True), BadResponse),
        (Truncated(share=0.0, honest=True), BadResponse),
        (WrongTotal(3), BadResponse),
        (RevokedToken(), InvalidAuth),
    ],
)
async def test_a_listing_that_fails(house: AnyHouse, release: str, fault: Fault, error: type[MediaServerError]) -> None:
    """Nothing is ever taken from half a read."""
    put_in_progress(house)
    await house.client.verify()
    house.server.faults.add(listing_of(release), fault, times=None)

    with pytest.raises(error) as caught:
        await house.client.in_progress()

    assert type(caught.value) is error or error is BadResponse


async def test_a_single_refusal_is_asked_about_again(house: AnyHouse, release: str) -> None:
    """A proxy that starts, or a server that is just restored; the second answer counts, whatever it is."""
    put_in_progress(house)
    house.server.faults.add(listing_of(release), Status(401))
    assert len((await house.client.in_progress()).items) == 2

    house.server.faults.add(listing_of(release), Status(401))
    house.server.faults.add(listing_of(release), Status(502), skip=1)
    with pytest.raises(CannotConnect):
        await house.client.in_progress()


async def test_a_busy_server(house: AnyHouse, release: str) -> None:
    """A server that limits says for how long, one that starts too."""
    await house.client.verify()
    house.server.faults.add(listing_of(release), Status(429, retry_after="17"))
    with pytest.raises(ServerBusy) as limited:
        await house.client.in_progress()
    house.server.starting = True
    with pytest.raises(ServerBusy) as starting:
        await house.client.states(["1", "a" * 32])

    assert limited.value.retry_after == 17
    assert starting.value.retry_after in (5.0, None)


async def test_a_server_that_is_away(house: AnyHouse) -> None:
    """Too slow, gone, and back again."""
    slow = house.client_with(timeout_seconds=0.1)
    house.server.faults.add("*", Latency(0.3))
    with pytest.raises(CannotConnect):
        await slow.in_progress()
    await asyncio.sleep(0.3)
    number = house.server.port
    await house.server.stop()
    with pytest.raises(CannotConnect):
        await house.client.in_progress()
    await house.server.start(number)

    assert (await house.client.in_progress()).items == {}


@pytest.mark.parametrize("open_house", [jellyfin, emby])
async def test_a_show_without_ids_is_asked_for_again_later(
    open_house: Callable[[], AbstractAsyncContextManager[AnyHouse]],
) -> None:
    """A library scan may bring its ids within the hour; those that are known are kept for a day."""
    async with open_house() as house:
        _, episode = put_in_progress(house)
        show = house.server.holdings[house.item("road")]
        ids, show.ids = show.ids, {}
        first = await house.client.in_progress()
        show.ids = ids
        second = await house.client.in_progress()
        house.server.clock.advance(3601)
        third = await house.client.in_progress()

    assert [bool(read.items[episode].item.show_ids) for read in (first, second, third)] == [False, False, True]

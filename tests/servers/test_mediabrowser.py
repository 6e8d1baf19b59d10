"""What holds for the clients of Jellyfin and Emby alike, against simulated servers over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import Activity, MediaKind, PositionWrite
from tests.simulators.faults import Fault, HtmlPage, Latency, Reset, RevokedToken, Status, Truncated, WrongTotal

from .mediabrowser_servers import MINUTE, START, House, emby, jellyfin, many_films, port

pytestmark = pytest.mark.usefixtures("socket_enabled")

type AnyHouse = House[Any, Any]

LISTING = {
    "10.9": "GET /Items",
    "10.11": "GET /Items",
    "12.0": "GET /UserItems/Resume",
    "4.8": "GET /Users/{user}/Items",
}
VERSIONS: dict[str, Callable[[], AbstractAsyncContextManager[AnyHouse]]] = {
    "10.9": lambda: jellyfin("10.9.0"),
    "10.11": lambda: jellyfin("10.11.11", base_path="/media/jellyfin"),
    "12.0": lambda: jellyfin("12.0.0"),
    "4.8": lambda: emby("4.8.11.0"),
    "4.9": lambda: emby(base_path="/emby-proxy"),
}


@pytest.fixture(params=list(VERSIONS))
def release(request: pytest.FixtureRequest) -> str:
    """Each version of each server."""
    return str(request.param)


@pytest.fixture
async def house(release: str) -> AsyncIterator[AnyHouse]:
    """A running server of that version with a client."""
    async with VERSIONS[release]() as house:
        yield house


def listing_of(release: str) -> str:
    """Return the route that lists what is in progress."""
    return LISTING.get(release, "GET /Users/{user}/Items")


def put_in_progress(house: AnyHouse) -> tuple[str, str]:
    """Leave the film and an episode somewhere."""
    film, episode = house.item("blue"), house.item("road/s01e02")
    house.server.set_state(
        "anna", film, position_ms=15 * MINUTE, watched=True, play_count=3, last_played=START - 3600, favorite=True
    )
    house.server.set_state("anna", episode, position_ms=5 * MINUTE, play_count=1, last_played=START - 60)
    return film, episode


async def test_verify(house: AnyHouse, release: str) -> None:
    """The right server, a supported version, a token of the right user."""
    info = await house.client.verify()

    assert (info.server_id, info.name) == (house.server.server_id, house.server.name)
    assert info.version == house.server.version
    assert info.server_type is house.client.traits.server_type


async def test_verify_another_server(house: AnyHouse) -> None:
    """Another server at the same address does not even get the token."""
    with pytest.raises(BadResponse):
        await house.client_with(server_id="0" * 32).verify()

    assert house.server.traffic.table() == {"GET /System/Info/Public": 1}


async def test_verify_tokens(house: AnyHouse) -> None:
    """A bad token and a user that is gone are to be signed in again; another user's right is not ours."""
    anna = house.server.users["anna"]
    with pytest.raises(InvalidAuth):
        await house.client_with(token="nonsense").verify()
    with pytest.raises((InvalidAuth, NotAllowed)):
        await house.client_with(token=house.server.add_token("ben")).verify()
    with pytest.raises(InvalidAuth):
        await house.client_with(token=house.server.add_api_key(), user_id="f" * 32).verify()

    for token in (house.server.add_token("admin"), house.server.add_api_key()):
        assert await house.client_with(token=token).verify()
    anna.outside_schedule = True
    with pytest.raises(NotAllowed):
        await house.client.verify()
    anna.outside_schedule = False
    anna.disabled = True
    with pytest.raises(InvalidAuth):
        await house.client.verify()


async def test_nothing_in_progress(house: AnyHouse, release: str) -> None:
    """An empty shelf is an answer."""
    await house.client.verify()
    house.server.traffic.reset()

    snapshot = await house.client.in_progress()

    assert (snapshot.items, snapshot.unknown, snapshot.nameless_rows) == ({}, {}, 0)
    assert house.server.traffic.table() == {listing_of(release): 1}


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
    house.server.faults.add(listing_of(release), fault)

    with pytest.raises(error) as caught:
        await house.client.in_progress()

    assert type(caught.value) is error or error is BadResponse


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


async def test_states(house: AnyHouse) -> None:
    """States of anything, in progress or not; ids that are gone or nobody's are absent, and not asked for."""
    film, episode = put_in_progress(house)
    untouched, gone = house.item("nameless"), house.item("road/s02e07")
    house.server.delete(gone)
    nonsense = ["", "xyz", "0", "0" * 32, "../Users", "plex://movie/1", f"{film},{episode}"]

    read = await port(house.client).states([film, episode, untouched, gone, *nonsense])

    assert set(read.items) == {film, episode, untouched}
    assert read.absent == {gone, *nonsense}
    assert read.unknown == {}
    assert (read.items[film].position_ms, read.items[film].play_count) == (15 * MINUTE, 3)
    assert read.items[film].last_played_server_ms == int(START - 3600) * 1000
    assert read.items[untouched].position_ms == 0
    assert read.items[untouched].last_played_server_ms is None
    assert read.items[episode].item.show_ids
    assert read.read_at == house.server.clock.now_ms()


async def test_states_of_nothing_cost_nothing(house: AnyHouse) -> None:
    """No ids, or none that can be this server's: no request, and never a list of everything."""
    empty, foreign = await house.client.states([]), await house.client.states(["tt1234567", "x" * 32])

    assert (empty.items, empty.absent, foreign.items) == ({}, frozenset(), {})
    assert foreign.absent == {"tt1234567", "x" * 32}
    assert house.server.traffic.requests() == 0


async def test_states_come_in_hundreds(house: AnyHouse, release: str) -> None:
    """100 to a request."""
    ids = [house.server.add_film(film) for film in many_films(250)]
    read = await house.client.states(ids)

    assert set(read.items) == set(ids)
    assert house.server.traffic.requests() == 3


async def test_an_unreachable_library_is_absent_everywhere(house: AnyHouse) -> None:
    """What a user may not see any more is not in the listing and not in a batch; the others still are."""
    film, episode = put_in_progress(house)
    house.server.unshare("Films", "anna")

    snapshot, read = await house.client.in_progress(), await house.client.states([film, episode])

    assert set(snapshot.items) == {episode}
    assert (set(read.items), read.absent) == ({episode}, {film})


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


async def test_active_items(house: AnyHouse, release: str) -> None:
    """What this user plays or has paused; another user's playback is theirs."""
    film, episode = house.item("blue"), house.item("road/s01e01")
    house.server.viewer("anna").play(film)
    pausing = house.server.viewer("anna", "Phone")
    pausing.play(episode)
    pausing.pause()
    house.server.viewer("ben").play(house.item("nameless"))

    expected = {film: Activity.PLAYING, episode: Activity.PAUSED}
    assert await port(house.client).active_items() == expected
    for token in (house.server.add_api_key(), house.server.add_token("admin")):
        assert await house.client_with(token=token).active_items() == expected
    pausing.stop()
    assert await house.client.active_items() == {film: Activity.PLAYING}


async def test_sessions_that_may_not_be_read(house: AnyHouse) -> None:
    """A right that is missing is not an empty list."""
    house.server.faults.add("GET /Sessions", Status(403))
    assert await house.client.active_items() is None
    house.server.faults.add("GET /Sessions", Status(500))
    with pytest.raises(BadResponse):
        await house.client.active_items()


@pytest.mark.parametrize("date", [None, int(START) * 1000 + 5000])
async def test_write(house: AnyHouse, date: int | None) -> None:
    """A position, with a date or the item's own; nothing else changes, for nobody else."""
    film, episode = put_in_progress(house)
    before = house.server.watch_state("anna", film)
    house.server.set_state("ben", film, position_ms=MINUTE, watched=True)
    read = await house.client.states([film])

    await port(house.client).write_position(PositionWrite(read.items[film], 44 * MINUTE + 7, date))

    after = house.server.watch_state("anna", film)
    assert after.position_ms == 44 * MINUTE + 7
    assert (after.watched, after.play_count, after.favorite) == (before.watched, before.play_count, before.favorite)
    assert after.last_played == (before.last_played if date is None else date / 1000)
    assert house.server.watch_state("ben", film).position_ms == MINUTE
    assert house.server.watch_state("anna", episode).position_ms == 5 * MINUTE
    assert house.server.traffic.writes == 1
    again = await house.client.states([film])
    assert again.items[film].position_ms == 44 * MINUTE + 7


async def test_a_first_position(house: AnyHouse) -> None:
    """An item that was never played gets a position, and is still not watched."""
    film = house.item("blue")
    read = await house.client.states([film])
    await house.client.write_position(PositionWrite(read.items[film], 12 * MINUTE, int(START) * 1000))

    after = house.server.watch_state("anna", film)
    assert (after.position_ms, after.watched, after.play_count) == (12 * MINUTE, False, 0)
    assert after.last_played == START


async def test_clear(house: AnyHouse) -> None:
    """The position goes, the history stays, date included."""
    film, _ = put_in_progress(house)
    before = house.server.watch_state("anna", film)
    read = await house.client.states([film])

    await port(house.client).clear_position(read.items[film])

    after = house.server.watch_state("anna", film)
    assert after.position_ms == 0
    assert (after.watched, after.play_count, after.favorite, after.last_played) == (
        before.watched,
        before.play_count,
        before.favorite,
        before.last_played,
    )


async def test_writes_that_fail(house: AnyHouse, release: str) -> None:
    """Gone, broken off, refused, nonsense, and ids that cannot be; a POST is not sent twice."""
    film, _ = put_in_progress(house)
    state = (await house.client.states([film])).items[film]
    write = PositionWrite(state, MINUTE)
    cases: list[tuple[Fault, type[MediaServerError]]] = [
        (Reset(applied=True), CannotConnect),
        (Status(403), NotAllowed),
        (Status(404), NotFound),
        (Status(503), ServerBusy),
        (HtmlPage(), BadResponse),
        (RevokedToken(), InvalidAuth),
    ]
    for fault, error in cases:
        house.server.traffic.reset()
        house.server.faults.add("POST *", fault)
        with pytest.raises(error):
            await house.client.write_position(write)
        assert house.server.traffic.requests() == 1
    house.server.traffic.reset()
    odd = PositionWrite(type(state)(type(state.item)("a/../b", MediaKind.MOVIE, ""), 0), MINUTE)
    with pytest.raises(NotFound):
        await house.client.write_position(odd)
    assert house.server.traffic.requests() == 0


@pytest.mark.parametrize("version", ["10.8.13", "4.7.14.0", "9.9", "3.5.2"])
async def test_too_old(version: str) -> None:
    """Servers before the endpoints that are needed."""
    make = emby if version[0] in "34" else jellyfin
    async with make(version) as house:
        with pytest.raises(UnsupportedVersion):
            await house.client.verify()


async def test_close_forgets(house: AnyHouse) -> None:
    """After forgetting or closing, all is read anew; the session stays the caller's."""
    put_in_progress(house)
    await house.client.in_progress()
    await house.client.close()
    house.server.traffic.reset()
    await house.client.in_progress()

    assert house.server.traffic.requests() >= 2
    assert not house.session.closed

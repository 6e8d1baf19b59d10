"""The clients of Jellyfin and Emby alike: verification, states and sessions."""

import pytest

from custom_components.resume_sync.sync.media_server import (
    AnotherServer,
    CannotConnect,
    InvalidAuth,
    NotAllowed,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import Activity
from tests.servers.playing import active_items
from tests.simulators.faults import HtmlPage, Status, Truncated

from . import releases as mediabrowser_releases
from .releases import AnyHouse, put_in_progress
from .servers import MINUTE, START, emby, jellyfin, many_films, port

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house


async def test_verify(house: AnyHouse, release: str) -> None:
    """The right server, a supported version, a token of the right user."""
    info = await house.client.verify()

    assert (info.server_id, info.name) == (house.server.server_id, house.server.name)
    assert info.version == house.server.version
    assert info.server_type is house.client.traits.server_type


async def test_verify_another_server(house: AnyHouse) -> None:
    """Another server at the same address does not even get the token."""
    with pytest.raises(AnotherServer):
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
    """A title that the user may no longer see is missing in the listing and in a batch; the others stay."""
    film, episode = put_in_progress(house)
    house.server.unshare("Films", "anna")

    snapshot, read = await house.client.in_progress(), await house.client.states([film, episode])

    assert set(snapshot.items) == {episode}
    assert (set(read.items), read.absent) == ({episode}, {film})


async def test_active_items(house: AnyHouse, release: str) -> None:
    """Items that this user plays or has paused; another user's are left out."""
    film, episode = house.item("blue"), house.item("road/s01e01")
    house.server.viewer("anna").play(film)
    pausing = house.server.viewer("anna", "Phone")
    pausing.play(episode)
    pausing.pause()
    house.server.viewer("ben").play(house.item("nameless"))

    expected = {film: Activity.PLAYING, episode: Activity.PAUSED}
    assert await active_items(port(house.client)) == expected
    for token in (house.server.add_api_key(), house.server.add_token("admin")):
        assert await active_items(house.client_with(token=token)) == expected
    pausing.stop()
    assert await active_items(house.client) == {film: Activity.PLAYING}


async def test_sessions_that_may_not_be_read(house: AnyHouse) -> None:
    """For whatever reason, it is no empty list, and no error: a guard that fails for ever would stop all else."""
    for fault in (Status(403), Status(404), Status(500), HtmlPage(), Truncated()):
        house.server.faults.add("GET /Sessions", fault)
        assert await active_items(house.client) is None
    for fault, error in ((Status(401), InvalidAuth), (Status(503), ServerBusy), (Status(502), CannotConnect)):
        house.server.faults.add("GET /Sessions", fault, times=None)
        with pytest.raises(error):
            await active_items(house.client)
        house.server.faults.clear()


@pytest.mark.parametrize("version", ["10.8.13", "4.7.14.0", "9.9", "3.5.2"])
async def test_an_old_version_is_refused(version: str) -> None:
    """It lacks endpoints that are needed."""
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

"""What sessions tell: who plays what, and where the player itself last said to be."""

import pytest

from custom_components.resume_sync.sync.model import Activity, OpenSession, SessionRead
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from . import releases as mediabrowser_releases
from .releases import AnyHouse
from .servers import MINUTE, jellyfin

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house


async def own(house: AnyHouse, session_id: str) -> OpenSession:
    """Return one session as the client reads it, in one request."""
    before = house.server.traffic.requests()
    read = await house.client.open_sessions()
    assert house.server.traffic.requests() - before == 1
    assert isinstance(read, SessionRead)
    assert read.read_at == house.server.clock.now_ms()
    (found,) = (one for one in read.sessions if one.session_id == session_id)
    return found


async def test_a_play(house: AnyHouse) -> None:
    """Where it is, where its player said to be, and when; only Jellyfin tells when."""
    film, viewer, clock = house.item("blue"), house.server.viewer("anna"), house.server.clock
    session = viewer.play(film, 20 * MINUTE)
    tells = isinstance(house.server, SimulatedJellyfin)
    began = clock.now_ms()
    told = await own(house, session.session_id)
    assert told == OpenSession(
        session.session_id, (film,), Activity.PLAYING, 20 * MINUTE, 20 * MINUTE, began if tells else None
    )
    clock.advance(7)
    told = await own(house, session.session_id)
    assert told.position_ms == 20 * MINUTE + 7_000
    assert (told.reported_ms, told.reported_at) == ((20 * MINUTE, began) if tells else (told.position_ms, None))
    clock.advance(3)
    told = await own(house, session.session_id)
    assert told.reported_ms == 20 * MINUTE + 10_000
    assert told.reported_at == (began + 10_000 if tells else None)


async def test_a_pause(house: AnyHouse) -> None:
    """Then nothing is counted on."""
    film, viewer = house.item("blue"), house.server.viewer("anna")
    session = viewer.play(film, 20 * MINUTE)
    viewer.sleep()
    house.server.clock.advance(60)
    told = await own(house, session.session_id)
    assert (told.activity, told.position_ms, told.reported_ms) == (Activity.PAUSED, 20 * MINUTE, 20 * MINUTE)


async def test_a_television_that_is_switched_off(house: AnyHouse) -> None:
    """While Jellyfin counts on, and after it has ended the play, the session tells its last report."""
    film, viewer, clock = house.item("blue"), house.server.viewer("anna"), house.server.clock
    session = viewer.play(film, 20 * MINUTE)
    clock.advance(60)
    viewer.switch_off()
    reported_at = clock.now_ms()
    clock.advance(240)
    told = await own(house, session.session_id)
    assert told.position_ms == 25 * MINUTE
    if not isinstance(house.server, SimulatedJellyfin):
        return
    assert (told.reported_ms, told.reported_at) == (21 * MINUTE, reported_at)
    clock.advance(300)
    assert house.server.watch_state("anna", film).position_ms == 30 * MINUTE
    assert await own(house, session.session_id) == OpenSession(session.session_id, reported_at=reported_at)


async def test_after_a_stop(house: AnyHouse) -> None:
    """The session stays, without an item; the next play is one in the same session."""
    film, viewer, clock = house.item("blue"), house.server.viewer("anna"), house.server.clock
    session = viewer.play(film, 20 * MINUTE)
    clock.advance(15)
    viewer.stop()
    told = await own(house, session.session_id)
    tells = isinstance(house.server, SimulatedJellyfin)
    assert told == OpenSession(session.session_id, reported_at=clock.now_ms() - 5_000 if tells else None)
    viewer.play(house.item("road/s01e01"), 0)
    assert (await own(house, session.session_id)).item_ids == (house.item("road/s01e01"),)
    clock.advance(1200)
    viewer.stop()
    clock.advance(601)
    read = await house.client.open_sessions()
    assert read is not None
    assert session.session_id not in [one.session_id for one in read.sessions]


async def test_a_guest(house: AnyHouse) -> None:
    """A session counts for everyone who watches in it, also on the guest's own account."""
    film, ben = house.item("blue"), house.server.viewer("ben")
    session = ben.play(film, 20 * MINUTE)
    read = await house.client.open_sessions()
    assert read is not None
    assert session.session_id not in [one.session_id for one in read.sessions]
    house.server.invite(session, "anna")
    ben.progress(30 * MINUTE)
    assert house.server.watch_state("anna", film).position_ms == 30 * MINUTE
    told = await own(house, session.session_id)
    assert (told.item_ids, told.reported_ms) == ((film,), 30 * MINUTE)
    ben.stop(40 * MINUTE)
    assert house.server.watch_state("anna", film).position_ms == 40 * MINUTE
    assert (await own(house, session.session_id)).item_ids == ()


@pytest.mark.parametrize("skew", [-90, -1, 1, 90])
@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
async def test_a_server_whose_clock_is_wrong(version: str, skew: int) -> None:
    """The last report is dated on this machine's clock, to two seconds, and never later than now."""
    async with jellyfin(version) as house:
        house.server.skew = skew
        session = house.server.viewer("anna").play(house.item("blue"), 20 * MINUTE)
        now = house.server.clock.now_ms()
        for seconds in (0, 5):
            house.server.clock.advance(seconds)
            told = await own(house, session.session_id)
            assert told.reported_at is not None
            assert told.reported_at <= house.server.clock.now_ms()
            assert abs(told.reported_at - now) <= 2_000
            assert told.reported_ms is not None
            assert abs(told.reported_ms - 20 * MINUTE) <= 2_000


async def test_a_version_that_plays() -> None:
    """On Jellyfin 12 it holds the position: both are named."""
    async with jellyfin("12.0.0") as house:
        film = house.item("blue")
        cut = house.server.add_version(film, duration_ms=120 * MINUTE)
        session = house.server.viewer("anna").play(film, 20 * MINUTE, version_id=cut)
        assert (await own(house, session.session_id)).item_ids == (film, cut)

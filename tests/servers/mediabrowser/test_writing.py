"""Positions written to Jellyfin and Emby alike, cleared, and not written."""

import pytest

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import MediaKind, PositionWrite
from tests.simulators.faults import Fault, HtmlPage, Reset, RevokedToken, Status

from . import releases as mediabrowser_releases
from .releases import AnyHouse, put_in_progress
from .servers import MINUTE, START, port

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house


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
    """Gone, broken off, refused, nonsense, and ids that cannot be; only a POST that was refused is sent twice."""
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
        assert house.server.traffic.requests() == (2 if error is InvalidAuth else 1)
    house.server.traffic.reset()
    odd = PositionWrite(type(state)(type(state.item)("a/../b", MediaKind.MOVIE, ""), 0), MINUTE)
    with pytest.raises(NotFound):
        await house.client.write_position(odd)
    assert house.server.traffic.requests() == 0

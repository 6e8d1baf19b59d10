"""Who answers: another server at the address, and one that starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from custom_components.resume_sync.sync.media_server import AnotherServer, BadResponse, ServerBusy
from custom_components.resume_sync.sync.model import PositionWrite

from . import releases as mediabrowser_releases
from .releases import AnyHouse, put_in_progress
from .servers import MINUTE, SHOW, jellyfin, wanted_episode

pytestmark = pytest.mark.usefixtures("socket_enabled")
release, house = mediabrowser_releases.release, mediabrowser_releases.house


def replace_server(house: AnyHouse) -> None:
    """Let another server answer at the address, with the same library, user and token: a copy of the first one."""
    house.server.server_id = house.server.rows.server_id = "5" * 32


async def test_another_server_is_seen_in_every_read(house: AnyHouse) -> None:
    """Each row names its server: no listing, state, look-up or list of libraries of another one is believed."""
    film, _ = put_in_progress(house)
    await house.client.verify()
    snapshot = await house.client.in_progress()
    replace_server(house)
    house.client.forget()

    for ask in (
        house.client.in_progress,
        lambda: house.client.states([film]),
        lambda: house.client.find([wanted_episode(SHOW, 1, 1)]),
        house.client.libraries,
        lambda: house.client.libraries_of([film]),
    ):
        with pytest.raises(AnotherServer):
            await ask()
    with pytest.raises(AnotherServer):
        await house.client.write_position(PositionWrite(snapshot.items[film], 20 * MINUTE))
    assert house.server.traffic.writes == 0
    assert issubclass(AnotherServer, BadResponse)


async def test_an_empty_answer_proves_nobody(house: AnyHouse) -> None:
    """Another server has nothing in progress for this user: it is asked who it is, before that is believed."""
    await house.client.verify()
    base = (await house.client.states([house.item("blue")])).items[house.item("blue")]
    await house.client.in_progress()
    house.server.traffic.reset()

    await house.client.confirm_identity()
    await house.client.confirm_identity()
    assert house.server.traffic.table() == {"GET /System/Info/Public": 1}

    assert (await house.client.in_progress()).items == {}
    replace_server(house)
    with pytest.raises(AnotherServer):
        await house.client.confirm_identity()
    with pytest.raises(AnotherServer):
        await house.client.clear_position(base)
    assert house.server.traffic.writes == 0


async def test_a_row_proves_the_server(house: AnyHouse) -> None:
    """Where a row of this round has told who answers, no request asks for it, before a write neither."""
    film, _ = put_in_progress(house)
    snapshot = await house.client.in_progress()
    house.server.traffic.reset()

    await house.client.confirm_identity()
    await house.client.write_position(PositionWrite(snapshot.items[film], 20 * MINUTE))

    assert house.server.traffic.requests() == house.server.traffic.writes == 1


async def test_a_row_that_names_no_server(house: AnyHouse) -> None:
    """It is no other server's, and proves nothing."""
    put_in_progress(house)
    await house.client.verify()
    house.server.server_id, house.server.rows.server_id = house.server.server_id, ""

    assert len((await house.client.in_progress()).items) == 2
    house.server.traffic.reset()
    await house.client.confirm_identity()
    assert house.server.traffic.table() == {"GET /System/Info/Public": 1}


@asynccontextmanager
async def starting(version: str) -> AsyncIterator[AnyHouse]:
    """Run a Jellyfin that is starting anew."""
    async with jellyfin(version) as house:
        put_in_progress(house)
        await house.client.verify()
        house.server.restart()
        yield house


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_the_server_that_stands_in_for_a_starting_jellyfin_is_busy(version: str) -> None:
    """It calls itself in names with small letters, and answers everything else with 503: no stranger, no other kind."""
    async with starting(version) as house:
        with pytest.raises(ServerBusy):
            await JellyfinSignIn(house.session, url=house.server.url, device_id="d").server_info()
        with pytest.raises(ServerBusy):
            await house.client.verify()
        with pytest.raises(ServerBusy) as busy:
            await house.client.in_progress()
        assert busy.value.retry_after == 5
        for _ in range(3):
            with pytest.raises(ServerBusy):
                await house.client.verify()

        assert (await house.client.verify()).version == version
        assert len((await house.client.in_progress()).items) == 2

"""Backups, lost databases and rows with odd values of the simulated Plex Media Server."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.library import Film
from tests.simulators.plex.odd_rows import odd_row
from tests.simulators.plex.small_world import AMELIE, HOUR, LOST, Attic, attic, one, titles

FIRST = Film("first", "Came First", 2001, 7_200_000, {"imdb": "tt0000101"})
SECOND = Film("second", "Came Second", 2002, 7_200_000, {"imdb": "tt0000102"})


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[Attic]:
    """Give a server with an open port, four users and a few titles."""
    async with attic() as world:
        yield world


async def test_a_restore_gives_keys_to_other_titles(world: Attic) -> None:
    """What was scanned after the backup is scanned again, in any order; what is in the backup is as it was then."""
    server = world.server
    server.set_state("olivia", world.item(AMELIE), position_ms=HOUR, last_played=1_700_000_000)
    backup = server.database.back_up()
    first, second = server.add_film(FIRST), server.add_film(SECOND)
    server.set_state("olivia", world.item(AMELIE), position_ms=2 * HOUR)
    server.set_state("olivia", first, position_ms=HOUR)

    server.database.restore(backup)
    assert (await world.ask(f"/library/metadata/{first}")).status == 404
    assert (server.add_film(SECOND), server.add_film(FIRST)) == (first, second)

    assert one((await world.ask(f"/library/metadata/{first}")).root).attrib["title"] == "Came Second"
    assert server.watch_state("olivia", first).position_ms == 0
    assert server.watch_state("olivia", world.item(AMELIE)).position_ms == HOUR
    assert titles((await world.ask("/library/all?type=4")).root) == {each.title for each in LOST.episodes}
    assert (await world.ask("/identity")).root.attrib["machineIdentifier"] == server.machine_id


async def test_a_restored_backup_is_the_backup(world: Attic) -> None:
    """Also matches that were taken back, and versions."""
    server = world.server
    server.unmatch(world.item(AMELIE))
    server.add_version(world.item(AMELIE, 1))
    server.set_state("henry", world.episode(1, 1), position_ms=HOUR // 10)
    backup = server.database.back_up()
    server.delete(world.item(AMELIE))
    server.viewer("henry").mark_watched(world.show)
    server.database.restore(backup)
    assert server.database.back_up() == backup


async def test_a_lost_database_counts_from_one(world: Attic) -> None:
    """The same server with the same tokens, and nothing in it."""
    server = world.server
    token, machine = server.token("henry"), server.machine_id
    server.database.reset()
    assert (await world.ask("/library/sections", token=token)).root.attrib["size"] == "0"
    assert server.add_film(SECOND) == "1"
    assert server.library("Films").library_id == "1"
    assert (await world.ask("/identity")).root.attrib["machineIdentifier"] == machine


async def test_another_machine_takes_the_same_token(world: Attic) -> None:
    """The address and the owner's token tell nothing of which server answers."""
    server, token = world.server, world.server.token("olivia")
    machine = server.machine_id
    server.database.reinstall()
    assert (await world.ask("/identity")).root.attrib["machineIdentifier"] != machine
    assert (await world.ask("/library/sections", token=token)).status == 200


async def test_rows_of_odd_values(world: Attic) -> None:
    """One row of a listing is as odd as wanted, the others are true."""
    film, other = world.item(AMELIE), world.item(AMELIE, 1)
    for each in (film, other):
        world.server.set_state("olivia", each, position_ms=HOUR, last_played=1_700_000_000)
    world.server.faults.add("GET /library/all", odd_row(film, lastViewedAt="910692730085", duration=None))
    rows = {row.attrib["ratingKey"]: row for row in (await world.ask("/library/all?type=1")).root}
    assert (rows[film].get("lastViewedAt"), rows[film].get("duration")) == ("910692730085", None)
    assert (rows[other].get("lastViewedAt"), rows[other].get("duration")) == ("1700000000", "7320000")

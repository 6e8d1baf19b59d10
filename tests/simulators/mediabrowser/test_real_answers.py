"""The answers of three real Jellyfins, and what their simulators answer to the same questions: the same fields."""

from collections.abc import AsyncIterator, Iterable, Mapping
import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.small_world import HARBOUR, HOUR, RESUMABLE, Client, World, item, small_world, user_id

REAL = Path(__file__).parents[2] / "payloads" / "jellyfin-real"
VERSIONS = {"10.10.7": "10.10.7", "10.11.11": "10.11.11", "12.0-rc5": "12.0.0"}

LEFT_OUT = frozenset({"ChannelId"})
"""What real rows have and nobody reads."""

type Row = Mapping[str, Any]


def real(version: str, name: str) -> Any:
    """Return a recorded answer."""
    return json.loads((REAL / version / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


@pytest.fixture(params=VERSIONS)
async def asked(request: pytest.FixtureRequest, world: World) -> tuple[str, SimulatedJellyfin, Client]:
    """Return a version, its simulator, and somebody who asks it."""
    server = await world.jellyfin(VERSIONS[request.param])
    return request.param, server, world.client(server)


def same_fields(row: Row, recorded: Row, *, besides: Iterable[str] = ()) -> None:
    """Expect the same fields with values of the same kinds; dates, counts and shares may be absent from either."""
    optional = {"PlayedPercentage", "LastPlayedDate", "Rating", "Likes", "PremiereDate", *besides}
    assert row.keys() - optional == recorded.keys() - optional - LEFT_OUT
    for key in row.keys() & recorded.keys():
        number = (int, float)
        kind = (
            number if isinstance(recorded[key], number) and not isinstance(recorded[key], bool) else type(recorded[key])
        )
        assert isinstance(row[key], kind), key


async def test_who_it_is(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """Also while it starts, from 10.11 on."""
    version, server, client = asked
    same_fields(await client.get("/System/Info/Public"), real(version, "public_info")["answer"])
    if version != "10.10.7":
        server.starting = True
        same_fields(
            await client.get("/System/Info/Public"), real(version, "public_info_of_the_start_up_server")["answer"]
        )


async def test_rows(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """Those of a batch and those of the resume list."""
    version, server, client = asked
    film = item(server, "harbour")
    server.set_state("anna", film, position_ms=HOUR)
    recorded = next(each for each in real(version, "resume_list")["answer"]["Items"] if each["Type"] == "Movie")
    (row,) = (await client.get(f"/UserItems/Resume?userId={user_id(server)}"))["Items"]
    same_fields(row, recorded, besides={"ProductionYear"})
    same_fields(row["UserData"], recorded["UserData"])
    batch = real(version, "items_by_ids")["answer"]
    page = await client.get(f"/Items?userId={user_id(server)}&Ids={film}")
    assert page.keys() == batch.keys()
    same_fields(page["Items"][0], batch["Items"][0])
    same_fields(page["Items"][0]["UserData"], batch["Items"][0]["UserData"])


async def test_placeholder_in_a_batch(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """10.10 leaves the row of an unknown type out."""
    version, server, client = asked
    if version == "10.10.7":
        recorded = real(version, "items_by_ids")["request"]["query"]["Ids"].split(",")[0]
        assert await client.names(f"/Items?{RESUMABLE}&Ids={recorded},{item(server, 'harbour')}") == []
        assert await client.names(f"/Items?Ids={recorded},{item(server, 'harbour')}") == [HARBOUR.title]


async def test_user_data(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """After a write, a mark, its taking back, and a start."""
    version, server, client = asked
    film = item(server, "harbour")
    server.set_state("anna", film, position_ms=HOUR)
    own = f"?userId={user_id(server)}"
    body = real(version, "user_data_write")["request"]["body"]
    for method, path, sent, name in (
        ("POST", f"/UserItems/{film}/UserData", body, "user_data_write"),
        ("POST", f"/UserPlayedItems/{film}", None, "marked_played"),
        ("DELETE", f"/UserPlayedItems/{film}", None, "marked_unplayed"),
    ):
        answer, recorded = (await client.ask(method, path + own, sent)).json, real(version, name)["answer"]
        same_fields(answer, recorded)
        assert answer["Played"] == recorded["Played"]
        assert answer["PlayCount"] == recorded["PlayCount"]
        assert ("LastPlayedDate" in answer) == ("LastPlayedDate" in recorded)
        assert (set(answer["ItemId"]) == {"0"}) == (set(recorded["ItemId"]) == {"0"})
    server.viewer("anna").play(film)
    started = await client.get(f"/UserItems/{film}/UserData{own}")
    same_fields(started, real(version, "user_data_after_start")["answer"])
    assert "LastPlayedDate" in started


async def test_refusal_of_a_withdrawn_library(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """In the words of the real one."""
    version, server, client = asked
    recorded = real(version, "library_below_withdrawn")
    server.unshare("Shows", "anna")
    library = server.library("Shows").library_id
    answer = await client.ask("GET", f"/Items?userId={user_id(server)}&ParentId={library}&Recursive=true")
    assert answer.status == recorded["status"]
    assert answer.json == recorded["answer"].replace("Library TV", "Library Shows")


async def test_a_user(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """Nothing is told of a user that a real one does not tell."""
    version, server, client = asked
    row, recorded = await client.get(f"/Users/{user_id(server)}"), real(version, "user")["answer"]
    assert row.keys() <= recorded.keys()
    for part in ("Policy", "Configuration"):
        assert row[part].keys() <= recorded[part].keys()


async def test_sessions(asked: tuple[str, SimulatedJellyfin, Client]) -> None:
    """Nothing is told of a session that a real one does not tell; what a client reads is there."""
    version, server, client = asked
    recorded = [
        row
        for frame in real(version, "socket_of_one_play")["frames"]
        if frame["message"]["MessageType"] == "Sessions"
        for row in frame["message"]["Data"]
        if "NowPlayingItem" in row
    ]
    server.viewer("anna").play(item(server, "harbour"), HOUR)
    (row,) = [each for each in await client.get("/Sessions") if "NowPlayingItem" in each]
    for other in recorded[:1]:
        assert other.keys() - {"LastPausedDate"} <= row.keys()
        assert other["PlayState"].keys() <= row["PlayState"].keys()

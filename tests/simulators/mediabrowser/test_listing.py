"""What the Jellyfin and Emby simulators list, and what their rows hold."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.computing import lines_of, lines_run
from tests.simulators.library import catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.small_world import HOUR, RESUMABLE, START, World, item, small_world, user_id


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


async def test_rows_without_fields(world: World) -> None:
    """Emby lists say 0 plays and no date unless asked by name, and lack the year; a single item has it all."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    for server in (jellyfin, emby):
        server.set_state("anna", item(server, "harbour"), position_ms=900_250, play_count=3, last_played=START - 60.5)
    row = (await world.client(jellyfin).get(f"/Items?userId={user_id(jellyfin)}&{RESUMABLE}"))["Items"][0]
    assert "ProviderIds" not in row
    assert row["ProductionYear"] == 2011
    assert row["UserData"] == {
        "PlayedPercentage": pytest.approx(15.0041, abs=0.001),
        "PlaybackPositionTicks": 9_002_500_000,
        "PlayCount": 3,
        "IsFavorite": False,
        "LastPlayedDate": "2026-11-18T19:58:59.5Z",
        "Played": False,
        "Key": "55555",
        "ItemId": item(jellyfin, "harbour"),
    }
    client = world.client(emby)
    path = f"/Users/{user_id(emby)}/Items"
    row = (await client.get(f"{path}?{RESUMABLE}"))["Items"][0]
    assert "ProductionYear" not in row
    assert row["UserData"]["PlayCount"] == 0
    assert "LastPlayedDate" not in row["UserData"]
    fields = "Fields=ProviderIds,ProductionYear,UserDataLastPlayedDate,UserDataPlayCount"
    asked = (await client.get(f"{path}?{RESUMABLE}&{fields}"))["Items"][0]
    assert asked["ProviderIds"] == {"Imdb": "tt1234567", "Tmdb": "55555"}
    assert asked["UserData"]["PlayCount"] == 3
    assert asked["UserData"]["LastPlayedDate"] == "2026-11-18T19:58:59.5000000Z"
    detail = await client.get(f"{path}/{item(emby, 'harbour')}")
    assert detail["UserData"]["PlayCount"] == 3


async def test_listing_by_ids(world: World) -> None:
    """Absent ids are left out, on Emby those of a withdrawn library too; pure nonsense is no list on Jellyfin."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    for server in (jellyfin, emby):
        client = world.client(server)
        path = f"/Users/{user_id(server)}/Items?Ids="
        harbour, gone = item(server, "harbour"), item(server, "nameless")
        server.delete(gone)
        assert await client.names(f"{path}{harbour},{gone}") == ["Blue Harbour"]
        answered = ["Blue Harbour"] if server is jellyfin else []
        server.unshare("Films", "anna")
        assert await client.names(f"{path}{harbour}") == answered
        server.share("Films", "anna")
        server.library("Films").mounted = False
        assert await client.names(f"{path}{harbour}") == answered
        server.library("Films").mounted = True
    dashed = str(item(jellyfin, "harbour")).upper()
    dashed = "-".join((dashed[:8], dashed[8:12], dashed[12:16], dashed[16:20], dashed[20:]))
    assert await world.client(jellyfin).names(f"/Items?Ids={dashed}") == ["Blue Harbour"]
    everything = await world.client(jellyfin).names("/Items?Ids=xyz,1")
    assert {"Blue Harbour", "Long Road", "Double"} <= set(everything)
    assert await world.client(emby).names(f"/Users/{user_id(emby)}/Items?Ids=xyz") == []


async def test_only_emby_looks_up_by_provider_id(world: World) -> None:
    """Jellyfin ignores AnyProviderIdEquals and lists everything."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    path = "Items?Recursive=true&IncludeItemTypes=Movie,Series&AnyProviderIdEquals=imdb.tt1234567,TVDB.81189"
    assert sorted(await world.client(emby).names(f"/Users/{user_id(emby)}/{path}")) == ["Blue Harbour", "Long Road"]
    assert len(await world.client(jellyfin).names(f"/{path}")) == 4


async def test_pages(world: World) -> None:
    """Pages in a stable order are complete; without one they overlap; the total is 0 where it is not asked for."""
    for server in (await world.jellyfin(), await world.emby()):
        server.fill(catalogue(60, 4, 12))
        client = world.client(server)
        base = f"/Users/{user_id(server)}/Items?Recursive=true&IncludeItemTypes=Movie&Limit=20"
        seen: list[str] = []
        for start in range(0, 80, 20):
            seen += await client.names(f"{base}&SortBy=DateCreated,SortName&StartIndex={start}")
        assert len(seen) == len(set(seen)) == 63
        page = await client.get(f"{base}&EnableTotalRecordCount=false")
        assert (len(page["Items"]), page["TotalRecordCount"]) == (20, 0)
        unsorted = await client.names(base) + await client.names(f"{base}&StartIndex=20")
        assert len(set(unsorted)) < 40


async def test_what_was_saved_since(world: World) -> None:
    """An index can be kept up to date by the date of the last metadata save; what was deleted it does not tell."""
    servers = (await world.jellyfin(), await world.emby())
    world.clock.advance(60)
    for server in servers:
        client = world.client(server)
        since = "2026-11-18T20:00:30.0000000Z"
        path = f"/Users/{user_id(server)}/Items?Recursive=true&IncludeItemTypes=Movie&Fields=ProviderIds"
        assert await client.names(f"{path}&MinDateLastSaved={since}") == []
        server.refresh(item(server, "nameless"), ids={"imdb": "tt0000042"})
        server.delete(item(server, "short"))
        rows = (await client.get(f"{path}&minDateLastSaved={since}"))["Items"]
        assert [row["ProviderIds"] for row in rows] == [{"Imdb": "tt0000042"}]
        assert (await client.ask("GET", f"{path}&minDateLastSaved=soon")).status == 400


async def test_episodes(world: World) -> None:
    """Episodes by season, specials as season 0, both numbers of a double; an unknown series is 404."""
    for server in (await world.jellyfin(), await world.emby()):
        client = world.client(server)
        path = f"/Shows/{item(server, 'road')}/Episodes?UserId={user_id(server)}"
        assert await client.names(path) == ["Special", "Part 1", "Part 2", "Double"]
        assert await client.names(f"{path}&Season=0") == ["Special"]
        assert await client.names(f"{path}&Season=9") == []
        row = (await client.get(f"{path}&Season=2&Fields=ProviderIds"))["Items"][0]
        assert (row["ParentIndexNumber"], row["IndexNumber"], row["IndexNumberEnd"]) == (2, 7, 8)
        assert row["SeriesId"] == item(server, "road")
        assert row["ProviderIds"] == {"Tvdb": "349207"}
        wrong = item(server, "harbour")
        assert (await client.ask("GET", f"/Shows/{wrong}/Episodes")).status == 404


@pytest.mark.parametrize("kind", [SimulatedJellyfin, SimulatedEmby])
async def test_large_libraries_are_quick(world: World, kind: type[MediaBrowserServer]) -> None:
    """An item of 12,000 is filled in like one of 1,200, and what is in progress is found without a walk through them.

    Counted in lines of code.
    """
    filling, listing = [], []
    for size in (1, 10):
        server = kind(clock=world.clock)  # type: ignore[call-arg]
        titles = catalogue(200 * size, 20 * size, 50)
        filling.append(lines_of(partial(server.fill, titles), "tests/simulators") / size)
        server = await world.add(server)
        for number in range(100):
            server.set_state("anna", server.items_of(f"film-{number:04}")[0], position_ms=HOUR // 2)
        with lines_run("tests/simulators") as lines:
            page = await world.client(server).get(f"/Users/{user_id(server)}/Items?{RESUMABLE}&Limit=500")
        assert len(page["Items"]) == 100
        listing.append(lines.total)
    assert filling[1] < 1.1 * filling[0]
    assert listing[1] < 1.1 * listing[0]

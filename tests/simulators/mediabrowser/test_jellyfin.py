"""What only the Jellyfin simulator does: Quick Connect, schedules, and what its versions do differently."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.small_world import (
    CLIENT,
    HARBOUR,
    HOUR,
    MINUTE,
    RESUMABLE,
    START,
    World,
    item,
    small_world,
    user_id,
)


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


async def test_quick_connect(world: World) -> None:
    """A code waits for its approval and then gives tokens until it expires."""
    jellyfin = await world.jellyfin("12.0.0")
    nobody = world.anybody(jellyfin)
    assert await nobody.get("/QuickConnect/Enabled") is True
    assert (await nobody.ask("POST", "/QuickConnect/Initiate")).status == 400
    started = (await nobody.ask("POST", "/QuickConnect/Initiate", Authorization=CLIENT)).json
    assert (len(started["Code"]), len(started["Secret"]), started["DeviceName"]) == (6, 64, "Home Assistant")
    poll = f"/QuickConnect/Connect?secret={started['Secret']}"
    assert (await nobody.get(poll))["Authenticated"] is False
    secret = {"Secret": started["Secret"]}
    assert (await nobody.ask("POST", "/Users/AuthenticateWithQuickConnect", secret)).status == 404
    jellyfin.approve_quick_connect(started["Code"], "ben")
    assert (await nobody.get(poll))["Authenticated"] is True
    answer = (await nobody.ask("POST", "/Users/AuthenticateWithQuickConnect", secret)).json
    assert answer["User"]["Name"] == "ben"
    assert (await world.anybody(jellyfin, answer["AccessToken"]).get("/Users/Me"))["Name"] == "ben"
    again = (await nobody.ask("POST", "/Users/AuthenticateWithQuickConnect", secret)).json
    assert again["User"]["Name"] == "ben"
    world.clock.advance(661)
    gone = await nobody.ask("GET", poll)
    assert (gone.status, gone.text) == (404, "Unknown secret")


async def test_quick_connect_expires_and_can_be_off(world: World) -> None:
    """An approved code lives a minute longer; a server may not offer it at all."""
    jellyfin = await world.jellyfin()
    nobody = world.anybody(jellyfin)
    waiting = (await nobody.ask("POST", "/QuickConnect/Initiate", Authorization=CLIENT)).json
    world.clock.advance(601)
    assert (await nobody.ask("GET", f"/QuickConnect/Connect?secret={waiting['Secret']}")).status == 404
    approved = (await nobody.ask("POST", "/QuickConnect/Initiate", Authorization=CLIENT)).json
    answer = await world.client(jellyfin, "ben").ask("POST", f"/QuickConnect/Authorize?code={approved['Code']}")
    assert (answer.status, answer.text) == (200, "true")
    world.clock.advance(601)
    assert (await nobody.ask("GET", f"/QuickConnect/Connect?secret={approved['Secret']}")).status == 200
    jellyfin.quick_connect.enabled = False
    assert await nobody.get("/QuickConnect/Enabled") is False
    answer = await nobody.ask("POST", "/QuickConnect/Initiate", Authorization=CLIENT)
    assert (answer.status, answer.text) == (401, "Quick connect is disabled")


async def test_version_12_takes_no_legacy_tokens(world: World) -> None:
    """X-Emby-Token, the Emby scheme and api_key are dead there; the header and ApiKey work everywhere."""
    for version, legacy in (("10.10.7", 200), ("10.11.11", 200), ("12.0.0", 401)):
        jellyfin = await world.jellyfin(version, name=f"Jellyfin {version}")
        token = jellyfin.add_token("anna")
        nobody = world.anybody(jellyfin)
        for headers, path, expected in (
            ({"Authorization": f'MediaBrowser Token="{token}"'}, "/Users/Me", 200),
            ({"Authorization": f'Emby Token="{token}"'}, "/Users/Me", legacy),
            ({"X-Emby-Token": token}, "/Users/Me", legacy),
            ({}, f"/Users/Me?apikey={token}", 200),
            ({}, f"/Users/Me?api_key={token}", legacy),
        ):
            assert (await nobody.ask("GET", path, **headers)).status == expected, (version, path)


async def test_schedules_disabled_users_and_preferences(world: World) -> None:
    """A parental schedule is a 403 that ends; a disabled user is a 401; without a right, reading works alone."""
    jellyfin = await world.jellyfin()
    client, ben = world.client(jellyfin, "ben"), jellyfin.users["ben"]
    ben.outside_schedule = True
    answer = await client.ask("GET", f"/Items?{RESUMABLE}")
    assert (answer.status, answer.text) == (403, "")
    assert (await client.ask("GET", f"/Users/{ben.user_id}")).status == 200
    body = {"Username": "ben", "Pw": ""}
    answer = await world.anybody(jellyfin).ask("POST", "/Users/AuthenticateByName", body, Authorization=CLIENT)
    assert answer.status == 403
    ben.outside_schedule = False
    ben.preference_access = False
    film = item(jellyfin, "harbour")
    assert (await client.ask("GET", f"/UserItems/{film}/UserData")).status == 200
    answer = await client.ask("POST", f"/UserItems/{film}/UserData", {"PlaybackPositionTicks": 1})
    assert answer.status == 403
    ben.disabled = True
    assert (await client.ask("GET", f"/Items?{RESUMABLE}")).status == 401


async def test_resume_route(world: World) -> None:
    """Last played first; libraries excluded from the home screen are missing; rewatched items are there."""
    jellyfin = await world.jellyfin()
    episode = item(jellyfin, "road/s01e02")
    jellyfin.set_state("anna", item(jellyfin, "harbour"), position_ms=HOUR, last_played=START - 60)
    jellyfin.set_state("anna", episode, position_ms=10 * MINUTE, last_played=START, watched=True)
    client = world.client(jellyfin)
    path = f"/UserItems/Resume?userId={user_id(jellyfin)}"
    assert await client.names(path) == ["Part 2", "Blue Harbour"]
    assert await client.names(f"{path}&startIndex=1&limit=5") == ["Blue Harbour"]
    jellyfin.viewer("anna").play(episode)
    assert await client.names(f"{path}&excludeActiveSessions=true") == ["Blue Harbour"]
    jellyfin.users["anna"].latest_excludes.add(jellyfin.library("Shows").library_id)
    assert await client.names(path) == ["Blue Harbour"]
    assert await client.names(f"/Items?{RESUMABLE}") == ["Part 2", "Blue Harbour"]
    key = world.anybody(jellyfin, jellyfin.add_api_key())
    assert (await key.ask("GET", "/UserItems/Resume")).status == 404
    assert (await key.ask("GET", f"/Items?{RESUMABLE}")).status == 500


async def test_copies_share_their_state_up_to_10_10(world: World) -> None:
    """There user data is stored under provider ids; later each item has its own."""
    for version, shared in (("10.10.7", True), ("10.11.11", False), ("12.0.0", False)):
        jellyfin = await world.jellyfin(version, name=f"Jellyfin {version}")
        first = item(jellyfin, "harbour")
        second = jellyfin.add_film(HARBOUR, "Films 4K")
        viewer = jellyfin.viewer("anna")
        viewer.play(first, HOUR)
        viewer.stop()
        assert (viewer.state(second).position_ms == HOUR) is shared
        assert len(await world.client(jellyfin).names(f"/Items?{RESUMABLE}")) == (2 if shared else 1)


async def test_versions_of_a_film(world: World) -> None:
    """Up to 10.11 progress lands on the item; 12 keeps it on the version, which only the resume route shows."""
    for version in ("10.11.11", "12.0.0"):
        jellyfin = await world.jellyfin(version, name=f"Jellyfin {version}")
        film = item(jellyfin, "harbour")
        cut = jellyfin.add_version(film, duration_ms=120 * MINUTE)
        viewer, client = jellyfin.viewer("anna"), world.client(jellyfin)
        viewer.play(film, HOUR, version_id=cut)
        viewer.stop()
        expected = cut if version == "12.0.0" else film
        rows = (await client.get("/UserItems/Resume?includeItemTypes=Movie,Episode"))["Items"]
        assert [row["Id"] for row in rows] == [expected]
        assert await client.names(f"/Items?Ids={cut}") == []
        assert (await client.get(f"/Items/{cut}"))["Id"] == cut
        sources = (await client.get(f"/Items/{film}"))["MediaSources"]
        assert [source["Id"] for source in sources] == [film, cut]
        assert await client.names(f"/Items?{RESUMABLE}") == ([] if version == "12.0.0" else ["Blue Harbour"])


async def test_version_12_forces_a_position_to_0_after_another_version_was_finished(world: World) -> None:
    """A position written on the item reads as 0 unless its date is moved past the other version's."""
    jellyfin = await world.jellyfin("12.0.0")
    film = item(jellyfin, "harbour")
    cut = jellyfin.add_version(film)
    jellyfin.set_state("anna", cut, watched=True, last_played=START)
    client = world.client(jellyfin)
    path = f"/UserItems/{film}/UserData"
    await client.ask("POST", path, {"PlaybackPositionTicks": HOUR * 10_000})
    assert (await client.get(path))["PlaybackPositionTicks"] == 0
    await client.ask("POST", path, {"LastPlayedDate": "2026-11-18T20:00:01Z"})
    data = await client.get(path)
    assert (data["PlaybackPositionTicks"], data["Played"]) == (HOUR * 10_000, True)


async def test_version_12_counts_partly_watched_shows_as_resumable(world: World) -> None:
    """Without item types the list holds seasons and shows."""
    for version, names in (
        ("10.11.11", {"Part 1"}),
        ("12.0.0", {"Part 1", "Season 1", "Long Road"}),
    ):
        jellyfin = await world.jellyfin(version, name=f"Jellyfin {version}")
        jellyfin.set_state("anna", item(jellyfin, "road/s01e01"), position_ms=10 * MINUTE)
        client = world.client(jellyfin)
        assert set(await client.names("/Items?Recursive=true&Filters=IsResumable")) == names
        assert await client.names(f"/Items?{RESUMABLE}") == ["Part 1"]


async def test_a_replaced_file_keeps_its_history_under_a_new_id(world: World) -> None:
    """User data finds its way by provider ids; an item without any starts anew."""
    jellyfin = await world.jellyfin()
    viewer = jellyfin.viewer("anna")
    for key, position in (("harbour", HOUR), ("road/s01e02", 10 * MINUTE), ("nameless", 0)):
        old = item(jellyfin, key)
        jellyfin.set_state("anna", old, position_ms=position or MINUTE)
        new = jellyfin.replace_file(old)
        assert new != old
        assert viewer.state(new).position_ms == position
        assert (await world.client(jellyfin).ask("GET", f"/Items/{old}")).status == 404
    jellyfin.delete(item(jellyfin, "harbour"))
    assert item(jellyfin, "road/s01e02") in viewer.in_progress()
    assert viewer.state(jellyfin.add_film(HARBOUR)).position_ms == HOUR

"""The Jellyfin and Emby simulators, asked over HTTP, against what is known of the real servers."""

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import pytest

from tests.simulators.small_world import CLIENT, HOUR, RESUMABLE, START, World, item, small_world, user_id


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Give a world with open ports."""
    async with small_world() as world:
        yield world


async def test_system_info_tells_the_servers_apart(world: World) -> None:
    """Jellyfin names its product and whether it is set up; Emby does not, and has a four-part version."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    info = await world.anybody(jellyfin).get("/System/Info/Public")
    assert (info["ProductName"], info["Version"], info["StartupWizardCompleted"]) == (
        "Jellyfin Server",
        "10.11.11",
        True,
    )
    info = await world.anybody(emby).get("/System/Info/Public")
    assert info["Version"] == "4.9.5.0"
    assert "ProductName" not in info
    assert "StartupWizardCompleted" not in info


async def test_password_sign_in(world: World) -> None:
    """Both give user, session and token; a wrong password and a client without metadata are refused their way."""
    for server, wrong, incomplete in (
        (await world.jellyfin(), (401, ""), (400, "Error processing request.")),
        (
            await world.emby(),
            (401, "Invalid username or password. Please try again."),
            (400, "Value cannot be null. (Parameter 'appName')"),
        ),
    ):
        nobody = world.anybody(server)
        body = {"Username": "Anna", "Pw": "secret"}
        answer = await nobody.ask("POST", "/Users/AuthenticateByName", body, Authorization=CLIENT)
        assert answer.json["User"]["Id"] == user_id(server)
        assert answer.json["SessionInfo"]["DeviceName"] == "Home Assistant"
        token = answer.json["AccessToken"]
        assert (await world.anybody(server, token).ask("GET", f"/Users/{user_id(server)}")).status == 200
        again = await nobody.ask("POST", "/Users/AuthenticateByName", body, Authorization=CLIENT)
        assert again.status == 200
        assert (await world.anybody(server, token).ask("GET", "/Sessions")).status == 401
        answer = await nobody.ask(
            "POST", "/Users/AuthenticateByName", {"Username": "anna", "Pw": "x"}, Authorization=CLIENT
        )
        assert (answer.status, answer.text) == wrong
        answer = await nobody.ask("POST", "/Users/AuthenticateByName", body)
        assert (answer.status, answer.text) == incomplete


async def test_refusals_have_each_servers_own_bodies(world: World) -> None:
    """Jellyfin: empty 401, problem+json, one sentence for the rest. Emby: plain text throughout."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    answer = await world.anybody(jellyfin, "0" * 32).ask("GET", "/Users")
    assert (answer.status, answer.text, answer.content_type) == (401, "", None)
    ben = world.client(jellyfin, "ben")
    answer = await ben.ask("GET", f"/UserItems/Resume?userId={user_id(jellyfin)}")
    assert (answer.status, answer.text) == (403, "Error processing request.")
    answer = await ben.ask("GET", "/Items/not-a-guid")
    assert answer.status == 400
    assert answer.content_type == "application/problem+json; charset=utf-8"
    assert answer.json["errors"] == {"itemId": ["The value 'not-a-guid' is not valid."]}
    answer = await ben.ask("GET", f"/Items/{'a' * 32}")
    assert (answer.status, answer.json["title"]) == (404, "Not Found")

    answer = await world.anybody(emby, "0" * 32).ask("GET", "/Users")
    assert (answer.status, answer.text) == (401, "Access token is invalid or expired.")
    ben = world.client(emby, "ben")
    assert (await ben.ask("GET", "/Users")).status == 403
    assert (await ben.ask("GET", f"/Users/{user_id(emby)}/Items")).status == 403
    answer = await ben.ask("GET", "/Users/Me")
    assert (answer.status, answer.text) == (500, "Unrecognized Guid format.")
    answer = await ben.ask("GET", f"/Users/{user_id(emby, 'ben')}/Items/999999")
    assert (answer.status, answer.text) == (404, "Item not found.")


async def test_api_keys(world: World) -> None:
    """An API key reads any user's data, is no user, and logging out with it ends it on Emby only."""
    for server, me, survives in ((await world.jellyfin(), 400, True), (await world.emby(), 500, False)):
        key = world.anybody(server, server.add_api_key())
        assert [user["Name"] for user in await key.get("/Users")] == ["anna", "ben"]
        assert (await key.ask("GET", "/Users/Me")).status == me
        ben = user_id(server, "ben")
        film = item(server, "harbour")
        server.set_state("ben", film, position_ms=HOUR)
        assert await key.names(f"/Users/{ben}/Items?{RESUMABLE}") == ["Blue Harbour"]
        await key.ask("POST", "/Sessions/Playing", {"ItemId": film, "PositionTicks": 0})
        assert server.viewer("ben").state(film).play_count == 0
        assert (await key.ask("POST", "/Sessions/Logout")).status == 204
        assert ((await key.ask("GET", "/Users")).status == 200) is survives


async def test_emby_token_in_the_authorization_header_is_a_switch(world: World) -> None:
    """It is documented and was never seen: by default it does not count."""
    emby = await world.emby()
    nobody = world.anybody(emby)
    header = f'{CLIENT}, Token="{emby.add_token("anna")}"'
    assert (await nobody.ask("GET", "/Sessions", Authorization=header)).status == 401
    emby.token_in_authorization = True
    assert (await nobody.ask("GET", "/Sessions", Authorization=header)).status == 200


async def test_date_header_shows_the_servers_clock(world: World) -> None:
    """The skew is in the Date header and in stored dates."""
    jellyfin = await world.jellyfin()
    jellyfin.skew = 120
    answer = await world.anybody(jellyfin).ask("GET", "/System/Info/Public")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == START + 120
    film = item(jellyfin, "harbour")
    viewer = jellyfin.viewer("anna")
    viewer.play(film)
    assert viewer.state(film).last_played == START + 120


async def test_base_path_and_prefixes(world: World) -> None:
    """Outside the base path Jellyfin leads to its web client; `/emby` works on Emby and on Jellyfin before 12."""
    jellyfin = await world.jellyfin(base_path="/jellyfin")
    client = world.client(jellyfin)
    assert (await client.ask("GET", "/System/Info/Public")).status == 200
    jellyfin.base_path = "/other"
    async with world.http.get(f"http://127.0.0.1:{jellyfin.port}/System/Info/Public", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/other/web/")
    for server, status in (
        (await world.jellyfin(), 200),
        (await world.jellyfin("12.0.0"), 404),
        (await world.emby(), 200),
    ):
        assert (await world.anybody(server).ask("GET", "/emby/system/info/PUBLIC")).status == status


async def test_while_starting(world: World) -> None:
    """Everything is 503 with a web page; a server before Jellyfin answers with its public info in other letters."""
    jellyfin, emby = await world.jellyfin(), await world.emby()
    for server, retry in ((jellyfin, "005"), (emby, None)):
        server.starting = True
        answer = await world.client(server).ask("GET", "/Users")
        assert (answer.status, answer.content_type) == (503, "text/html; charset=utf-8")
        assert answer.headers.get("Retry-After") == retry
    assert (await world.anybody(jellyfin).get("/System/Info/Public"))["startupWizardCompleted"] is False
    older = await world.jellyfin("10.10.7", name="older")
    older.starting = True
    assert (await world.anybody(older).ask("GET", "/System/Info/Public")).status == 503
    assert (await world.anybody(emby).ask("GET", "/System/Info/Public")).status == 503

"""Who gets what from the simulated Plex Media Server, and whether plexapi understands it."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

from plexapi.server import PlexServer
import pytest
from requests import Session

from tests.simulators.faults import RevokedToken
from tests.simulators.plex.small_world import AMELIE, HOUR, START, Attic, attic, keys, one


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[Attic]:
    """Give a server with an open port, four users and a few titles."""
    async with attic() as world:
        yield world


async def test_identity_is_for_everybody_and_the_rest_is_not(world: Attic) -> None:
    """Without a token there is the identity, and a small web page with 401."""
    identity = await world.ask("/identity", token="")
    assert identity.root.attrib["machineIdentifier"] == world.server.machine_id
    assert identity.root.attrib["claimed"] == "1"
    for path in ("/", "/library/all?type=1", "/nowhere"):
        refused = await world.ask(path, token="wrong")
        assert (refused.status, refused.content_type) == (401, "text/html")
        assert "<title>Unauthorized</title>" in refused.text
    missing = await world.ask("/nowhere")
    assert (missing.status, missing.content_type) == (404, "text/html")


async def test_the_token_may_come_in_the_query(world: Attic) -> None:
    """Any X-Plex argument may be given either way."""
    answer = await world.ask(f"/library/sections?X-Plex-Token={world.server.token('henry')}", token="")
    assert answer.status == 200


async def test_xml_unless_json_is_accepted(world: Attic) -> None:
    """Both tell the same; in JSON rating keys are texts and offsets are numbers."""
    film = world.item(AMELIE)
    world.server.set_state("olivia", film, position_ms=HOUR, play_count=2, last_played=START - 60)
    row = one((await world.ask(f"/library/metadata/{film}")).root)
    assert (row.tag, row.attrib["viewOffset"], row.attrib["viewCount"]) == ("Video", str(HOUR), "2")
    assert row.attrib["lastViewedAt"] == str(int(START - 60))
    answer = await world.ask(f"/library/metadata/{film}", accept="application/json")
    (data,) = answer.json["MediaContainer"]["Metadata"]
    assert (data["ratingKey"], data["viewOffset"], data["librarySectionID"]) == (film, HOUR, 1)
    assert data["Guid"] == [{"id": "imdb://tt0211843"}, {"id": "tmdb://194"}]


async def test_users_see_what_is_shared_with_them(world: Attic) -> None:
    """The friend has one library; items elsewhere are not there for them."""
    token = world.server.token("frank")
    sections = await world.ask("/library/sections", token=token)
    assert [row.attrib["title"] for row in sections.root] == ["Films"]
    assert keys((await world.ask("/library/all?type=4", token=token)).root) == []
    assert (await world.ask(f"/library/metadata/{world.show}", token=token)).status == 404
    world.server.share("Shows", "frank")
    assert (await world.ask(f"/library/metadata/{world.show}", token=token)).status == 200
    assert (await world.ask("/library", token=token)).status == 403


async def test_what_only_the_owner_gets(world: Attic) -> None:
    """Accounts, preferences and sessions are refused to everybody else."""
    world.server.viewer("henry", "Bedroom").play(world.item(AMELIE), HOUR)
    for path in ("/accounts", "/:/prefs", "/status/sessions"):
        for name in ("henry", "Kim", "frank"):
            assert (await world.ask(path, token=world.server.token(name))).status == 401
    accounts = {row.attrib["name"]: row.attrib["id"] for row in (await world.ask("/accounts")).root}
    assert accounts["olivia"] == "1"
    assert accounts["henry"] == world.server.users["henry"].user_id != "1"
    session = one((await world.ask("/status/sessions")).root)
    people = (session.find("User"), session.find("Player"))
    assert people[0] is not None
    assert people[1] is not None
    assert (people[0].attrib["title"], people[1].attrib["state"]) == ("henry", "playing")
    setting = one((await world.ask("/:/prefs/get?id=LibraryVideoPlayedThreshold")).root)
    assert setting.attrib["value"] == "90"
    world.server.owner_routes.refusal = 403
    assert (await world.ask("/accounts", token=world.server.token("Kim"))).status == 403


async def test_networks_without_sign_in_make_anybody_the_owner(world: Attic) -> None:
    """No token or a bad one acts as the owner; a good one still as its user."""
    world.server.set_state("olivia", world.item(AMELIE), position_ms=HOUR)
    world.server.allowed_without_auth = True
    for token in ("", "wrong"):
        assert keys((await world.ask("/library/all?type=1&viewOffset>>=0", token=token)).root) == [world.item(AMELIE)]
        assert (await world.ask("/accounts", token=token)).status == 200
    assert (await world.ask("/accounts", token=world.server.token("henry"))).status == 401


async def test_tokens_end(world: Attic) -> None:
    """A revoked token is refused from then on; a server that has to be claimed anew refuses all."""
    old = world.server.token("henry")
    world.server.faults.add("GET /library/sections", RevokedToken())
    assert (await world.ask("/library/sections", token=old)).status == 401
    assert (await world.ask("/library/sections", token=old)).status == 401
    assert (await world.ask("/library/sections", token=world.server.token("henry"))).status == 200
    world.server.claimed = False
    assert (await world.ask("/library/sections")).status == 401
    assert (await world.ask("/identity", token="")).root.attrib["claimed"] == "0"


async def test_start_up_and_clock(world: Attic) -> None:
    """A starting server answers 503; the Date header is the server's own clock."""
    world.server.skew = 90
    answer = await world.ask("/identity")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == int(START + 90)
    world.server.starting = True
    answer = await world.ask("/library/sections")
    assert (answer.status, answer.root.tag, answer.root.attrib["code"]) == (503, "Response", "503")


async def test_plexapi_understands_it(world: Attic) -> None:
    """It builds a server, libraries, films, shows, episodes, sessions and settings, and writes."""
    server, film = world.server, world.item(AMELIE)
    server.set_state("olivia", world.episode(1, 2), position_ms=600_000, last_played=START)
    server.viewer("Kim").play(film, HOUR)

    def read() -> None:
        session = Session()
        plex: Any = PlexServer(server.url, server.token("olivia"), session)  # type: ignore[no-untyped-call]
        assert plex.machineIdentifier == server.machine_id
        assert [section.title for section in plex.library.sections()] == ["Films", "Shows", "Films 4K"]
        assert plex.settings.get("libraryVideoPlayedThreshold").value == 90
        (playing,) = plex.sessions()
        assert (playing.usernames, playing.viewOffset, playing.player.state) == (["Kim"], HOUR, "playing")
        movie = plex.library.section("Films").get("Amélie")
        assert {guid.id for guid in movie.guids} == {"imdb://tt0211843", "tmdb://194"}
        movie.updateProgress(90_000)
        assert plex.fetchItem(int(film)).viewOffset == 90_000
        episode = plex.library.section("Shows").get("Lost").episode(season=1, episode=2)
        assert (episode.viewOffset, episode.grandparentTitle) == (600_000, "Lost")
        episode.updateTimeline(1_200_000)
        assert episode.reload().viewOffset == 1_200_000
        assert {item.title for item in plex.continueWatching()} == {"Amélie", "Tabula Rasa"}
        movie.removeFromContinueWatching()
        assert {item.title for item in plex.continueWatching()} == {"Tabula Rasa"}
        assert [each.ratingKey for each in plex.fetchItems("/library/all?type=1&inProgress=1")] == [int(film)]
        episode.markUnplayed()
        movie.markPlayed()
        assert movie.reload().viewCount == 1
        session.close()

    await asyncio.to_thread(read)
    assert server.watch_state("olivia", world.episode(1, 2)).position_ms == 0
    assert server.watch_state("olivia", film).watched

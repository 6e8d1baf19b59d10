"""Positions onto a Plex Media Server, for each kind of user, and what the server's rules make of them."""

import asyncio

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.servers.plex.sign_in import plex_identify
from custom_components.resume_sync.servers.sign_in import ServerUser
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    NotAllowed,
    NotFound,
    NotSupported,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import DateMeaning, Item, ItemState, MediaKind, PositionWrite, ServerType
from tests.servers.playing import active_items
from tests.servers.plex.attic import (
    ACCOUNTS,
    PROGRESS,
    SESSIONS,
    START,
    TIMELINE,
    attic,
    client_of,
    only,
    state_of,
    write,
)
from tests.servers.plex.script import payload, scripted
from tests.simulators.faults import IgnoredWrite, Status

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize(("user", "route"), [("olivia", PROGRESS), ("henry", TIMELINE), ("frank", TIMELINE)])
async def test_a_position_for_every_kind_of_user(user: str, route: str) -> None:
    """The owner's goes the simple way, others' as a timeline report; only that user's state changes."""
    async with attic() as server, client_of(server, user) as client:
        alien = only(server, "alien")
        server.set_state(user, alien, watched=True, play_count=3, last_played=START - 5000)
        base = await state_of(client, alien)
        server.traffic.reset()

        await client.write_position(PositionWrite(base, 1_234_567))

        after = await state_of(client, alien)
        assert (after.position_ms, after.watched, after.play_count) == (1_234_567, True, 3)
        assert after.last_played_server_ms == START * 1000
        assert server.traffic.requests(route) == 1
        assert server.traffic.writes == 1
        for other in {"olivia", "henry", "frank"} - {user}:
            assert server.watch_state(other, alien).position_ms == 0
        assert server.timeline.sessions == []


async def test_traits() -> None:
    """What a server of this kind can do."""
    async with attic() as server, client_of(server) as client:
        traits = client.traits
        assert (traits.server_type, traits.date_meaning) == (ServerType.PLEX, DateMeaning.LAST_WRITE)
        assert (traits.can_clear, traits.takes_date, traits.writes_at_once) == (False, False, 1)
        assert (traits.minimum_ms, traits.watched_percent) == (60_000, 90)
        assert (traits.writes_full_set, traits.takes_data_back) == (False, False)
        alien = only(server, "alien")
        assert (await write(client, alien, 59_000)).position_ms == 0
        assert (await write(client, alien, 60_000)).position_ms == 60_000
        assert (await write(client, alien, 6_300_000)).position_ms == 60_000


async def test_nothing_is_cleared() -> None:
    """Plex has no way to take a title out of progress."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        state = await write(client, alien, 100_000)
        server.traffic.reset()
        with pytest.raises(NotSupported):
            await client.clear_position(state)
        assert server.traffic.table() == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
async def test_a_refused_progress_is_written_by_timeline(status: int) -> None:
    """And so are all later writes."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        server.faults.add(PROGRESS, Status(status))
        assert (await write(client, alien, 1_000_000)).position_ms == 1_000_000
        assert (await write(client, alien, 2_000_000)).position_ms == 2_000_000
        assert (server.traffic.requests(PROGRESS), server.traffic.requests(TIMELINE)) == (1, 2)


@pytest.mark.parametrize("refusal", [400, 404, 405])
@pytest.mark.parametrize("user", ["olivia", "henry"])
async def test_a_server_that_insists_on_the_documented_verb(user: str, refusal: int) -> None:
    """POST after the first GET that was refused, and from then on without another try."""
    async with attic() as server, client_of(server, user) as client:
        server.report_routes.get_refusal = refusal
        alien = only(server, "alien")
        assert (await write(client, alien, 1_000_000)).position_ms == 1_000_000
        assert (await write(client, alien, 2_000_000)).position_ms == 2_000_000
        assert (server.traffic.requests(TIMELINE), server.traffic.requests("POST /:/timeline")) == (1, 2)


async def test_a_server_without_progress() -> None:
    """A missing route is no missing title, and a missing title is none of a missing route."""
    async with attic() as server, client_of(server) as client:
        server.report_routes.progress_refusal = 404
        alien, brazil = only(server, "alien"), only(server, "brazil")
        base = await state_of(client, brazil)
        server.delete(brazil)
        with pytest.raises(NotFound):
            await client.write_position(PositionWrite(base, 1_000_000))
        assert server.traffic.requests(TIMELINE) == 0
        assert (await write(client, alien, 1_000_000)).position_ms == 1_000_000
        nameless = ItemState(Item(alien, MediaKind.MOVIE, "Film"), 0)
        with pytest.raises(NotAllowed):
            await client.write_position(PositionWrite(nameless, 100_000))


async def test_a_title_that_is_gone_where_post_is_wanted() -> None:
    """Both verbs are refused: the title is gone."""
    async with attic() as server, client_of(server, "henry") as client:
        base = await state_of(client, only(server, "alien"))
        for method in ("GET", "POST"):
            server.faults.add(f"{method} /:/timeline", Status(404))
        with pytest.raises(NotFound):
            await client.write_position(PositionWrite(base, 1_000_000))
        assert (await write(client, only(server, "alien"), 1_000_000)).position_ms == 1_000_000
        assert server.traffic.requests(TIMELINE) == 2


async def test_a_progress_that_changed_nothing_is_written_by_timeline() -> None:
    """The next write of that item goes by `/:/timeline`; after one that took, by `/:/progress` again."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        server.faults.add(PROGRESS, IgnoredWrite())
        assert (await write(client, alien, 1_000_000)).position_ms == 0
        assert (await write(client, alien, 1_000_000)).position_ms == 1_000_000
        assert (server.traffic.requests(PROGRESS), server.traffic.requests(TIMELINE)) == (1, 1)
        for position in (2_000_000, 3_000_000):
            server.clock.advance(10)
            assert (await write(client, alien, position)).position_ms == position
        assert (server.traffic.requests(PROGRESS), server.traffic.requests(TIMELINE)) == (3, 1)


async def test_positions_end_with_the_title() -> None:
    """No report goes past the duration."""
    sent: list[str] = []

    async def record(request: web.Request) -> web.StreamResponse:
        sent.append(request.query["time"])
        return web.Response()

    async with scripted({"/:/progress": record}) as script:
        client = PlexServer(url=script.url, token="t", user_id="1", user_name="olivia", device_id="d")
        base = ItemState(Item("5", MediaKind.MOVIE, "Film", duration_ms=4000), 0)
        await client.write_position(PositionWrite(base, 9000))
        await client.close()
    assert sent == ["4000"]


async def test_a_timeline_report_is_a_session_of_its_own() -> None:
    """It carries a duration, our client identifier and a session identifier that is new each time."""
    async with scripted(
        {"/:/timeline": payload("timeline_reply.xml"), "/accounts": web.Response(status=401)}
    ) as script:
        client = PlexServer(url=script.url, token="t", user_id="77", user_name="henry", device_id="our-device")
        base = ItemState(Item("5", MediaKind.MOVIE, "Film", duration_ms=4_000_000), 0)
        for position in (100_000, 200_000):
            await client.write_position(PositionWrite(base, position))
        await client.close()
        reports = [request for request in script.requests if request.path == "/:/timeline"]
    assert dict(reports[0].query) == {
        "ratingKey": "5",
        "key": "/library/metadata/5",
        "identifier": "com.plexapp.plugins.library",
        "state": "stopped",
        "time": "100000",
        "duration": "4000000",
    }
    assert {request.headers["X-Plex-Client-Identifier"] for request in reports} == {"our-device"}
    assert len({request.headers["X-Plex-Session-Identifier"] for request in reports}) == 2
    assert script.paths.count("/accounts") == 1


async def test_titles_of_unknown_length() -> None:
    """Without a duration only the simple way is left; a friend may not go it, with a token that is good."""
    nameless = ItemState(Item("1", MediaKind.MOVIE, "Film"), 0)
    async with attic() as server, client_of(server, "frank") as frank, client_of(server) as olivia:
        with pytest.raises(NotAllowed):
            await frank.write_position(PositionWrite(nameless, 100_000))
        await olivia.write_position(PositionWrite(nameless, 100_000))
        assert server.watch_state("olivia", "1").position_ms == 100_000
        server.revoke_token("olivia")
        with pytest.raises(InvalidAuth):
            await olivia.write_position(PositionWrite(nameless, 100_000))


async def test_failing_writes() -> None:
    """Items that are gone, tokens that are refused, and servers that fail are told apart."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        base = await state_of(client, alien)
        server.faults.add(PROGRESS, Status(502))
        with pytest.raises(CannotConnect):
            await client.write_position(PositionWrite(base, 100_000))
        server.faults.add(PROGRESS, Status(500))
        with pytest.raises(BadResponse):
            await client.write_position(PositionWrite(base, 100_000))
        server.delete(alien)
        with pytest.raises(NotFound):
            await client.write_position(PositionWrite(base, 100_000))
        odd = ItemState(Item("../5", MediaKind.MOVIE, "Film", duration_ms=4_000_000), 0)
        server.traffic.reset()
        with pytest.raises(NotFound):
            await client.write_position(PositionWrite(odd, 100_000))
        assert server.traffic.table() == {}
        server.revoke_token("olivia")
        with pytest.raises(InvalidAuth):
            await client.write_position(PositionWrite(base, 100_000))


async def test_nothing_is_believed_or_written_where_a_user_passes_for_the_owner() -> None:
    """Where a network makes everybody the owner, a refused token's snapshot is not believed and nothing is written."""
    async with attic() as server, client_of(server, "henry") as client:
        alien = only(server, "alien")
        server.set_state("henry", alien, position_ms=500_000)
        base = (await client.in_progress()).items[alien]
        assert server.traffic.requests(ACCOUNTS) == 1
        await client.in_progress()
        assert server.traffic.requests(ACCOUNTS) == 1
        await client.write_position(PositionWrite(base, 600_000))
        await client.write_position(PositionWrite(base, 700_000))
        assert server.traffic.requests(ACCOUNTS) == 2
        server.allowed_without_auth = True
        assert (await client.in_progress()).items[alien].position_ms == 700_000

        server.revoke_token("henry")

        with pytest.raises(InvalidAuth):
            await client.in_progress()
        with pytest.raises(InvalidAuth):
            await client.write_position(PositionWrite(base, 800_000))
        assert server.watch_state("olivia", alien).position_ms == 0
        server.set_state("olivia", alien, position_ms=700_000, last_played=START)
        with pytest.raises(InvalidAuth):
            await client.write_position(PositionWrite(base, 900_000))


@pytest.mark.parametrize("status", [400, 404, 405, 500])
async def test_a_server_that_does_not_tell_its_accounts(status: int) -> None:
    """No document names them: sessions, which are the owner's alone, are refused to anybody else."""
    async with attic() as server, client_of(server, "henry") as client:
        server.set_state("henry", only(server, "alien"), position_ms=500_000)
        server.faults.add(ACCOUNTS, Status(status), times=None)
        assert len((await client.in_progress()).items) == 1
        server.owner_routes.refusal = 403
        server.set_state("henry", only(server, "alien"), position_ms=600_000)
        assert len((await client.in_progress()).items) == 1
        server.allowed_without_auth = True
        server.revoke_token("henry")
        with pytest.raises(InvalidAuth):
            await client.in_progress()


@pytest.mark.parametrize("status", [404, 500])
async def test_a_server_that_does_not_tell_its_owner(status: int) -> None:
    """Where neither is answered nor refused, nothing shows that a user is not the owner."""
    async with attic() as server, client_of(server, "henry") as client:
        server.set_state("henry", only(server, "alien"), position_ms=500_000)
        server.owner_routes.accounts_answered = False
        server.faults.add(SESSIONS, Status(status))
        with pytest.raises(BadResponse):
            await client.in_progress()
        assert len((await client.in_progress()).items) == 1


async def test_the_owner_of_a_server_without_accounts() -> None:
    """Is told by the sessions, and their own among them by id or name."""
    async with attic() as server, client_of(server) as client:
        server.owner_routes.accounts_answered = False
        assert (await client.verify()).server_id == server.machine_id
        _, user = await plex_identify(server.url, server.token("olivia"), True, "ours")
        assert user == ServerUser("1", "")
        _, user = await plex_identify(server.url, server.token("henry"), True, "ours")
        assert user is None
        alien = only(server, "alien")
        server.viewer("olivia").play(alien)
        server.viewer("henry", "Bedroom").play(only(server, "brazil"))
        assert await active_items(client) == {alien: "playing"}
        async with client_of(server, "olivia", token=server.token("henry")) as other:
            with pytest.raises(InvalidAuth):
                await other.verify()


async def test_only_the_owner_may_read_sessions() -> None:
    """And only the owner's own sessions count."""
    async with attic() as server, client_of(server) as client, client_of(server, "henry") as henry:
        assert await active_items(henry) is None
        assert await active_items(client) == {}
        alien, brazil = only(server, "alien"), only(server, "brazil")
        viewer = server.viewer("olivia")
        viewer.play(alien)
        server.viewer("henry").play(brazil)
        assert await active_items(client) == {alien: "playing"}
        viewer.pause()
        assert await active_items(client) == {alien: "paused"}
        viewer.stop()
        assert await active_items(client) == {}
        for status in (401, 403, 404, 500):
            server.faults.add(SESSIONS, Status(status))
            assert await active_items(client) is None
        server.faults.add(SESSIONS, Status(503))
        with pytest.raises(ServerBusy):
            await active_items(client)


async def test_writes_wait_for_each_other() -> None:
    """Plex gets one write at a time, however many are asked for."""
    async with attic() as server, client_of(server) as client:
        bases = [await state_of(client, only(server, key)) for key in ("alien", "brazil", "dolly")]
        await asyncio.gather(*(client.write_position(PositionWrite(base, 100_000)) for base in bases))
        assert server.traffic.most_at_once == 1
        assert len((await client.in_progress()).items) == 3

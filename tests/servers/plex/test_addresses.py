"""The addresses that plex.tv tells of a server, and which of them is taken."""

import asyncio

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.plex_tv import PlexTv
from custom_components.resume_sync.servers.plex.resources import PlexConnection, candidate_urls, reachable_url
from custom_components.resume_sync.sync.media_server import CannotConnect, InvalidAuth, NotFound
from tests.servers.plex.attic import attic, client_of
from tests.servers.plex.plex_tv_script import resource, says
from tests.servers.plex.script import Answer, json_answer, payload, scripted
from tests.simulators.plex_tv.server import PlexTv as SimulatedPlexTv

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_the_best_address_that_answers() -> None:
    """Local before remote before relay, whichever answers first; nothing is asked with a token."""

    async def slowly(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return await json_answer("identity.json")(request)

    async with (
        scripted({"/identity": slowly}) as near,
        scripted({"/identity": json_answer("identity.json")}) as far,
        aiohttp.ClientSession() as session,
    ):
        relay = PlexConnection(far.url, local=False, relay=True)
        remote = PlexConnection(f"{far.url}/", local=False, relay=False)
        local = PlexConnection(near.url, local=True, relay=False)
        dead = PlexConnection("http://127.0.0.1:1", local=True, relay=False)
        assert await reachable_url(session, resource(relay, remote, local, dead)) == near.url
        assert await reachable_url(session, resource(relay, remote, dead)) == far.url
        assert await reachable_url(session, resource(relay)) == far.url
        by_name = PlexConnection("http://127.0.0.1:1", True, False, "127.0.0.1", int(near.url[-5:]))
        assert await reachable_url(session, resource(relay, by_name)) == near.url
        for script in (near, far):
            assert not any("X-Plex-Token" in request.headers for request in script.requests)


@pytest.mark.parametrize(
    "answer",
    [
        payload("identity.xml"),
        web.Response(text=payload("identity.json"), status=401, content_type="application/json"),
        web.Response(status=302, headers={"Location": "/elsewhere"}),
        says({"MediaContainer": {"machineIdentifier": "another"}}),
        says({"MediaContainer": []}),
        says([]),
        says({}),
        web.Response(text="[" + " " * 100_000 + "]"),
    ],
)
async def test_addresses_at_which_something_else_answers(answer: Answer) -> None:
    """Only the server itself counts."""
    async with scripted({"/identity": answer}) as script, aiohttp.ClientSession() as session:
        with pytest.raises(CannotConnect):
            await reachable_url(session, resource(PlexConnection(script.url, True, False)))


async def test_no_address_at_all() -> None:
    """A server without addresses cannot be reached."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(CannotConnect):
            await reachable_url(session, resource())


def test_addresses_in_order() -> None:
    """The plain local address comes after its name and before what is farther away, each once."""
    named = PlexConnection("https://10-0-0-5.abc.plex.direct:32400", True, False, "10.0.0.5", 32400)
    six = PlexConnection("https://fd00--5.abc.plex.direct:32400", True, False, "fd00::5", 32400)
    plain = PlexConnection("http://10.0.0.5:32400/", True, False, "10.0.0.5", 32400)
    remote = PlexConnection("https://203-0-113-7.abc.plex.direct:32400", False, False, "203.0.113.7", 32400)
    relay = PlexConnection("https://198-51-100-9.abc.plex.direct:8443", False, True, "198.51.100.9", 8443)
    assert candidate_urls([relay, remote, named, six, plain]) == [
        named.uri,
        six.uri,
        "http://10.0.0.5:32400",
        "http://[fd00::5]:32400",
        remote.uri,
        relay.uri,
    ]


async def test_from_a_code_to_a_checked_account() -> None:
    """The way of a sign-in: code, servers, a protected user of the Home, address, and the server's own word."""
    async with attic() as server:
        server.users["henry"].account.pin = "1234"
        simulated = SimulatedPlexTv(server, clock=server.clock)
        simulated.admin_needs_pin = True
        await simulated.start()
        async with aiohttp.ClientSession() as session:
            client = PlexTv(session, client_id="our-device", base_url=simulated.url, now=server.clock.now_ms)
            pin = await client.start_pin()
            assert len(pin.code) == 4
            assert pin.good_for_seconds == 900
            assert await client.check_pin(pin.pin_id) is None
            simulated.approve_pin(pin.code, "olivia")
            token = await client.check_pin(pin.pin_id)
            assert token is not None
            assert (await client.user(token)).name == "olivia"
            (own,) = await client.servers(token)
            assert own.owned
            admin, henry = await client.home_users(token)
            assert (admin.admin, henry.admin, henry.needs_pin) == (True, False, True)
            with pytest.raises(InvalidAuth):
                await client.switch_user(token, henry.uuid, "9999")
            henrys = await client.switch_user(token, henry.uuid, "1234")
            (shared,) = await client.servers(henrys)
            assert not shared.owned
            url = await reachable_url(session, shared)
            async with client_of(server, "henry", url=url, token=shared.access_token) as account:
                assert (await account.verify()).server_id == shared.server_id
            expired = await client.start_pin()
            server.clock.advance(3600)
            with pytest.raises(NotFound):
                await client.check_pin(expired.pin_id)
            simulated.revoke_tokens("olivia")
            with pytest.raises(InvalidAuth):
                await client.servers(token)
        await simulated.stop()


async def test_certificates_by_choice() -> None:
    """A certificate that nobody knows is refused unless the user says otherwise."""
    async with attic() as server, aiohttp.ClientSession() as session:
        await server.stop()
        await server.start(tls=True)
        here = resource(PlexConnection(server.url, True, False), server_id=server.machine_id)
        with pytest.raises(CannotConnect):
            await reachable_url(session, here)
        assert await reachable_url(session, here, verify_ssl=False) == server.url

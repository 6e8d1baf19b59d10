"""Checking an account against its server, and telling whose token one is."""

from typing import Any

import pytest

from custom_components.resume_sync.servers.plex.sign_in import plex_identify
from custom_components.resume_sync.servers.sign_in import ServerInfo, ServerUser
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import ServerType
from tests.servers.plex.attic import ACCOUNTS, SECTIONS, attic, client_of
from tests.servers.plex.script import payload, scripted
from tests.simulators.faults import Fault, HtmlPage, Status

pytestmark = pytest.mark.usefixtures("socket_enabled")

PREFERENCE = "GET /:/prefs/get"


@pytest.mark.parametrize("user", ["olivia", "henry", "frank"])
async def test_the_right_token_is_verified_for_every_kind_of_user(user: str) -> None:
    """The owner's token also reads the watched threshold."""
    async with attic(name="Attic") as server, client_of(server, user) as client:
        server.played_threshold = 80
        info = await client.verify()
        assert info == ServerInfo(ServerType.PLEX, server.machine_id, "Attic", server.version)
        assert client.traits.watched_percent == (80 if user == "olivia" else 90)
        asked = {"GET /identity": 1, "GET /": 1, ACCOUNTS: 1, SECTIONS: 1}
        assert server.traffic.table() == asked | ({PREFERENCE: 1} if user == "olivia" else {})
        assert client.library_revision


@pytest.mark.parametrize(
    "fault", [Status(401), Status(403), Status(404), Status(500), HtmlPage(), HtmlPage('<MediaContainer size="0" />')]
)
async def test_an_unknown_threshold_is_the_default(fault: Fault) -> None:
    """90 percent."""
    async with attic() as server, client_of(server) as client:
        server.played_threshold = 80
        server.faults.add(PREFERENCE, fault)
        await client.verify()
        assert client.traits.watched_percent == 90


async def test_the_threshold_among_other_settings() -> None:
    """Only a sensible percentage is taken."""
    for value, percent in (("90", 90), ("75", 75), ("0", 90), ("ninety", 90)):
        settings = payload("prefs_excerpt.xml").replace('value="90"', f'value="{value}"')
        answers = {
            "/": payload("root.xml"),
            "/accounts": payload("accounts.xml"),
            "/:/prefs/get": settings,
            "/library/sections": payload("sections.xml"),
        }
        async with (
            attic() as server,
            scripted(answers) as script,
            client_of(server, url=script.url, server_id=None) as client,
        ):
            info = await client.verify()
            assert (info.name, info.server_id[:8]) == ("Attic", "fbec5750")
            assert client.traits.watched_percent == percent


async def test_a_wrong_token_or_server_is_refused_with_its_own_error() -> None:
    """Wrong tokens, the wrong user's tokens, other servers and old servers are told apart."""
    async with attic() as server:
        errors: list[tuple[dict[str, Any], type[MediaServerError]]] = [
            ({"token": "nonsense"}, InvalidAuth),
            ({"token": ""}, InvalidAuth),
            ({"token": server.token("henry")}, InvalidAuth),
            ({"server_id": "another"}, BadResponse),
            ({"url": "http://127.0.0.1:1"}, CannotConnect),
        ]
        for options, error in errors:
            async with client_of(server, **options) as client:
                with pytest.raises(error):
                    await client.verify()
        async with client_of(server, "henry", token=server.token("olivia")) as client:
            with pytest.raises(InvalidAuth, match="owner"):
                await client.verify()
        for version, error_or_none in (("1.19.5.3112-b23ab3896", UnsupportedVersion), ("1.20.0.1", None), ("x", None)):
            server.version = version
            async with client_of(server) as client:
                if error_or_none is None:
                    await client.verify()
                else:
                    with pytest.raises(error_or_none):
                        await client.verify()
        server.starting = True
        async with client_of(server) as client:
            with pytest.raises(ServerBusy):
                await client.verify()


async def test_a_network_without_auth_does_not_verify_a_bad_token() -> None:
    """The server takes it for the owner's; another user's account is refused all the same."""
    async with attic() as server, client_of(server, "henry", token="nonsense") as client:
        server.allowed_without_auth = True
        with pytest.raises(InvalidAuth):
            await client.verify()
    async with attic() as server, client_of(server, "henry") as client:
        server.allowed_without_auth = True
        await client.verify()


async def test_a_token_is_identified_as_the_owners_or_not() -> None:
    """The server names its owner only."""
    async with attic(name="Attic") as server:
        info, user = await plex_identify(server.url, server.token("olivia"), True, "our-device")
        assert info == ServerInfo(ServerType.PLEX, server.machine_id, "Attic", server.version)
        assert user == ServerUser("1", "olivia")
        for name in ("henry", "frank"):
            assert (await plex_identify(server.url, server.token(name), True, "our-device"))[1] is None
        with pytest.raises(InvalidAuth):
            await plex_identify(server.url, "nonsense", True, "our-device", confirm_seconds=0)
        server.faults.add(ACCOUNTS, HtmlPage('<MediaContainer size="0" />'))
        assert (await plex_identify(server.url, server.token("olivia"), True, "d"))[1] == ServerUser("1", "")


async def test_addresses_that_are_no_plex_server() -> None:
    """Anything that is not a Plex Media Server is told from one that cannot be reached."""
    with pytest.raises(CannotConnect):
        await plex_identify("http://127.0.0.1:1", "token", True, "our-device")
    async with scripted({"/identity": "<html><body>a router</body></html>"}) as script:
        with pytest.raises(BadResponse):
            await plex_identify(script.url, "token", True, "our-device")
    async with attic() as server:
        await server.stop()
        await server.start(tls=True)
        with pytest.raises(CannotConnect):
            await plex_identify(server.url, server.token("olivia"), True, "our-device")
        assert (await plex_identify(server.url, server.token("olivia"), False, "our-device"))[1] is not None

"""Requests to a Plex Media Server: what goes out, who may answer, and what comes of answers that are none."""

import asyncio
import logging
import warnings

from aiohttp import web
import plexapi
import pytest
import requests
import urllib3

from custom_components.resume_sync.servers.limits import Limits
from custom_components.resume_sync.servers.plex.transport import media_container
from custom_components.resume_sync.sync.media_server import (
    AnotherServer,
    BadCertificate,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from tests.servers.plex.attic import ALL, attic, client_of
from tests.servers.plex.connection import ROWS, connected
from tests.servers.plex.script import payload, scripted
from tests.simulators.faults import Status

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_our_own_headers_on_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever another integration made of plexapi's headers, proxies or netrc, requests are ours."""
    monkeypatch.setitem(plexapi.BASE_HEADERS, "X-Plex-Client-Identifier", "somebody else")
    monkeypatch.setitem(plexapi.BASE_HEADERS, "X-Plex-Odd", "somebody else")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with scripted({"/base/identity": payload("identity.xml"), "/base/x": ROWS}) as script:
        async with connected(f" {script.url}/base/ ") as transport:
            await transport.read("/x", {"viewOffset>>": 0}, {"X-Plex-Container-Start": "0"})
        assert script.paths == ["/base/identity", "/base/x"]
        for request in script.requests:
            assert request.headers["X-Plex-Client-Identifier"] == "our-device"
            assert request.headers["X-Plex-Product"] == "Resume Sync"
            assert "X-Plex-Odd" not in request.headers
            assert "secret-token" not in str(request.rel_url)
        assert [request.headers.get("X-Plex-Token") for request in script.requests] == [None, "secret-token"]
        assert script.requests[1].rel_url.raw_query_string == "viewOffset%3E%3E=0"
        assert script.requests[1].headers["X-Plex-Container-Start"] == "0"


async def test_another_server_gets_no_token() -> None:
    """Whoever answers at the address is asked who they are first, and nothing after that."""
    async with scripted({"/identity": payload("identity.xml"), "/x": ROWS}) as script:
        async with connected(script.url, server_id="0" * 40) as transport:
            for _ in range(2):
                with pytest.raises(AnotherServer):
                    await transport.read("/x")
        assert set(script.paths) == {"/identity"}
        assert all("secret-token" not in str(request.headers) for request in script.requests)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("", BadResponse),
        ("<html><body>signed out</body></html>", BadResponse),
        ("<MediaContainer />", BadResponse),
        ('<MediaContainer size="some" />', BadResponse),
        ('<MediaContainer size="1" />', BadResponse),
        ('<MediaContainer size="1"><Video', BadResponse),
        ("not even XML", BadResponse),
        ('<?xml version="1.0" encoding="nothing"?><MediaContainer size="0" />', BadResponse),
        (f'<MediaContainer size="{"9" * 5000}" />', BadResponse),
        ('<MediaContainer size="\u0660" />', BadResponse),
        ("<MediaContainer>" * 100_000, BadResponse),
        (web.Response(status=500, text="oops"), BadResponse),
        (web.Response(status=301, headers={"Location": "/elsewhere"}), BadResponse),
        (web.Response(status=520), BadResponse),
        (web.Response(status=403), NotAllowed),
        (web.Response(status=401, text=payload("401.html"), content_type="text/html"), InvalidAuth),
        (web.Response(status=503, text=payload("503_starting.xml"), content_type="text/xml"), ServerBusy),
        (web.Response(status=504), CannotConnect),
        (web.Response(body=b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}), BadResponse),
        (web.Response(text=ROWS + " " * 3000), BadResponse),
    ],
)
async def test_an_unusable_answer_is_an_error(answer: str | web.Response, error: type[MediaServerError]) -> None:
    """Web pages, answers of proxies and halves of answers are no media containers."""
    async with scripted({"/x": answer, "/y": ROWS}) as script, connected(script.url) as transport:
        with pytest.raises(error) as caught:
            media_container(await transport.read("/x", limits=Limits(size=2000), confirm=False))
        assert str(script.url) not in str(caught.value)
        assert len(media_container(await transport.read("/y"))) == 1


async def test_text_is_unicode_whatever_the_header_says() -> None:
    """Plex writes UTF-8."""
    rows = ROWS.replace("<Video", '<Video title="Amélie"')
    answer = web.Response(body=rows.encode(), headers={"Content-Type": "text/xml"})
    async with scripted({"/x": answer}) as script, connected(script.url) as transport:
        assert media_container(await transport.read("/x"))[0].get("title") == "Amélie"


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:1", "nonsense", "http://", "http://[::", "http://a..b", "ftp://x"]
)
async def test_an_address_without_a_server_cannot_be_reached(url: str) -> None:
    """Malformed addresses raise CannotConnect too."""
    async with connected(url) as transport:
        with pytest.raises(CannotConnect):
            await transport.identity()


@pytest.mark.parametrize("token", ["", "with\nline", "tökén"])
async def test_no_anonymous_requests(token: str) -> None:
    """A missing or impossible token is an error, never a request without one."""
    async with scripted({}) as script, connected(script.url, token=token) as transport:
        with pytest.raises(InvalidAuth):
            await transport.identity()
        assert script.requests == []


async def test_only_the_expected_plex_server_is_talked_to() -> None:
    """Another Plex server, or another kind of server, is a BadResponse."""
    async with scripted({}) as script:
        async with connected(script.url) as transport:
            server_id, version = await transport.identity()
        assert (server_id[:8], version[:4]) == ("fbec5750", "1.43")
        async with connected(script.url, server_id=server_id) as transport:
            assert (await transport.identity())[0] == server_id
        async with connected(script.url, server_id="another") as transport:
            for _ in range(2):
                with pytest.raises(AnotherServer):
                    await transport.identity()
    for answer in ("<html><body>portal</body></html>", "", "{}", "<MediaContainer size='0' version='1.2' />"):
        async with scripted({"/identity": answer}) as script, connected(script.url) as transport:
            with pytest.raises(BadResponse):
                await transport.identity()


async def test_a_refused_token_is_asked_about_twice() -> None:
    """A single 401 may be the server starting up."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(ALL, Status(401))
        assert (await client.in_progress()).items == {}
        server.revoke_token("olivia")
        server.traffic.reset()
        with pytest.raises(InvalidAuth) as caught:
            await client.in_progress()
        assert server.traffic.requests(ALL) == 2
        assert "srv-" not in str(caught.value)


async def test_a_token_that_has_run_out() -> None:
    """Is asked about twice too, and has to be signed in again."""
    async with attic() as server, client_of(server) as client:
        server.expire_token("olivia")
        with pytest.raises(InvalidAuth):
            await client.verify()
        with pytest.raises(InvalidAuth):
            await client.in_progress()
        server.revoke_token("olivia")
        async with client_of(server) as signed_in_again:
            assert (await signed_in_again.in_progress()).items == {}


async def test_another_error_at_the_second_time() -> None:
    """The second answer counts."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(ALL, Status(401))
        server.faults.add(ALL, Status(502), skip=1)
        with pytest.raises(CannotConnect):
            await client.in_progress()


async def test_self_signed_certificates_by_choice() -> None:
    """They are refused unless the user says otherwise; nothing is warned about on every request."""
    async with attic() as server:
        await server.stop()
        await server.start(tls=True)
        async with client_of(server) as client:
            with pytest.raises(BadCertificate, match="not trusted"):
                await client.in_progress()
        async with client_of(server, verify_ssl=False) as client:
            assert (await client.in_progress()).items == {}


async def test_unverified_connections_warn_of_nothing_and_silence_nobody_else() -> None:
    """No warning comes from our own requests, and everybody else's still come: nothing is switched off."""
    async with attic() as server:
        await server.stop()
        await server.start(tls=True)
        before = list(warnings.filters)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            async with client_of(server, verify_ssl=False) as client:
                await client.in_progress()
            assert caught == []
            await asyncio.to_thread(requests.get, f"{server.url}/identity", verify=False, timeout=5)
            assert [warning.category for warning in caught] == [urllib3.exceptions.InsecureRequestWarning]
        assert list(warnings.filters) == before


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither plexapi nor urllib3 is told the token in an address."""
    caplog.set_level(logging.DEBUG)
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        server.faults.add("*", Status(418))
        with pytest.raises(BadResponse):
            await client.in_progress()
        assert server.token("olivia") not in caplog.text

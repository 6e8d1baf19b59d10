"""Requests to a Plex Media Server: what goes out, what comes of odd answers, and of being cancelled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging
import time
from typing import Any
import warnings

from aiohttp import web
import plexapi
import pytest
import requests
import urllib3

from custom_components.resume_sync.servers import plex_http
from custom_components.resume_sync.servers.plex import PlexServer
from custom_components.resume_sync.servers.plex_library import PlexLibrary
from custom_components.resume_sync.servers.plex_transport import PlexTransport
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import Item, MediaKind, PositionWrite
from tests.servers.plex_attic import ALL, PROGRESS, attic, client_of, only, state_of
from tests.servers.plex_script import Script, payload, scripted
from tests.simulators.faults import Latency, Reset, Status

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOW = 1_795_218_143_000
ROWS = '<MediaContainer size="1" totalSize="1"><Video ratingKey="1" type="movie" viewOffset="9" /></MediaContainer>'


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[PlexTransport]:
    """Yield a transport."""
    defaults: dict[str, Any] = {"token": "secret-token", "device_id": "our-device", "timeout": 5, "confirm_seconds": 0}
    transport = PlexTransport(url=url, now=lambda: NOW, **(defaults | options))
    try:
        yield transport
    finally:
        await transport.close()


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
            assert request.headers["X-Plex-Token"] == "secret-token"
            assert "X-Plex-Odd" not in request.headers
            assert "secret-token" not in str(request.rel_url)
        assert script.requests[1].rel_url.raw_query_string == "viewOffset%3E%3E=0"
        assert script.requests[1].headers["X-Plex-Container-Start"] == "0"


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
async def test_answers_that_are_none(
    answer: str | web.Response, error: type[MediaServerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page, proxy or half answer passes for a container."""
    monkeypatch.setattr(plex_http, "MAX_BODY", 2000)
    async with scripted({"/x": answer, "/y": ROWS}) as script, connected(script.url) as transport:
        with pytest.raises(error) as caught:
            assert (await transport.read("/x", confirm=False)).root is None
        assert str(script.url) not in str(caught.value)
        assert len((await transport.read("/y")).root) == 1


async def test_text_is_unicode_whatever_the_header_says() -> None:
    """Plex writes UTF-8."""
    rows = ROWS.replace("<Video", '<Video title="Amélie"')
    answer = web.Response(body=rows.encode(), headers={"Content-Type": "text/xml"})
    async with scripted({"/x": answer}) as script, connected(script.url) as transport:
        assert (await transport.read("/x")).root[0].get("title") == "Amélie"


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:1", "nonsense", "http://", "http://[::", "http://a..b", "ftp://x"]
)
async def test_addresses_where_nobody_is(url: str) -> None:
    """No address is a reason for another error."""
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


async def test_who_answers() -> None:
    """Only the server that is expected, and only a server."""
    async with scripted({}) as script:
        async with connected(script.url) as transport:
            server_id, version = await transport.identity()
        assert (server_id[:8], version[:4]) == ("fbec5750", "1.43")
        async with connected(script.url, server_id=server_id) as transport:
            assert (await transport.identity())[0] == server_id
        async with connected(script.url, server_id="another") as transport:
            for _ in range(2):
                with pytest.raises(BadResponse, match="Another"):
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
            with pytest.raises(CannotConnect, match="secure"):
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


async def test_slow_servers() -> None:
    """A request ends after its time-out, and the next one works."""
    async with attic() as server, client_of(server, timeout=0.2) as client:
        await client.in_progress()
        server.faults.add(ALL, Latency(1))
        with pytest.raises(CannotConnect):
            await client.in_progress()
        await client.in_progress()


async def test_an_answer_without_end() -> None:
    """A body that drips is given up after a while."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" " * 70_000)
            await asyncio.sleep(0.05)
        return response

    async with scripted({"/x": drip}) as script, connected(script.url, timeout=0.1) as transport:
        with pytest.raises(CannotConnect):
            await transport.read("/x")


async def test_one_call_at_a_time() -> None:
    """Requests of one account wait for each other."""
    async with attic() as server, client_of(server) as client:
        for _ in range(3):
            server.faults.add(ALL, Latency(0.02))
        await asyncio.gather(*(client.in_progress() for _ in range(4)))
        assert server.traffic.most_at_once == 1


async def test_a_cancelled_read() -> None:
    """The caller leaves at once; the next request waits for the one that runs, and all goes on as before."""
    async with attic() as server, client_of(server) as client:
        server.set_state("olivia", only(server, "alien"), position_ms=100_000)
        await client.in_progress()
        for fault in (Latency(0.8), Reset()):
            server.faults.add(ALL, fault, times=2)
            server.faults.add(ALL, Latency(0.8), times=1)
            task = asyncio.create_task(client.in_progress())
            await asyncio.sleep(0.05)
            left = time.monotonic()
            task.cancel()
            with pytest.raises((asyncio.CancelledError, CannotConnect)):
                await task
            assert time.monotonic() - left < 0.5
            server.faults.clear()
        assert len((await client.in_progress()).items) == 1
        assert server.traffic.most_at_once == 1


async def test_a_cancelled_wait() -> None:
    """Who is cancelled while waiting for its turn sends nothing."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        server.traffic.reset()
        server.faults.add(ALL, Latency(0.2))
        first = asyncio.create_task(client.in_progress())
        second = asyncio.create_task(client.states([only(server, "alien")]))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.wait([second])
        assert second.cancelled()
        await first
        assert server.traffic.table() == {ALL: 2}


async def test_a_cancelled_write_is_finished() -> None:
    """Once it has started, a write is awaited, however often its task is cancelled."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        write = PositionWrite(await state_of(client, alien), 1_000_000)
        server.faults.add(PROGRESS, Latency(0.2))
        task = asyncio.create_task(client.write_position(write))
        for _ in range(3):
            await asyncio.sleep(0.03)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert server.traffic.requests(PROGRESS) == 1
        assert (await state_of(client, alien)).position_ms == 1_000_000


async def test_closing_waits_for_what_runs() -> None:
    """After closing, no request is under way; the object connects again when it is asked again."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(ALL, Latency(0.2))
        task = asyncio.create_task(client.in_progress())
        await asyncio.sleep(0.05)
        task.cancel()
        await client.close()
        assert server.traffic.requests(ALL) == 1
        await client.in_progress()


async def test_the_end_of_the_program() -> None:
    """Without threads left there is no connection, and no request that blocks the next."""
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        await asyncio.get_running_loop().shutdown_default_executor()
        for _ in range(2):
            with pytest.raises(CannotConnect):
                await client.in_progress()


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither plexapi nor urllib3 is told the token in an address."""
    caplog.set_level(logging.DEBUG)
    async with attic() as server, client_of(server) as client:
        await client.in_progress()
        server.faults.add("*", Status(418))
        with pytest.raises(BadResponse):
            await client.in_progress()
        assert server.token("olivia") not in caplog.text


def pages(*bodies: str) -> Any:
    """Return a handler that answers page by page."""
    left = list(bodies)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=left.pop(0), content_type="text/xml")

    return answer


def page(keys: range, counts: str = "") -> str:
    """Return a page with these rating keys."""
    rows = "".join(f'<Video ratingKey="{key}" type="movie" viewOffset="1" />' for key in keys)
    return f'<MediaContainer size="{len(keys)}" {counts}>{rows}</MediaContainer>'


@pytest.mark.parametrize(
    ("bodies", "rows"),
    [
        ([page(range(2)), page(range(2, 3))], 3),
        ([page(range(2), 'totalSize="0"'), page(range(2, 2))], 2),
        ([page(range(5), 'totalSize="5"')], 5),
        ([page(range(2), 'totalSize="3"'), page(range(2, 3), 'totalSize="4"')], None),
        ([page(range(2)), page(range(2))], None),
        ([page(range(2)), page(range(2, 4), 'offset="0"')], None),
        ([page(range(1), 'totalSize="many"')], None),
        ([page(range(2)), ""], None),
        ([page(range(key, key + 2)) for key in range(1000)], None),
    ],
)
async def test_pages(bodies: list[str], rows: int | None) -> None:
    """A listing ends at a short page and holds what its total says, or it is an error."""
    async with scripted({"/x": pages(*bodies)}) as script, connected(script.url) as transport:
        library = PlexLibrary(transport, lambda: NOW)
        if rows is None:
            with pytest.raises(BadResponse):
                await library.pages("/x", {}, page_size=2)
        else:
            assert len((await library.pages("/x", {}, page_size=2)).rows) == rows


def client_for(script: Script) -> PlexServer:
    """Return an owner's client of a scripted server."""
    return PlexServer(
        url=script.url,
        token="secret-token",
        user_id="1",
        user_name="olivia",
        device_id="our-device",
        now=lambda: NOW,
        confirm_seconds=0,
    )


async def test_a_server_that_takes_no_sort() -> None:
    """The sort is left out from then on."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "sort" in request.query:
            return web.Response(status=400)
        name = "in_progress_movies.xml" if request.query["type"] == "1" else "in_progress_episodes_all_sections.xml"
        return web.Response(text=payload(name), content_type="text/xml")

    async with scripted({"/library/all": answer, "/library/metadata/14": payload("metadata_shows.xml")}) as script:
        client = client_for(script)
        snapshot = await client.in_progress()
        assert snapshot.items.keys() == {"1", "3", "16", "20", "57"}
        assert "show:tvdb:300001" in snapshot.items["20"].item.show_ids
        assert script.paths == ["/identity", *["/library/all"] * 3, "/library/metadata/14"]
        await client.close()


async def test_odd_rows_in_a_listing() -> None:
    """They are named or counted, and the rest is a snapshot."""
    rows = (
        '<MediaContainer size="4">'
        '<Video type="movie" viewOffset="5" /><Video type="movie" ratingKey="2" viewOffset="soon" />'
        '<Video ratingKey="3" viewOffset="5" /><Video type="movie" ratingKey="4" viewOffset="5" /></MediaContainer>'
    )

    async def answer(request: web.Request) -> web.StreamResponse:
        films = request.query["type"] == "1"
        return web.Response(text=rows if films else page(range(0)), content_type="text/xml")

    sections = '<MediaContainer size="0" />'
    async with scripted({"/library/all": answer, "/library/sections": sections}) as script:
        client = client_for(script)
        snapshot = await client.in_progress()
        assert list(snapshot.items) == ["4"]
        assert snapshot.unknown == {"2": "viewOffset is no number", "3": "no type"}
        assert snapshot.nameless_rows == 1
        await client.close()


async def test_odd_rows_in_a_batch() -> None:
    """With a row that names no item, nothing is certain to be absent."""
    rows = (
        '<MediaContainer size="3"><Video type="movie" ratingKey="1" /><Video type="movie" />'
        '<Video type="movie" ratingKey="9" /></MediaContainer>'
    )
    broken = '<MediaContainer size="1"><Video type="movie" ratingKey="3" viewCount="x" /></MediaContainer>'
    answers = {"/library/metadata/1,2": rows, "/library/metadata/3,4": broken}
    async with scripted(answers) as script:
        client = client_for(script)
        read = await client.states(["1", "2"])
        assert list(read.items) == ["1"]
        assert (read.absent, list(read.unknown)) == (frozenset[str](), ["2"])
        read = await client.states(["3", "4"])
        assert (read.absent, read.unknown) == (frozenset({"4"}), {"3": "viewCount is no number"})
        await client.close()


async def test_a_server_that_answers_with_everything() -> None:
    """Rows that were not asked for make the look-up go the long way: sections, and all episodes of a show."""
    answers = {
        "/library/all": payload("in_progress_episodes_all_sections.xml"),
        "/library/sections": payload("sections.xml"),
        "/library/sections/2/all": payload("metadata_shows.xml"),
        "/library/sections/5/all": page(range(0)),
        "/library/metadata/14/allLeaves": payload("in_progress_episodes.xml"),
    }
    guid = "episode:plex:c8e563fe48e4740942f514e3"
    item = Item(
        "other",
        MediaKind.EPISODE,
        "Chapter 3",
        frozenset({guid}),
        show_title="Series 001",
        show_ids=frozenset({"show:tvdb:300001"}),
        season=1,
        episode=3,
    )
    async with scripted(answers) as script:
        client = client_for(script)
        for _ in range(2):
            (hit,) = (await client.find([item]))["other"]
            assert (hit.item_id, guid in hit.ids) == ("20", True)
        assert script.paths.count("/library/metadata/14/allLeaves") == 1
        await client.close()


async def test_a_server_that_ignores_numbers() -> None:
    """Episodes that were not asked for make the client read whole shows from then on."""

    async def everything(request: web.Request) -> web.StreamResponse:
        name = "metadata_shows.xml" if request.query["type"] == "2" else "in_progress_episodes_all_sections.xml"
        return web.Response(text=payload(name), content_type="text/xml")

    leaves = "/library/metadata/14/allLeaves"
    async with scripted({"/library/all": everything, leaves: payload("in_progress_episodes.xml")}) as script:
        client = client_for(script)
        item = Item(
            "other",
            MediaKind.EPISODE,
            "?",
            show_title="Series 001",
            show_ids=frozenset({"show:tvdb:300001"}),
            season=1,
            episode=3,
        )
        for _ in range(2):
            (hit,) = (await client.find([item]))["other"]
            assert hit.item_id == "20"
        queries = [request.query for request in script.requests if request.path == "/library/all"]
        assert [query["type"] for query in queries] == ["2", "4", "2"]
        assert script.paths.count(leaves) == 1
        await client.close()


async def test_a_server_that_knows_no_numbers() -> None:
    """No answer by number though the show has the episode: the query is not sent again."""

    async def shows_only(request: web.Request) -> web.StreamResponse:
        text = payload("metadata_shows.xml") if request.query["type"] == "2" else page(range(0))
        return web.Response(text=text, content_type="text/xml")

    leaves = "/library/metadata/14/allLeaves"
    async with scripted({"/library/all": shows_only, leaves: payload("in_progress_episodes.xml")}) as script:
        client = client_for(script)
        item = Item("o", MediaKind.EPISODE, "?", show_title="S", show_ids=frozenset({"show:tvdb:300001"}))
        numbered = Item("n", MediaKind.EPISODE, "?", show_ids=item.show_ids, season=0, episode=1)
        for _ in range(2):
            hits = await client.find([numbered])
            assert [hit.item_id for hit in hits["n"]] == ["16"]
        assert await client.find([item]) == {"o": ()}
        queries = [request.query["type"] for request in script.requests if request.path == "/library/all"]
        assert queries == ["2", "4"]
        await client.close()

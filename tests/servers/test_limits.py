"""Answers without end: a server, or whoever answers in its place, can make a client neither full nor busy for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
import gzip
import zlib

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.limits import TooLarge
from custom_components.resume_sync.sync.media_server import BadResponse, MediaServerError
from tests.servers.all_clients import requests_to
from tests.servers.mediabrowser.answers import answering
from tests.servers.plex.script import payload

from .memory import MOST, bounded_memory

pytestmark = pytest.mark.usefixtures("socket_enabled")

MIB = 1024 * 1024
GIB = 1024 * MIB

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying_who_it_is(handler: Handler) -> Handler:
    """Let a server say that it is a Plex Media Server, or a Jellyfin, before it answers anything else."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/identity":
            return web.Response(text=payload("identity.xml"), content_type="text/xml")
        if request.path == "/System/Info/Public":
            public = {"Id": "d" * 32, "Version": "10.11.0", "ServerName": "Den", "ProductName": "Jellyfin Server"}
            return web.json_response(public | {"StartupWizardCompleted": True})
        return await handler(request)

    return answer


def content_type(request: web.Request) -> str:
    """Return what a client asked for."""
    return "application/json" if "json" in request.headers.get("Accept", "") else "text/xml"


def flood(chunks: Iterator[bytes] | None = None, encoding: str = "") -> tuple[Handler, list[int]]:
    """Return a handler that sends a gigabyte, and where it counts what it sent."""
    sent: list[int] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type(request)})
        if encoding:
            response.headers["Content-Encoding"] = encoding
        await response.prepare(request)
        sent.append(0)
        try:
            for chunk in chunks or (b" " * MIB for _ in range(1024)):
                await response.write(chunk)
                sent[-1] += len(chunk)
        except ConnectionError:
            pass
        return response

    return saying_who_it_is(handler), sent


def gigabyte_in_gzip() -> bytes:
    """Return a gigabyte of spaces, compressed: the same block 64 times, which a reader has to unpack one by one."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b" " * 16 * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 16 * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + again * 63 + packer.flush()


READS = (
    "jellyfin in_progress",
    "emby states",
    "emby find",
    "jellyfin password",
    "plex in_progress",
    "plex verify",
    "plex.tv servers",
)


@pytest.mark.parametrize("name", [*READS, "jellyfin write", "plex write"])
async def test_a_gigabyte_is_refused(name: str) -> None:
    """An answer that does not end is given up at the limit, also where nobody wants to know what it says."""
    handler, sent = flood()
    async with answering(handler) as url, requests_to(url, 60) as requests:
        with bounded_memory(), pytest.raises(BadResponse):
            await requests[name]()

    # What was sent and not yet read stands in the buffers of both ends.
    assert 0 < max(sent) < MOST


@pytest.mark.parametrize("name", ["jellyfin in_progress", "emby find", "plex in_progress", "plex.tv servers"])
async def test_a_gigabyte_in_a_megabyte_is_refused(name: str) -> None:
    """What counts is what comes out of a compressed answer."""
    packed = await asyncio.to_thread(gigabyte_in_gzip)
    assert len(packed) < 2 * MIB

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Type": content_type(request), "Content-Encoding": "gzip"})

    async with answering(saying_who_it_is(handler)) as url, requests_to(url, 60) as requests:
        with bounded_memory(), pytest.raises(MediaServerError):
            await requests[name]()


async def test_compressed_answers_are_read() -> None:
    """Compression as such is welcome."""

    async def handler(request: web.Request) -> web.StreamResponse:
        body = gzip.compress(payload("plextv_resources.json").encode())
        return web.Response(body=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})

    async with answering(handler) as url, requests_to(url) as requests:
        assert await requests["plex.tv servers"]()


def json_pages(fat: int) -> tuple[Handler, list[int]]:
    """Return a handler that always has another full page of new items, each with a name of this length."""
    pages: list[int] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        start, limit = int(request.query["StartIndex"]), int(request.query["Limit"])
        pages.append(start)
        name = "x" * fat
        rows = ",".join(f'{{"Id":"{start + n + 1:032x}","Name":"{name}"}}' for n in range(limit))
        return web.Response(text=f'{{"Items":[{rows}],"TotalRecordCount":0}}', content_type="application/json")

    return saying_who_it_is(handler), pages


def xml_pages(fat: int) -> tuple[Handler, list[int]]:
    """Return the same for Plex."""
    pages: list[int] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        start = int(request.headers["X-Plex-Container-Start"])
        size = int(request.headers["X-Plex-Container-Size"])
        pages.append(start)
        more = "x" * fat
        rows = "".join(
            f'<Video ratingKey="{start + n + 1}" type="movie" viewOffset="90000"><Guid id="{more}"/></Video>'
            for n in range(size)
        )
        text = f'<MediaContainer size="{size}" offset="{start}">{rows}</MediaContainer>'
        return web.Response(text=text, content_type="text/xml")

    return saying_who_it_is(handler), pages


@pytest.mark.parametrize("name", ["jellyfin in_progress", "plex in_progress"])
async def test_endless_paging_is_refused(name: str) -> None:
    """A listing that always goes on ends by its rows."""
    handler, pages = xml_pages(10) if name.startswith("plex") else json_pages(10)
    async with answering(handler) as url, requests_to(url, 60) as requests:
        with pytest.raises(BadResponse):
            await requests[name]()

    assert len(pages) == 201


@pytest.mark.parametrize("name", ["jellyfin in_progress", "plex in_progress"])
async def test_fat_pages_are_refused(name: str) -> None:
    """A listing of great rows ends by its size."""
    handler, pages = xml_pages(16_000) if name.startswith("plex") else json_pages(16_000)
    async with answering(handler) as url, requests_to(url, 60) as requests:
        with bounded_memory(300 * MIB), pytest.raises(BadResponse):
            await requests[name]()

    assert 30 < len(pages) < 35


@pytest.mark.parametrize("name", ["jellyfin in_progress", "plex in_progress"])
async def test_pages_that_are_too_large_are_refused(name: str) -> None:
    """One that is asked for 500 rows may have nine mebibytes."""
    handler, pages = xml_pages(20_000) if name.startswith("plex") else json_pages(20_000)
    async with answering(handler) as url, requests_to(url, 60) as requests:
        with bounded_memory(), pytest.raises(TooLarge):
            await requests[name]()

    assert len(pages) == 1

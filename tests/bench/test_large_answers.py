"""Large answers, which are parsed in a thread and in parts, are read like small ones."""

import json

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.http import JsonConnection
from custom_components.resume_sync.servers.limits import rows_of_library
from custom_components.resume_sync.servers.plex.transport import PlexTransport, media_container
from custom_components.resume_sync.sync.media_server import BadResponse
from tests.servers.mediabrowser.answers import answering
from tests.servers.plex.script import scripted

ROWS = 10_000

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def json_of(content: bytes) -> object:
    """Return what such an answer of Jellyfin or Emby is read as."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=content, content_type="application/json")

    async with answering(answer) as url, aiohttp.ClientSession() as session:
        return (await JsonConnection(session, url, {}).get("/Items", limits=rows_of_library(ROWS))).body


async def xml_of(content: str) -> list[dict[str, str]]:
    """Return the rows that such an answer of Plex is read as."""
    async with scripted({"/library/all": content}) as script:
        transport = PlexTransport(url=script.url, token="token", device_id="device", now=lambda: 0)
        try:
            return [
                row.attrib
                for row in media_container(await transport.read("/library/all", limits=rows_of_library(ROWS)))
            ]
        finally:
            await transport.close()


def container(rows: str) -> str:
    """Return an answer of Plex."""
    return f'<MediaContainer size="{ROWS}">{rows}</MediaContainer>'


def videos(title: str) -> str:
    """Return many rows of Plex."""
    return "".join(f'<Video ratingKey="{number}" title="{title}"/>' for number in range(ROWS))


async def test_large_json() -> None:
    """Objects, lists and texts in any depth."""
    body = {"Items": [{"Id": str(number), "Name": "Amélie", "Ids": {"Imdb": "tt1"}} for number in range(ROWS)]}
    assert await json_of(json.dumps(body).encode()) == body


@pytest.mark.parametrize(
    "content", [b"[" * 200_000, b'{"a": "' + b"x" * 200_000, b'{"a": [' + b"1," * 99_999 + b"NaN]}"]
)
async def test_large_nonsense_is_a_bad_response(content: bytes) -> None:
    """What is too deep, what ends early, what only Python takes for JSON."""
    with pytest.raises(BadResponse):
        await json_of(content)


async def test_large_xml() -> None:
    """Rows across the borders of the parts that are parsed one by one, with letters of several bytes."""
    expected = [{"ratingKey": str(number), "title": "Amélie"} for number in range(ROWS)]
    assert await xml_of(container(videos("Amélie"))) == expected


async def test_large_xml_with_signs_that_xml_does_not_have() -> None:
    """Some servers send them in summaries; they are left out."""
    assert {row["title"] for row in await xml_of(container(videos("A\x08B")))} == {"AB"}


async def test_large_xml_that_ends_early() -> None:
    """Part of an answer is none."""
    with pytest.raises(BadResponse):
        await xml_of(container(videos("A"))[:-100])

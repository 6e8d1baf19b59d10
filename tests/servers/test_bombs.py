"""Small answers that grow: none costs more than a little memory, and none holds the event loop up."""

import asyncio

import pytest

from custom_components.resume_sync.servers.json_reader import JsonReader
from custom_components.resume_sync.servers.limits import MIB, rows_of_library
from custom_components.resume_sync.servers.plex.xml_reader import XmlReader
from custom_components.resume_sync.servers.unpacking import Unpacking
from custom_components.resume_sync.sync.media_server import BadResponse
from tests.computing import longest_step
from tests.hostile.bombs import BOMBS, exploding
from tests.hostile.client import client_of
from tests.hostile.raw_server import raw_server

from .memory import bounded_memory

pytestmark = pytest.mark.usefixtures("socket_enabled")

LINES_OF_A_SHORT_STEP = 5000
LARGEST_PAGE = rows_of_library(5000)


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb(name: str) -> None:
    """Each is refused before it grows, and most of it is read beside the loop."""
    bomb = BOMBS[name]
    act = await asyncio.to_thread(exploding, bomb)
    async with (
        raw_server(act) as server,
        client_of("jellyfin" if bomb.is_json else "plex", server.url, 3600) as client,
    ):
        with bounded_memory(), longest_step() as step, pytest.raises(BadResponse):
            await client.in_progress()
    assert step.lines < LINES_OF_A_SHORT_STEP


def read_page(reader: JsonReader | XmlReader, unit: str, before: bytes, after: bytes) -> None:
    """Read the largest page that may be, of rows that are all alike."""
    many = unit.encode() * (50 * MIB // 100 // len(unit))
    unpacking = Unpacking("", LARGEST_PAGE)
    for part in (before, *[many] * 100, after):
        for piece in unpacking.pieces(part):
            reader.feed(piece)
    reader.close()


WORST = {
    "texts that a sign makes four times as long": '{"Name": "' + "x" * 10_000 + '\U0001f600"},',
    "objects of new names": "{" + ", ".join(f'"{number}": {{"a": 0}}' for number in range(1000)) + "},",
    "empty objects": '{"a": [' + "{}, " * 2500 + "{}]},",
    "short texts": '{"a": [' + '"ab", ' * 2500 + '""]},',
    "lists of lists": "[" + "[[[[]]]], " * 1000 + "[]],",
    "one row after the other just below the limit": "[" + "1.5," * 120_000 + "1],",
}


@pytest.mark.parametrize("name", WORST)
def test_the_largest_page(name: str) -> None:
    """Whatever its rows are made of, and though it is not packed."""
    with bounded_memory(), pytest.raises(BadResponse):
        read_page(JsonReader(LARGEST_PAGE), WORST[name], b'{"Items": [', b"{}]}")


WORST_XML = {
    "texts that a sign makes four times as long": '<Video a="' + "x" * 10_000 + '\U0001f600"/>',
    "many attributes": "<Video " + " ".join(f'a{number}=""' for number in range(2000)) + "/>",
    "many elements": "<Video>" + "<a/>" * 2500 + "</Video>",
    "short texts": "<Video>" + "<a b='cd'/>" * 1000 + "</Video>",
}


@pytest.mark.parametrize("name", WORST_XML)
def test_the_largest_page_of_xml(name: str) -> None:
    """The same for a server that answers in XML."""
    with bounded_memory(), pytest.raises(BadResponse):
        read_page(XmlReader(LARGEST_PAGE), WORST_XML[name], b"<MediaContainer>", b"</MediaContainer>")

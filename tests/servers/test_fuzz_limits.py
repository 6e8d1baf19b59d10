"""Answers just below the limits and just above: those below are read, those above refused, and none costs much.

`FUZZ_PAYLOADS` sets how many are tried of each kind, `FUZZ_SEED` which ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
import gzip
import json
import os
from random import Random
import tracemalloc
from xml.etree.ElementTree import Element, fromstring

import pytest

from custom_components.resume_sync.servers.json_reader import JsonReader, memory_of
from custom_components.resume_sync.servers.limits import (
    MIB,
    MOST_DEPTH,
    MOST_KEPT,
    MOST_TEXT_AT_ONCE,
    MOST_UNPACKED_FOR_ONE,
    ORDINARY,
    UNPACKED_FREELY,
    Limits,
    rows_of_library,
)
from custom_components.resume_sync.servers.plex.xml_reader import XmlReader
from custom_components.resume_sync.servers.unpacking import PIECE, Unpacking
from custom_components.resume_sync.sync.media_server import BadResponse
from tests.servers.conftest import FUZZED

PAYLOADS = max(int(os.environ.get("FUZZ_PAYLOADS", "150")) // 8, 1)
SEED = os.environ.get("FUZZ_SEED", "1")
LIMITS = (ORDINARY, rows_of_library(100), rows_of_library(500))
MOST_MEMORY = 64 * MIB


@dataclass(frozen=True, slots=True)
class Body:
    """A whole answer as it should be: its text, what it holds, and the numbers that limits are about."""

    text: bytes
    document: object
    rows: int
    depth: int
    longest_part: int
    memory: int

    def keeps(self, limits: Limits, sent: int, room: float) -> bool:
        """Tell whether an answer of which so many bytes were sent is within limits.

        Rows, bytes and depth are counted to the last one. The rest is estimated: `room` 2 is with as much to spare, 0.5
        with twice as much as there may be.
        """
        unpacked = len(self.text)
        return (
            unpacked <= limits.size
            and self.rows <= limits.rows
            and self.depth <= MOST_DEPTH
            and self.longest_part * room <= MOST_TEXT_AT_ONCE
            and self.memory * room <= MOST_KEPT
            and unpacked * room <= UNPACKED_FREELY + MOST_UNPACKED_FOR_ONE * sent
        )


def text_of(random: Random) -> str:
    """Return a text of any length, in letters that take one byte or four."""
    length = int(10 ** random.uniform(0, random.choice((2, 4, 5.9))))
    return random.choice(("x", "\u00e9", "\U0001f600")) * max(length // 4, 1)


def value_of(random: Random) -> object:
    """Return what one row of JSON holds."""
    match random.randrange(6):
        case 0:
            return {"Id": str(random.randrange(10**6)), "Name": text_of(random)}
        case 1:
            return {f"key {number}": number for number in range(int(10 ** random.uniform(0, 4)))}
        case 2:
            return [random.random()] * int(10 ** random.uniform(0, 5))
        case 3:
            deep: object = []
            for _ in range(random.randrange(60)):
                deep = [deep] if random.random() < 0.5 else {"a": deep}
            return deep
        case 4:
            return {"UserData": {"PlaybackPositionTicks": 1}, "Chapters": [{}] * int(10 ** random.uniform(0, 4))}
        case _:
            return random.choice(({}, [], "", 0, None))


def how_many(random: Random, length: int) -> int:
    """Return how often a row of some length comes: once, or up to eight mebibytes of it."""
    return max(1, int(10 ** random.uniform(0, 6.9)) // length)


def depth_of(value: object) -> int:
    """Return how deep lists and objects are nested."""
    deepest, level = 0, [value]
    while level:
        inside = [each for each in level if isinstance(each, list | dict)]
        deepest += bool(inside)
        level = [each for value in inside for each in (value.values() if isinstance(value, dict) else value)]
    return deepest


def json_body(random: Random) -> Body:
    """Return an answer in JSON, whose rows are all alike."""
    row = value_of(random)
    text = json.dumps(row, ensure_ascii=random.random() < 0.5)
    rows = [row] * how_many(random, len(text) + 1)
    joined = f"[{','.join([text] * len(rows))}]"
    bare = random.random() < 0.3
    return Body(
        text=(joined if bare else f'{{"Items": {joined}, "TotalRecordCount": {len(rows)}}}').encode(),
        document=rows if bare else {"Items": rows, "TotalRecordCount": len(rows)},
        rows=len(rows),
        depth=depth_of(row) + (1 if bare else 2),
        longest_part=len(text.encode()),
        memory=memory_of(json.loads(text)) * len(rows),
    )


def xml_body(random: Random) -> Body:
    """Return an answer in XML, whose rows are all alike."""
    names = int(10 ** random.uniform(0, random.choice((1, 3.7))))
    attributes = "".join(f' a{number}="{number}"' for number in range(names))
    inside, deep = int(10 ** random.uniform(0, 2)), random.randrange(40)
    children = '<Guid id="imdb://tt1"/>' * inside + "<b>" * deep + "</b>" * deep
    text = f'<Video ratingKey="1" summary="{text_of(random)}"{attributes}>{children}</Video>'
    rows = how_many(random, len(text))
    whole = f'<MediaContainer size="{rows}">{text * rows}</MediaContainer>'.encode()
    row = fromstring(text)  # noqa: S314  # made here
    memory = sum(200 + memory_of(each.attrib) for each in row.iter()) * rows
    return Body(whole, None, rows, 2 + max(deep, 1), text.index(">"), memory)


def parts(data: bytes, random: Random) -> Iterator[bytes]:
    """Yield some data as it may come over a network."""
    size = int(10 ** random.uniform(2, 5))
    for start in range(0, len(data), size):
        yield data[start : start + size]


def read(data: bytes, encoding: str, limits: Limits, reader: JsonReader | XmlReader, random: Random) -> object:
    """Read an answer as clients do."""
    unpacking = Unpacking(encoding, limits)
    for part in parts(data, random):
        for piece in unpacking.pieces(part):
            assert len(piece) <= PIECE
            reader.feed(piece)
    unpacking.close()
    return reader.close()


@pytest.mark.parametrize(("make", "reader"), [(json_body, JsonReader), (xml_body, XmlReader)], ids=["JSON", "XML"])
def test_limits(
    make: Callable[[Random], Body], reader: type[JsonReader | XmlReader], record_property: Callable[[str, object], None]
) -> None:
    """What keeps all limits is read as it is, what breaks one is refused, and the worst takes 64 MiB."""
    refused, most = 0, 0
    for number in range(PAYLOADS):
        random = Random(f"{SEED}/{make.__name__}/{number}")
        body, limits, packed = make(random), random.choice(LIMITS), random.random() < 0.5
        data = gzip.compress(body.text, 1) if packed else body.text
        tracemalloc.start()
        try:
            document = read(data, "gzip" if packed else "", limits, reader(limits), random)
            good = True
        except BadResponse:
            document, good = None, False
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        most, refused = max(most, peak), refused + (not good)
        assert body.keeps(limits, len(data), 0.5) if good else not body.keeps(limits, len(data), 2), f"payload {number}"
        assert peak < MOST_MEMORY, f"payload {number}"
        if isinstance(document, Element):
            assert len(document) == body.rows, f"payload {number}"
        elif good:
            assert document == body.document, f"payload {number}"
    line = f"limits of {make.__name__}: {PAYLOADS} tried, {refused} refused, {most / MIB:.1f} MiB at most"
    record_property(FUZZED, line)

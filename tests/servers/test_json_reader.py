"""JSON that is read while it comes: what is read is what Python reads at once, within limits."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.servers.json_reader import JsonReader, memory_of
from custom_components.resume_sync.servers.limits import MOST_DEPTH, ORDINARY, Limits, TooLarge
from custom_components.resume_sync.sync.media_server import BadResponse

TEXTS = st.text(st.sampled_from('ab"\\{}[],: \u00e9\U0001f600\n'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, -1e9]) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def read(data: bytes, size: int = 1000, limits: Limits = ORDINARY) -> Any:
    """Read a document that comes in parts of this size."""
    reader = JsonReader(limits)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return reader.close()


@given(
    VALUES | st.fixed_dictionaries({"Items": st.lists(VALUES), "TotalRecordCount": st.integers()}),
    st.sampled_from([1, 2, 3, 7, 1000]),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_what_python_reads(value: object, size: int, ascii_only: bool, indent: int | None) -> None:
    """Wherever its parts end."""
    assert read(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(), size) == value


@given(VALUES, st.data())
def test_what_python_refuses(value: object, data: st.DataObject) -> None:
    """A document with a sign that is wrong, missing or too many is read, or refused, as Python does."""
    text = bytearray(json.dumps({"Items": [value, value]}).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + data.draw(st.integers(0, 1))] = data.draw(
        st.sampled_from([b"", *(b"%c" % sign for sign in b'[]{}",:1 \\')])
    )
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(BadResponse):
            read(bytes(text), data.draw(st.sampled_from([1, 5, 1000])))
    else:
        assert read(bytes(text), data.draw(st.sampled_from([1, 5, 1000]))) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"[",
        b"]",
        b"[]]",
        b"[1][2]",
        b'{"Items": [1 2]}',
        b'{"Items": [' + b"{}" + b" " * 70_000 + b"{}]}",
        b'{"Items": [' + b'{"a": "' + b"x" * 70_000 + b'"},]}',
        b'{"Items": [' + b'{"a": "' + b"x" * 70_000 + b'"} {}]}',
        b'{"Items": [NaN]}',
        b'{"Items": ["\xff"]}',
        b'{"a": 1',
        b'{"a": "',
    ],
    ids=range(14),
)
def test_what_is_no_json(text: bytes) -> None:
    """Rows that were parsed before do not make it any better."""
    with pytest.raises(BadResponse, match="not valid JSON"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        b'{"Items": [' + b"{}," * 5000 + b"{}]}",
        b"[" + b"1," * 5000 + b"1]",
        b'{"a": [' + b"1," * 3000 + b'1], "b": [' + b"[1]," * 3000 + b"[1]]}",
    ],
    ids=["objects", "numbers", "two lists"],
)
def test_too_many_rows(text: bytes) -> None:
    """Of all lists together; 5000 are taken."""
    with pytest.raises(TooLarge, match="rows"):
        read(text)
    assert read(b"[" + b"{}," * 4999 + b"{}]") == [{}] * 5000


def test_too_deep() -> None:
    """However little there is of it."""
    assert read(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH)
    for deeper in (b"", b"]" * (MOST_DEPTH + 1)):
        with pytest.raises(BadResponse, match="deeply"):
            read(b"[" * (MOST_DEPTH + 1) + deeper)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": "' + b"x" * 600_000 + b'"}',
        b"[" + b"1," * 300_000,
        b'{"Items": [{"a": [' + b"[]," * 200_000,
        b'{"Items": [' + b"1" * 600_000,
        b'{"Items": [], ' + b'"a": 0,' * 100_000,
    ],
    ids=["text", "rows that are numbers", "row", "number", "around the rows"],
)
def test_a_part_that_is_too_large(text: bytes) -> None:
    """What cannot be read some at a time is short."""
    with pytest.raises(TooLarge, match="part"):
        read(text, 65_536)


def test_too_much_to_keep() -> None:
    """Many rows that are not too large by themselves."""
    row = b"[" + b"1.5," * 50_000 + b"1]"
    assert len(read(b"[" + row + b"," + row + b"]", 65_536)) == 2
    with pytest.raises(TooLarge, match="keep"):
        read(b"[" + b",".join([row] * 100), 65_536)


def test_memory() -> None:
    """What decoded JSON takes, by what its parts take."""
    assert memory_of([]) < memory_of([{}]) < memory_of([{"a": 1}]) < memory_of([{"a": "x" * 100}])
    assert memory_of("\U0001f600" * 1000) > 4000
    assert memory_of({str(number): 0 for number in range(1000)}) > 1000 * 40 + memory_of(dict.fromkeys(range(1)))


SESSION = {
    "Id": "s",
    "NowPlayingQueue": [{"Id": "1"}, {"Id": "2", "a": [[]]}],
    "Capabilities": {"a": {}},
    "Tags": [],
    "PlayState": {"IsPaused": True, "NowPlayingQueue": [1]},
    "UserId": "u",
}
READ_OF_IT = SESSION | {"NowPlayingQueue": None, "Capabilities": None, "Tags": None}


@pytest.mark.parametrize("size", [1, 10, 1000])
@pytest.mark.parametrize("body", [[SESSION, SESSION], {"MessageType": "Sessions", "Data": [SESSION, SESSION], "a": {}}])
def test_what_nobody_reads_is_left_out(body: object, size: int) -> None:
    """Of each row, and of nothing else."""
    expected = json.loads(json.dumps(body).replace(json.dumps(SESSION), json.dumps(READ_OF_IT)))

    assert read(json.dumps(body).encode(), size, Limits(parts=frozenset({"PlayState"}))) == expected
    assert read(json.dumps(body).encode(), size) == body


def test_what_is_left_out_may_be_long() -> None:
    """Jellyfin tells the whole queue of each session."""
    queue = [{"Id": f"{number:032x}", "Overview": "x" * 1000} for number in range(4000)]
    text = json.dumps([SESSION | {"NowPlayingQueueFullItems": queue}]).encode()

    (row,) = read(text, 65_536, Limits(parts=frozenset({"PlayState"})))
    assert row == READ_OF_IT | {"NowPlayingQueueFullItems": None}
    with pytest.raises(TooLarge):
        read(text, 65_536)

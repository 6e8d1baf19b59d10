"""Small answers that grow: in memory, in depth, in time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, repeat
import zlib

from .raw_server import Act, Caller, whole

MIB = 1024 * 1024
_PART = MIB // 4


@dataclass(frozen=True, slots=True)
class Bomb:
    """A body, part by part, and in which format it is; `packed`: it is sent compressed."""

    parts: Callable[[], Iterator[bytes]]
    is_json: bool = True
    packed: bool = True

    def body(self) -> bytes:
        """Return what goes over the wire."""
        if not self.packed:
            return b"".join(self.parts())
        packer = zlib.compressobj(9, wbits=31)
        return b"".join(map(packer.compress, self.parts())) + packer.flush()


def filled(before: bytes, unit: bytes, after: bytes, size: int = 64 * MIB) -> Callable[[], Iterator[bytes]]:
    """Return a body of one and the same thing."""

    def parts() -> Iterator[bytes]:
        yield before
        part = unit * (_PART // len(unit))
        yield from islice(repeat(part), size // len(part))
        yield after

    return parts


def _numbered(before: bytes, unit: str, after: bytes, count: int) -> Callable[[], Iterator[bytes]]:
    """Return a body in which each unit has a number of its own, without the comma after the last one."""

    def parts() -> Iterator[bytes]:
        yield before
        for start in range(0, count, 10_000):
            yield "".join(
                [unit.replace("%d", str(number)) for number in range(start, min(start + 10_000, count))]
            ).encode()
        yield after

    return parts


_ITEMS, _END = b'{"Items": [', b'], "TotalRecordCount": 0}'
_XML_SIZE = 31 * MIB
_XML, _XML_END = b'<MediaContainer size="0">', b"</MediaContainer>"

BOMBS: Mapping[str, Bomb] = {
    "XML <a><a><a>": Bomb(filled(_XML, b"<a>", b"", _XML_SIZE), is_json=False),
    "XML <a/><a/>": Bomb(filled(_XML, b"<a/>", _XML_END, _XML_SIZE), is_json=False),
    "XML <a/> in one row": Bomb(filled(_XML + b"<Video>", b"<a/>", b"</Video>" + _XML_END, _XML_SIZE), is_json=False),
    "XML attributes": Bomb(_numbered(_XML + b"<a ", 'a%d="" ', b"/>" + _XML_END, 2_000_000), is_json=False),
    "XML text": Bomb(filled(_XML, b"text ", _XML_END, _XML_SIZE), is_json=False),
    "XML rows with emoji": Bomb(
        filled(_XML, '<Video viewOffset="1" title="{}\U0001f600"/>'.format("x" * 9000).encode(), _XML_END, _XML_SIZE),
        is_json=False,
    ),
    "JSON {},{}": Bomb(filled(_ITEMS, b"{},", b"{}" + _END)),
    "JSON {},{} in one row": Bomb(filled(_ITEMS + b'{"a": [', b"{},", b"{}]}" + _END)),
    "JSON {},{} bare": Bomb(filled(b"[", b"{},", b"{}]")),
    "JSON [],[]": Bomb(filled(_ITEMS, b"[],", b"[]" + _END)),
    "JSON numbers": Bomb(filled(_ITEMS, b"1.5,", b"1.5" + _END)),
    "JSON rows of numbers": Bomb(filled(_ITEMS, b"[" + b"1.5," * 20_000 + b"1.5],", b"[]" + _END)),
    "JSON millions of keys": Bomb(_numbered(b"{", '"%d":0,', b'"Items": []}', 5_000_000)),
    "JSON rows of one key each": Bomb(_numbered(_ITEMS, '{"%d":0},', b"{}" + _END, 3_000_000)),
    "JSON rows of new keys": Bomb(
        _numbered(_ITEMS, "{" + ", ".join(f'"{n}_%d":0' for n in range(64)) + "},", b"{}" + _END, 12_000), packed=False
    ),
    "JSON rows with emoji": Bomb(
        filled(_ITEMS, '{{"Name": "{}\U0001f600"}},'.format("x" * 9000).encode(), b"{}" + _END)
    ),
    "JSON one long text": Bomb(filled(b'{"a": "', b"x", b'"}')),
    "JSON deep": Bomb(filled(_ITEMS, b"[", b"")),
    "JSON huge number": Bomb(filled(_ITEMS, b"9", _END)),
    "gigabyte of spaces": Bomb(filled(_ITEMS, b" ", _END, 1024 * MIB)),
}
"""What was sent to the product when it was attacked, and what lies beside that."""


def exploding(bomb: Bomb) -> Act:
    """Return what a server does that answers with a bomb."""
    body = bomb.body()

    async def act(caller: Caller) -> None:
        """Send it all."""
        content_type = "application/json" if bomb.is_json else "text/xml"
        encoding = "Content-Encoding: gzip\r\n" if bomb.packed else ""
        await caller.send(whole(body, content_type, encoding))

    return act

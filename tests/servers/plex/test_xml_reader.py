"""XML that is read while it comes: what is read is what Python reads at once, within limits."""

from xml.etree.ElementTree import Element, fromstring, tostring

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.servers.limits import MOST_DEPTH, ORDINARY, Limits, TooLarge
from custom_components.resume_sync.servers.plex.xml_reader import XmlReader
from custom_components.resume_sync.sync.media_server import BadResponse

NAMES = st.sampled_from(["Video", "Guid", "Media", "a", "title"])
TEXTS = st.text(st.sampled_from("ab<>&'\"! \u00e9\U0001f600\u0085"), max_size=8)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> Element:
    """Return some element."""
    element = Element(draw(NAMES), draw(st.dictionaries(NAMES, TEXTS, max_size=3)))
    for _ in range(draw(st.integers(0, 3)) if depth < 4 else 0):
        element.append(draw(elements(depth + 1)))
    return element


def read(data: bytes, size: int = 1000, limits: Limits = ORDINARY) -> Element | None:
    """Read a document that comes in parts of this size."""
    reader = XmlReader(limits)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return reader.close()


def shown(root: Element | None) -> bytes:
    """Return an element as text."""
    assert root is not None
    return tostring(root)


@given(elements(), st.sampled_from([1, 2, 3, 7, 1000]))
def test_what_python_reads(root: Element, size: int) -> None:
    """Wherever its parts end."""
    data = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8", xml_declaration=False)

    assert shown(read(data, size)) == shown(fromstring(data))  # noqa: S314


@given(elements(), st.data())
def test_what_python_refuses(root: Element, data: st.DataObject) -> None:
    """A document that is cut off somewhere is none."""
    text = tostring(root)
    with pytest.raises(BadResponse):
        read(b"<a>" + text[: data.draw(st.integers(0, len(text)))])


def test_nothing() -> None:
    """Nothing but spaces is no answer, and no error."""
    assert read(b"") is None
    assert read(b" \r\n\t \x00", 1) is None


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_signs_that_xml_does_not_have(size: int) -> None:
    """Servers send them in summaries; they are left out, and so is what is no text at all."""
    root = read("<a t='x\x08\x1fy\ufffe\uffffz'/>".encode() + b"\x00", size)
    assert root is not None
    assert root.get("t") == "xyz"
    broken = read(b"<a t='\xff\xc3'/>", size)
    assert broken is not None
    assert broken.get("t") == "\ufffd\ufffd"


@pytest.mark.parametrize("size", [1, 2, 5, 64, 1000])
@pytest.mark.parametrize("sign", ["", "\x00", "\x01", "\x85", "\ufffe", "\u00e9"])
def test_declarations(size: int, sign: str) -> None:
    """Wherever the parts of the document end."""
    with pytest.raises(BadResponse, match="declarations"):
        read(f"<?xml version='1.0'?>{' ' * 70}<{sign}!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode(), size)


@pytest.mark.parametrize("size", [1, 2, 5, 64, 1000])
def test_what_declares_nothing(size: int) -> None:
    """Comments and plain text."""
    assert read(b"<a><!-- x --><![CDATA[<DOCTYPE]]>!<b/></a>", size) is not None


def test_text_is_not_kept() -> None:
    """A Plex Media Server says nothing by it."""
    root = read(b"<a>one<b>two</b>three</a>")
    assert shown(root) == b"<a><b /></a>"


def test_what_nobody_reads_is_left_out() -> None:
    """Of each row, and of nothing else."""
    video = b"<Video a='1'><Guid id='2'/><Media><Part><Guid/></Part></Media><Guid id='3'/></Video>"
    data = b"<C>" + video + b"<Media><Guid/></Media></C>"
    root = read(data, 1000, Limits(parts=frozenset({"Guid"})))
    assert shown(root) == b'<C><Video a="1"><Guid id="2" /><Guid id="3" /></Video><Media><Guid /></Media></C>'


def test_too_many_rows() -> None:
    """5000 are taken."""
    root = read(b"<C>" + b"<a/>" * 5000 + b"</C>")
    assert root is not None
    assert len(root) == 5000
    with pytest.raises(TooLarge, match="rows"):
        read(b"<C>" + b"<a/>" * 5001)


@pytest.mark.parametrize("parts", [None, frozenset[str]()])
def test_too_many_elements(parts: frozenset[str] | None) -> None:
    """A hundred for each row that may be there, whoever reads them."""
    limits = Limits(rows=10, parts=parts)
    assert read(b"<C><a>" + b"<b/>" * 998 + b"</a></C>", 1000, limits) is not None
    with pytest.raises(TooLarge, match="elements"):
        read(b"<C><a>" + b"<b/>" * 999, 1000, limits)


@pytest.mark.parametrize("parts", [None, frozenset[str]()])
def test_too_deep(parts: frozenset[str] | None) -> None:
    """Also where nobody reads it."""
    limits = Limits(parts=parts)
    assert read(b"<a>" * MOST_DEPTH + b"</a>" * MOST_DEPTH, 1000, limits) is not None
    with pytest.raises(BadResponse, match="deeply"):
        read(b"<a>" * (MOST_DEPTH + 1), 1000, limits)


@pytest.mark.parametrize(
    "text",
    [
        b"<a " + b"".join(b'a%d="" ' % number for number in range(80_000)),
        b'<a b="' + b"x" * 700_000,
        b"<a>" + b"text " * 140_000,
        b"<a><!-- " + b"x" * 700_000,
        b"<" + b"a" * 700_000,
    ],
    ids=["attributes", "attribute", "text", "comment", "name"],
)
def test_a_part_that_is_too_large(text: bytes) -> None:
    """What cannot be read some at a time is short."""
    with pytest.raises(TooLarge, match="part"):
        read(text, 65_536)


@pytest.mark.parametrize("parts", [None, frozenset[str]()])
def test_too_many_names(parts: frozenset[str] | None) -> None:
    """The parser remembers each, also of what nobody reads."""
    rows = b"".join(b'<a><b%d c%d=""/></a>' % (number, number) for number in range(4900))
    assert read(b"<C>" + rows + b"</C>", 1000, Limits(parts=parts)) is not None
    with pytest.raises(TooLarge, match="names"):
        read(b"<C>" + b"".join(b'<a b%d="" c%d="" d%d=""/>' % ((number,) * 3) for number in range(4900)))


def test_too_much_to_keep() -> None:
    """Many rows that are not too large by themselves; a single sign can make a text four times as large."""
    row = '<a b="{}\U0001f600"/>'.format("x" * 100_000).encode()
    root = read(b"<C>" + row * 2 + b"</C>", 65_536)
    assert root is not None
    assert len(root) == 2
    with pytest.raises(TooLarge, match="keep"):
        read(b"<C>" + row * 100, 65_536)

"""XML read while it comes, row by row: what breaks a limit is refused before it takes memory."""

import codecs
import re
from sys import getsizeof
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from ...sync.media_server import BadResponse
from ..limits import MOST_DEPTH, MOST_KEPT, MOST_TEXT_AT_ONCE, Limits, TooLarge

# Whatever opens with "<!" and is neither a comment nor plain text: entities could expand without end. Signs in between
# are those that a lenient reader drops.
_DECLARATION: Final = re.compile(r"<[^\x20-\x7e]*!(?!--|\[CDATA\[)")
_LONGEST_OPENING: Final = 64
# What XML does not have, and some servers send in summaries all the same.
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\n\r"})
_SPACE: Final = b" \t\r\n"
_MOST_NAMES: Final = 10_000
_MOST_ELEMENTS_OF_ROWS: Final = 100
_MEMORY_OF_ELEMENT: Final = 150


class XmlReader:
    """Reads one XML document. `feed` takes its bytes, `close` returns its root; both raise BadResponse.

    Its rows are the elements right inside the root. Of what is inside a row, the rest is left out that is not among
    `limits.parts`, and so is all text: a Plex Media Server tells everything by attributes.
    """

    def __init__(self, limits: Limits) -> None:
        """Have read nothing."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tree = _Tree(limits)
        self._parser = XMLParser(target=self._tree)  # noqa: S314  # what declares anything is refused
        self._held = ""
        self._began = False

    @property
    def kept(self) -> int:
        """What has been read so far takes in memory, in bytes."""
        return self._tree.kept

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        data = data.translate(None, _CONTROLS)
        if not self._began:
            data = data.lstrip(_SPACE)
            self._began = bool(data)
        text = self._held + self._decoder.decode(data)
        # How a tag begins is looked at as a whole.
        begun = text.rfind("<", max(0, len(text) - _LONGEST_OPENING))
        self._held = "" if begun < 0 else text[begun:]
        self._parse(text if begun < 0 else text[:begun])

    def close(self) -> Element | None:
        """Return the root; None for an answer with nothing in it."""
        if not self._began:
            return None
        self._parse(self._held + self._decoder.decode(b"", final=True))
        try:
            self._parser.close()
        except ParseError:
            raise BadResponse("The answer is not valid XML") from None
        return self._tree.root

    def _parse(self, text: str) -> None:
        """Parse the next part of the text."""
        if _DECLARATION.search(text) is not None:
            raise BadResponse("The answer holds declarations")
        self._tree.waiting += len(text)
        try:
            self._parser.feed(text.replace("\ufffe", "").replace("\uffff", "").encode())
        except ParseError:
            raise BadResponse("The answer is not valid XML") from None
        # The parser keeps what it has of a tag until its end.
        if self._tree.waiting > MOST_TEXT_AT_ONCE:
            raise TooLarge("A part of the answer is too large")


class _Tree:
    """Makes elements of what is read, as a target of the parser.

    `waiting`: signs of the text since the last tag. `kept`: what the elements take in memory, in bytes.
    """

    def __init__(self, limits: Limits) -> None:
        """Have no root yet."""
        self.root: Element | None = None
        self.waiting = 0
        self._limits = limits
        self._open: list[Element] = []
        self._left_out = 0
        self._names: set[str] = set()
        self._elements = self._rows = self.kept = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        self.waiting = 0
        depth = len(self._open) + self._left_out
        if depth >= MOST_DEPTH:
            raise BadResponse("The answer is nested too deeply")
        self._elements += 1
        if self._elements > _MOST_ELEMENTS_OF_ROWS * self._limits.rows:
            raise TooLarge("The answer has too many elements")
        # The parser remembers all names.
        self._names.update(attributes)
        self._names.add(tag)
        if len(self._names) > _MOST_NAMES:
            raise TooLarge("The answer has too many names")
        parts = self._limits.parts
        if self._left_out or (depth == 2 and parts is not None and tag not in parts):
            self._left_out += 1
            return
        if depth == 1:
            self._rows += 1
            if self._rows > self._limits.rows:
                raise TooLarge("The answer has too many rows")
        self.kept += _MEMORY_OF_ELEMENT + getsizeof(attributes) + sum(map(getsizeof, attributes.values()))
        if self.kept > MOST_KEPT:
            raise TooLarge("The answer is too much to keep")
        element = Element(tag, attributes)
        if self._open:
            self._open[-1].append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        """Close an element."""
        self.waiting = 0
        if self._left_out:
            self._left_out -= 1
        else:
            self._open.pop()

"""JSON read while it comes, row by row: what breaks a limit is refused before it takes memory."""

import json
import re
from sys import getsizeof
from typing import Any, Final, Never

from ..sync.media_server import BadResponse
from .limits import MOST_DEPTH, MOST_KEPT, MOST_TEXT_AT_ONCE, Limits, TooLarge

# Whatever holds no bracket but in its texts. Nothing that was matched is looked at again, so that the time for it only
# grows with its length.
_PLAIN: Final = rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+'
_FLAT: Final = rb"(?:(?:\{" + _PLAIN + rb"\}|\[" + _PLAIN + rb"\])" + _PLAIN + rb")*+"
_BRACKET: Final = rb"[\[\]{}]"
_TO_BRACKET: Final = re.compile(_PLAIN + _BRACKET, re.DOTALL)
_PAST_FLAT_PARTS: Final = re.compile(_PLAIN + _FLAT + _BRACKET, re.DOTALL)
_NAME: Final = re.compile(rb'"([A-Za-z]{1,40})"\s*:\s*\Z')
_LONGEST_NAME: Final = 64
_ROWS_AT_ONCE: Final = 64 * 1024
_LEFT_OUT: Final = b"null"
_MANY_NAMES: Final = 64
_OPENING: Final = b"[{"
_LIST: Final = ord("[")


class JsonReader:
    """Reads one JSON document. `feed` takes its bytes, `close` returns it; both raise BadResponse.

    Its rows are what its outermost lists hold: the list that it is, or those right inside the object that it is. They
    are parsed some at a time, and the text of those that were parsed is dropped. What is no row (the object around the
    lists, say) is parsed at the end. `kept` is what all of it takes in memory, in bytes.
    """

    def __init__(self, limits: Limits) -> None:
        """Have read nothing."""
        self._limits = limits
        self._text = bytearray()
        self._from = self._at = 0
        """Where what is not dealt with yet begins in the text, and how far brackets have been looked for."""
        self._depth = 0
        self._around = bytearray()
        self._lists: list[list[object]] = []
        self._rows = bytearray()
        self._rows_depth: int | None = None
        self._left_out_at: int | None = None
        self._ended_rows = self._parsed_rows = self.kept = 0
        self._next_bracket = _TO_BRACKET

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._text += data
        while (found := self._next_bracket.match(self._text, self._at)) is not None:
            self._at = found.end()
            if self._text[self._at - 1] in _OPENING:
                self._opened(self._at - 1)
            else:
                self._closed(self._at - 1)
            self._next_bracket = _PAST_FLAT_PARTS if self._all_is_read else _TO_BRACKET
        if self._left_out_at is not None:
            self._from = self._at
        elif self._rows_depth is None:
            self._around += self._text[self._from : self._at]
            self._from = self._at
        del self._text[: self._from]
        self._at -= self._from
        self._from = 0
        if max(len(self._text) + len(self._rows), len(self._around)) > MOST_TEXT_AT_ONCE:
            raise TooLarge("A part of the answer is too large")

    def close(self) -> object:
        """Return the document."""
        self._around += self._text[self._from :]
        if self._depth or not self._around:
            raise BadResponse("The answer is not valid JSON (it ends too early)")
        document: object = _parsed(bytes(self._around))
        self._keep(document)
        if isinstance(document, list):
            return self._lists[0]
        if isinstance(document, dict):
            # Each list right inside the object was replaced by its number among all lists, in brackets.
            return {name: self._lists[each[0]] if isinstance(each, list) else each for name, each in document.items()}
        return document

    def _opened(self, at: int) -> None:
        """Take note of an opening bracket."""
        if self._rows_depth is None and self._text[at] == _LIST and self._depth <= 1:
            self._around += self._text[self._from : at + 1] + b"%d" % len(self._lists)
            self._lists.append([])
            self._from = at + 1
            self._rows_depth = self._depth + 1
        elif self._is_left_out(at):
            self._rows += self._text[self._from : at] + _LEFT_OUT
            self._left_out_at = self._depth
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BadResponse("The answer is nested too deeply")

    def _closed(self, at: int) -> None:
        """Take note of a closing bracket."""
        self._depth -= 1
        if self._depth < 0:
            raise BadResponse("The answer is not valid JSON (it closes what is not open)")
        if self._left_out_at is not None:
            if self._depth == self._left_out_at:
                self._left_out_at = None
                self._from = at + 1
        elif self._rows_depth is None:
            return
        elif self._depth < self._rows_depth:
            self._parse_rows(at)
            self._rows_depth = None
        elif self._depth == self._rows_depth:
            self._row_ended(at + 1)

    @property
    def _all_is_read(self) -> bool:
        """Whether everything that opens here is read, or nothing, and may open."""
        if self._rows_depth is None or not self._rows_depth < self._depth < MOST_DEPTH:
            return False
        return self._limits.parts is None or self._depth > self._rows_depth + 1

    def _is_left_out(self, at: int) -> bool:
        """Tell whether what opens here is inside a row, and nothing that is read there."""
        parts = self._limits.parts
        if parts is None or self._rows_depth is None or self._left_out_at is not None:
            return False
        if self._depth != self._rows_depth + 1:
            return False
        name = _NAME.search(self._text[max(self._from, at - _LONGEST_NAME) : at])
        return name is not None and name[1].decode() not in parts

    def _row_ended(self, end: int) -> None:
        """Count a row, and parse it with those before it once they are many."""
        self._ended_rows += 1
        if self._ended_rows > self._limits.rows:
            raise TooLarge("The answer has too many rows")
        if len(self._rows) + end - self._from >= _ROWS_AT_ONCE:
            self._parse_rows(end)

    def _parse_rows(self, end: int) -> None:
        """Parse the rows that end here."""
        text = bytes(self._rows + self._text[self._from : end]).strip()
        self._rows.clear()
        self._from = end
        rows = self._lists[-1]
        if rows and text:
            if not text.startswith(b","):
                raise BadResponse("The answer is not valid JSON (a comma is missing)")
            text = text[1:]
            if not text.strip():
                raise BadResponse("The answer is not valid JSON (nothing after a comma)")
        parsed: list[object] = _parsed(b"[" + text + b"]")
        self._keep(parsed)
        rows += parsed
        # Only here rows are seen that are neither objects nor lists.
        self._parsed_rows += len(parsed)
        if self._parsed_rows > self._limits.rows:
            raise TooLarge("The answer has too many rows")

    def _keep(self, value: object) -> None:
        """Count what is kept."""
        self.kept += memory_of(value)
        if self.kept > MOST_KEPT:
            raise TooLarge("The answer is too much to keep")


def memory_of(value: object) -> int:
    """Return how many bytes of memory decoded JSON takes; names that rows share are left out."""
    size = 0
    waiting = [value]
    while waiting:
        each = waiting.pop()
        size += getsizeof(each)
        if isinstance(each, dict):
            waiting.extend(each.values())
            if len(each) > _MANY_NAMES:
                waiting.extend(each)
        elif isinstance(each, list):
            waiting.extend(each)
    return size


def _parsed(text: bytes) -> Any:
    """Return decoded JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as err:
        raise BadResponse(f"The answer is not valid JSON ({type(err).__name__})") from None


def _refuse_constant(name: str) -> Never:
    """Refuse `NaN` and `Infinity`, which Python reads although JSON has no such values."""
    raise ValueError(name)

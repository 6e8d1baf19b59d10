"""The history of an account: what was written to it, line by line, each with what undoes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ..identity import match_keys
from ..journal.edit import DAY_MS, Edit
from ..journal.trail import Entry
from ..model import Item, Reason
from ..serialization import Json, from_json, to_json

KEPT_MS = 90 * DAY_MS
MOST_LINES = 10_000


class Author(StrEnum):
    """What wrote a line: a sync, an undo, or somebody who set a position by hand."""

    SYNC = "sync"
    UNDO = "undo"
    HAND = "set_progress"


@dataclass(frozen=True, slots=True)
class Origin:
    """What writes come from: a run, by its id. `first`: it is part of the first sync of a pair."""

    run_id: str = ""
    author: Author = Author.SYNC
    first: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One write to one item.

    - `at` is when its intent was saved: a line is on the disk before its request leaves. `item` is as it was then.
    - `before_ms` is the position that the server showed, `after_ms` the one that it was to show. `before_edit` is the
      human edit that was replaced; `over_ours`: its place was ours, nobody had moved the item since an earlier write.
      `hidden`: the item was hidden, and keeps its position.
    - `pair_id` is the pair that wrote it, `source_id` the account that the position came from; empty: none.
    - `confirmed`: a read has shown it. `undone_at` is when it was taken back.
    """

    line_id: str
    origin: Origin
    at: int
    item: Item
    before_ms: int
    after_ms: int
    before_edit: Edit | None = None
    over_ours: bool = False
    hidden: bool = False
    pair_id: str = ""
    source_id: str = ""
    reason: Reason | None = None
    confirmed: bool = False
    undone_at: int | None = None

    @property
    def run_id(self) -> str:
        """The run that wrote it."""
        return self.origin.run_id

    @property
    def item_id(self) -> str:
        """The item that was written to."""
        return self.item.item_id

    @property
    def keys(self) -> frozenset[str]:
        """The ids of its title: the item id may stand for another one later."""
        return match_keys(self.item)

    def repeats(self, other: Line) -> bool:
        """Tell whether both would leave an item at the same place."""
        mine, others = (self.item_id, self.after_ms, self.hidden), (other.item_id, other.after_ms, other.hidden)
        return mine == others

    def is_known_to(self, entry: Entry) -> bool:
        """Tell whether an item stands, or stood before later writes of ours, where this line put it."""
        placed_ms = 0 if self.hidden else self.after_ms
        return any(
            place.written_at is not None and place.written_at >= self.at and place.is_at(placed_ms)
            for place in (entry.place, *entry.before)
        )


def as_stored(known_since: int, lines: Iterable[Json]) -> Json:
    """Return a history as it is stored; `lines` are its lines as JSON-able data."""
    return {"known_since": known_since, "lines": list(lines)}


@dataclass(frozen=True, slots=True)
class _Stored:
    """A history as it is stored."""

    known_since: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class History:
    """The lines of one account by their ids, oldest first. Since `known_since` none is missing.

    `revision` counts the changes. `_open` are the lines that no read has shown yet, by item, the latest last; each with
    the one that it repeats.
    """

    known_since: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    revision: int = 0
    _open: dict[str, dict[str, Line | None]] = field(init=False)

    def __post_init__(self) -> None:
        """Find the lines that no read has shown."""
        self._open = {}
        for line in self.lines.values():
            self._expect(line)

    @classmethod
    def from_dict(cls, data: object) -> History:
        """Restore a history from JSON data; raises ValueError where it is none."""
        stored = from_json(_Stored, data)
        return cls(stored.known_since, {line.line_id: line for line in stored.lines})

    def to_dict(self) -> Json:
        """Return the history as JSON-able data."""
        return as_stored(self.known_since, map(to_json, self.lines.values()))

    def copy(self) -> History:
        """Return an independent copy."""
        return History(self.known_since, dict(self.lines), self.revision)

    def add(self, line: Line) -> None:
        """Add a line of a write that is about to be sent."""
        # 20:00 sent, and no read shows it · 20:01 sent again: one line tells of both.
        repeated = next((one for one in self._open_lines(line.item_id) if line.repeats(one)), None)
        if repeated is not None:
            self._drop([repeated])
        self.lines[line.line_id] = line
        self._expect(line, repeated)
        self.revision += 1

    def withdraw(self, item_id: str) -> None:
        """Remove the latest line of an item, because its write was not sent."""
        open_lines = self._open_lines(item_id)
        if open_lines:
            repeated = self._open[item_id][open_lines[-1].line_id]
            self._drop(open_lines[-1:])
            if repeated is not None:
                self.add(repeated)

    def settle(self, entries: Mapping[str, Entry]) -> None:
        """Confirm the lines whose places a journal knows as ours, from a read."""
        # 20:00 line and intent are saved, the write arrives, and the power fails · 20:10 the next run reads our place.
        for item_id in list(self._open):
            entry = entries.get(item_id)
            shown = [line for line in self._open_lines(item_id) if entry is not None and line.is_known_to(entry)]
            for line in shown:
                self._settled(line)
                self._change(line.line_id, confirmed=True)

    def mark_undone(self, line_ids: Iterable[str], at: int) -> None:
        """Note that lines were taken back."""
        for line_id in line_ids:
            self._change(line_id, undone_at=at)

    def of_run(self, run_id: str) -> list[Line]:
        """Return what one run wrote."""
        return [line for line in self.lines.values() if line.run_id == run_id]

    def of_pair(self, pair_id: str, since: int = 0) -> list[Line]:
        """Return what the syncs of a pair wrote since a time."""
        return [
            line
            for line in self.lines.values()
            if line.pair_id == pair_id and line.origin.author is Author.SYNC and line.at >= since
        ]

    def prune(self, now: int) -> None:
        """Drop lines of 90 days ago and, of more than 10,000, those of first syncs, then the oldest.

        Writes that no read has shown for a day never arrived: they leave no line.
        """
        waiting = [line for item_id in self._open for line in self._open_lines(item_id)]
        self._drop([line for line in waiting if now - line.at >= DAY_MS])
        oldest = next(iter(self.lines.values()), None)
        if oldest is None or (now - oldest.at < KEPT_MS and len(self.lines) <= MOST_LINES):
            return
        ranked = sorted(self.lines.values(), key=lambda line: (now - line.at < KEPT_MS, not line.origin.first, line.at))
        old = sum(now - line.at >= KEPT_MS for line in ranked)
        dropped = ranked[: max(old, len(ranked) - MOST_LINES)]
        self._drop(dropped)
        self.known_since = max(self.known_since, *(line.at + 1 for line in dropped))

    @property
    def latest_at(self) -> int:
        """The latest time in it."""
        latest = next(reversed(self.lines.values()), None)
        return self.known_since if latest is None else max(self.known_since, latest.at)

    def _open_lines(self, item_id: str) -> list[Line]:
        """Return the lines of an item that no read has shown, the latest last."""
        return [self.lines[line_id] for line_id in self._open.get(item_id, ())]

    def _expect(self, line: Line, repeated: Line | None = None) -> None:
        """Expect a read to show a line, unless one has."""
        if not line.confirmed:
            self._open.setdefault(line.item_id, {})[line.line_id] = repeated

    def _settled(self, line: Line) -> None:
        """Expect no read to show a line any more."""
        open_lines = self._open.get(line.item_id, {})
        open_lines.pop(line.line_id, None)
        if not open_lines:
            self._open.pop(line.item_id, None)

    def _drop(self, lines: Iterable[Line]) -> None:
        """Remove lines."""
        for line in lines:
            self._settled(line)
            del self.lines[line.line_id]
            self.revision += 1

    def _change(self, line_id: str, **changes: Any) -> None:
        """Change a line, which keeps its place in the order."""
        self.lines[line_id] = replace(self.lines[line_id], **changes)
        self.revision += 1

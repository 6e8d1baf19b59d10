"""The trail of an item: where it stands, where it stood before our writes, and the writes that no read has shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..model import DateMeaning, Item, ItemState, MediaKind
from .edit import DATE_TOLERANCE_MS, DAY_MS, NOISE_MS, Edit, ServerDate

STORED_TOLERANCE_MS = 1_000
"""Servers may store a position rounded to the second."""

_OVERTAKEN_KEPT = 8
_STOOD_KEPT = 32
"""Where sessions cannot be read, every run writes the progress of a play elsewhere: an evening leaves dozens."""


class Lost(StrEnum):
    """The state of a place that its server no longer shows, although nobody asked for that.

    `LOST`: it is to be given back. `HELD`: one of a mass of zeros; nothing happens until somebody answers. `NOT_KEPT`:
    it was given back once for this edit, and is gone again.
    """

    LOST = "lost"
    HELD = "held"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Left:
    """A place at which an item stood before our write, and the edit that it stands for.

    An app may still be open there and report that position when it closes. Position 0: the app was opened or closed
    where its server keeps no position, in the first percents of a title or past its end.
    """

    position_ms: int
    edit: Edit


@dataclass(frozen=True, slots=True)
class Entry:
    """The journal's knowledge of one item.

    - `position_ms` is the position in the last read, `dated_position_ms` the one that `edit` stands for. They differ
      by noise, less than 10 s.
    - `edit` is the last time a viewer moved the item, here or on the account from which we wrote the position.
    - `date` is the server's date of the latest play, which began at `play_from_ms`.
    - `seen_at` is when the item was last seen as it is here; None: in the journal's last snapshot.
    - `written_at`, `left` and `stood` are set while the position is one that we wrote: when we wrote it, where the
      viewer had left the item, and our earlier writes since then, latest first.
    - `gone`: the server did not have the item when it was last asked for it.
    - `undone_at` is when an undo put this position back.
    - `kept_until`: an entry at 0, or of an item that is gone, is not dropped before.
    """

    kind: MediaKind
    keys: frozenset[str]
    position_ms: int
    dated_position_ms: int
    edit: Edit
    watched: bool = False
    date: ServerDate | None = None
    duration_ms: int | None = None
    play_from_ms: int = 0
    seen_at: int | None = None
    written_at: int | None = None
    left: Left | None = None
    gone: bool = False
    undone_at: int | None = None
    kept_until: int = 0
    stood: tuple[Left, ...] = ()

    @property
    def left_by_viewer(self) -> Left | None:
        """The place at which a viewer last left the item, our own writes skipped; None: at 0."""
        if self.written_at is not None:
            return self.left
        return Left(self.position_ms, self.edit) if self.position_ms else None

    @property
    def written_before(self) -> tuple[Left, ...]:
        """The places of our own that another write would leave behind, latest first."""
        if self.written_at is None or not self.position_ms:
            return ()
        return (Left(self.position_ms, self.edit), *self.stood)[:_STOOD_KEPT]

    @property
    def in_progress(self) -> bool:
        """Whether the item exists with a position above 0."""
        return self.position_ms > 0 and not self.gone

    def intent_for_copy(self, left: Left | None, *, watched: bool) -> Intent:
        """Return the write to this item as it would show on another copy, which a viewer had left at `left`."""
        return Intent(
            position_ms=self.position_ms,
            edit=self.edit,
            made_at=self.written_at or 0,
            sent_date_server_ms=self.date.server_ms if self.date else None,
            watched=watched,
            left=left,
            stood=self.stood,
            undone_at=self.undone_at,
        )

    def as_item(self, item_id: str) -> Item:
        """Return the item as far as the journal knows it: without a name."""
        return Item(item_id, self.kind, "", self.keys, duration_ms=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that no read has shown yet. A read that shows it is ours, not a viewer's edit.

    `edit` is the source's, `made_at` when the write was sent. `sent_date_server_ms` is the date that the item shows
    once the write is stored, on the server's clock; None: none. `watched` is the mark as we found it. `left`, `stood`
    and `undone_at` become those of the entry. `keys` are the ids of the title: the write is recognised under a new id
    too.
    """

    position_ms: int
    edit: Edit
    made_at: int
    sent_date_server_ms: int | None = None
    watched: bool = False
    left: Left | None = None
    undone_at: int | None = None
    keys: frozenset[str] = frozenset()
    stood: tuple[Left, ...] = ()

    def looks_like(self, other: Intent) -> bool:
        """Tell whether two writes to an item look the same in a read: same position, same date."""
        return (self.position_ms, self.sent_date_server_ms) == (other.position_ms, other.sent_date_server_ms)

    def stored_in(self, state: ItemState) -> bool:
        """Tell whether a read shows the position of this write."""
        return abs(state.position_ms - self.position_ms) <= STORED_TOLERANCE_MS

    def shown_by(self, state: ItemState, meaning: DateMeaning) -> bool:
        """Tell whether a read shows this write: its position, its date, and the watched mark as we found it."""
        if not self.stored_in(state) or state.watched is not self.watched:
            return False
        # Plex stamps its own date on every write, so only position and mark count. Jellyfin and Emby store the date
        # that was sent: another one is a viewer's play that stopped at the same position by chance.
        if meaning is DateMeaning.LAST_WRITE or self.sent_date_server_ms is None:
            return meaning is DateMeaning.LAST_WRITE or state.last_played_server_ms is None
        return self.dated(state)

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date of this write, to the second."""
        sent, date = self.sent_date_server_ms, state.last_played_server_ms
        return sent is not None and date is not None and abs(date - sent) <= DATE_TOLERANCE_MS


def opened_at(one: Entry | Intent) -> tuple[Left, ...]:
    """Return the places at which an app may have been opened before our write: the viewer's first, then our own."""
    return (one.left, *one.stood) if one.left else one.stood


@dataclass(frozen=True, slots=True)
class Heard:
    """A stop or a pause that the server reported by push.

    `at` is when the message came, on this machine's clock; `position_ms` None: the message had no position.
    """

    at: int
    position_ms: int | None = None

    def is_of(self, state: ItemState) -> bool:
        """Tell whether a read shows the stop that was reported."""
        # A finish: the server stores 0 and a mark, not the reported position. A stop in the first half finished
        # nothing: a title watched last year, opened tonight and stopped at 2 min, has its mark from last year.
        if not state.position_ms:
            near_the_start = self.position_ms is not None and self.position_ms * 2 < (state.item.duration_ms or 0)
            return state.watched and not near_the_start
        return self.position_ms is None or abs(self.position_ms - state.position_ms) < NOISE_MS


@dataclass(slots=True)
class UnseenWrites:
    """The writes to one account that no read has shown yet, by item.

    `intents` are the latest ones. `overtaken` were followed by another write before a read showed them, latest first: a
    slow server may still store them (late write).
    """

    intents: dict[str, Intent] = field(default_factory=dict)
    overtaken: dict[str, tuple[Intent, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Intent]:
        """Yield all writes."""
        yield from self.intents.values()
        for intents in self.overtaken.values():
            yield from intents

    def copy(self) -> UnseenWrites:
        """Return an independent copy."""
        return replace(self, intents=dict(self.intents), overtaken=dict(self.overtaken))

    def latest(self, item_id: str) -> Intent | None:
        """Return the latest write to an item; None: no write is expected."""
        return self.intents.get(item_id)

    def of(self, item_id: str) -> list[Intent]:
        """Return all writes to an item that a read may still show, latest first."""
        latest = self.intents.get(item_id)
        return [*((latest,) if latest else ()), *self.overtaken.get(item_id, ())]

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date of any write to its item. If so, the item has not been played since."""
        return any(intent.dated(state) for intent in self.of(state.item_id))

    def clear_after_another(self, state: ItemState) -> Intent | None:
        """Return the clear of ours that a read shows with the date of another write; None: there is none."""
        # Clears leave the date as they find it. Two pairs write to a slow server: 20:00 51 min, with its date · 20:01 a
        # clear, decided before that was visible · 20:02 both arrive. The 0 with the date of the 51 min is our clear.
        if state.position_ms or not self.dated(state):
            return None
        clears = (intent for intent in self.of(state.item_id) if not intent.position_ms)
        return next((intent for intent in clears if intent.watched is state.watched), None)

    def intend(self, item_id: str, intent: Intent) -> None:
        """Expect a write that is about to be sent."""
        earlier = self.intents.get(item_id)
        # Late write: 20:00 we write 71 min, the server is slow · 20:02 we write 50 min, the server ignores it · 20:07
        # the 71 min arrive. They are still ours, although another write followed. Writes that look the same are kept
        # once.
        if earlier is not None:
            others = (one for one in self.overtaken.get(item_id, ()) if not one.looks_like(earlier))
            self.overtaken[item_id] = (earlier, *others)[:_OVERTAKEN_KEPT]
        self.intents[item_id] = intent

    def seen(self, item_id: str, intent: Intent) -> None:
        """Settle a write that a read has shown, together with overtaken writes to the same position."""
        # An overtaken write was shown: the latest one may still arrive, so everything stays expected.
        if self.intents.get(item_id) != intent:
            return
        del self.intents[item_id]
        others = tuple(one for one in self.overtaken.pop(item_id, ()) if one.position_ms != intent.position_ms)
        if others:
            self.overtaken[item_id] = others

    def withdraw(self, item_id: str) -> None:
        """Stop expecting the latest write to an item, because it was not sent."""
        self.intents.pop(item_id, None)

    def forget(self, item_id: str) -> None:
        """Stop expecting any write to an item."""
        self.withdraw(item_id)
        self.overtaken.pop(item_id, None)

    def rename(self, item_id: str, new_id: str) -> None:
        """Expect the writes to one item of another one instead, in place of those that were expected of it."""
        self.forget(new_id)
        if item_id in self.intents:
            self.intents[new_id] = self.intents.pop(item_id)
        if item_id in self.overtaken:
            self.overtaken[new_id] = self.overtaken.pop(item_id)

    def change(self, change: Callable[[Intent], Intent]) -> None:
        """Replace every write by its changed version."""
        self.intents = {item_id: change(intent) for item_id, intent in self.intents.items()}
        self.overtaken = {item_id: tuple(map(change, intents)) for item_id, intents in self.overtaken.items()}

    def drop_old(self, now: int) -> None:
        """Stop expecting writes that were sent a day ago or earlier."""
        self.intents = {item_id: intent for item_id, intent in self.intents.items() if now - intent.made_at < DAY_MS}
        recent = {
            item_id: tuple(intent for intent in intents if now - intent.made_at < DAY_MS)
            for item_id, intents in self.overtaken.items()
        }
        self.overtaken = {item_id: intents for item_id, intents in recent.items() if intents}

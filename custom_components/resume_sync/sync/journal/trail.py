"""What the journal holds of one item: where it stands and since when, what we wrote there, what the server told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..model import DateMeaning, Item, ItemState, MediaKind
from .edit import DATE_TOLERANCE_MS, DAY_MS, NOISE_MS, Edit, ServerDate

STORED_TOLERANCE_MS = 1_000
"""Servers may store a position to the second."""

_OVERTAKEN_KEPT = 8
_STOOD_KEPT = 32
"""Where servers do not tell who plays, each round writes what somebody watches elsewhere for hours."""


@dataclass(frozen=True, slots=True)
class Left:
    """Where a viewer last left an item on this account, before we wrote to it.

    Position 0: in a play that the server's minimum left without a position. Its app may still be open, and what it
    reports when it closes is no wish to clear what we wrote meanwhile.
    """

    position_ms: int
    edit: Edit


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one item.

    `dated_position_ms` is the position that the edit was dated at: noise is measured from there. `date` is that of the
    latest play, which began at `play_from_ms`. `seen_at` is when the item was last seen as it is here; None: in the
    journal's last snapshot. `written_at`, `left` and `stood` are set while the position is one that we wrote; `stood`
    are earlier ones that we wrote, latest first: apps may have been opened there. `gone`: the server did not have the
    item when it was last asked for it. `undone_at`: somebody put back this position then.
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
        """Where a viewer last left the item, looking past our own writes."""
        if self.written_at is not None:
            return self.left
        return Left(self.position_ms, self.edit) if self.position_ms else None

    @property
    def written_before(self) -> tuple[Left, ...]:
        """Where our writes had left the item, once this position is replaced too."""
        if self.written_at is None or not self.position_ms:
            return ()
        return (Left(self.position_ms, self.edit), *self.stood)[:_STOOD_KEPT]

    @property
    def in_progress(self) -> bool:
        """Whether the item is there with a position above 0."""
        return self.position_ms > 0 and not self.gone

    def intent_for_copy(self, left: Left | None, *, watched: bool) -> Intent:
        """Return this entry's write as it would show on another copy of the title, which a viewer left there."""
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
        """Return the item, as far as the journal knows it."""
        return Item(item_id, self.kind, "", self.keys, duration_ms=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that is about to be sent: what a later read must show for it to be ours and no human's.

    `keys` name its title: the write is ours under a new id too.
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
        """Tell whether a read cannot tell this write from another one to its item."""
        return (self.position_ms, self.sent_date_server_ms) == (other.position_ms, other.sent_date_server_ms)

    def stored_in(self, state: ItemState) -> bool:
        """Tell whether a read shows the position of this write."""
        return abs(state.position_ms - self.position_ms) <= STORED_TOLERANCE_MS

    def shown_by(self, state: ItemState, meaning: DateMeaning) -> bool:
        """Tell whether a read shows this write: its position, the date sent with it, the watched mark as it was."""
        if not self.stored_in(state) or state.watched is not self.watched:
            return False
        if meaning is DateMeaning.LAST_WRITE or self.sent_date_server_ms is None:
            return meaning is DateMeaning.LAST_WRITE or state.last_played_server_ms is None
        return self.dated(state)

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date that was sent with this write."""
        sent, date = self.sent_date_server_ms, state.last_played_server_ms
        return sent is not None and date is not None and abs(date - sent) <= DATE_TOLERANCE_MS


def opened_at(one: Entry | Intent) -> tuple[Left, ...]:
    """Return where apps may have been opened before our write: where a viewer had left the item, and where we had."""
    return (one.left, *one.stood) if one.left else one.stood


@dataclass(frozen=True, slots=True)
class Heard:
    """A stop or a pause that the server told of by itself: when, and where; `position_ms` None: it did not say."""

    at: int
    position_ms: int | None = None

    def is_of(self, state: ItemState) -> bool:
        """Tell whether a read shows what was told of: a finish by its mark, unless that was near the start."""
        if not state.position_ms:
            near_the_start = self.position_ms is not None and self.position_ms * 2 < (state.item.duration_ms or 0)
            return state.watched and not near_the_start
        return self.position_ms is None or abs(self.position_ms - state.position_ms) < NOISE_MS


@dataclass(slots=True)
class UnseenWrites:
    """The writes to one account that a read has yet to show, by item.

    `intents` are the latest; `overtaken` were followed by another before anybody saw them, latest first: servers may
    still store them, late.
    """

    intents: dict[str, Intent] = field(default_factory=dict)
    overtaken: dict[str, tuple[Intent, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Intent]:
        """Yield all writes."""
        yield from self.intents.values()
        for intents in self.overtaken.values():
            yield from intents

    def copy(self) -> UnseenWrites:
        """Return them so that they can change without these."""
        return replace(self, intents=dict(self.intents), overtaken=dict(self.overtaken))

    def latest(self, item_id: str) -> Intent | None:
        """Return the latest write to an item."""
        return self.intents.get(item_id)

    def of(self, item_id: str) -> list[Intent]:
        """Return the writes to an item that may yet show, the latest first."""
        latest = self.intents.get(item_id)
        return [*((latest,) if latest else ()), *self.overtaken.get(item_id, ())]

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date of any of these writes: nobody has played since."""
        return any(intent.dated(state) for intent in self.of(state.item_id))

    def clear_after_another(self, state: ItemState) -> Intent | None:
        """Return the clear of ours that a read shows with the date of another: clears leave it as they find it."""
        if state.position_ms or not self.dated(state):
            return None
        clears = (intent for intent in self.of(state.item_id) if not intent.position_ms)
        return next((intent for intent in clears if intent.watched is state.watched), None)

    def intend(self, item_id: str, intent: Intent) -> None:
        """Note a write before it is sent. An earlier one that was never seen may yet come."""
        earlier = self.intents.get(item_id)
        if earlier is not None:
            others = (one for one in self.overtaken.get(item_id, ()) if not one.looks_like(earlier))
            self.overtaken[item_id] = (earlier, *others)[:_OVERTAKEN_KEPT]
        self.intents[item_id] = intent

    def seen(self, item_id: str, intent: Intent) -> None:
        """Expect a write no more, nor earlier ones to the same position, if it is the latest to its item."""
        if self.intents.get(item_id) != intent:
            return
        del self.intents[item_id]
        others = tuple(one for one in self.overtaken.pop(item_id, ()) if one.position_ms != intent.position_ms)
        if others:
            self.overtaken[item_id] = others

    def withdraw(self, item_id: str) -> None:
        """Expect the latest write to an item no more: it was not sent."""
        self.intents.pop(item_id, None)

    def forget(self, item_id: str) -> None:
        """Expect no write to an item any more."""
        self.withdraw(item_id)
        self.overtaken.pop(item_id, None)

    def change(self, change: Callable[[Intent], Intent]) -> None:
        """Replace what is noted of every write."""
        self.intents = {item_id: change(intent) for item_id, intent in self.intents.items()}
        self.overtaken = {item_id: tuple(map(change, intents)) for item_id, intents in self.overtaken.items()}

    def drop_old(self, now: int) -> None:
        """Expect no write any more that was sent more than a day ago."""
        self.intents = {item_id: intent for item_id, intent in self.intents.items() if now - intent.made_at < DAY_MS}
        recent = {
            item_id: tuple(intent for intent in intents if now - intent.made_at < DAY_MS)
            for item_id, intents in self.overtaken.items()
        }
        self.overtaken = {item_id: intents for item_id, intents in recent.items() if intents}

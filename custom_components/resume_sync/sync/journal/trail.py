"""The trail of an item: the place where it stands, the places it had before our writes, and writes not yet seen."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..model import Item, ItemState, MediaKind
from .edit import DATE_TOLERANCE_MS, NOISE_MS, Edit, ServerDate

STORED_TOLERANCE_MS = 1_000
"""Servers may store a position rounded to the second."""

_BEFORE_KEPT = 32
"""Where sessions cannot be read, every run writes the progress of a play elsewhere: an evening leaves dozens."""


class Lost(StrEnum):
    """Why a server shows something else than the place at which its account stands.

    `LOST`: nobody asked for what it shows, so the place is to be given back. `HELD`: it is one of many that came to 0
    together, and waits for an answer. `NOT_KEPT`: it was given back once, and is gone again.
    """

    LOST = "lost"
    HELD = "held"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Place:
    """A position of an item, and the human's edit that it stands for.

    - `written_at` is when we wrote it there; None: a viewer left it.
    - `date_server_ms` is the date that our write left there, on the server's clock, and `watched` the mark that it
      found; a read that shows both beside the position shows our write.
    - `undone_at` is when an undo put it back. `given_back`: the account's own place, written after it was lost.
    """

    position_ms: int
    edit: Edit
    written_at: int | None = None
    date_server_ms: int | None = None
    watched: bool = False
    undone_at: int | None = None
    given_back: bool = False

    @property
    def chosen(self) -> Edit:
        """The last time that a human chose this place: an undo is such a choice as well."""
        return self.edit if self.undone_at is None else Edit(self.undone_at, self.undone_at)

    def is_at(self, position_ms: int, tolerance_ms: int = STORED_TOLERANCE_MS) -> bool:
        """Tell whether a position is this place, give or take the tolerance."""
        return abs(self.position_ms - position_ms) <= tolerance_ms

    def is_shown_by(self, state: ItemState) -> bool:
        """Tell whether a read shows this place."""
        # Removed on Plex, where a title is hidden: it keeps its position, and the hub does not show it.
        return self.is_at(state.position_ms) or (not self.position_ms and state.hidden)

    def dates(self, state: ItemState) -> bool:
        """Tell whether a read shows the date of this write, to the second."""
        sent, date = self.date_server_ms, state.last_played_server_ms
        return sent is not None and date is not None and abs(date - sent) <= DATE_TOLERANCE_MS


@dataclass(frozen=True, slots=True)
class Began:
    """The beginning of a play: the edit of the place where it began, and when, in epoch milliseconds."""

    place: Edit
    at: int


@dataclass(frozen=True, slots=True)
class Write:
    """A write of ours: a place that no read has shown yet.

    `keys` are the ids of its title: it is recognised under a new id too. `before` are the places that the item had,
    latest first: an app that was opened at one of them may close there. `began` is how the play began that left the
    place.
    """

    place: Place
    keys: frozenset[str] = frozenset()
    before: tuple[Place, ...] = ()
    began: Began | None = None

    @property
    def made_at(self) -> int:
        """When the write was sent."""
        return self.place.written_at or 0

    def looks_like(self, other: Write) -> bool:
        """Tell whether two writes to an item look the same in a read: same position, same date."""
        mine, theirs = self.place, other.place
        return (mine.position_ms, mine.date_server_ms) == (theirs.position_ms, theirs.date_server_ms)


@dataclass(frozen=True, slots=True)
class Entry:
    """The journal's knowledge of one item.

    - `place` is where the account stands, `position_ms` what its server showed in the last read. They differ by noise,
      less than 10 s, or because the place is `lost`, or because the title was hidden.
    - `watched`, `play_count` and `date` are as last read; `play_count` None: of a time before it was kept.
    - `play_from_ms` is where the play of that date began, `began` from what and when the latest play did; None: of no
      known place.
    - `before` are the places that it had while the present one is ours, latest first, the viewer's own last.
    - `seen_at` is when the item was last seen as it is here; None: in the journal's last snapshot.
    - `gone`: the server did not have the item when it was last asked for it.
    - `hidden`: the last read showed that it is hidden from "Continue watching".
    - `kept_until`: an entry at 0, or of an item that is gone, is not dropped before.
    """

    kind: MediaKind
    keys: frozenset[str]
    place: Place
    position_ms: int
    watched: bool = False
    play_count: int | None = None
    date: ServerDate | None = None
    duration_ms: int | None = None
    play_from_ms: int = 0
    began: Began | None = None
    before: tuple[Place, ...] = ()
    lost: Lost | None = None
    seen_at: int | None = None
    gone: bool = False
    kept_until: int = 0
    hidden: bool = False

    @property
    def edit(self) -> Edit:
        """The last time that a human moved the item, here or on the account from which we wrote the position."""
        return self.place.edit

    @property
    def written_at(self) -> int | None:
        """When we wrote the place; None: a viewer left the item there."""
        return self.place.written_at

    @property
    def in_progress(self) -> bool:
        """Whether the server has the item, and shows it above 0."""
        return self.position_ms > 0 and not self.gone

    @property
    def is_shown(self) -> bool:
        """Whether the server shows the place, give or take 10 s."""
        return self.place.is_at(self.position_ms, NOISE_MS - 1)

    @property
    def is_off_shelf(self) -> bool:
        """Whether the title is hidden, by somebody or by us, and was not moved since: it counts as 0."""
        return not self.place.position_ms and not self.is_shown

    @property
    def by_viewer(self) -> Edit:
        """The last edit that a viewer made on this very account, our writes skipped; ours where none is known."""
        return (self.before[-1] if self.before else self.place).edit

    @property
    def trail(self) -> tuple[Place, ...]:
        """The places that another write would leave behind: an app may have been opened at one, or finished it."""
        # The viewer's own is always kept, and of ours the latest.
        places = (self.place, *self.before) if self.place.written_at is not None else (self.place,)
        return places if len(places) <= _BEFORE_KEPT else (*places[: _BEFORE_KEPT - 1], places[-1])

    def write_on_copy(self, known: Entry | None, *, watched: bool) -> Write:
        """Return the write to this item as it would show on another copy, of which `known` is the entry."""
        date = self.date.server_ms if self.date else None
        place, before = replace(self.place, date_server_ms=date, watched=watched), known.trail if known else ()
        return Write(place, before=before, began=self.began)

    def as_item(self, item_id: str) -> Item:
        """Return the item as far as the journal knows it: without a name."""
        return Item(item_id, self.kind, "", self.keys, duration_ms=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Heard:
    """A stop, a pause or a mark that the server told by push.

    `at` is when the message came, on this machine's clock; `position_ms` None: the message had no position. `mark`: the
    user's data changed, and nobody says why; a time, never evidence of a wish.
    """

    at: int
    position_ms: int | None = None
    mark: bool = False

    def is_of(self, state: ItemState) -> bool:
        """Tell whether a read shows what was told."""
        told = self.position_ms
        # A mark tells what is stored.
        if self.mark or state.position_ms:
            return told is None or abs(told - state.position_ms) < NOISE_MS
        # A finish: the server stores 0 and a mark, not the reported position. A stop in the first half finished
        # nothing: a title watched last year, opened tonight and stopped at 2 min, has its mark from last year.
        near_the_start = told is not None and told * 2 < (state.item.duration_ms or 0)
        return state.watched and not near_the_start

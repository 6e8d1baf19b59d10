"""The input of a plan: the items of both accounts with their last edits, the rules, and the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from ..journal.edit import NOISE_MS, Edit
from ..journal.trail import Began, Lost
from ..ledger import Ledger, item_key
from ..matching import Match
from ..model import Action, Activity, Direction, Item, PairRules, Reason, ServerTraits, Side
from ..tries import Attempt
from .decision import Carried, Decision

_LONGEST_DIFFERENCE_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of one account as a plan sees it.

    `position_ms` is where the account stands, `edit` the last human edit; None: no viewer is known to have moved the
    item. `undone_at` is when an undo put this position back. `fresh`: read in this round; otherwise remembered by the
    journal. `unread` is why position and edit are the last known ones, if they are: the row cannot be read
    (`UNREADABLE`), or the server was not asked for the item in this run (`NOT_VERIFIED`).

    `lost`: the server shows another position, `shown_ms`, that nobody asked for. `began` is how the latest play
    began; None: not known.
    """

    item: Item
    position_ms: int
    edit: Edit | None
    watched: bool = False
    activity: Activity | None = None
    undone_at: int | None = None
    fresh: bool = True
    unread: Reason | None = None
    shown_ms: int | None = None
    lost: Lost | None = None
    began: Began | None = None

    @property
    def shown(self) -> int:
        """The position that the server shows."""
        return self.position_ms if self.shown_ms is None else self.shown_ms


@dataclass(frozen=True, slots=True)
class Shelf:
    """One account's items by id: all in progress, and all that the journal knows to be at 0.

    `since` is when the account's history began, in epoch milliseconds. `library_revision` changes whenever the library
    is known to have changed; None while that cannot be told.
    """

    traits: ServerTraits
    copies: Mapping[str, Copy]
    since: int = 0
    library_revision: str | None = None

    @property
    def in_progress(self) -> int:
        """How many items are in progress."""
        return sum(copy.position_ms > 0 for copy in self.copies.values())


def newest_copy(copies: Sequence[Copy]) -> Copy:
    """Return the copy that speaks for a title: the one edited last; of equally new ones the higher position."""
    return max(copies, key=lambda copy: (copy.edit.latest if copy.edit else -1, copy.position_ms, copy.item.item_id))


def why_unread(copies: Sequence[Copy]) -> tuple[Action, Reason] | None:
    """Return what is decided on a title because one of these copies could not be read; None: all of them were read."""
    reasons = {copy.unread for copy in copies}
    if Reason.UNREADABLE in reasons:
        return Action.UNRESOLVED, Reason.UNREADABLE
    return (Action.WAIT, Reason.NOT_VERIFIED) if Reason.NOT_VERIFIED in reasons else None


class Fit(IntEnum):
    """How well the length of a copy agrees with that of the copy whose position would travel, best first."""

    SAME_CUT = 0
    UNKNOWN = 1
    ANOTHER_CUT = 2


def fit(one: Item, other: Item) -> Fit:
    """Compare the lengths of two copies of a title."""
    if not one.duration_ms or not other.duration_ms:
        return Fit.UNKNOWN
    shorter, longer = sorted((one.duration_ms, other.duration_ms))
    # Lengths of 100 and 89 min are two cuts of a film: 60 min is another scene in each.
    return Fit.ANOTHER_CUT if (longer - shorter) * 100 > longer * _LONGEST_DIFFERENCE_PERCENT else Fit.SAME_CUT


def write_target(source: Copy, copies: Sequence[Copy]) -> Copy:
    """Return the copy to write the source's position to.

    Of the copies that fit best the newest one in progress, else one in a library of the same name as the source's, else
    the first by item id.
    """
    fitting = fitting_copies(source, copies)
    same_library = [copy for copy in fitting if source.item.library and copy.item.library == source.item.library]
    return min(same_library or fitting, key=lambda copy: copy.item.item_id)


def fitting_copies(source: Copy, copies: Sequence[Copy]) -> Sequence[Copy]:
    """Return the copies that the source's position may be written to: several where only their libraries tell which.

    These are the copies that fit best; of those in progress only the newest one.
    """
    best = min(fit(source.item, copy.item) for copy in copies)
    fitting = [copy for copy in copies if fit(source.item, copy.item) is best]
    in_progress = [copy for copy in fitting if copy.position_ms]
    return [newest_copy(in_progress)] if in_progress else fitting


def _is_over(zeroed: Copy, left_over: Sequence[Copy]) -> bool:
    """Tell whether a title came to 0 after its left-over copies were left where they stand."""
    edit, left = zeroed.edit, newest_copy(left_over).edit
    return edit is not None and left is not None and edit.later_than(left)


def winner(on_left: Sequence[Copy], on_right: Sequence[Copy]) -> Side:
    """Return the side with the later edit; where edits have no order, the side with the higher position."""
    left, right = newest_copy(on_left), newest_copy(on_right)
    # Where both newest copies are at 0, an older one is in progress: a left-over copy. Its side cannot win.
    # 20:00 the 4K copy on the left is paused at 30 min · 21:00 the HD copy is finished on both sides: the right wins.
    # On both sides: the one whose 0 is later than what is left over on the other. Where both are, any order will do, as
    # long as it is the same whichever account holds the pair.
    if not left.position_ms and not right.position_ms:
        over_left, over_right = ([one for one in copies if one.position_ms] for copies in (on_left, on_right))
        if over_left and over_right:
            left_rank = (_is_over(left, over_right), repr(left), repr(on_left))
            right_rank = (_is_over(right, over_left), repr(right), repr(on_right))
            return Side.LEFT if left_rank >= right_rank else Side.RIGHT
        return Side.RIGHT if over_left else Side.LEFT
    if left.edit and right.edit:
        if left.edit.later_than(right.edit):
            return Side.LEFT
        if right.edit.later_than(left.edit):
            return Side.RIGHT
    # Only one side is known to have been moved: that one wins.
    elif (left.edit is None) is not (right.edit is None):
        return Side.RIGHT if left.edit is None else Side.LEFT
    # No order: both edits lie between 20:00 and 22:00, or neither side has one. A 0 never wins over a position.
    # Where both stand at one place, the one whose server shows more, or where somebody has it open.
    on_the_left = (left.position_ms, left.shown, left.activity or "")
    return Side.LEFT if on_the_left >= (right.position_ms, right.shown, right.activity or "") else Side.RIGHT


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the decisions of one plan depend on; `now` is in epoch milliseconds.

    `agreed`: a person agrees to this plan as the pair's first run.
    """

    left: Shelf
    right: Shelf
    rules: PairRules
    ledger: Ledger
    now: int
    agreed: bool = False

    def shelf(self, side: Side) -> Shelf:
        """Return the shelf of one side."""
        return self.left if side is Side.LEFT else self.right

    def copies(self, found: Match, side: Side) -> tuple[Copy, ...]:
        """Return the copies of a matched title on one side."""
        item_ids = found.left if side is Side.LEFT else found.right
        shelf = self.shelf(side)
        return tuple(shelf.copies[item_id] for item_id in item_ids)

    @property
    def linked_by_hand(self) -> Mapping[str, str]:
        """The items that were matched by hand, as left id to right id, as long as they are the titles they were."""
        linked = self.ledger.linked_by_hand()
        return {
            left: right
            for left, right in linked.items()
            if not self._was_another(Side.LEFT, left) and not self._was_another(Side.RIGHT, right)
        }

    def was_mapped_as_another(self, side: Side, copies: Sequence[Copy]) -> bool:
        """Tell whether a copy was mapped or ignored by hand when its id stood for another title."""
        return any(self.ledger.was_another_title(side, copy.item) for copy in copies)

    def _was_another(self, side: Side, item_id: str) -> bool:
        """Tell the same of an item that may not be on its shelf."""
        copy = self.shelf(side).copies.get(item_id)
        return copy is not None and self.ledger.was_another_title(side, copy.item)

    def title(self, found: Match) -> Title:
        """Return a title that was matched on both sides, with the side whose position would travel as its source."""
        on_left, on_right = self.copies(found, Side.LEFT), self.copies(found, Side.RIGHT)
        title = Title(found.key, Side.LEFT, on_left, on_right)
        return title if (self.only_source or winner(on_left, on_right)) is Side.LEFT else title.swapped

    def failed_attempt(self, side: Side, target: Copy, position_ms: int) -> Attempt | None:
        """Return the record of an earlier failure of the same write or clear; None where there was none."""
        attempt = self.ledger.attempts.get(item_key(side, target.item.item_id))
        # Within 10 s it is the same write. A viewer who went on from 50 to 55 min makes a new one, tried at once.
        same = attempt and abs(attempt.position_ms - position_ms) < NOISE_MS
        return attempt if same else None

    def is_not_kept(self, side: Side, moving: Copy, target: Copy) -> bool:
        """Tell whether a write of one copy's position was stored and gone so often that the next try is not due yet."""
        stored = self.ledger.stored.get(item_key(side, target.item.item_id))
        if stored is None or self.now >= stored.retry_at or not stored.is_of(moving.position_ms, moving.edit):
            return False
        # Moved on the target since: where the source decides (mirror), the write is another one.
        return target.edit is None or target.edit.latest <= stored.at

    @property
    def only_source(self) -> Side | None:
        """The source of a one-way pair; None in a two-way pair."""
        return {Direction.TO_PEER: Side.LEFT, Direction.FROM_PEER: Side.RIGHT}.get(self.rules.direction)


@dataclass(frozen=True, slots=True)
class Title:
    """One title with its copies on both sides; `source` is the side whose position would travel."""

    key: str
    source: Side
    from_copies: tuple[Copy, ...]
    to_copies: tuple[Copy, ...]

    @property
    def source_copy(self) -> Copy:
        """The copy whose position would travel: the newest one of the source."""
        return newest_copy(self.from_copies)

    @property
    def target_copy(self) -> Copy:
        """The copy that would be written to."""
        return write_target(self.source_copy, self.to_copies)

    @property
    def in_sync(self) -> bool:
        """Whether both sides are within 10 s of each other, or no copy of the target is left to clear."""
        source, target = self.source_copy, newest_copy(self.to_copies)
        if source.position_ms:
            return target.position_ms > 0 and abs(source.position_ms - target.position_ms) < NOISE_MS
        return not any(copy.position_ms for copy in self.to_copies)

    @property
    def swapped(self) -> Title:
        """The same title with source and target exchanged."""
        return Title(self.key, self.source.other, self.to_copies, self.from_copies)

    def unread(self) -> Decision | None:
        """Return the decision where a copy could not be read, or was not asked for; None: all copies were read."""
        unread = why_unread((*self.from_copies, *self.to_copies))
        if unread is None:
            return None
        # The side whose row cannot be read is the one to be shown, whichever would be the source.
        is_shown = unread == why_unread(self.from_copies)
        decision = (self if is_shown else self.swapped).decided(*unread)
        return replace(decision, from_position_ms=decision.from_position_ms or None)

    def failed(self, attempt: Attempt) -> Decision:
        """Return the decision about a write or clear that failed and is not tried again yet."""
        # The server says that it has no such item: nothing waits for it.
        return self.decided(Action.UNRESOLVED if attempt.reason is Reason.GONE else Action.WAIT, attempt.reason)

    def decided(self, action: Action, reason: Reason, carried: Carried | None = None) -> Decision:
        """Return a decision about this title.

        `carried` has to be given with a write or a clear.
        """
        source, target = self.source_copy, newest_copy(self.to_copies)
        # One copy takes a position. A source at 0 is a removal, which goes to every copy in progress.
        target_ids: tuple[str, ...] = (self.target_copy.item.item_id,)
        if not source.position_ms:
            target_ids = tuple(copy.item.item_id for copy in self.to_copies if copy.position_ms)
        return Decision(
            self.key,
            (source if source.item.title else target).item,
            action,
            reason,
            self.source,
            source.item.item_id,
            target_ids,
            source.position_ms,
            target.shown,
            source.edit,
            target.edit,
            carried,
        )

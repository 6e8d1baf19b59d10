"""What a plan is made from: both accounts' items with their last edits, the rules, and what is remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..identity import Match
from ..journal.edit import NOISE_MS, Edit
from ..ledger import Attempt, Ledger, item_key
from ..model import Action, Activity, Direction, Item, PairRules, Reason, ServerTraits, Side
from .decision import Carried, Decision


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of one account as a plan sees it.

    `edit` None: nobody is known to have touched it. `undone_at`: somebody put back this position then. `fresh`: it was
    read in this round, not only remembered. `readable` False: the server has it, but its row could not be understood.
    """

    item: Item
    position_ms: int
    edit: Edit | None
    watched: bool = False
    activity: Activity | None = None
    undone_at: int | None = None
    fresh: bool = True
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Shelf:
    """One account's items: everything in progress, and what is known at 0 of titles in progress on the other side.

    `since` is when the account's history began, `library_revision` changes when its library is known to have changed.
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
    """Return the copy that speaks for a title: the one edited last, and of equals the one further in."""
    return max(copies, key=lambda copy: (copy.edit.latest if copy.edit else -1, copy.position_ms, copy.item.item_id))


def write_target(copies: Sequence[Copy]) -> Copy:
    """Return the copy to write to: the one in progress, else the first in stable order."""
    in_progress = [copy for copy in copies if copy.position_ms]
    return newest_copy(in_progress) if in_progress else min(copies, key=lambda copy: copy.item.item_id)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that decisions about single titles depend on."""

    left: Shelf
    right: Shelf
    rules: PairRules
    ledger: Ledger
    now: int

    def shelf(self, side: Side) -> Shelf:
        """Return one side's items."""
        return self.left if side is Side.LEFT else self.right

    def copies(self, found: Match, side: Side) -> tuple[Copy, ...]:
        """Return the copies of a title on one side."""
        item_ids = found.left if side is Side.LEFT else found.right
        shelf = self.shelf(side)
        return tuple(shelf.copies[item_id] for item_id in item_ids)

    def failed_attempt(self, title: Title) -> Attempt | None:
        """Return what came of the same write or clear the last time, where it did not work."""
        key = item_key(title.source.other, title.target_copy.item.item_id)
        attempt = self.ledger.attempts.get(key)
        same = attempt and abs(attempt.position_ms - title.source_copy.position_ms) < NOISE_MS
        return attempt if same else None

    @property
    def only_source(self) -> Side | None:
        """The one side that decides in a one-way pair."""
        return {Direction.TO_PEER: Side.LEFT, Direction.FROM_PEER: Side.RIGHT}.get(self.rules.direction)


@dataclass(frozen=True, slots=True)
class Title:
    """One title with its copies on both sides, and who would change whom."""

    key: str
    source: Side
    from_copies: tuple[Copy, ...]
    to_copies: tuple[Copy, ...]

    @property
    def source_copy(self) -> Copy:
        """The copy whose position travels."""
        return newest_copy(self.from_copies)

    @property
    def target_copy(self) -> Copy:
        """The copy that would take the position."""
        return write_target(self.to_copies)

    @property
    def swapped(self) -> Title:
        """The same title seen from the side that would be changed."""
        return Title(self.key, self.source.other, self.to_copies, self.from_copies)

    def decided(self, action: Action, reason: Reason, carried: Carried | None = None) -> Decision:
        """Return the decision about this title."""
        source, target = self.source_copy, newest_copy(self.to_copies)
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
            target.position_ms,
            source.edit,
            target.edit,
            carried,
        )

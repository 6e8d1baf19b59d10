"""A title as a decision sees it: its copies on both sides, the rules, and what is remembered."""

from dataclasses import dataclass

from ..identity import Match
from ..journal.edit import NOISE_MS
from ..ledger import Attempt, Ledger, item_key
from ..model import Action, Direction, PairRules, Reason, Side
from .decision import Carried, Decision
from .scene import Copy, Shelf, speaker, write_target


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
        return speaker(self.from_copies)

    @property
    def target_copy(self) -> Copy:
        """The copy that would take the position."""
        return write_target(self.to_copies)

    @property
    def turned(self) -> Title:
        """The same title seen from the side that would be changed."""
        return Title(self.key, self.source.other, self.to_copies, self.from_copies)

    def decided(self, action: Action, reason: Reason, carried: Carried | None = None) -> Decision:
        """Return the decision about this title."""
        source, target = self.source_copy, speaker(self.to_copies)
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

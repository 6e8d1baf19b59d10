"""What a run does with each title, and what came of it."""

from collections import Counter
from dataclasses import dataclass

from ..journal.edit import Edit
from ..model import Action, Item, Reason, Side


@dataclass(frozen=True, slots=True)
class Carried:
    """The edit that a write gives the target, and the date to store with it; None leaves the target's date.

    `reordered`: the edits of both sides had no order, so the source is given this edit too. `undone_at`: this puts back
    an earlier position, which stays until a viewer moves the title after that time.
    """

    edit: Edit
    sent_at: int | None = None
    reordered: bool = False
    undone_at: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with one title, and why.

    `item` is the copy to show to people. Positions are those that source and target hold when the decision is made;
    None where that side has no such title. `edit` and `target_edit` are the last human edits on both; `carried` is what
    a write or clear takes over.
    """

    key: str
    item: Item
    action: Action
    reason: Reason
    source: Side
    source_item_id: str
    target_item_ids: tuple[str, ...] = ()
    from_position_ms: int | None = None
    to_position_ms: int | None = None
    edit: Edit | None = None
    target_edit: Edit | None = None
    carried: Carried | None = None

    @property
    def target(self) -> Side:
        """The side that would change."""
        return self.source.other


class AccountError(Exception):
    """A media server's error, with the account that it belongs to; the server's error is its cause."""

    def __init__(self, account_id: str, cause: Exception) -> None:
        """Keep whose error it is."""
        super().__init__(str(cause))
        self.account_id = account_id
        self.__cause__ = cause


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run: every decision, and what has to happen next.

    `applied`: decisions to write or clear were carried out and read back. `held` counts titles that wait for approval;
    `confirm_at` is when waiting removals may be confirmed; `changed` tells whether there is new state to save.
    `failures` are errors of a server that came up while it was being written to.
    """

    decisions: tuple[Decision, ...]
    started_at: int
    finished_at: int
    applied: bool
    confirm_at: int | None = None
    changed: bool = False
    failures: tuple[AccountError, ...] = ()

    @property
    def updated(self) -> int:
        """How many titles got a new position, or would."""
        return self._count(Action.WRITE)

    @property
    def cleared(self) -> int:
        """How many titles were cleared, or would be."""
        return self._count(Action.CLEAR)

    @property
    def waiting(self) -> int:
        """How many titles wait for something."""
        return self._count(Action.WAIT)

    @property
    def unresolved(self) -> int:
        """How many titles have no item on the other side."""
        return self._count(Action.UNRESOLVED)

    @property
    def pending(self) -> int:
        """How many titles are still to be written or cleared."""
        return self.waiting + (0 if self.applied else self.updated + self.cleared)

    @property
    def held(self) -> int:
        """How many titles wait for somebody's approval."""
        return sum(decision.reason is Reason.HELD_FOR_APPROVAL for decision in self.decisions)

    @property
    def held_removals(self) -> int:
        """How many of them would be cleared."""
        return sum(
            decision.reason is Reason.HELD_FOR_APPROVAL and not decision.from_position_ms for decision in self.decisions
        )

    @property
    def skipped(self) -> dict[Reason, int]:
        """How many titles were left alone, by reason."""
        return dict(Counter(decision.reason for decision in self.decisions if decision.action is Action.NONE))

    def _count(self, action: Action) -> int:
        """Count the decisions with an action."""
        return sum(decision.action is action for decision in self.decisions)

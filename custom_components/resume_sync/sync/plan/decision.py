"""The decision about one title, and the report of a run: all its decisions."""

from collections import Counter
from dataclasses import dataclass

from ..journal.edit import Edit
from ..journal.trail import Began, Lost
from ..model import Action, Item, Reason, Side


@dataclass(frozen=True, slots=True)
class Carried:
    """The human edit that the target takes over with a write or a clear.

    `sent_at` is the date to store with the position, in epoch milliseconds; None leaves the target's own date.
    `reordered`: the edits of the two sides had no order, so the source takes over this edit too.
    `undone_at`: the write is an undo of that time; its position stays until a viewer moves the title later than that.
    `given_back`: the edit is the target's own; its lost position is written to it once more.
    `began` is how the play began that left the position.
    `hides`: what would be cleared is taken off "Continue watching" instead, and keeps its position (Plex).
    """

    edit: Edit
    sent_at: int | None = None
    reordered: bool = False
    undone_at: int | None = None
    given_back: bool = False
    hides: bool = False
    began: Began | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The action for one title, and its reason.

    `item` is the copy to show to people. The positions, in milliseconds, are the one that would travel and the one that
    the target shows when the decision is made; None where that side does not have the title. `target_item_ids` are the
    copies to write to or to clear. `edit` and `target_edit` are the last human edits on source and target; `carried`
    goes with a write or clear. `lost`: the decision is about the target's own position, which its server no longer
    shows.
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
    lost: Lost | None = None

    @property
    def target(self) -> Side:
        """The side that a write or clear would change."""
        return self.source.other

    @property
    def may_change(self) -> bool:
        """Whether the target may change by this decision, now or after waiting, so that a closer look is worth it."""
        # Not where it waits for a person who moves the title or answers a question.
        for_a_person = self.reason in (Reason.NOT_KEPT, Reason.STARTED_BEHIND) or self.lost is Lost.HELD
        return self.action in (Action.WRITE, Action.CLEAR, Action.WAIT) and not for_a_person

    @property
    def is_held_change(self) -> bool:
        """Whether a brake of the pair holds this change until somebody approves it."""
        # Many positions of an account that became 0 at once are held as well, but that is no change by the pair.
        return self.reason is Reason.HELD_FOR_APPROVAL and self.lost is None


class AccountError(Exception):
    """A request of one account failed; `__cause__` is the `MediaServerError`."""

    def __init__(self, account_id: str, cause: Exception) -> None:
        """Take over the message of the server's error."""
        super().__init__(str(cause))
        self.account_id = account_id
        self.__cause__ = cause


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run: every decision, and when to run again.

    All times are epoch milliseconds. `applied`: the writes and clears among the decisions were carried out and read
    back. `confirm_at` is when a later run may confirm the waiting removals; None: no removal waits for confirmation
    alone. `changed`: there is new state to save. `failures` are errors of servers that went away while written to.
    `disturbed` are the keys of titles of which a write took more than the position. `run_id` is what the lines of the
    run in the histories bear; None: it was to write nothing.
    """

    decisions: tuple[Decision, ...]
    started_at: int
    finished_at: int
    applied: bool
    confirm_at: int | None = None
    changed: bool = False
    failures: tuple[AccountError, ...] = ()
    disturbed: frozenset[str] = frozenset()
    run_id: str | None = None

    @property
    def updated(self) -> int:
        """How many titles are written: a new position on the target."""
        return self._count(Action.WRITE)

    @property
    def cleared(self) -> int:
        """How many titles are cleared on the target."""
        return self._count(Action.CLEAR)

    @property
    def waiting(self) -> int:
        """How many titles wait: for a viewer, a confirming run, a retry or an approval."""
        return self._count(Action.WAIT)

    @property
    def unresolved(self) -> int:
        """How many titles have no known counterpart on the other side."""
        return self._count(Action.UNRESOLVED)

    @property
    def pending(self) -> int:
        """How many titles still have to change: the waiting ones and, after a mere plan, all writes and clears."""
        # Given back at 20:00, and at 0 again at 20:10 with nobody playing: listed, but nothing comes of waiting.
        not_kept = sum(decision.reason is Reason.NOT_KEPT for decision in self.decisions)
        return self.waiting - not_kept + (0 if self.applied else self.updated + self.cleared)

    @property
    def held(self) -> int:
        """How many titles wait for an approval of changes by this pair."""
        return sum(decision.is_held_change for decision in self.decisions)

    @property
    def held_removals(self) -> int:
        """How many removals wait for approval."""
        return sum(decision.is_held_change and not decision.from_position_ms for decision in self.decisions)

    @property
    def skipped(self) -> dict[Reason, int]:
        """How many titles are left alone, by reason."""
        return dict(Counter(decision.reason for decision in self.decisions if decision.action is Action.NONE))

    def _count(self, action: Action) -> int:
        """Return how many decisions have this action."""
        return sum(decision.action is action for decision in self.decisions)

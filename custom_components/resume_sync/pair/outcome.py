"""What came of one run of a pair, for those who want to be told of each run."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import RunFailed
from ..sync.model import Action, Reason, Side
from ..sync.plan.decision import Decision, Report
from .run import RunRequest

INCOMPLETE = frozenset({Reason.WRITE_FAILED, Reason.NOT_VERIFIED})
"""What a run should have written, and did not get there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """One run that was not a preview: its report, or the failure that kept it from making one.

    `names` are the accounts'. `before` is the report of the run before, None for the first one since the set-up.
    `synced_at` is when the pair was last synced before this run, in milliseconds since the epoch, None if never.
    `errors` tell what went wrong, also where the run went on.
    """

    request: RunRequest
    names: Mapping[Side, str]
    started_at: int
    finished_at: int
    report: Report | None = None
    failure: RunFailed | None = None
    before: Report | None = None
    synced_at: int | None = None
    errors: tuple[str, ...] = ()

    @property
    def incomplete(self) -> frozenset[str]:
        """The titles that should have been written, by key."""
        decisions = self.report.decisions if self.report else ()
        return frozenset(decision.key for decision in decisions if decision.reason in INCOMPLETE)

    def changed(self) -> list[Decision]:
        """Return the titles that were written or cleared on a server."""
        if self.report is None or not self.report.applied:
            return []
        return [decision for decision in self.report.decisions if decision.action in (Action.WRITE, Action.CLEAR)]

    def disturbed(self) -> list[Decision]:
        """Return the titles of which a write took more than the position."""
        report = self.report
        return [] if report is None else [one for one in report.decisions if one.key in report.disturbed]

    def news(self) -> list[Decision]:
        """Return the titles that are unresolved or started behind now, and were not in the run before."""
        if self.report is None or self.before is None:
            return []
        known = set(map(_subject, filter(_is_told_once, self.before.decisions)))
        return [one for one in self.report.decisions if _is_told_once(one) and _subject(one) not in known]

    def is_conflict(self, decision: Decision) -> bool:
        """Tell whether both sides of a title had been moved since the pair was last synced."""
        since = self.synced_at or 0
        edits = (decision.edit, decision.target_edit)
        return all(edit is not None and edit.latest > since for edit in edits)


def _is_told_once(decision: Decision) -> bool:
    """Tell whether a decision that changes nothing is news the first time it is made: people may want to act."""
    return decision.action is Action.UNRESOLVED or decision.reason is Reason.STARTED_BEHIND


def _subject(decision: Decision) -> tuple[Side, str, Action]:
    """Return which item a decision is about, and what is done with it."""
    return decision.source, decision.source_item_id, decision.action

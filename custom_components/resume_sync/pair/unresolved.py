"""The titles of a pair that have no counterpart, and since when."""

from dataclasses import dataclass
from datetime import timedelta

from ..sync.ledger import Ledger, item_key
from ..sync.model import Action, Reason
from ..sync.plan.decision import Decision, Report

LONG = timedelta(days=7)
_LONG_MS: int = LONG // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class UnresolvedTitle:
    """A title of the last run without a counterpart; `since` in milliseconds since the epoch."""

    decision: Decision
    since: int

    @property
    def key(self) -> str:
        """Names the item that is in progress, among those of both accounts."""
        return item_key(self.decision.source, self.decision.source_item_id)


def unresolved_titles(report: Report, ledger: Ledger) -> list[UnresolvedTitle]:
    """Return what a run left unresolved, without what somebody has mapped or ignored since then."""
    titles = []
    for decision in report.decisions:
        since = ledger.unresolved_since.get(item_key(decision.source, decision.source_item_id))
        if decision.action is Action.UNRESOLVED and since is not None:
            titles.append(UnresolvedTitle(decision, since))
    return titles


def long_unresolved(report: Report, ledger: Ledger, now: int) -> list[UnresolvedTitle]:
    """Return the titles that somebody is asked about: without a counterpart for a week or more, the longest first."""
    # What cannot be read has its counterpart: there is nothing to choose.
    asked = (title for title in unresolved_titles(report, ledger) if title.decision.reason is not Reason.UNREADABLE)
    return sorted((title for title in asked if now - title.since >= _LONG_MS), key=lambda title: title.since)

"""The titles of a pair that have no counterpart, and since when."""

from dataclasses import dataclass, replace
from datetime import timedelta

from ..sync.ledger import Ledger, item_key
from ..sync.model import Action, Reason
from ..sync.plan.decision import Decision, Report

LONG = timedelta(days=7)
_LONG_MS: int = LONG // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class UnresolvedTitle:
    """A title of the last run without a counterpart; `since` in milliseconds since the epoch.

    `alike` are the item ids of further episodes that are the same question.
    """

    decision: Decision
    since: int
    alike: tuple[str, ...] = ()

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
    """Return what people are asked about: titles unresolved for a week, the longest first; an ambiguous show is one."""
    # What cannot be read has its counterpart: there is nothing to choose.
    asked = (title for title in unresolved_titles(report, ledger) if title.decision.reason is not Reason.UNREADABLE)
    titles = [title for title in asked if now - title.since >= _LONG_MS]
    # A show whose episodes are counted in other orders on the two servers is one question, not one for each episode.
    cases: dict[tuple[str, ...], list[UnresolvedTitle]] = {}
    for title in sorted(titles, key=lambda title: title.since):
        cases.setdefault(_case(title.decision), []).append(title)
    return [
        replace(first, alike=tuple(title.decision.source_item_id for title in others))
        for first, *others in cases.values()
    ]


def _case(decision: Decision) -> tuple[str, ...]:
    """Return what a title shares with those that are the same question: its show, if it is an ambiguous episode."""
    show = decision.item.show_title
    if decision.reason is Reason.AMBIGUOUS and show is not None:
        return decision.source, show
    return decision.source, "", decision.source_item_id

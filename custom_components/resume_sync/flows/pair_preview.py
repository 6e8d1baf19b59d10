"""What a preview says in the form that ends the set-up of a pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..labels import Markdown, OutsideText, Shown, full_title, joined, markdown, playing_time
from ..sync.model import Action, Side
from ..sync.plan.decision import Decision, Report

MOST_EXAMPLES: Final = 3
NOT_KNOWN: Final = markdown(t"?")
_NUMBERS: Final = ("to_left", "to_right", "cleared", "waiting", "left_alone", "unresolved")
_COLUMNS: Final = ("to_right", "to_left", "cleared", "waiting", "unresolved")


@dataclass(frozen=True, slots=True)
class PairPreview:
    """What the first sync of a pair would do; no report: nobody can tell, because of the problem."""

    title: str
    left: str
    right: str
    report: Report | None
    problem: str = ""

    @property
    def writes(self) -> list[Decision]:
        """The positions that would be written."""
        if self.report is None:
            return []
        return [decision for decision in self.report.decisions if decision.action is Action.WRITE]

    def examples(self, most: int) -> list[Markdown]:
        """Return some of the positions that would be written, as text in Markdown."""
        names = {Side.LEFT: self.left, Side.RIGHT: self.right}
        return [_example(decision, names) for decision in self.writes[:most]]


def shown_preview(preview: PairPreview) -> dict[str, Shown]:
    """Return the numbers and the examples of a preview for a text."""
    report = preview.report
    if report is None:
        return {**dict.fromkeys(_NUMBERS, NOT_KNOWN), "examples": joined("", ())}
    to_left = sum(decision.target is Side.LEFT for decision in preview.writes)
    return {
        "to_left": to_left,
        "to_right": len(preview.writes) - to_left,
        "cleared": report.cleared,
        "waiting": report.waiting,
        "left_alone": sum(report.skipped.values()),
        "unresolved": report.unresolved,
        "examples": joined("\n", preview.examples(MOST_EXAMPLES)),
    }


def shown_previews(previews: Sequence[PairPreview]) -> dict[str, Shown]:
    """Return the rows of a table and the examples of several previews for a text."""
    examples = [example for preview in previews for example in preview.examples(1)]
    return {
        "rows": joined("\n", (_row(preview) for preview in previews)),
        "examples": joined("\n", examples[:MOST_EXAMPLES]),
    }


def _row(preview: PairPreview) -> Markdown:
    """Return the row of a pair in a table: its name, then its numbers."""
    shown = shown_preview(preview)
    cells = joined(" | ", (markdown(t"{shown[number]}") for number in _COLUMNS))
    return markdown(t"| {OutsideText(preview.title)} | {cells} |")


def _example(decision: Decision, names: dict[Side, str]) -> Markdown:
    """Return one position that would be written: which title, from where to where, at what time."""
    title, target = full_title(decision.item), names[decision.target or Side.RIGHT]
    after = playing_time(decision.from_position_ms or 0)
    if not (before := decision.to_position_ms):
        return markdown(t"- **{title}**: {after} ({target})")
    return markdown(t"- **{title}**: {playing_time(before)} → {after} ({target})")

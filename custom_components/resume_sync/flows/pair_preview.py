"""What a preview says in the form that ends the set-up of a pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..labels import full_title, plain, playing_time
from ..sync.model import Action, Side
from ..sync.plan.decision import Decision, Report

MOST_EXAMPLES: Final = 3
NOT_KNOWN: Final = "?"
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

    def examples(self, most: int) -> list[str]:
        """Return some of the positions that would be written, as text in Markdown."""
        names = {Side.LEFT: self.left, Side.RIGHT: self.right}
        return [f"- {_example(decision, names)}" for decision in self.writes[:most]]


def preview_placeholders(preview: PairPreview) -> dict[str, str]:
    """Return the numbers and the examples of a preview for texts in Markdown."""
    report = preview.report
    if report is None:
        return {**dict.fromkeys(_NUMBERS, NOT_KNOWN), "examples": "", "problem": preview.problem}
    to_left = sum(decision.target is Side.LEFT for decision in preview.writes)
    return {
        "to_left": str(to_left),
        "to_right": str(len(preview.writes) - to_left),
        "cleared": str(report.cleared),
        "waiting": str(report.waiting),
        "left_alone": str(sum(report.skipped.values())),
        "unresolved": str(report.unresolved),
        "examples": "\n".join(preview.examples(MOST_EXAMPLES)),
        "problem": "",
    }


def household_placeholders(previews: Sequence[PairPreview]) -> dict[str, str]:
    """Return the rows of a table and the examples of several previews for texts in Markdown."""
    problems = dict.fromkeys(preview.problem for preview in previews if preview.problem)
    examples = [example for preview in previews for example in preview.examples(1)]
    return {
        "rows": "\n".join(_row(preview) for preview in previews),
        "examples": "\n".join(examples[:MOST_EXAMPLES]),
        "problem": " ".join(problems),
    }


def _row(preview: PairPreview) -> str:
    """Return the row of a pair: its name, then its numbers."""
    shown = preview_placeholders(preview)
    return _table_row([plain(preview.title), *(shown[number] for number in _COLUMNS)])


def _table_row(cells: Iterable[str]) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def _example(decision: Decision, names: dict[Side, str]) -> str:
    """Return one position that would be written: which title, from where to where, at what time."""
    target = names[decision.target or Side.RIGHT]
    before = f"{playing_time(decision.to_position_ms)} → " if decision.to_position_ms else ""
    after = playing_time(decision.from_position_ms or 0)
    return f"**{plain(full_title(decision.item))}**: {before}{after} ({plain(target)})"

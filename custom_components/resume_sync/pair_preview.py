"""What a preview says in the form that ends the set-up of a pair."""

import re
from typing import Final

from .sync.decision import Decision, Report
from .sync.model import Action, Item, Side

MOST_EXAMPLES: Final = 3
NOT_KNOWN: Final = "?"
_NUMBERS: Final = ("to_left", "to_right", "cleared", "waiting", "left_alone", "unresolved")
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")


def preview_placeholders(report: Report | None, left: str, right: str) -> dict[str, str]:
    """Return the numbers and the examples of a preview for texts in Markdown; None: the preview failed."""
    if report is None:
        return {**dict.fromkeys(_NUMBERS, NOT_KNOWN), "examples": ""}
    writes = [decision for decision in report.decisions if decision.action is Action.WRITE]
    to_left = sum(decision.target is Side.LEFT for decision in writes)
    names = {Side.LEFT: left, Side.RIGHT: right}
    return {
        "to_left": str(to_left),
        "to_right": str(len(writes) - to_left),
        "cleared": str(report.cleared),
        "waiting": str(report.waiting),
        "left_alone": str(sum(report.skipped.values())),
        "unresolved": str(report.unresolved),
        "examples": "\n".join(f"- {_example(decision, names)}" for decision in writes[:MOST_EXAMPLES]),
    }


def _example(decision: Decision, names: dict[Side, str]) -> str:
    """Return one position that would be written: which title, from where to where, at what time."""
    target = names[decision.target or Side.RIGHT]
    before = f"{playing_time(decision.to_position_ms)} → " if decision.to_position_ms else ""
    after = playing_time(decision.from_position_ms or 0)
    return f"**{plain(item_name(decision.item))}**: {before}{after} ({plain(target)})"


def item_name(item: Item) -> str:
    """Return how people call a film or an episode: `Heat (1995)`, `The Wire S1E2 The Detail`."""
    if item.show_title is None:
        return f"{item.title} ({item.year})" if item.year else item.title
    number = "" if item.season is None or item.episode is None else f" S{item.season}E{item.episode}"
    return f"{item.show_title}{number} {item.title}".strip()


def playing_time(position_ms: int) -> str:
    """Return a position as players show it: `1:02:03`."""
    minutes, seconds = divmod(position_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: titles come from anywhere."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))

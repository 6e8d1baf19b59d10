"""The titles that a pair has changed last, for people to look back on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..sync.plan.decision import Decision
from ..sync.serialization import from_json, to_json

MOST_TITLES = 25
"""How many titles are kept."""


@dataclass(frozen=True, slots=True)
class RecentTitle:
    """What was decided about a title; `at` is when that run ended, in milliseconds since the epoch."""

    at: int
    decision: Decision


@dataclass(slots=True)
class RecentTitles:
    """The titles of the last runs, latest first, each once."""

    titles: tuple[RecentTitle, ...] = ()

    @classmethod
    def from_dict(cls, data: object) -> RecentTitles:
        """Restore the titles; raises ValueError where the data is none."""
        return from_json(cls, data)

    def to_dict(self) -> dict[str, Any]:
        """Return the titles as JSON-able data."""
        data: dict[str, Any] = to_json(self)
        return data

    def remember(self, decisions: Iterable[Decision], at: int) -> None:
        """Put what a run did before everything older."""
        told = [RecentTitle(at, _shown(decision)) for decision in decisions][:MOST_TITLES]
        keys = {title.decision.key for title in told}
        older = (title for title in self.titles if title.decision.key not in keys)
        self.titles = (*told, *older)[:MOST_TITLES]


def _shown(decision: Decision) -> Decision:
    """Return a decision without what only its run needed."""
    return replace(decision, target_item_ids=(), edit=None, target_edit=None, carried=None)

"""How actions and attributes show titles: plain data with account names, and seconds for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..labels import shown_time, shown_title
from ..pair.status import PairData
from ..pair.unresolved import UnresolvedTitle
from ..sync.ledger import Tombstone
from ..sync.model import Action, Item, ItemState, Side
from ..sync.plan.decision import Decision
from ..sync.run.history import Line

type Row = dict[str, Any]


def _seconds(milliseconds: int | None) -> int | None:
    """Return whole seconds."""
    return None if milliseconds is None else milliseconds // 1000


def item_row(item: Item) -> Row:
    """Return what identifies an item."""
    return {
        "title": shown_title(item).plain,
        "kind": item.kind.value,
        "season": item.season,
        "episode": item.episode,
        "year": item.year,
        "ids": sorted(item.ids | item.show_ids),
    }


def decision_row(decision: Decision, data: PairData) -> Row:
    """Return one title of a run with what is done about it, and why."""
    return named_decision_row(decision, {Side.LEFT: data.left, Side.RIGHT: data.right})


def named_decision_row(decision: Decision, names: Mapping[Side, str]) -> Row:
    """Return one title with what was decided about it between two accounts, given by name."""
    return item_row(decision.item) | {
        "from": names[decision.source],
        "to": names[decision.target],
        "from_position": _seconds(decision.from_position_ms),
        "to_position": _seconds(decision.to_position_ms),
        "action": decision.action.value,
        "reason": decision.reason.value,
    }


def decision_rows(data: PairData, *, every: bool = False) -> list[Row]:
    """Return the titles of a run, those that nothing is done about only when `every` one is wanted."""
    return [
        decision_row(decision, data)
        for decision in data.report.decisions
        if every or decision.action is not Action.NONE
    ]


def unresolved_row(title: UnresolvedTitle, data: PairData, candidates: Iterable[Item]) -> Row:
    """Return a title without a counterpart, since when it is that, and the other account's items that it might be."""
    return decision_row(title.decision, data) | {
        "item_id": title.decision.source_item_id,
        "since": shown_time(title.since),
        "candidates": [_candidate_row(item) for item in candidates],
    }


def _candidate_row(item: Item) -> Row:
    """Return an item that somebody may choose as a counterpart."""
    return {
        "item_id": item.item_id,
        "title": shown_title(item).plain,
        "kind": item.kind.value,
        "season": item.season,
        "episode": item.episode,
        "year": item.year,
        "duration": _seconds(item.duration_ms),
    }


def tombstone_rows(tombstones: Iterable[Tombstone], names: Mapping[Side, str]) -> list[Row]:
    """Return the removals that wait, with when they were recorded and what happened on the source."""
    return [
        item_row(tombstone.item)
        | {
            "from": names[tombstone.side.other],
            "to": names[tombstone.side],
            "from_position": 0,
            "to_position": _seconds(tombstone.target_position_ms),
            "action": Action.WAIT.value,
            "reason": tombstone.reason.value,
            "recorded_at": shown_time(tombstone.recorded_at),
        }
        for tombstone in tombstones
    ]


def history_row(line: Line, to: str, source: str | None) -> Row:
    """Return what was written to an account, and over what; `source` is the account that it came from."""
    is_clear = line.hidden or not line.after_ms
    return item_row(line.item) | {
        "line_id": line.line_id,
        "run_id": line.run_id,
        "at": shown_time(line.at),
        "item_id": line.item_id,
        "from": source,
        "to": to,
        "from_position": 0 if is_clear else _seconds(line.after_ms),
        "to_position": _seconds(line.before_ms),
        "action": (Action.CLEAR if is_clear else Action.WRITE).value,
        "reason": None if line.reason is None else line.reason.value,
        "by": line.origin.author.value,
        "undone_at": None if line.undone_at is None else shown_time(line.undone_at),
    }


def progress_row(state: ItemState) -> Row:
    """Return a title in progress as an attribute shows it."""
    duration = state.item.duration_ms
    return {
        "title": shown_title(state.item).plain,
        "season": state.item.season,
        "episode": state.item.episode,
        "position": _seconds(state.position_ms),
        "percent": round(100 * state.position_ms / duration) if duration else None,
    }

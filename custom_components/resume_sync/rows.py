"""How actions and attributes show titles: plain data with account names, and seconds for people."""

from collections.abc import Iterable
from typing import Any

from homeassistant.util import dt as dt_util

from .pair_coordinator import PairData
from .sync.decision import Decision
from .sync.ledger import Tombstone
from .sync.model import Action, Item, ItemState, Side

type Row = dict[str, Any]


def _seconds(milliseconds: int | None) -> int | None:
    """Return whole seconds."""
    return None if milliseconds is None else milliseconds // 1000


def shown_title(item: Item) -> str:
    """Return what people call an item: for an episode its show comes first."""
    if item.show_title is None:
        return item.title
    return f"{item.show_title}: {item.title}" if item.title else item.show_title


def item_row(item: Item) -> Row:
    """Return what identifies an item."""
    return {
        "title": shown_title(item),
        "kind": item.kind.value,
        "season": item.season,
        "episode": item.episode,
        "year": item.year,
        "ids": sorted(item.ids | item.show_ids),
    }


def decision_row(decision: Decision, data: PairData) -> Row:
    """Return one title of a run with what is done about it, and why."""
    names = {Side.LEFT: data.left, Side.RIGHT: data.right}
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


def unresolved_rows(data: PairData) -> list[Row]:
    """Return the titles without a counterpart, with their item ids and the items that they might be."""
    return [
        decision_row(decision, data)
        | {
            "source_item": decision.source_item_id,
            "candidates": [{"item": item.item_id} | item_row(item) for item in decision.candidates],
        }
        for decision in data.report.decisions
        if decision.action is Action.UNRESOLVED
    ]


def tombstone_rows(tombstones: Iterable[Tombstone], names: dict[Side, str]) -> list[Row]:
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
            "recorded_at": dt_util.utc_from_timestamp(tombstone.recorded_at / 1000).isoformat(),
        }
        for tombstone in tombstones
    ]


def progress_row(state: ItemState) -> Row:
    """Return a title in progress as an attribute shows it."""
    duration = state.item.duration_ms
    return {
        "title": shown_title(state.item),
        "season": state.item.season,
        "episode": state.item.episode,
        "position": _seconds(state.position_ms),
        "percent": round(100 * state.position_ms / duration) if duration else None,
    }

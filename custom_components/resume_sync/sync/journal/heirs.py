"""Items that continue a known one under a new id: their file was replaced, or their library was added anew."""

from collections.abc import Collection, Iterable, Mapping

from ..identity import agreement, match_keys
from ..model import ItemState
from .edit import NOISE_MS
from .trail import Entry


def heirs(states: Iterable[ItemState], entries: Mapping[str, Entry], shown: Collection[str]) -> dict[str, Entry]:
    """Return by item id the entries that items never known continue; `shown` are all items that the same read shows."""
    new = [state for state in states if state.item_id not in entries]
    by_key: dict[str, list[Entry]] = {}
    for item_id, entry in entries.items() if new else ():
        if item_id not in shown:
            for key in entry.keys:
                by_key.setdefault(key, []).append(entry)
    found = {}
    for state in new:
        keys = match_keys(state.item)
        related = {id(entry): entry for key in keys for entry in by_key.get(key, ())}.values()
        continued = [entry for entry in related if agreement(keys, entry.keys) > 0 and _continues(state, entry)]
        if continued:
            found[state.item_id] = max(continued, key=lambda entry: entry.edit.latest)
    return found


def _continues(state: ItemState, entry: Entry) -> bool:
    """Tell whether an item of the same title goes on where an entry ends.

    A position tells that by itself; another one, or a 0, if the old item is gone. A 0 also goes on from a 0 with the
    same mark. What was at 0 has been played since, if there are dates to tell it from a copy that was away.
    """
    if not state.position_ms:
        return entry.gone or (not entry.position_ms and state.watched is entry.watched)
    if not entry.position_ms:
        return entry.date is not None and state.last_played_server_ms is not None
    return entry.gone or abs(entry.position_ms - state.position_ms) < NOISE_MS

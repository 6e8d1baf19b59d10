"""Whether two items of one account are the same title: a reused id, a new id, a linked copy that shows our write."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from ..identity import agreement, contradicts, match_keys
from ..model import DateMeaning, Item, ItemState
from .edit import NOISE_MS
from .trail import Entry, Write


def is_another_title(item: Item, entry: Entry) -> bool:
    """Tell whether an id that stood for an entry stands for another title now: another kind, or contradicting ids."""
    # 20:00 Plex knows film 1 as 101 · 21:00 it is restored and scans anew · 21:30 it knows film 2 as 101, at 0. Nobody
    # cleared film 1.
    return item.kind is not entry.kind or contradicts(item, entry.keys)


def former_id(item_id: str, keys: frozenset[str]) -> str:
    """Return the name under which a journal keeps an item whose id stands for another title than that of `keys` now."""
    # No server's ids have spaces in them.
    return f"{item_id} was {min(keys, default='another item')}"


def heirs(states: Iterable[ItemState], entries: Mapping[str, Entry], shown: Collection[str]) -> dict[str, Entry]:
    """Return the entries that new items continue, by the new item's id.

    `states` are the items of one read, `shown` the ids of all items that it shows.
    """
    new = [state for state in states if state.item_id not in entries]
    by_key: dict[str, list[Entry]] = {}
    # An item that is still there has not changed its id: the new one is another copy.
    for item_id, entry in entries.items() if new else ():
        if item_id not in shown:
            for key in entry.keys:
                by_key.setdefault(key, []).append(entry)
    found = {}
    for state in new:
        keys = match_keys(state.item)
        related = {id(entry): entry for key in keys for entry in by_key.get(key, ())}.values()
        continued = [entry for entry in related if agreement(keys, entry.keys) > 0 and _continues(state, entry)]
        # Several old items fit: the one that was moved last speaks for the title.
        if continued:
            found[state.item_id] = max(continued, key=lambda entry: entry.edit.latest)
    return found


def _continues(state: ItemState, entry: Entry) -> bool:
    """Tell whether a new item of the same title continues an entry, as after its file was replaced.

    The old item is not in the read that shows the new one.
    """
    # At 0: it continues an item that the server no longer has. 20:00 cleared · 21:00 the file is replaced · the title
    # stays cleared. An old item that may still be there must have stood at 0 too, with the same mark.
    if not state.position_ms:
        return entry.gone or (not entry.position_ms and state.watched is entry.watched)
    # In progress, after a 0: it was played under the new id. Without dates it could be a copy that was away meanwhile.
    if not entry.position_ms:
        return entry.date is not None and state.last_played_server_ms is not None
    # Both in progress: the same position proves it (the server took it along). Another one needs an old item that is
    # gone: 20:00 left at 20 min · 21:00 the file is replaced · 22:00 played on to 40 min under the new id.
    return entry.gone or abs(entry.position_ms - state.position_ms) < NOISE_MS


def writes_on_copies(
    states: Collection[ItemState], entries: Mapping[str, Entry], expected: Collection[str], meaning: DateMeaning
) -> Iterator[tuple[str, Write]]:
    """Yield, by item id, our writes to other copies of a title that these items may show.

    Some servers keep one position for all copies that share an external id: Jellyfin up to 10.10 stores user data by
    external id, not by item. `expected` are the ids of items that were written to themselves.
    """
    # Plex keeps a position for each item, and stamps its own date: nothing would prove that a position is ours.
    if meaning is DateMeaning.LAST_WRITE:
        return
    moved = [state for state in states if state.item_id not in expected and _has_moved(state, entries)]
    written: dict[str, list[Entry]] = {}
    for entry in entries.values() if moved else ():
        if entry.written_at is not None:
            for key in entry.keys:
                written.setdefault(key, []).append(entry)
    # From here on the candidates are few: items that moved and were not written to, beside copies that were.
    # 20:00 we write 60 min to the HD copy · 20:05 the list shows 60 min on the 4K copy too, with the date that we sent.
    for state in moved:
        keys = match_keys(state.item)
        known = entries.get(state.item_id)
        for entry in {id(entry): entry for key in keys for entry in written.get(key, ())}.values():
            if agreement(keys, entry.keys) > 0:
                yield state.item_id, entry.write_on_copy(known, watched=state.watched)


def _has_moved(state: ItemState, entries: Mapping[str, Entry]) -> bool:
    """Tell whether an item is new, or left its known place."""
    entry = entries.get(state.item_id)
    return entry is None or not entry.place.is_at(state.position_ms, NOISE_MS - 1)

"""Hidden by somebody: taken off "Continue watching" with the position kept. That is a wish, and counts as 0.

Emby tells in each row what is hidden. Plex tells it nowhere: there a title is found missing on the hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Hub, ItemState
from .edit import MOST_AT_ONCE, NOISE_MS, Cause, Edit, ServerDate


def is_newly_hidden(state: ItemState, *, was_hidden: bool) -> bool:
    """Tell whether a read shows for the first time that its item was hidden; `was_hidden`: the last read showed it."""
    # Hidden at 20:00, and no app shows it again by itself: the mark of 20:00 is no wish of 21:00.
    # At 0 there is nothing to hide: finished, or cleared.
    return state.hidden and not was_hidden and state.position_ms > 0


def hidden_within(date: ServerDate | None, within: Edit, shown_at: int | None = None) -> Edit:
    """Date the wish: after the last read or look that showed the title, and after the latest play began.

    `within` is the time that our own reads leave open, `shown_at` when a hub last showed the title.
    """
    # On the hub at 20:00, listed at 20:05 while the hub could not be read, and missing on it at 20:10: hidden after
    # 20:00, for no list tells.
    earliest = within.earliest if shown_at is None else min(within.earliest, shown_at)
    # Started again at 20:03: a play shows a title again, so it was hidden after that.
    if date is not None:
        earliest = max(earliest, min(date.local_ms, within.latest))
    return Edit(earliest, within.latest, Cause.HIDDEN)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a hub, with what the account had in progress at that time, by item id."""

    hub: Hub
    states: Mapping[str, ItemState]


def taken_off(before: Look, now: Look) -> frozenset[str]:
    """Return the items that were taken off the hub between two looks.

    Absence proves nothing where the hub held something back, where the title was left before the weeks that it looks
    back to, or where another episode of the show took its place.
    """
    if not (before.hub.whole and now.hub.whole):
        return frozenset()
    shows = frozenset(now.hub.shown.values())
    dates = [
        state.last_played_server_ms
        for item_id, state in now.states.items()
        if item_id in now.hub.shown and state.last_played_server_ms is not None
    ]
    oldest = min(dates, default=None)
    found = frozenset(
        item_id
        for item_id, title in before.hub.shown.items()
        if item_id not in now.hub.shown
        and title not in shows
        and _stands(before.states.get(item_id), now.states.get(item_id))
        and _is_later(now.states[item_id], oldest)
    )
    # People take off one title or a few. Six at once: the hub shows something else than before.
    return found if len(found) <= MOST_AT_ONCE else frozenset()


def _stands(before: ItemState | None, now: ItemState | None) -> bool:
    """Tell whether an item stands where it stood, with the same date: neither played nor marked."""
    if before is None or now is None:
        return False
    same_date = before.last_played_server_ms == now.last_played_server_ms
    return same_date and abs(before.position_ms - now.position_ms) < NOISE_MS


def _is_later(state: ItemState, oldest: int | None) -> bool:
    """Tell whether an item was left later than the oldest one that the hub shows."""
    date = state.last_played_server_ms
    return oldest is not None and date is not None and date > oldest

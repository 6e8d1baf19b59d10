"""Many positions that came to 0 in one read: a reset server, not a wish."""

from collections.abc import Collection

from .edit import MOST_AT_ONCE
from .sighting import Sighting


def zeroed_together(sightings: Collection[Sighting], in_progress: int) -> frozenset[str]:
    """Return the ids of the items that came to 0 together, more than people do between two reads; else none.

    `sightings` are those of one read of an account of which `in_progress` items were above 0 before it.
    """
    zeroed = [one for one in sightings if one.entry is not None and one.entry.in_progress and not one.state.position_ms]
    zeroed = [one for one in zeroed if not (one.is_early or one.playing or one.shown_write)]
    marked = [one for one in zeroed if one.is_newly_watched]
    counted = [one for one in zeroed if not one.is_newly_watched]
    # People end one title, or mark a few watched, one by one. Six at once, some with one and the same date, or some
    # with dates older than before, were marked by a machine.
    dates = [one.date.server_ms for one in marked if one.date is not None]
    one_date = len(dates) > 1 and len(set(dates)) == 1
    if len(marked) > MOST_AT_ONCE or one_date or any(one.is_older for one in marked):
        counted += marked
    # 03:05 two of two are at 0, or three of five: most of the shelf. Six of twenty: more than people do between reads.
    most = len(counted) > 1 and len(counted) * 2 > in_progress
    return frozenset(one.state.item_id for one in counted) if most or len(counted) > MOST_AT_ONCE else frozenset()

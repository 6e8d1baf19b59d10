"""Reads of film 1, beside what a journal may know of it."""

from dataclasses import replace
from typing import Any

from custom_components.resume_sync.sync.journal.edit import Edit, server_date
from custom_components.resume_sync.sync.journal.evidence import WHOSE, ZEROS, judge
from custom_components.resume_sync.sync.journal.plays import Play
from custom_components.resume_sync.sync.journal.sighting import Sighting
from custom_components.resume_sync.sync.journal.trail import Entry, Place
from custom_components.resume_sync.sync.model import ItemState, ServerTraits
from tests.sync.builders import JELLYFIN, at, minutes, point, state


def sighting(
    seen: ItemState,
    entry: Entry | None = None,
    *,
    traits: ServerTraits = JELLYFIN,
    last_seen: float = 500,
    now: float = 600,
    skew_ms: int = 0,
    **facts: Any,
) -> Sighting:
    """Return a read of film 1, times in minutes after noon."""
    return Sighting(
        seen, server_date(seen, skew_ms), traits, at(now), at(last_seen), at(now), **{"entry": entry, **facts}
    )


def known(seen: ItemState, entry: Entry, **facts: Any) -> Entry:
    """Return the entry after a read that tells something."""
    taken = judge(sighting(seen, entry, **facts))
    assert taken is not None
    return taken


def decided_by(seen: ItemState, entry: Entry | None, **facts: Any) -> str:
    """Return the name of the row that decides about a read, in the table of zeros where it is one."""
    one = sighting(seen, entry, **facts)
    row = next(row.name for row in WHOSE if row.fits(one))
    return row if row != "zero" else next(zero.name for zero in ZEROS if zero.fits(one))


def entry_of(seen: ItemState, edit: Edit) -> Entry:
    """Return an entry as an earlier read made it."""
    return sighting(seen).standing(edit)


def written_entry(
    position: float, edit: Edit, *, left: float | None = 50, at_minute: float = 500, date: float | None = 400
) -> Entry:
    """Return an entry that our write made, after a viewer had left the item elsewhere."""
    before = () if left is None else (Place(minutes(left), point(300)),)
    seen = sighting(state(position, date=date)).standing(edit)
    sent = None if date is None else at(date)
    return replace(seen, place=Place(minutes(position), edit, at(at_minute), sent), before=before)


def play(reported: float, position: float | None, *, ended: float | None = None, regular: bool = True) -> Play:
    """Return what a session told: its last report, and when it ended."""
    told = None if position is None else minutes(position)
    return Play("session", at(reported - 30), at(reported), told, regular, None if ended is None else at(ended))

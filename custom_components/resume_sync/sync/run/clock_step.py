"""Lowering stored times when this machine's clock was set back, so that later edits still count as later."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..journal.edit import Edit
from ..journal.journal import Journal
from ..journal.trail import Intent, Left, opened_at
from ..ledger import Ledger


def step_back(journals: Iterable[Journal], ledgers: Iterable[Ledger], now: int) -> bool:
    """Lower all stored times that are later than `now` to just before it, in unchanged order.

    Times are epoch milliseconds. Returns whether the clock was set back, that is, whether there were such times. Give
    all journals and ledgers of the household together.
    """
    # 21:00 paused on Plex · the clock goes back to 20:00 · 20:10 paused on Emby. The 21:00 becomes 19:59:59.999, and
    # the pause of 20:10 is later. A journal left out would keep its 21:00 and beat every edit for an hour.
    journals, ledgers = list(journals), list(ledgers)
    times = {time for journal in journals for time in _times(journal)}
    times |= {time for ledger in ledgers for time in _ledger_times(ledger)}
    if max(times, default=now) <= now:
        return False
    lowered: dict[int, int] = {}
    # From the latest time downwards, each one just before the one lowered last: different times stay different. Times
    # that are early enough already end the loop.
    limit = now
    for time in sorted(times, reverse=True):
        limit -= 1
        if time <= limit:
            break
        lowered[time] = limit
    for journal in journals:
        _lower(journal, lowered)
    for ledger in ledgers:
        _lower_ledger(ledger, lowered)
    return True


def _times(journal: Journal) -> Iterable[int]:
    """Yield every time on this machine's clock that a journal holds."""
    yield from (time for time in (journal.read_at, journal.started_at) if time is not None)
    for entry in journal.entries.values():
        yield from (entry.edit.earliest, entry.edit.latest)
        yield from (time for time in (entry.seen_at, entry.written_at, entry.undone_at) if time is not None)
        for left in opened_at(entry):
            yield from (left.edit.earliest, left.edit.latest)
    for intent in journal.unseen:
        yield from (intent.edit.earliest, intent.edit.latest, intent.made_at)
        for left in opened_at(intent):
            yield from (left.edit.earliest, left.edit.latest)


def _ledger_times(ledger: Ledger) -> Iterable[int]:
    """Yield every time of a ledger that is compared with edits or starts of journals."""
    yield from (time for time in (ledger.started_at, ledger.mirror_agreed_at) if time is not None)
    edits = [
        *(edit for one in ledger.waiting.values() for edit in (one.source_edit, one.target_edit)),
        *(edit for one in ledger.dismissed.values() for edit in (one.source_edit, one.target_edit)),
        *(one.edit for one in ledger.settled.values()),
        *(one.before_edit for one in ledger.before_images),
    ]
    for edit in edits:
        if edit is not None:
            yield from (edit.earliest, edit.latest)


def _low_edit(edit: Edit, lowered: Mapping[int, int]) -> Edit:
    """Return an edit with its lowered times."""
    return replace(
        edit, earliest=lowered.get(edit.earliest, edit.earliest), latest=lowered.get(edit.latest, edit.latest)
    )


def _lower_ledger(ledger: Ledger, lowered: Mapping[int, int]) -> None:
    """Replace the times of a ledger by the lowered ones."""

    def low_time(time: int | None) -> int | None:
        return None if time is None else lowered.get(time, time)

    def low(edit: Edit | None) -> Edit | None:
        return None if edit is None else _low_edit(edit, lowered)

    ledger.started_at, ledger.mirror_agreed_at = low_time(ledger.started_at), low_time(ledger.mirror_agreed_at)
    for key, tombstone in ledger.waiting.items():
        source_edit, target_edit = low(tombstone.source_edit), low(tombstone.target_edit)
        ledger.waiting[key] = replace(tombstone, source_edit=source_edit, target_edit=target_edit)
    for key, refused in ledger.dismissed.items():
        ledger.dismissed[key] = replace(
            refused, source_edit=low(refused.source_edit), target_edit=low(refused.target_edit)
        )
    for key, settled in ledger.settled.items():
        ledger.settled[key] = replace(settled, edit=low(settled.edit))
    ledger.before_images = tuple(replace(image, before_edit=low(image.before_edit)) for image in ledger.before_images)


def _lower(journal: Journal, lowered: Mapping[int, int]) -> None:
    """Replace the times of a journal by the lowered ones, and drop the stops heard by push."""

    def low(time: int | None) -> int | None:
        return None if time is None else lowered.get(time, time)

    def low_left(left: Left) -> Left:
        return replace(left, edit=_low_edit(left.edit, lowered))

    def low_intent(intent: Intent) -> Intent:
        made_at = lowered.get(intent.made_at, intent.made_at)
        return replace(
            intent,
            edit=_low_edit(intent.edit, lowered),
            made_at=made_at,
            left=low_left(intent.left) if intent.left else None,
            stood=tuple(map(low_left, intent.stood)),
        )

    journal.read_at, journal.started_at = low(journal.read_at), low(journal.started_at)
    for item_id, entry in journal.entries.items():
        journal.entries[item_id] = replace(
            entry,
            edit=_low_edit(entry.edit, lowered),
            # The date was translated to the old clock: only its value on the server's own clock still counts.
            date=replace(entry.date, local_ms=0) if entry.date else None,
            seen_at=low(entry.seen_at),
            written_at=low(entry.written_at),
            left=low_left(entry.left) if entry.left else None,
            stood=tuple(map(low_left, entry.stood)),
            undone_at=low(entry.undone_at),
        )
    journal.unseen.change(low_intent)
    journal.heard.clear()

"""What becomes of stored times when this machine's clock is set back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .edit import Edit
from .entry import Intent, Left
from .journal import Journal


def step_back(journals: Iterable[Journal], now: int) -> bool:
    """Lower stored times later than now to just below now, their order kept; tell whether there were any.

    This machine's clock was set back. All journals are lowered together, each of them once, so that their edits stay
    comparable: an account left out could pass off older edits as newer once the clock has gone past their times again.
    """
    journals = list(journals)
    lowered: dict[int, int] = {}
    limit = now
    for time in sorted({time for journal in journals for time in _times(journal)}, reverse=True):
        limit -= 1
        if time <= limit:
            break
        lowered[time] = limit
    if not lowered or max(lowered) <= now:
        return False
    for journal in journals:
        _lower(journal, lowered)
    return True


def _times(journal: Journal) -> Iterable[int]:
    """Yield every time on this machine's clock that a journal holds."""
    yield from (time for time in (journal.read_at, journal.started_at) if time is not None)
    for entry in journal.entries.values():
        yield from (entry.edit.earliest, entry.edit.latest)
        yield from (time for time in (entry.seen_at, entry.written_at, entry.undone_at) if time is not None)
        if entry.left:
            yield from (entry.left.edit.earliest, entry.left.edit.latest)
    for intent in (*journal.intents.values(), *(one for several in journal.overtaken.values() for one in several)):
        yield from (intent.edit.earliest, intent.edit.latest, intent.made_at)
        if intent.left:
            yield from (intent.left.edit.earliest, intent.left.edit.latest)


def _lower(journal: Journal, lowered: Mapping[int, int]) -> None:
    """Replace times of a journal."""

    def low(time: int | None) -> int | None:
        return None if time is None else lowered.get(time, time)

    def low_edit(edit: Edit) -> Edit:
        return replace(
            edit, earliest=lowered.get(edit.earliest, edit.earliest), latest=lowered.get(edit.latest, edit.latest)
        )

    def low_left(left: Left | None) -> Left | None:
        return replace(left, edit=low_edit(left.edit)) if left else None

    def low_intent(intent: Intent) -> Intent:
        made_at = lowered.get(intent.made_at, intent.made_at)
        return replace(intent, edit=low_edit(intent.edit), made_at=made_at, left=low_left(intent.left))

    journal.read_at, journal.started_at = low(journal.read_at), low(journal.started_at)
    for item_id, entry in journal.entries.items():
        journal.entries[item_id] = replace(
            entry,
            edit=low_edit(entry.edit),
            seen_at=low(entry.seen_at),
            written_at=low(entry.written_at),
            left=low_left(entry.left),
            undone_at=low(entry.undone_at),
        )
    journal.intents = {item_id: low_intent(intent) for item_id, intent in journal.intents.items()}
    journal.overtaken = {item_id: tuple(map(low_intent, intents)) for item_id, intents in journal.overtaken.items()}

"""A journal that has seen one film, that film taken off, and writes to it."""

from dataclasses import replace

from custom_components.resume_sync.sync.journal.edit import DAY_MS, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Place, Write
from custom_components.resume_sync.sync.model import DateMeaning
from tests.sync.builders import START, at, minutes, observe, snapshot, state, state_read

FILM = "film-1"
DAY = DAY_MS / minutes(1)


def watched_at(position: float, date: float | None, *, read_at: float = 100, meaning: DateMeaning = START) -> Journal:
    """Return a journal that has seen film 1 once."""
    journal = Journal()
    observe(journal, snapshot(read_at, state(position, date=date)), meaning=meaning)
    return journal


def written(
    position: float, edit: Edit, *, made_at: float, date: float | None = None, keys: frozenset[str] = frozenset()
) -> Write:
    """Return a write of ours."""
    sent = None if date is None else at(date)
    return Write(Place(minutes(position), edit, at(made_at), sent), keys)


def write(journal: Journal, position: float, edit: Edit, *, made_at: float, date: float | None = None) -> None:
    """Note a write to film 1 as a run does before it sends it."""
    entry = journal.entries.get(FILM)
    sent = written(position, edit, made_at=made_at, date=date)
    journal.unseen.add(FILM, replace(sent, before=entry.trail if entry else ()))


def cleared(read_at: float = 200) -> Journal:
    """Return a journal in which film 1 was taken off: marked unplayed, without date and count."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(read_at), state_read(read_at, state(0)))
    return journal

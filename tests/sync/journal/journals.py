"""A journal that has seen one film, that film cleared, and writes to it."""

from custom_components.resume_sync.sync.journal.edit import DAY_MS, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Intent
from custom_components.resume_sync.sync.model import DateMeaning
from tests.sync.builders import START, at, minutes, observe, snapshot, state, state_read

FILM = "film-1"
DAY = DAY_MS / minutes(1)


def watched_at(position: float, date: float | None, *, read_at: float = 100, meaning: DateMeaning = START) -> Journal:
    """Return a journal that has seen film 1 once."""
    journal = Journal()
    observe(journal, snapshot(read_at, state(position, date=date)), meaning=meaning)
    return journal


def write(journal: Journal, position: float, edit: Edit, *, made_at: float, date: float | None = None) -> None:
    """Note a write to film 1 as a run does before it sends it."""
    entry = journal.entries.get(FILM)
    left = entry.left_by_viewer if entry else None
    sent = None if date is None else at(date)
    journal.unseen.intend(FILM, Intent(minutes(position), edit, at(made_at), sent, left=left))


def cleared(read_at: float = 200) -> Journal:
    """Return a journal in which film 1 was cleared."""
    journal = watched_at(20, 80)
    observe(journal, snapshot(read_at), state_read(read_at, state(0, date=80)))
    return journal

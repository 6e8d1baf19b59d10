"""Journals to JSON and back, and copies of them."""

import json

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit, ServerDate
from custom_components.resume_sync.sync.journal.expected import ExpectedWrites
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Began, Entry, Lost, Place, Write
from custom_components.resume_sync.sync.model import MediaKind
from tests.sync.builders import observe, point, snapshot, state

from .journals import FILM, cleared, write

TIME = st.integers(0, 2**45)
KEYS = st.frozensets(st.sampled_from(["movie:imdb:tt00001", "movie:tmdb:1", "movie:tvdb:1"]))
EDITS = st.builds(Edit, TIME, TIME, st.sampled_from(Cause))
DATES = st.none() | st.builds(ServerDate, TIME, TIME)
PLACES = st.builds(
    Place, TIME, EDITS, st.none() | TIME, st.none() | TIME, st.booleans(), st.none() | TIME, st.booleans()
)
BEGAN = st.none() | st.builds(Began, EDITS, TIME)
BEFORE = st.lists(PLACES, max_size=2).map(tuple)
ENTRIES = st.builds(
    Entry,
    st.sampled_from(MediaKind),
    KEYS,
    PLACES,
    TIME,
    watched=st.booleans(),
    play_count=st.none() | TIME,
    date=DATES,
    duration_ms=st.none() | TIME,
    play_from_ms=TIME,
    began=BEGAN,
    before=BEFORE,
    lost=st.none() | st.sampled_from(Lost),
    seen_at=st.none() | TIME,
    gone=st.booleans(),
    kept_until=TIME,
)
WRITES = st.lists(st.builds(Write, PLACES, KEYS, BEFORE, BEGAN), min_size=1, max_size=2).map(tuple)
JOURNALS = st.builds(
    Journal,
    st.dictionaries(st.text(), ENTRIES, max_size=3),
    st.builds(ExpectedWrites, st.dictionaries(st.text(), WRITES, max_size=3)),
    st.none() | TIME,
    st.none() | TIME,
)


@given(JOURNALS)
def test_a_journal_survives_json(journal: Journal) -> None:
    """Stored and read back, it is the same."""
    assert Journal.from_dict(json.loads(json.dumps(journal.to_dict()))) == journal


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "journal",
        {"positions": {}},
        {"entries": []},
        {"entries": {FILM: {}}},
        {"entries": {FILM: 20}},
        {"read_at": "yesterday"},
        {"read_at": 1.5},
        {"read_at": True},
        {1: 2},
        {"plays": {}},
        {"unseen": {"writes": {FILM: [{"place": {"position_ms": 1, "edit": {"earliest": 0, "cause": "eaten"}}}]}}},
    ],
)
def test_foreign_data_is_no_journal(data: object) -> None:
    """Nothing is guessed, and nothing is half read."""
    with pytest.raises(ValueError, match=r".+"):
        Journal.from_dict(data)


def test_a_copy_changes_without_its_original() -> None:
    """A preview leaves no trace."""
    journal = cleared()
    before = journal.to_dict()
    copied = journal.copy()
    observe(copied, snapshot(300, state(60, date=290)))
    write(copied, 60, point(95), made_at=305)
    assert journal.to_dict() == before != copied.to_dict()

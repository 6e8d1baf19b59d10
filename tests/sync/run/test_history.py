"""The history of an account: its lines, what confirms, removes and keeps them."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import DAY_MS
from custom_components.resume_sync.sync.journal.trail import Entry, Place
from custom_components.resume_sync.sync.model import MediaKind, Reason
from custom_components.resume_sync.sync.run.clock_step import step_back
from custom_components.resume_sync.sync.run.history import KEPT_MS, MOST_LINES, Author, History, Line, Origin
from tests.sync.builders import at, minutes, point
from tests.sync.world import film


def line(number: int, *, item: int = 0, after: float = 40, first: bool = False, confirmed: bool = True) -> Line:
    """Return a write of a position in minutes over the 20 minutes that were there, some minutes after noon."""
    return Line(
        f"line {number}",
        Origin(f"run {number}", first=first),
        at(number),
        film(item),
        minutes(20),
        minutes(after),
        point(-30),
        pair_id="pair",
        reason=Reason.NEWER_POSITION,
        confirmed=confirmed,
    )


def history(*lines: Line) -> History:
    """Return a history with these lines."""
    return History(at(-60), {one.line_id: one for one in lines})


def standing(position: float, written: float | None, *before: Place) -> dict[str, Entry]:
    """Return a journal in which the film stands somewhere, written by us some minutes after noon."""
    place = Place(minutes(position), point(-10), None if written is None else at(written))
    return {"film-0": Entry(MediaKind.MOVIE, film(0).ids, place, place.position_ms, before=before)}


def test_a_history_is_stored_whole() -> None:
    """Lines of all kinds, in their order."""
    kept = history(
        line(2),
        replace(line(1, item=1, confirmed=False), hidden=True),
        replace(line(3), origin=Origin("by hand", Author.HAND), reason=None, undone_at=at(9), source_id="anna"),
    )
    again = History.from_dict(kept.to_dict())
    assert list(again.lines.values()) == list(kept.lines.values())
    assert again.known_since == at(-60)
    with pytest.raises(ValueError, match="Not the fields"):
        History.from_dict({"lines": [{"line_id": "line 1"}]})


@pytest.mark.parametrize(
    ("entries", "confirmed"),
    [
        ({}, False),
        (standing(40, 1), True),
        (standing(40, 2), True),
        (standing(40, 0), False),
        (standing(40, None), False),
        (standing(41, 1), False),
        (standing(50, 3, Place(minutes(40), point(-10), at(1))), True),
    ],
    ids=["unknown", "shown", "sent later", "an older write", "a viewer's", "elsewhere", "overtaken by another write"],
)
def test_the_journal_confirms_a_line(entries: dict[str, Entry], *, confirmed: bool) -> None:
    """The power failed between the write and the read after it; the next run's read tells."""
    restarted = History.from_dict(history(line(1, confirmed=False)).to_dict())
    restarted.settle(entries)
    assert restarted.lines["line 1"].confirmed is confirmed
    assert restarted.revision == int(confirmed)


def test_a_hidden_title_confirms_its_line() -> None:
    """Its server goes on showing the position, the account stands at 0."""
    kept = history(replace(line(1, after=20, confirmed=False), hidden=True))
    kept.settle(standing(20, 1))
    assert not kept.lines["line 1"].confirmed
    kept.settle(standing(0, 1))
    assert kept.lines["line 1"].confirmed


def test_a_write_that_was_not_sent_leaves_no_line() -> None:
    """Only the last line of the item goes; what a read has shown stays."""
    kept = history(line(1), line(2, item=1, confirmed=False))
    kept.add(line(3, confirmed=False))
    kept.withdraw("film-0")
    kept.withdraw("film-0")
    assert list(kept.lines) == ["line 1", "line 2"]


def test_a_write_that_is_repeated_has_one_line() -> None:
    """No read showed the first one; it is still known if the second one is not sent."""
    kept = history()
    kept.add(line(1, confirmed=False))
    kept.add(line(2, confirmed=False, after=50))
    kept.add(line(3, confirmed=False))
    assert list(kept.lines) == ["line 2", "line 3"]
    kept.withdraw("film-0")
    assert set(kept.lines) == {"line 1", "line 2"}
    kept.add(line(4, confirmed=False))
    kept.settle(standing(40, 4))
    assert {one.line_id: one.confirmed for one in kept.lines.values()} == {"line 2": False, "line 4": True}


def test_a_write_that_no_read_shows_for_a_day_never_arrived() -> None:
    """Nothing is missing because of that."""
    kept = history(line(1, confirmed=False), line(2, item=1))
    kept.prune(at(1) + DAY_MS - 1)
    assert len(kept.lines) == 2
    kept.prune(at(1) + DAY_MS)
    assert list(kept.lines) == ["line 2"]
    assert kept.known_since == at(-60)


def test_lines_are_kept_for_90_days() -> None:
    """And the history tells since when nothing is missing."""
    kept = history(line(1), line(2), line(3))
    kept.prune(at(2) + KEPT_MS - 1)
    assert list(kept.lines) == ["line 2", "line 3"]
    assert kept.known_since == at(1) + 1
    kept.prune(at(9) + KEPT_MS)
    assert (list(kept.lines), kept.known_since) == ([], at(3) + 1)
    kept.prune(at(10) + KEPT_MS)
    assert kept.latest_at == kept.known_since == at(3) + 1


def test_of_too_many_lines_those_of_first_syncs_go_first() -> None:
    """Then the oldest."""
    firsts = {5, 6, 7}
    kept = history(*(line(number, first=number in firsts) for number in range(MOST_LINES)))
    kept.prune(at(0) + DAY_MS)
    assert len(kept.lines) == MOST_LINES
    for number in range(MOST_LINES, MOST_LINES + 2):
        kept.add(line(number))
    kept.prune(at(0) + DAY_MS)
    assert firsts - {int(one.removeprefix("line ")) for one in kept.lines} == {5, 6}
    assert (len(kept.lines), kept.known_since) == (MOST_LINES, at(6) + 1)
    for number in range(MOST_LINES + 2, MOST_LINES + 4):
        kept.add(line(number))
    kept.prune(at(0) + DAY_MS)
    assert "line 7" not in kept.lines
    assert "line 0" not in kept.lines
    assert kept.latest_at == at(MOST_LINES + 3)


def test_a_clock_that_is_set_back() -> None:
    """Times of the future become past ones, in their order; edits as in the journals."""
    kept = history(
        replace(line(0), before_edit=None), line(30), replace(line(50), before_edit=point(45), undone_at=at(55))
    )
    kept.known_since = at(20)
    assert step_back([], [], at(10), [kept])
    assert [one.at for one in kept.lines.values()] == [at(0), at(10), at(10)]
    last = kept.lines["line 50"]
    assert last.before_edit is not None
    assert (last.undone_at, last.before_edit.latest, kept.known_since) == (at(10), at(10) - 1, at(10))
    assert not step_back([], [], at(10), [kept])

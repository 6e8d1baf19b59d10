"""When a viewer moved an item: server dates, clamped into the time that our own reads leave open."""

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.journal.edit import (
    Cause,
    Edit,
    ServerDate,
    clamped,
    first_sight,
    server_date,
    unseen_finish,
)
from custom_components.resume_sync.sync.model import DateMeaning
from tests.sync.builders import START, WRITE, at, between, minutes, movie, point, state

TIMES = st.integers(0, 1000)
EDITS = st.builds(lambda start, length: Edit(start, start + length), TIMES, TIMES)


def dated(number: float | None) -> ServerDate | None:
    """Return a date on a server whose clock is right."""
    return None if number is None else ServerDate(at(number), at(number))


@given(EDITS, EDITS)
def test_edits_are_ordered_only_where_their_intervals_do_not_overlap(one: Edit, other: Edit) -> None:
    """Of two edits at most one is later, and one is exactly if no time lies in both."""
    apart = one.earliest > other.latest or other.earliest > one.latest
    assert (one.later_than(other) or other.later_than(one)) is apart
    assert not (one.later_than(other) and other.later_than(one))


@given(EDITS, EDITS)
def test_unordered_edits_meet_at_their_later_bound(one: Edit, other: Edit) -> None:
    """Neither is later than that bound, so a ring of pairs decides the order once and not again."""
    met = one.at_later_bound(other)
    assert not one.later_than(met)
    assert not other.later_than(met)
    assert met.earliest == met.latest == max(one.latest, other.latest)


def test_a_skewed_clock_is_corrected() -> None:
    """A server three hours ahead tells dates three hours ahead."""
    ahead = minutes(180)
    assert server_date(state(20, date=180), ahead) == ServerDate(at(180), at(0))
    assert server_date(state(20), ahead) is None


def test_a_date_is_newer_only_on_both_clocks() -> None:
    """Setting a server's clock makes no edit, nor does rounding to the second."""
    assert ServerDate(at(5), at(5)).newer_than(None)
    assert ServerDate(at(5), at(5)).newer_than(ServerDate(at(4), at(4)))
    assert not ServerDate(at(5), at(5)).newer_than(ServerDate(at(4), at(9)))
    assert not ServerDate(at(5), at(5)).newer_than(ServerDate(at(9), at(4)))
    assert not ServerDate(at(5) + 1000, at(5) + 1000).newer_than(ServerDate(at(5), at(5)))


@given(TIMES, EDITS)
def test_clamping_takes_the_nearest_time_inside(time: int, within: Edit) -> None:
    """A time inside stays as it is, one outside goes to the nearer end."""
    result = clamped(time, within.earliest, within.latest)
    assert within.earliest <= result <= within.latest
    assert result == time or result in (within.earliest, within.latest)


@pytest.mark.parametrize(
    ("meaning", "date", "expected"),
    [
        (WRITE, 100, point(100)),
        (WRITE, 700, point(600)),
        (START, 100, between(100, 120)),
        (START, 590, between(590, 600)),
        (START, 700, between(600, 600)),
    ],
)
def test_first_sight_is_dated_by_the_server(meaning: DateMeaning, date: float, expected: Edit) -> None:
    """Plex: its date. Jellyfin, Emby: from the play's start to as far as 20 minutes of it. Never later than now."""
    assert first_sight(state(20, date=date), dated(date), meaning, at(600)) == expected


@pytest.mark.parametrize("meaning", DateMeaning)
def test_first_sight_without_a_date_may_be_any_time_up_to_now(meaning: DateMeaning) -> None:
    """Nothing narrows the time at which it was moved."""
    assert first_sight(state(20), None, meaning, at(600)) == Edit(0, at(600))


@pytest.mark.parametrize(
    ("meaning", "date", "expected"),
    [
        (WRITE, 100, point(100, Cause.FINISHED)),
        (START, 100, between(100, 200, Cause.FINISHED)),
        (START, 500, between(500, 600, Cause.FINISHED)),
        (START, 550, Edit(0, at(600), Cause.FINISHED)),
        (START, None, Edit(0, at(600), Cause.FINISHED)),
        (WRITE, None, Edit(0, at(600), Cause.FINISHED)),
    ],
)
def test_a_finish_never_seen_is_dated_by_the_server(meaning: DateMeaning, date: float | None, expected: Edit) -> None:
    """Jellyfin, Emby: from the play's start to as far as the film's length, never later than now.

    The date of a play that cannot be over yet does not date the finish.
    """
    assert unseen_finish(state(0, watched=True), dated(date), meaning, at(600)) == expected


def test_a_finish_of_unknown_length_may_be_any_time() -> None:
    """Without a duration it is unknown whether the latest play is over."""
    item = movie("a", "tmdb:1", duration_ms=None)
    finish = unseen_finish(state(0, watched=True, item=item), dated(100), START, at(600))
    assert finish == Edit(0, at(600), Cause.FINISHED)


def test_an_item_in_progress_or_unwatched_is_not_finished() -> None:
    """A rewatch in progress is a move, and a 0 without a mark is no edit."""
    assert unseen_finish(state(20, watched=True), dated(100), START, at(600)) is None
    assert unseen_finish(state(0), dated(100), START, at(600)) is None

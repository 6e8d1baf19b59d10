"""When a viewer moved an item: server dates, clamped into the time that our own reads leave open."""

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.journal.edit import (
    Cause,
    Edit,
    ServerDate,
    Zeroed,
    clamped,
    first_sight,
    move,
    server_date,
    unseen_finish,
    zero,
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


@pytest.mark.parametrize(
    ("meaning", "date", "played", "expected"),
    [
        (WRITE, 550, 30, point(550)),
        (WRITE, 400, 30, point(500)),
        (WRITE, 650, 30, point(600)),
        (START, 520, 30, point(550)),
        (START, 520, -30, point(520)),
        (START, 300, 80, point(500)),
        (START, 590, 30, point(600)),
        (START, None, 30, between(500, 600)),
    ],
)
def test_a_move_is_dated_inside_the_time_left_open(
    meaning: DateMeaning, date: float | None, played: float, expected: Edit
) -> None:
    """The server's date, on Jellyfin and Emby plus the distance played, clamped; without a date the whole time."""
    assert move(minutes(played), dated(date), meaning, between(500, 600)) == expected


def zeroed(
    date: float | None,
    *,
    last: float | None = 100,
    watched: bool = True,
    was_watched: bool = False,
    duration_ms: int | None = minutes(100),
) -> Zeroed:
    """Return an item that stood at 20 minutes and is read at 0."""
    item = movie("a", "tmdb:1", duration_ms=duration_ms)
    return Zeroed(minutes(20), dated(last), was_watched, state(0, date=date, watched=watched, item=item), dated(date))


def test_a_finish_lies_between_the_watched_threshold_and_the_end() -> None:
    """Started at 510 from 20 minutes in: watched from 70 minutes of play on, at its end after 80."""
    assert zero(zeroed(510), START, between(500, 600)) == between(580, 590, Cause.FINISHED)


def test_a_finish_is_clamped_into_the_time_left_open() -> None:
    """It was finished after it was last seen in progress, and not after now.

    A play that cannot be over yet says nothing: it skipped ahead, or the title was marked by hand.
    """
    assert zero(zeroed(100), START, between(500, 600)) == between(500, 600, Cause.FINISHED)
    assert zero(zeroed(525), START, between(500, 600)) == between(595, 600, Cause.FINISHED)
    assert zero(zeroed(599), START, between(500, 600)) == between(500, 600, Cause.FINISHED)


def test_a_finish_on_plex_is_the_servers_date() -> None:
    """Plex stamps the finish itself."""
    assert zero(zeroed(550), WRITE, between(500, 600)) == point(550, Cause.FINISHED)
    assert zero(zeroed(450), WRITE, between(500, 600)) == point(500, Cause.FINISHED)


def test_a_finish_without_a_date_or_a_length_is_as_wide_as_the_time_left_open() -> None:
    """Only a known date, and a known length, narrow it."""
    assert zero(zeroed(None), START, between(500, 600)) == between(500, 600, Cause.FINISHED)
    assert zero(zeroed(550, duration_ms=None), START, between(500, 600)) == between(550, 600, Cause.FINISHED)


def test_a_zero_without_a_watched_mark_and_without_a_newer_play_was_cleared() -> None:
    """By hand, at any time since it was last seen."""
    for date in (None, 100.0):
        assert zero(zeroed(date, watched=False), START, between(500, 600)) == between(500, 600, Cause.CLEARED)


def test_a_zero_without_a_watched_mark_after_a_newer_play_was_started_over() -> None:
    """Stopped below the server's minimum: never a removal elsewhere."""
    assert zero(zeroed(550, watched=False), START, between(500, 600)) == point(550, Cause.RESTARTED)
    assert zero(zeroed(450, watched=False), START, between(500, 600)) == point(500, Cause.RESTARTED)


def test_an_old_watched_mark_does_not_make_a_finish_of_too_short_a_play() -> None:
    """A rewatch begun 20 minutes ago, from 20 minutes in, has not reached the end."""
    assert zero(zeroed(580, was_watched=True), START, between(500, 600)) == point(580, Cause.RESTARTED)
    assert zero(zeroed(510, was_watched=True), START, between(500, 600)).cause is Cause.FINISHED
    assert zero(zeroed(530, was_watched=True), START, between(500, 600)).cause is Cause.FINISHED
    assert zero(zeroed(531, was_watched=True), START, between(500, 600)).cause is Cause.RESTARTED


def test_plex_dates_every_finish_anew() -> None:
    """Its date is that of the finish: an old mark with a newer date is one more finish."""
    assert zero(zeroed(580, was_watched=True), WRITE, between(500, 600)) == point(580, Cause.FINISHED)

"""When runs are due."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.account.rounds import interval_until, next_round, round_start

MINUTE = 60_000
NOON = 1_795_262_400_000

times = st.integers(min_value=NOON, max_value=NOON + 86_400_000)


@pytest.mark.parametrize(
    ("time", "start"),
    [
        (NOON, NOON),
        (NOON + 1, NOON),
        (NOON + MINUTE, NOON),
        (NOON + MINUTE + 1, NOON + MINUTE + 1),
        (NOON + 5 * MINUTE - 1, NOON + 5 * MINUTE - 1),
        (NOON + 5 * MINUTE, NOON + 5 * MINUTE),
    ],
)
def test_a_run_belongs_to_the_round_that_began_within_a_minute(time: int, start: int) -> None:
    """Later runs are on their own and read anew."""
    assert round_start(time) == start


@pytest.mark.parametrize(("failures", "minutes"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 30), (9, 30), (1000, 30)])
def test_rounds_are_left_out_after_failures_in_a_row(failures: int, minutes: int) -> None:
    """Half an hour is the longest that a pair waits."""
    assert next_round(NOON + 1, failures) == NOON + minutes * MINUTE


@given(time=times)
def test_the_next_round_is_a_slot_that_lies_ahead(time: int) -> None:
    """Whenever a run ends, the next one is due with everybody else's."""
    due = next_round(time)

    assert time < due <= time + 5 * MINUTE
    assert due % (5 * MINUTE) == 0


@given(time=times, fraction=st.floats(min_value=0, max_value=0.999), stagger=st.floats(min_value=0.05, max_value=0.5))
def test_a_timer_never_fires_before_its_slot(time: int, fraction: float, stagger: float) -> None:
    """Coordinators count from the whole second before now and add up to half a second."""
    due = next_round(time)
    interval = interval_until(due, time) / timedelta(milliseconds=1)

    fires_at = time - fraction * 1000 + stagger * 1000 + interval

    assert due < fires_at < due + 1600
    assert round_start(int(fires_at)) == due


def test_what_was_due_in_the_past_comes_at_once() -> None:
    """A time that has passed makes no negative interval."""
    assert interval_until(NOON - 1, NOON) == timedelta(seconds=1)

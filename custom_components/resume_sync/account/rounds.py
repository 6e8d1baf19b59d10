"""When automatic runs are due.

All accounts and pairs refresh in common rounds, on the slots that the interval cuts the wall clock into. So every run
of a round may use a listing that any other run of the same round has read: one listing per account and interval,
however many pairs the account is in. Whatever starts outside a round (a confirming run, a retry, an action) reads anew.
Times are milliseconds since the epoch.
"""

from datetime import timedelta

from homeassistant.util import dt as dt_util

from ..const import SCAN_INTERVAL

_INTERVAL_MS: int = SCAN_INTERVAL // timedelta(milliseconds=1)
_SLOT_STARTS_WITHIN_MS = 60_000
_ROUNDS_AFTER_FAILURES = (1, 1, 2, 4, 6)

RECENT_MS = 60_000
"""What was read or set up within this time counts as new."""

_TIMER_SLACK_MS = 1_000
"""Coordinators cut their timers down to whole seconds: without it a run could come just before its slot."""


def now() -> int:
    """Return the time on this machine's clock."""
    return int(dt_util.utcnow().timestamp() * 1000)


def round_start(time: int) -> int:
    """Return from when on a listing may be for a run that starts now: the start of its round, else now."""
    into_slot = time % _INTERVAL_MS
    return time - into_slot if into_slot <= _SLOT_STARTS_WITHIN_MS else time


def next_round(time: int, failures: int = 0) -> int:
    """Return when the first round after `time` is due; with several failures in a row only the 2nd, 4th, 6th."""
    rounds = _ROUNDS_AFTER_FAILURES[min(failures, len(_ROUNDS_AFTER_FAILURES) - 1)]
    return (time // _INTERVAL_MS + rounds) * _INTERVAL_MS


def interval_until(due: int, time: int) -> timedelta:
    """Return the update interval that makes a coordinator refresh at `due`."""
    return timedelta(milliseconds=max(due - time, 0) + _TIMER_SLACK_MS)

"""An hour in which nothing happens, on a clock that is moved on."""

import time

from ..live_home import NAME, LiveHome, idle_again
from ..result import Measurement

_STEP_SECONDS = 5
_ROUND_SECONDS = 300


async def idle_hour(home: LiveHome) -> None:
    """Each account is polled twelve times, and connections are kept open; nothing is written.

    It begins in the middle of a round, and only what the clock is moved by counts, however long the machine takes: in
    3620 seconds there is now and then a thirteenth poll.
    """
    with home.ahead.standing():
        into_round = home.ahead.utcnow().timestamp() % _ROUND_SECONDS
        await _pass(home, (1.5 * _ROUND_SECONDS - into_round) % _ROUND_SECONDS)
        home.servers.asked()
        started = time.perf_counter()
        await _pass(home, 3600)
        asked = home.servers.asked()
        seconds = time.perf_counter() - started
    assert home.live(), "a connection did not last"
    assert not any(one.writes for one in asked.values())
    home.measurements.append(Measurement(NAME, "idle hour", seconds, 0, 0, asked=asked))


async def _pass(home: LiveHome, seconds: float) -> None:
    """Let time pass in steps that every connection endures, each after what the one before has begun."""
    while seconds > 0:
        step = min(seconds, _STEP_SECONDS)
        seconds -= step
        home.ahead.seconds += step
        home.servers.advance(step)
        await idle_again(home)

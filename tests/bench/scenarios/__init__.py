"""The scenarios, one in each module, in the order in which every home lives through them."""

from collections.abc import Awaitable, Callable

from ..home import Home
from ..live_home import LiveHome
from .first_read import first_read
from .idle import idle
from .idle_hour import idle_hour
from .new_cold import new_cold
from .new_warm import new_warm
from .one_change import one_change
from .push_storm import push_storm
from .stops import stops

type Scenario = Callable[[Home], Awaitable[None]]
type LiveScenario = Callable[[LiveHome], Awaitable[None]]

SCENARIOS: tuple[Scenario, ...] = (first_read, idle, one_change, new_cold, new_warm)
LIVE_SCENARIOS: tuple[LiveScenario, ...] = (stops, idle_hour, push_storm)

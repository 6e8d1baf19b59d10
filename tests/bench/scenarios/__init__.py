"""The scenarios, one in each module, in the order in which every home lives through them."""

from collections.abc import Awaitable, Callable

from custom_components.resume_sync.sync.off_loop import MANY

from ..home import Home
from ..live_home import LiveHome
from ..size import Size
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


def live_scenarios(size: Size) -> tuple[LiveScenario, ...]:
    """Return what a home that is told of stops lives through.

    With very many titles a round takes longer than the steps in which an hour's clock is moved.
    """
    return (stops,) if size.in_progress >= MANY else (stops, idle_hour, push_storm)

"""The scenarios, one in each module, in the order in which every home lives through them."""

from collections.abc import Awaitable, Callable

from ..home import Home
from .first_read import first_read
from .idle import idle
from .new_cold import new_cold
from .new_warm import new_warm
from .one_change import one_change

type Scenario = Callable[[Home], Awaitable[None]]

SCENARIOS: tuple[Scenario, ...] = (first_read, idle, one_change, new_cold, new_warm)

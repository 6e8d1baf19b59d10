"""Every fact, asked of the simulator of every server and version that it is about."""

import pytest

from .asking import Outcome, ask
from .every_fact import FACTS
from .fact import Fact
from .servers import Kind, Server
from .simulated import SIMULATED

CASES = [
    pytest.param(name, fact, id=f"{name}: {fact.name}")
    for name in SIMULATED
    for fact in FACTS
    if fact.is_about(Server.told(Kind(name.partition(" ")[0]), name.partition(" ")[2]))
]


@pytest.mark.parametrize(("name", "fact"), CASES)
async def test_a_simulator_does_what_the_fact_says(socket_enabled: None, name: str, fact: Fact) -> None:
    """It is given everything, so that every fact is asked."""
    async with SIMULATED[name]() as lab:
        result = await ask(fact, lab)
    assert result.outcome is Outcome.SAME, f"{result.outcome}: {result.seen}"

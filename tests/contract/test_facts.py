"""Every fact, asked of the simulator of every server and version that it is about."""

import pytest

from .asking import Outcome, ask
from .every_fact import FACTS
from .fact import Fact
from .servers import EMBY, JELLYFIN, Kind, Server
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


def test_every_fact_can_be_looked_up() -> None:
    """It has a name of its own, and tells where it is known from."""
    names = [fact.name for fact in FACTS]
    assert len(set(names)) == len(names) > 80
    assert [fact.name for fact in FACTS if not fact.source] == []


@pytest.mark.parametrize("name", SIMULATED)
def test_a_fact_expects_one_thing_of_a_server(name: str) -> None:
    """Where servers differ each of them is named once, wherever the fact holds."""
    server = Server.told(Kind(name.partition(" ")[0]), name.partition(" ")[2])
    for fact in FACTS:
        expected = fact.expected(server)
        assert len(expected) == (1 if fact.differs and fact.is_about(server) else 0), fact.name


@pytest.mark.parametrize(
    ("version", "known"),
    [("10.9.11", (True, False)), ("10.11.5", (True, True)), ("12.0-rc5", (False, True)), ("10.10.7", (True, False))],
)
def test_ranges_of_versions(version: str, known: tuple[bool, bool]) -> None:
    """The first version of a range is in it, its end is not; another kind of server never is."""
    server = Server.told(Kind.JELLYFIN, version)
    assert (server in JELLYFIN.before(12), server in JELLYFIN.since(10, 11)) == known
    assert server in JELLYFIN
    assert server not in EMBY
    assert str(JELLYFIN.since(10, 11).before(12)) == "Jellyfin from 10.11 before 12"

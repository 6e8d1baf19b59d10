"""Bad input: for every route, true answers turned into almost true ones, by the thousand.

Each gives a typed error, or a result that holds; never another exception, never a write. `FUZZ_PAYLOADS` sets how many
are tried for each route, `FUZZ_SEED` which ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import json
import os
from random import Random
import traceback

import pytest

from custom_components.resume_sync.servers.discovery import read_answer
from custom_components.resume_sync.sync.media_server import MediaServerError
from custom_components.resume_sync.sync.model import ServerType
from tests.servers.conftest import FUZZED
from tests.servers.fuzz.mutations import spoiled, tampered_headers, tampered_json, tampering
from tests.servers.fuzz.routes import ROUTES, WORLDS, Route
from tests.servers.fuzz.truth import check
from tests.servers.fuzz.worlds import World
from tests.servers.mediabrowser.samples import sample
from tests.servers.plex.script import payload
from tests.simulators.faults import Tampered

PAYLOADS = int(os.environ.get("FUZZ_PAYLOADS", "150"))
SEED = os.environ.get("FUZZ_SEED", "1")


@dataclass(slots=True)
class Tally:
    """What became of the payloads of one route."""

    name: str
    tried: int = 0
    refused: int = 0
    held: int = 0
    crashes: list[str] = field(default_factory=list)

    def report(self, record: Callable[[str, object], None]) -> None:
        """Record the numbers for the summary; fail where there was a crash."""
        line = f"{self.name}: {self.tried} tried, {self.refused} refused, {self.held} read, {len(self.crashes)} crashes"
        record(FUZZED, line)
        assert self.crashes == [], f"{line}\n\n{'\n'.join(self.crashes[:3])}"


async def try_one(world: World, route: Route, seed: str, tally: Tally) -> None:
    """Ask once while one answer is tampered with."""
    if world.client is not None:
        world.client.forget()
    world.server.faults.clear()
    world.server.faults.add(route.route, Tampered(tampering(seed)), skip=route.skip)
    before = world.server.traffic.writes
    tally.tried += 1
    try:
        result = await world.asks[route.ask]()
        check(result)
    except MediaServerError:
        tally.refused += 1
    except Exception:  # noqa: BLE001  # whatever it is, it is what this looks for
        tally.crashes.append(f"seed {seed}\n{traceback.format_exc(limit=-6)}")
    else:
        tally.held += 1
    if route.ask != "write" and world.server.traffic.writes != before:
        tally.crashes.append(f"seed {seed}: a write")


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
async def test_route(route: Route, record_property: Callable[[str, object], None]) -> None:
    """Almost true answers to one route."""
    tally = Tally(route.name)
    async with WORLDS[route.kind]() as world:
        await world.asks[route.ask]()
        assert world.server.traffic.requests(route.route) > route.skip
        for number in range(PAYLOADS):
            await try_one(world, route, f"{SEED}/{route.name}/{number}", tally)
        if world.client is not None:
            world.client.forget()
        world.server.faults.clear()
        check(await world.asks[route.ask]())
    tally.report(record_property)


@pytest.mark.parametrize("server_type", list(ServerType))
def test_datagrams(server_type: ServerType, record_property: Callable[[str, object], None]) -> None:
    """Almost true answers to a question by UDP: a server, or nothing."""
    tally = Tally(f"UDP: {server_type}")
    plex = server_type is ServerType.PLEX
    body = (payload("gdm_reply.txt") if plex else json.dumps(sample(server_type, "udp_reply"))).encode()
    for number in range(PAYLOADS):
        random = Random(f"{SEED}/{server_type}/{number}")
        if random.random() < 0.2:
            data = spoiled(body, random)
        else:
            data = (tampered_headers if plex else tampered_json)(body, random)
        tally.tried += 1
        try:
            found = read_answer(server_type, data, "192.168.1.9")
            check(found)
        except Exception:  # noqa: BLE001  # whatever it is, it is what this looks for
            tally.crashes.append(f"{number}\n{traceback.format_exc(limit=-6)}")
        else:
            tally.refused += found is None
            tally.held += found is not None
    tally.report(record_property)


def test_every_payload_can_be_made_again() -> None:
    """The same seed makes the same payload, another one another."""
    body = payload("plextv_resources.json").encode()

    made = [tampered_json(body, Random(str(seed))) for seed in (1, 1, 2)]

    assert made[0] == made[1] != made[2]


@pytest.mark.usefixtures("socket_enabled")
async def test_a_crash_is_found() -> None:
    """Whoever lets something through is caught: another exception, a result that does not hold, a write."""
    route = Route("Emby", "GET /Sessions", "sessions")
    recorded: list[tuple[str, object]] = []
    async with WORLDS["Emby"]() as world:
        server = world.server

        async def raises() -> object:
            raise KeyError("Id")

        async def returns_nonsense() -> object:
            return 2**60

        async def writes() -> object:
            server.traffic.write()
            return None

        for culprit in (raises, returns_nonsense, writes):
            tally = Tally(route.name)
            await try_one(World(server, {"sessions": culprit}), route, "1", tally)
            with pytest.raises(AssertionError, match="1 crashes"):
                tally.report(lambda *line: recorded.append(line))
    assert len(recorded) == 3

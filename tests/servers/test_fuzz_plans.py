"""Bad input that gets as far as a run: what a server says by mistake becomes neither a wild write nor a removal."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
import json
import os
import traceback

import pytest

from custom_components.resume_sync.servers.plausible import LATEST_DATE_MS
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import run
from tests.servers.conftest import FUZZED
from tests.servers.fuzz.mutations import tampering
from tests.servers.fuzz.routes import WORLDS, Route
from tests.servers.fuzz.worlds import World
from tests.servers.mediabrowser.servers import FILM, wanted_film
from tests.simulators.faults import Tampered
from tests.sync.world import Call, Clock, Holding, ModelServer

PAYLOADS = max(int(os.environ.get("FUZZ_PAYLOADS", "150")) // 8, 1)
SEED = os.environ.get("FUZZ_SEED", "1")
RULES = PairRules(direction=Direction.TO_PEER, remove=RemoveMode.SOURCE, max_percent=100, min_seconds=0)
ROUTES = (
    Route("Jellyfin 10.11", "GET /Items", "in progress"),
    Route("Jellyfin 10.11", "GET /Items", "states", skip=1),
    Route("Jellyfin 12", "GET /UserItems/Resume", "in progress"),
    Route("Emby", "GET /Users/{user}/Items", "in progress"),
    Route("Plex", "GET /library/all", "in progress"),
    Route("Plex", "GET /library/all", "in progress", skip=1),
    Route("Plex", "GET /library/metadata/{ids}", "states"),
)


async def save() -> None:
    """Save nothing."""


class Pair:
    """A server that is tampered with, and another one in memory that follows it."""

    def __init__(self, world: World) -> None:
        """Start with nothing known."""
        assert world.client is not None
        self.server = world.server
        self.clock = Clock(self.server.clock.now_ms())
        self.peer = ModelServer(ServerType.EMBY, self.clock)
        world.client.forget()
        self.left = Account("left", "Left", world.client, Journal())
        self.right = Account("right", "Right", self.peer, Journal())
        self.ledger = Ledger()

    async def run(self) -> None:
        """Run once, a minute and a half later."""
        self.server.clock.advance(90)
        self.clock.time = self.server.clock.now_ms()
        now = self.server.clock.now_ms
        with suppress(AccountError):
            await run(self.left, self.right, RULES, self.ledger, now=now, save=save, not_before=self.clock.time)

    def check(self) -> None:
        """Raise AssertionError where something was written that nobody could have meant."""
        assert self.server.traffic.writes == 0
        for call in self.peer.writes:
            holding = self.peer.holdings[call.item_ids[0]]
            assert call.route == "write"
            assert call.position_ms is not None
            assert holding.item.duration_ms is not None
            assert 0 < call.position_ms <= holding.item.duration_ms
        for holding in self.peer.holdings.values():
            assert holding.date is None or holding.date <= self.clock.time + 1000
        for state in (self.left.journal.to_dict(), self.right.journal.to_dict(), self.ledger.to_dict()):
            text = json.dumps(state, allow_nan=False)
            assert len(text.encode()) < 100_000


async def follow(world: World, route: Route, seed: str) -> None:
    """Follow a server that is true once, tampered with once, and true again."""
    pair = Pair(world)
    world.server.faults.clear()
    snapshot = await pair.left.read(pair.clock.time, world.server.clock.now_ms)
    pair.peer.add(*(replace(state.item, item_id=f"there-{key}") for key, state in snapshot.items.items()))
    await pair.run()
    assert len(pair.peer.writes) >= 3
    world.server.faults.add(route.route, Tampered(tampering(seed)), skip=route.skip, times=1)
    for _ in range(4):
        await pair.run()
    pair.check()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
async def test_no_mistake_becomes_a_plan(route: Route, record_property: Callable[[str, object], None]) -> None:
    """Nothing is removed, nothing is put before the beginning or behind the end, and what is kept can be stored."""
    failures: list[str] = []
    async with WORLDS[route.kind]() as world:
        for number in range(PAYLOADS):
            seed = f"{SEED}/plan {route.name}/{number}"
            try:
                await follow(world, route, seed)
            except Exception:  # noqa: BLE001  # whatever it is, it is what this looks for
                failures.append(f"seed {seed}\n{traceback.format_exc(limit=-6)}")
    record_property(FUZZED, f"{route.name}: {PAYLOADS} followed by a run, {len(failures)} failures")
    assert failures == [], "\n".join(failures[:3])


@pytest.mark.usefixtures("socket_enabled")
async def test_a_wild_plan_is_found() -> None:
    """A write behind the end, a removal, a date of another century, or a write to the source fails the check."""
    async with WORLDS["Emby"]() as world:
        wild: list[Callable[[Pair], object]] = [
            lambda pair: pair.peer.calls.append(Call("write", ("there",), 10**12)),
            lambda pair: pair.peer.calls.append(Call("clear", ("there",), 0)),
            lambda pair: pair.peer.holdings.update(there=Holding(wanted_film(FILM), date=LATEST_DATE_MS)),
            lambda pair: pair.server.traffic.write(),
            lambda pair: pair.ledger.mappings.update({"x" * 100_000: "there"}),
        ]
        for spoil in wild:
            world.server.traffic.reset()
            pair = Pair(world)
            pair.peer.add(wanted_film(FILM))
            pair.check()
            spoil(pair)
            with pytest.raises(AssertionError):
                pair.check()

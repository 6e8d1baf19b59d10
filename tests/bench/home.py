"""The accounts and pairs of the product, with their real clients and stores, over servers in another process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import tempfile

import aiohttp
from homeassistant.core import HomeAssistant

from custom_components.resume_sync.account.store import StateStore
from custom_components.resume_sync.sync.model import PairRules
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Report
from custom_components.resume_sync.sync.run.account import Account
from tests.households.doors import Client, client
from tests.households.over_the_port import Household, Pair
from tests.simulators.clock import SimulatedClock

from .measuring import measured
from .media_servers import START, Place
from .result import Measurement
from .server_process import ServerProcess
from .size import Size

INTERVAL_SECONDS = 300
NEW = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Which accounts a home has and how they are paired: all two-way."""

    name: str
    pairs: Sequence[Pair[Place]]

    @property
    def places(self) -> list[Place]:
        """The accounts, each once, in the order of the pairs."""
        return list(dict.fromkeys(place for pair in self.pairs for place in pair))


class Home(Household[Place]):
    """One home while it is measured. `left` counts the titles that were left in progress so far."""

    def __init__(self, plan: Plan, size: Size, servers: ServerProcess) -> None:
        """Start the clock, with no account yet."""
        self.clock = SimulatedClock(START)
        rules = dict.fromkeys(plan.pairs, PairRules())
        super().__init__(rules, now=self.clock.now_ms, wait=self.advance)
        self.plan = plan
        self.size = size
        self.servers = servers
        self.left = 0
        self.measurements: list[Measurement] = []
        self._stores: dict[Place, StateStore] = {}
        self._locks: dict[Place, asyncio.Lock] = {}

    def add(self, place: Place, client: Client, store: StateStore) -> None:
        """Add an account with what is stored of it, and of the pairs that it is the left side of."""
        self.clients[place], self._stores[place], self._locks[place] = client, store, asyncio.Lock()
        self.accounts[place] = Account("-".join(place), place[0], client, store.journal)
        self.ledgers |= {pair: store.pairs[_pair_id(pair)].ledger for pair in self.rules if pair[0] == place}

    def advance(self, seconds: float = INTERVAL_SECONDS) -> None:
        """Let time pass everywhere."""
        self.clock.advance(seconds)
        self.servers.advance(seconds)

    def leave(self, places: Sequence[Place], count: int, minutes: float = 10) -> range:
        """Leave titles in progress that nobody has watched before; return their numbers."""
        numbers = range(self.left, self.left + count)
        self.servers.leave(places, numbers.start, count, minutes)
        self.left = numbers.stop
        return numbers

    async def sync(self) -> list[Report]:
        """Run all pairs as one round: side by side, but never two with the same account, one listing per account."""
        start = self.now()
        return await asyncio.gather(*(self._run(pair, start) for pair in self.plan.pairs))

    async def _run(self, pair: Pair[Place], not_before: int) -> Report:
        """Run one pair once both of its accounts are free."""

        async def save() -> None:
            for place in pair:
                await self._stores[place].async_save()

        async with AsyncExitStack() as stack:
            for place in sorted(pair):
                await stack.enter_async_context(self._locks[place])
            return await self.run_pair(pair, not_before=not_before, save=save, approval=Approval.EVERYTHING)

    def agreed(self) -> bool:
        """Tell whether all accounts hold the same titles at the same positions, to within 10 seconds."""
        first, *others = (self.servers.positions(place) for place in self.plan.places)
        return all(
            first.keys() == other.keys() and all(abs(first[key] - other[key]) < 10_000 for key in first)
            for other in others
        )

    @asynccontextmanager
    async def measured(self, scenario: str) -> AsyncIterator[None]:
        """Measure what is done meanwhile."""
        async with measured(self.plan.name, scenario, self.servers, self.measurements):
            yield


@asynccontextmanager
async def open_home(plan: Plan, size: Size, servers: ServerProcess) -> AsyncIterator[Home]:
    """Open accounts and pairs without history, over servers that have been reset."""
    servers.reset()
    home = Home(plan, size, servers)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="resume-sync-bench-"))
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        hass = HomeAssistant(folder)
        Path(folder, ".storage").mkdir()
        stack.push_async_callback(hass.async_stop, force=True)
        for place in plan.places:
            opened = client(servers.doors[place], session, home.now)
            stack.push_async_callback(opened.close)
            store = StateStore(hass, "-".join(place), place[0])
            await store.async_load([_pair_id(pair) for pair in plan.pairs if pair[0] == place])
            home.add(place, opened, store)
            await opened.verify()
        yield home


def _pair_id(pair: Pair[Place]) -> str:
    """Return a name for a pair."""
    return "_".join("-".join(place) for place in pair)

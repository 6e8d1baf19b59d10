"""The accounts and pairs of the product, with their real clients and stores, over servers in another process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
import tempfile

import aiohttp
from homeassistant.core import HomeAssistant

from custom_components.resume_sync.account.store import StateStore
from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.model import PairRules
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Report
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import RunMode, run
from tests.simulators.clock import SimulatedClock

from .measuring import measured
from .media_servers import DEVICE, START, Door, Place
from .result import Measurement
from .server_process import ServerProcess
from .size import Size

INTERVAL_SECONDS = 300
NEW = 20

type Pair = tuple[Place, Place]
type Client = PlexServer | JellyfinServer | EmbyServer


@dataclass(frozen=True, slots=True)
class Plan:
    """Which accounts a home has and how they are paired: all two-way."""

    name: str
    pairs: Sequence[Pair]

    @property
    def places(self) -> list[Place]:
        """The accounts, each once, in the order of the pairs."""
        return list(dict.fromkeys(place for pair in self.pairs for place in pair))


@dataclass(slots=True)
class Home:
    """One home while it is measured. `left` counts the titles that were left in progress so far."""

    plan: Plan
    size: Size
    clock: SimulatedClock
    servers: ServerProcess
    clients: dict[Place, Client]
    stores: dict[Place, StateStore]
    accounts: dict[Place, Account]
    locks: dict[Place, asyncio.Lock]
    left: int = 0
    measurements: list[Measurement] = field(default_factory=list)

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
        start = self.clock.now_ms()
        return await asyncio.gather(*(self._run(pair, start) for pair in self.plan.pairs))

    async def _run(self, pair: Pair, not_before: int) -> Report:
        """Run one pair once both of its accounts are free."""
        left, right = pair

        async def save() -> None:
            for place in pair:
                await self.stores[place].async_save()

        async with AsyncExitStack() as stack:
            for place in sorted(pair):
                await stack.enter_async_context(self.locks[place])
            return await run(
                self.accounts[left],
                self.accounts[right],
                PairRules(),
                self.stores[left].pairs[_pair_id(pair)].ledger,
                now=self.clock.now_ms,
                save=save,
                not_before=not_before,
                mode=RunMode.SYNC,
                approval=Approval.EVERYTHING,
            )

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
    clock = SimulatedClock(START)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="resume-sync-bench-"))
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        hass = HomeAssistant(folder)
        Path(folder, ".storage").mkdir()
        stack.push_async_callback(hass.async_stop, force=True)
        home = Home(plan, size, clock, servers, {}, {}, {}, {})
        for place in plan.places:
            client = _client(session, servers.doors[place], clock)
            stack.push_async_callback(client.close)
            store = StateStore(hass, "-".join(place), place[0])
            await store.async_load([_pair_id(pair) for pair in plan.pairs if pair[0] == place])
            home.clients[place], home.stores[place], home.locks[place] = client, store, asyncio.Lock()
            home.accounts[place] = Account("-".join(place), place[0], client, store.journal)
            await client.verify()
        yield home


def _pair_id(pair: Pair) -> str:
    """Return a name for a pair."""
    return "_".join("-".join(place) for place in pair)


def _client(session: aiohttp.ClientSession, door: Door, clock: SimulatedClock) -> Client:
    """Return the client of an account."""
    if door.kind == "plex":
        return PlexServer(
            url=door.url,
            token=door.token,
            user_id=door.user_id,
            user_name=door.user,
            device_id=DEVICE,
            server_id=door.server_id,
            now=clock.now_ms,
            confirm_seconds=0.01,
        )
    client = EmbyServer if door.kind == "emby" else JellyfinServer
    return client(
        session,
        url=door.url,
        token=door.token,
        user_id=door.user_id,
        device_id=DEVICE,
        server_id=door.server_id,
        now=clock.now_ms,
    )

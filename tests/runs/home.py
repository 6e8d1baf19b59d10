"""One viewer with three simulated servers, the clients of them, and pairs between the accounts."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import PairRules
from custom_components.resume_sync.sync.plan.decision import Decision, Report
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import RunMode, run
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Catalogue, Film, Show
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.playback import Viewer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.server import SimulatedServer

USER = "anna"
START = 1_790_000_000.0
MINUTE = 60_000

type Pair = tuple[str, str]


@dataclass(slots=True)
class Home:
    """The servers by name, one account on each, and the pairs."""

    clock: SimulatedClock
    servers: dict[str, SimulatedServer[Any]]
    pairs: dict[Pair, PairRules]
    clients: dict[str, PlexServer | JellyfinServer | EmbyServer] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    ledgers: dict[Pair, Ledger] = field(default_factory=dict)
    saves: list[dict[str, Any]] = field(default_factory=lambda: [{}])

    def restart(self) -> None:
        """Start from what was saved last, as after a loss of power."""
        saved = self.saves[-1]
        self.accounts = {
            name: Account(name, name, client, Journal.from_dict(saved.get(name, {})))
            for name, client in self.clients.items()
        }
        self.ledgers = {pair: Ledger.from_dict(saved.get("-".join(pair), {})) for pair in self.pairs}

    async def save(self) -> None:
        """Save all state."""
        state: dict[str, Any] = {name: account.journal.to_dict() for name, account in self.accounts.items()}
        state |= {"-".join(pair): ledger.to_dict() for pair, ledger in self.ledgers.items()}
        self.saves.append(json.loads(json.dumps(state)))

    async def sync_pair(self, pair: Pair, *, not_before: int | None = None, **options: Any) -> Report:
        """Run one pair."""
        left, right = pair
        return await run(
            self.accounts[left],
            self.accounts[right],
            self.pairs[pair],
            self.ledgers[pair],
            now=self.clock.now_ms,
            save=self.save,
            not_before=self.clock.now_ms() if not_before is None else not_before,
            **{"mode": RunMode.SYNC, **options},
        )

    async def sync(self, pairs: Iterable[Pair] | None = None, **options: Any) -> dict[Pair, Report]:
        """Run all pairs as one round: they share one listing per account. The clock moves a second with each."""
        start = self.clock.now_ms()
        reports = {}
        for pair in pairs or self.pairs:
            self.clock.advance(1)
            reports[pair] = await self.sync_pair(pair, not_before=start, **options)
        return reports

    def viewer(self, name: str, device: str = "TV") -> Viewer:
        """Return the viewer in front of one server."""
        return self.servers[name].viewer(USER, device)

    def item(self, name: str, key: str) -> str:
        """Return the one item of a title on a server."""
        (item_id,) = self.servers[name].items_of(key)
        return item_id

    def minutes(self, key: str) -> dict[str, float]:
        """Return where a title stands on each server, in minutes."""
        return {
            name: self.viewer(name).state(self.item(name, key)).position_ms / MINUTE
            for name in self.servers
            if self.servers[name].items_of(key)
        }

    def watch(self, name: str, key: str, *, from_minute: float | None = None, minutes: float) -> None:
        """Watch a title for a while and stop."""
        viewer = self.viewer(name)
        viewer.play(self.item(name, key), None if from_minute is None else int(from_minute * MINUTE))
        self.clock.advance(minutes * 60)
        viewer.stop()

    def requests(self) -> dict[str, dict[str, int]]:
        """Return the requests of each server by route since the last call, and count anew."""
        tables = {name: server.traffic.table() for name, server in self.servers.items()}
        for server in self.servers.values():
            server.traffic.reset()
        return tables

    def writes(self) -> int:
        """Return how many requests changed something since the requests were last counted."""
        return sum(server.traffic.writes for server in self.servers.values())


def one(report: Report, title: str) -> Decision:
    """Return the decision about a title."""
    (decision,) = (decision for decision in report.decisions if decision.item.title == title)
    return decision


@asynccontextmanager
async def open_home(
    kinds: Iterable[str],
    pairs: Iterable[Pair],
    rules: PairRules,
    *,
    films: Iterable[Film] = (),
    shows: Iterable[Show] = (),
) -> AsyncIterator[Home]:
    """Open servers of these kinds (`plex`, `jellyfin`, `emby`) with the same library, and accounts on them."""
    clock = SimulatedClock(START)
    catalogue = Catalogue(tuple(films), tuple(shows))
    home = Home(clock, {}, dict.fromkeys(pairs, rules))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        try:
            for kind in kinds:
                home.servers[kind] = await _server(kind, clock, catalogue)
                home.clients[kind] = _client(session, home.servers[kind], clock)
                await home.clients[kind].verify()
            home.restart()
            home.requests()
            yield home
        finally:
            for client in home.clients.values():
                await client.close()
            for server in home.servers.values():
                await server.stop()


async def _server(kind: str, clock: SimulatedClock, catalogue: Catalogue) -> SimulatedServer[Any]:
    """Start a server."""
    server: PlexMediaServer | SimulatedJellyfin | SimulatedEmby
    if kind == "plex":
        server = PlexMediaServer(clock=clock)
    else:
        server = SimulatedJellyfin(clock=clock) if kind == "jellyfin" else SimulatedEmby(clock=clock)
    server.add_user(USER)
    server.fill(catalogue)
    await server.start()
    return server


def _client(
    session: aiohttp.ClientSession, server: SimulatedServer[Any], clock: SimulatedClock
) -> PlexServer | JellyfinServer | EmbyServer:
    """Return the viewer's client."""
    if isinstance(server, PlexMediaServer):
        return PlexServer(
            url=server.url,
            token=server.token(USER),
            user_id=server.users[USER].user_id,
            user_name=USER,
            device_id="resume-sync-plex",
            server_id=server.machine_id,
            now=clock.now_ms,
            confirm_seconds=0.01,
        )
    assert isinstance(server, MediaBrowserServer)
    client = EmbyServer if isinstance(server, SimulatedEmby) else JellyfinServer
    return client(
        session,
        url=server.url,
        token=server.add_token(USER, "resume-sync"),
        user_id=server.users[USER].user_id,
        device_id="resume-sync",
        server_id=server.server_id,
        now=clock.now_ms,
    )

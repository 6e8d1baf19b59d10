"""One viewer with simulated servers, the clients of them over HTTP, and pairs between the accounts."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from custom_components.resume_sync.sync.model import PairRules, ServerType
from custom_components.resume_sync.sync.plan.decision import Decision, Report
from tests.households.doors import client, door
from tests.households.media_servers import MediaServers, new_server
from tests.households.over_the_port import Household, Pair
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Catalogue, Film, Show

USER = "anna"
START = 1_790_000_000.0


class Home(Household[str]):
    """The servers by the name of their kind, one account on each, and the pairs."""

    def __init__(self, servers: MediaServers, pairs: Iterable[Pair[str]], rules: PairRules) -> None:
        """Take the servers; nobody has signed in yet."""
        super().__init__(dict.fromkeys(pairs, rules), now=servers.clock.now_ms, wait=servers.clock.advance)
        self.servers = servers
        self.clock = servers.clock

    def requests(self) -> dict[str, dict[str, int]]:
        """Return the requests of each server by route since the last call, and count anew."""
        tables = self.servers.requests()
        self.servers.reset_traffic()
        return tables


def one(report: Report, title: str) -> Decision:
    """Return the decision about a title."""
    (decision,) = (decision for decision in report.decisions if decision.item.title == title)
    return decision


@asynccontextmanager
async def open_home(
    kinds: Iterable[str],
    pairs: Iterable[Pair[str]],
    rules: PairRules,
    *,
    films: Iterable[Film] = (),
    shows: Iterable[Show] = (),
    jellyfin: str = "10.11.11",
) -> AsyncIterator[Home]:
    """Open servers of these kinds (`plex`, `jellyfin`, `emby`) with the same library, and accounts on them.

    `jellyfin` is the version of a Jellyfin.
    """
    clock = SimulatedClock(START)
    opened = {kind: new_server(ServerType(kind), kind, clock, USER, jellyfin=jellyfin) for kind in kinds}
    servers = MediaServers(opened, clock, USER)
    for server in servers.values():
        server.fill(Catalogue(tuple(films), tuple(shows)))
    home = Home(servers, pairs, rules)
    async with (
        servers.running(),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        AsyncExitStack() as stack,
    ):
        clients = {name: client(door(server, USER), session, clock.now_ms) for name, server in servers.items()}
        for each in clients.values():
            stack.push_async_callback(each.close)
        home.clients |= clients
        home.start()
        for each in clients.values():
            await each.verify()
        servers.reset_traffic()
        yield home

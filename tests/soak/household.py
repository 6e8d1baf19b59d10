"""A household: servers, two users, accounts and pairs, and a Home Assistant that can lose power at any moment."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from math import inf
import random
from typing import override

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Heard
from custom_components.resume_sync.sync.media_server import MediaServer
from custom_components.resume_sync.sync.model import Direction, PairRules, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError, Report
from custom_components.resume_sync.sync.run.clock_step import step_back
from custom_components.resume_sync.sync.run.runner import RunMode, run
from tests.households.media_servers import MediaServers, Server, kind_of, new_server
from tests.households.over_the_port import SECONDS_BETWEEN_PAIRS, Engine, Household as HouseholdOverThePort
from tests.simulators.clock import SimulatedClock
from tests.simulators.playback import PlaySession
from tests.simulators.state import WatchState
from tests.simulators.timeline import SessionEvent

from .direct import DirectServer
from .titles import CATALOGUE, START, USERS
from .truth import Observation, Truth
from .wire import Wire

type AccountName = tuple[str, str]
type Connect = Callable[[Server, str, Callable[[], int]], MediaServer]
"""Makes the client of a user on a server; the function tells the time on this machine's clock."""


def standing(state: WatchState) -> WatchState:
    """Return a state as it counts: what is hidden from "Continue watching" stands at 0, although it has a position."""
    return replace(state, position_ms=0) if state.hidden else state


class PowerLoss(BaseException):
    """Home Assistant dies here."""


class DiskFull(Exception):
    """The state could not be saved."""


class Trouble(StrEnum):
    """What can happen at one point of a run."""

    POWER_LOSS = "power loss"
    CANCELLED = "cancelled"
    DISK_FULL = "disk full"
    VIEWER = "viewer"


@dataclass(slots=True)
class Incident:
    """Something that happens at the `at`-th point of a run: before or after a request or a save.

    `act` is what a viewer does there. `happened` tells that the run came that far.
    """

    trouble: Trouble
    at: int
    act: Callable[[], None] = lambda: None
    happened: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts of one user, in the order left and right, and their rules."""

    user: str
    left: str
    right: str
    rules: PairRules

    @property
    def name(self) -> str:
        """The pair's name on disk."""
        return f"{self.user}: {self.left} and {self.right}"

    @property
    def servers(self) -> tuple[str, str]:
        """Both servers."""
        return self.left, self.right

    @property
    def accounts(self) -> tuple[AccountName, AccountName]:
        """Both accounts."""
        return (self.left, self.user), (self.right, self.user)


@dataclass(slots=True)
class Run:
    """A run that is going on, or that ended with a report, or with an error, or not at all."""

    pair: Pair
    mode: RunMode
    began: float
    report: Report | None = None
    error: BaseException | None = None
    written: set[tuple[str, str]] = field(default_factory=set)


class Household(HouseholdOverThePort[AccountName]):
    """Everything that a schedule plays with; accounts are named by server and user.

    `machine_ahead` is how far this machine's clock is ahead of the true time, in seconds. `former_titles` are those of
    items that are no more, by server and id; `first_report_at` tells when the first run of a pair began that came to
    its report. `heard` are the accounts whose servers tell by push what sessions do, with `stops_told`
    also where each one stopped.
    """

    def __init__(
        self,
        kinds: Mapping[str, ServerType],
        pairs: Sequence[Pair],
        connect: Connect,
        *,
        engine: Engine = run,
        seed: int = 0,
    ) -> None:
        """Stock the servers and start Home Assistant without history; `connect` makes an account's client."""
        self.clock = SimulatedClock(START)
        rules = {pair.accounts: pair.rules for pair in pairs}
        super().__init__(rules, now=self.machine_time, wait=self.clock.advance, engine=engine)
        servers = {name: new_server(kind, f"{name} server", self.clock, *USERS) for name, kind in kinds.items()}
        self.servers = MediaServers(servers, self.clock, USERS[0])
        for server in self.servers.values():
            server.fill(CATALOGUE)
        self.pairs = tuple(pairs)
        self.machine_ahead = 0.0
        self.latency = 0.0
        self.wires: dict[AccountName, Wire] = {}
        self.truths: dict[str, Truth] = {}
        self.former_titles: dict[tuple[str, str], str] = {}
        self.first_report_at: dict[str, float] = {}
        self.heard: set[AccountName] = set()
        self.stops_told = False
        self._saved_observations: dict[AccountName, int] = {}
        self.run: Run | None = None
        self.on_run: Callable[[Run], None] = lambda _: None
        self.runs = self.incidents = self.restarts = self.power_losses = 0
        self.power_lost_at = -inf
        self._connect = connect
        self._random = random.Random(seed)
        self._incident: Incident | None = None
        self._points = 0
        self._task: asyncio.Task[Report] | None = None

    def open(self) -> None:
        """Connect all accounts, once the servers can be reached."""
        for pair in self.pairs:
            self.truths.setdefault(pair.user, Truth())
            for name in pair.accounts:
                if name not in self.wires:
                    server, user = name
                    client = self._connect(self.servers[server], user, self.now)
                    self.wires[name] = Wire(server, user, client, self.clock.now, self._point)
        self.clients |= self.wires
        self.start()

    def hear(self, names: Iterable[AccountName]) -> None:
        """Let the servers of some accounts tell by push what their sessions do, from now on."""
        for name in names:
            self.heard.add(name)
            self.servers[name[0]].timeline.on_change(partial(self._session_changed, name))
            self._listen(name)

    def _listen(self, name: AccountName) -> None:
        """Begin to listen to a server's sessions."""
        self.accounts[name].journal.plays.hear(self.now())
        self._take_sessions(name)

    def _session_changed(self, name: AccountName, session: PlaySession, event: SessionEvent) -> None:
        """Take in that something happened to a session."""
        self._take_sessions(name)
        if self.stops_told:
            journal, ended = self.accounts[name].journal, event is SessionEvent.ENDED
            journal.note_push(session.item_id, Heard(self.now(), session.position_ms) if ended else None)

    def _take_sessions(self, name: AccountName) -> None:
        """Take in what a server tells of its sessions."""
        inner = self.wires[name].inner
        if isinstance(inner, DirectServer):
            self.accounts[name].journal.plays.note(inner.sessions_now())

    def title_of(self, server: str, item_id: str) -> str | None:
        """Return the title of an item that a server has, or once had."""
        entry = self.servers[server].holdings.get(item_id)
        return self.former_titles.get((server, item_id)) if entry is None else entry.key

    def position(self, server: str, user: str, title: str) -> int | None:
        """Return where a title counts as standing, None where the server does not have it."""
        simulated = self.servers[server]
        items = [
            item_id
            for item_id in simulated.items_of(title)
            if simulated.can_see(simulated.users[user], simulated.holdings[item_id])
        ]
        return max((standing(simulated.watch_state(user, item_id)).position_ms for item_id in items), default=None)

    def targets(self, user: str) -> frozenset[str]:
        """Return the servers that pairs of a user write to."""
        both = [pair for pair in self.pairs if pair.user == user]
        forth = {pair.right for pair in both if pair.rules.direction is not Direction.FROM_PEER}
        return frozenset(forth | {pair.left for pair in both if pair.rules.direction is not Direction.TO_PEER})

    def machine_time(self) -> int:
        """Return the time on this machine's clock."""
        return self.clock.now_ms() + int(self.machine_ahead * 1000)

    def lose_power(self) -> None:
        """Let Home Assistant die, and start it again."""
        self.power_losses += 1
        self.power_lost_at = self.clock.now()
        self.start()

    @override
    def start(self) -> None:
        """Start Home Assistant from what is on its disk; what it saw since it was saved is unknown again."""
        self.restarts += 1
        super().start()
        for name in self.heard:
            self._listen(name)
        for name, account in self.accounts.items():
            account.journal.kin = partial(self._kin, name)
        for name in self.wires:
            del self._observations(name)[self._saved_observations.get(name, 0) :]

    def _kin(self, name: AccountName) -> list[Journal]:
        """Return the journals of a user's accounts on other Plex servers, which share watched marks with this one."""
        on_plex = {
            one: account.journal
            for one, account in self.accounts.items()
            if one[1] == name[1] and kind_of(self.servers[one[0]]) is ServerType.PLEX
        }
        return [journal for one, journal in on_plex.items() if name in on_plex and one != name]

    def stop(self) -> None:
        """Stop Home Assistant in order: everything is saved."""
        for name in self.accounts:
            self.write(name)

    async def sync(
        self,
        pair: Pair,
        mode: RunMode = RunMode.SYNC,
        *,
        not_before: int | None = None,
        incident: Incident | None = None,
        full: bool = False,
    ) -> Run:
        """Run one pair; a loss of power restarts Home Assistant."""

        async def save() -> None:
            for name in sorted(pair.accounts):
                await self._point(None, "save")
                if self._due(Trouble.DISK_FULL):
                    raise DiskFull
                self.write(name)
                await self._point(None, "saved")

        if mode is not RunMode.PREVIEW:
            self._step_back()
        self.runs += 1
        self._incident, self._points = incident, 0
        self.run = current = Run(pair, mode, self.clock.now())
        running = self.run_pair(pair.accounts, mode, not_before=not_before, save=save, full=full)
        self._task = asyncio.ensure_future(running)
        try:
            current.report = await self._task
        except (AccountError, DiskFull, asyncio.CancelledError) as error:
            current.error = error
        except BaseExceptionGroup as errors:
            if errors.split((PowerLoss, asyncio.CancelledError, AccountError))[1] is not None:
                raise
            current.error = errors
        except PowerLoss as error:
            current.error = error
        finally:
            self.run = None
        self.incidents += incident is not None and incident.happened
        for name in pair.accounts:
            self._note_observation(name)
        if current.report is not None and mode is RunMode.SYNC:
            self.first_report_at.setdefault(pair.name, current.began)
        self.on_run(current)
        if incident is not None and incident.happened and incident.trouble is Trouble.POWER_LOSS:
            self.lose_power()
        return current

    async def sync_all(self, incident: Incident | None = None) -> list[Run]:
        """Run all pairs once, as the automatic sync does: accounts are read once in a round."""
        start = self.now()
        done = []
        for pair in self.pairs:
            hits = incident is not None and not incident.happened
            done.append(await self.sync(pair, not_before=start, incident=incident if hits else None))
            self.wait(SECONDS_BETWEEN_PAIRS)
        return done

    def _step_back(self) -> None:
        """Bring stored times into line with a clock that was set back, and save them, as Home Assistant does."""
        if step_back([one.journal for one in self.accounts.values()], self.ledgers.values(), self.now()):
            self.stop()

    @override
    def write(self, name: AccountName) -> None:
        """Write an account's state to the disk."""
        self._note_observation(name)
        super().write(name)
        self._saved_observations[name] = len(self._observations(name))

    def _observations(self, name: AccountName) -> list[Observation]:
        """Return what was observed of an account and is still known."""
        return self.truths[name[1]].observations.setdefault(name[0], [])

    def _note_observation(self, name: AccountName) -> None:
        """Note the last listing, if the account's journal has taken it in."""
        wire, known = self.wires[name], self._observations(name)
        taken_in = wire.snapshot is not None and self.accounts[name].journal.read_at == wire.snapshot.read_at
        if wire.snapshot is not None and taken_in and (not known or wire.listed_at > known[-1].read_at):
            listed = {item_id: state.position_ms for item_id, state in wire.snapshot.items.items()}
            there, complete = self._there(name) - wire.active, not wire.snapshot.nameless_rows
            known.append(Observation(wire.listed_at, self.clock.now(), listed, there, complete))

    def _there(self, name: AccountName) -> frozenset[str]:
        """Return the items that a user gets to see on a server."""
        server = self.servers[name[0]]
        return frozenset(entry.item_id for entry in server.holdings if server.can_see(server.users[name[1]], entry))

    async def _point(self, wire: Wire | None, route: str) -> None:
        """Let something happen between two steps of a run, and let other steps overtake this one."""
        for _ in range(self._random.choice((0, 0, 1, 3))):
            await asyncio.sleep(0)
        if wire is not None and self.latency:
            self.wait(self.latency)
        self._points += 1
        if self._due(Trouble.POWER_LOSS):
            raise PowerLoss
        if self._due(Trouble.CANCELLED) and self._task is not None:
            self._task.cancel()
            await asyncio.sleep(0)
        if self._due(Trouble.VIEWER) and self._incident is not None:
            self._incident.act()

    def _due(self, trouble: Trouble) -> bool:
        """Tell whether the run's incident is this one and happens now."""
        incident = self._incident
        if incident is None or incident.trouble is not trouble or incident.happened or self._points < incident.at:
            return False
        incident.happened = True
        return True

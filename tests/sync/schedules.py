"""Random schedules over a household: what viewers do, what fails meanwhile, and what must be true in the end."""

import contextlib
from dataclasses import dataclass
from enum import StrEnum
import random

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.runner import RunMode

from .household import Household
from .world import DURATION, HOUR, MINUTE, Marks, ModelServer, film

TITLES = ("film-1", "film-2")
LEEWAY_MS = 31_000


class Shape(StrEnum):
    """How accounts are paired."""

    PAIR = "pair"
    CHAIN = "chain"
    TRIANGLE = "triangle"
    RING = "ring"


PAIRS = {
    Shape.PAIR: (("a", "b"),),
    Shape.CHAIN: (("a", "b"), ("b", "c")),
    Shape.TRIANGLE: (("a", "b"), ("b", "c"), ("c", "a")),
    Shape.RING: (("a", "b"), ("b", "c"), ("c", "a")),
}


@dataclass(frozen=True, slots=True)
class Touch:
    """The last thing that a human did to a title, and where."""

    at: int
    server: str
    position_ms: int


class Schedule:
    """One random schedule, from its seed."""

    def __init__(self, seed: int) -> None:
        """Make a household, with a history that Resume Sync has not seen."""
        self.random = random.Random(seed)
        self.shape = self.random.choice(list(Shape))
        names = sorted({name for pair in PAIRS[self.shape] for name in pair})
        kinds = {name: self.random.choice(list(ServerType)) for name in names}
        direction = Direction.TO_PEER if self.shape is Shape.RING else Direction.TWO_WAY
        self.remove = self.random.choice([RemoveMode.OFF, RemoveMode.SOURCE])
        rules = PairRules(direction=direction, remove=self.remove)
        self.household = Household.of(kinds, self.random.sample(PAIRS[self.shape], len(PAIRS[self.shape])), rules)
        self.truth: dict[str, list[Touch]] = {}
        self.contested: dict[tuple[str, str], list[Touch]] = {}
        for name, server in self.household.servers.items():
            server.add(*(film(number) for number in range(1, len(TITLES) + 1)))
            server.skew_ms = self.random.choice([0, 0, 0, 3 * HOUR, -40 * MINUTE])
            server.latency_ms = self.random.choice([3, 40, 700])
            server.sessions_readable = self.random.random() < 0.8
            for item_id in TITLES:
                if self.random.random() < 0.3:
                    self.wait(self.random.randrange(HOUR, 30 * HOUR))
                    self.watch(name, server, item_id)

    @property
    def now(self) -> int:
        """The time."""
        return self.household.clock.time

    def wait(self, duration_ms: int) -> None:
        """Let time pass, with players reporting."""
        self.household.clock.time += duration_ms
        for server in self.household.servers.values():
            server.tick()

    def watch(self, name: str, server: ModelServer, item_id: str) -> None:
        """Watch an item for a while, in one go."""
        self.begin(name, item_id)
        server.play(item_id)
        if self.random.random() < 0.3:
            server.seek(self.random.randrange(10 * MINUTE, DURATION * 6 // 10))
        self.wait(self.random.randrange(6 * MINUTE, 20 * MINUTE))
        self.touched(name, item_id, server.stop())

    def touched(self, name: str, item_id: str, position_ms: int) -> None:
        """Note what a human did last.

        Nobody can order it after an earlier touch elsewhere unless both accounts were read in between: then either of
        them may stand in the end.
        """
        kept = self.household.position(name, item_id) if position_ms else 0
        if kept and abs(self.household.servers[name].before_play.get(item_id, 0) - kept) < NOISE_MS:
            return
        if position_ms and not kept:
            return
        self.truth[item_id] = [*self.contested.pop((name, item_id), []), Touch(self.now, name, kept)]

    def begin(self, name: str, item_id: str) -> None:
        """Note which earlier touches cannot be ordered before one that begins now."""
        touches = self.truth.get(item_id, [])
        self.contested[name, item_id] = [touch for touch in touches if not self._ordered_after(touch, name)]

    def _ordered_after(self, touch: Touch, name: str) -> bool:
        """Tell whether a touch made now on one server is certainly seen to be later than an earlier one."""
        if touch.server == name:
            return True
        reads = [self.household.accounts[one].journal.read_at for one in (touch.server, name)]
        return all(read_at is not None and read_at > touch.at for read_at in reads)

    async def play_out(self, steps: int = 14) -> None:
        """Do random things, then let everything come to rest."""
        for _ in range(steps):
            self.wait(self.random.randrange(20_000, 8 * MINUTE))
            await self.random_step()
        for server in self.household.servers.values():
            server.delay_ms = server.failing = server.ignoring = 0
            server.dies_at = None
            for who, session in list(server.sessions.items()):
                if session.paused_at_ms is None:
                    name = next(name for name, one in self.household.servers.items() if one is server)
                    self.touched(name, session.item_id, server.stop(who))
                else:
                    server.stop(who)
        for _ in range(9):
            self.wait(5 * HOUR)
            await self.household.round()

    async def random_step(self) -> None:
        """Do one random thing."""
        name = self.random.choice(list(self.household.servers))
        server = self.household.servers[name]
        item_id = self.random.choice(TITLES)
        busy = any(
            session.item_id == item_id for one in self.household.servers.values() for session in one.sessions.values()
        )
        choice = self.random.random()
        if choice < 0.40:
            await self.household.round()
        elif choice < 0.60 and not busy:
            self.watch(name, server, item_id)
        elif choice < 0.68 and not busy:
            await self._watch_while_running(name, server, item_id)
        elif choice < 0.74 and not busy:
            self.begin(name, item_id)
            server.play(item_id, "app")
            self.wait(self.random.randrange(6 * MINUTE, 15 * MINUTE))
            self.touched(name, item_id, server.pause("app"))
        elif choice < 0.78 and "app" in server.sessions:
            server.stop("app")
        elif choice < 0.83 and not busy and server.holdings[item_id].position_ms:
            self.begin(name, item_id)
            server.play(item_id)
            self.wait(DURATION * 9 // 10 - server.holdings[item_id].position_ms)
            server.finish()
            self.touched(name, item_id, 0)
        elif choice < 0.86 and not busy and server.holdings[item_id].position_ms:
            self.begin(name, item_id)
            if self.household.accounts[name].journal.entries.get(item_id, None) is None or (
                self.household.accounts[name].journal.entries[item_id].gone
            ):
                return
            server.clear(item_id)
            self.touched(name, item_id, 0)
        elif choice < 0.90:
            server.failing = self.random.randrange(1, 4)
        elif choice < 0.93:
            server.dies_at = self.random.randrange(0, 8)
        elif choice < 0.96:
            server.ignoring = 1
        else:
            server.offline_library = True
            await self.household.round()
            server.offline_library = False

    async def _watch_while_running(self, name: str, server: ModelServer, item_id: str) -> None:
        """Watch with runs going on meanwhile."""
        self.begin(name, item_id)
        server.play(item_id)
        for _ in range(self.random.randrange(1, 4)):
            self.wait(self.random.randrange(3 * MINUTE, 7 * MINUTE))
            await self.household.round()
        self.touched(name, item_id, server.stop())

    def wrong(self) -> list[str]:
        """Return what is not as the last human action left it."""
        found = []
        for item_id, touches in self.truth.items():
            for name, server in self.household.servers.items():
                position = server.holdings[item_id].position_ms
                if not any(self._right(touch, name, server, position) for touch in touches):
                    found.append(f"{item_id} on {name} ({server.kind}): {position}, not {touches}")
        return found

    def _right(self, touch: Touch, name: str, server: ModelServer, position_ms: int) -> bool:
        """Tell whether a server shows what a human did last."""
        if touch.position_ms:
            return abs(position_ms - touch.position_ms) <= LEEWAY_MS
        return name != touch.server or not position_ms

    def marks_held(self) -> dict[tuple[str, str], Marks]:
        """Return the watched marks and play counts that the servers hold."""
        return {
            (name, item_id): Marks(holding.watched, holding.play_count)
            for name, server in self.household.servers.items()
            for item_id, holding in server.holdings.items()
        }

    def marks_left(self) -> dict[tuple[str, str], Marks]:
        """Return the watched marks and play counts as viewers alone made them."""
        return {
            (name, item_id): server.marks.get(item_id, Marks())
            for name, server in self.household.servers.items()
            for item_id in server.holdings
        }

    async def writes_when_quiet(self) -> int:
        """Return how many writes two further rounds make."""
        for server in self.household.servers.values():
            server.calls.clear()
        for _ in range(2):
            self.wait(20 * MINUTE)
            await self.household.round()
        return sum(len(server.writes) for server in self.household.servers.values())


async def preview_changes_nothing(schedule: Schedule) -> bool:
    """Tell whether previews of all pairs leave no trace."""
    household = schedule.household
    before = {name: dict(server.holdings) for name, server in household.servers.items()}
    journals = {name: account.journal.copy() for name, account in household.accounts.items()}
    ledgers = {pair: ledger.copy() for pair, ledger in household.ledgers.items()}
    for server in household.servers.values():
        server.dies_at = None
    for pair in household.pairs:
        with contextlib.suppress(AccountError):
            await household.run_pair(pair, RunMode.PREVIEW)
    return (
        before == {name: dict(server.holdings) for name, server in household.servers.items()}
        and journals == {name: account.journal for name, account in household.accounts.items()}
        and ledgers == household.ledgers
    )

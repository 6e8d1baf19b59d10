"""One schedule: a household drawn at random, the steps that can be taken with it, and its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType
from custom_components.resume_sync.sync.run.runner import RunMode, run as run_product
from tests.households.over_the_port import Engine

from .accidents import Accidents
from .audit import Audit
from .direct import DirectServer
from .household import Connect, Household, Incident, Pair, Trouble
from .rest import come_to_rest, expect_rest
from .sitting import Sitting
from .titles import USERS
from .wire import Outage, Spoilt, Wire

ANNA, BEN = USERS


class Shape(StrEnum):
    """How a user's accounts are paired."""

    PAIR = "pair"
    ONE_WAY = "one way"
    CHAIN = "chain"
    ONE_WAY_CHAIN = "one-way chain"
    TRIANGLE = "triangle"
    RING = "ring"


PAIRS = {
    Shape.PAIR: ("ab",),
    Shape.ONE_WAY: ("ab",),
    Shape.CHAIN: ("ab", "bc"),
    Shape.ONE_WAY_CHAIN: ("ab", "bc"),
    Shape.TRIANGLE: ("ab", "bc", "ca"),
    Shape.RING: ("ab", "bc", "ca"),
}
ONE_WAY = frozenset({Shape.ONE_WAY, Shape.ONE_WAY_CHAIN, Shape.RING})


@dataclass(frozen=True, slots=True)
class Setting:
    """What a household is like, by server; `skews` are seconds, `readable` and `heard` are about sessions.

    `stops_told`: servers whose sessions are heard tell of each stop, and where it was.
    """

    shape: Shape
    kinds: Sequence[ServerType]
    skews: Sequence[float]
    readable: Sequence[bool]
    remove: RemoveMode
    latency: float
    backwards: bool
    second_user: bool
    seed: int
    heard: Sequence[bool] = (False, False, False)
    stops_told: bool = False

    @property
    def hides(self) -> bool:
        """Whether pairs hide on Plex what they would remove there: every other household."""
        return self.seed % 2 == 0


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens at the `at`-th point of a run; for a viewer who acts there, what they do to which title."""

    trouble: Trouble
    at: int
    deed: str
    server: str
    title: str
    place: float = 0.4


class Schedule:
    """A household with the steps that viewers, servers and Home Assistant can take. Each step ends in checks."""

    def __init__(self, setting: Setting, connect: Connect = DirectServer, engine: Engine = run_product) -> None:
        """Set a household up; `open` connects it."""
        names = sorted({name for pair in PAIRS[setting.shape] for name in pair})
        self.household = Household(
            dict(zip(names, setting.kinds, strict=False)), _pairs(setting), connect, engine=engine, seed=setting.seed
        )
        self.audit = Audit(self.household)
        self.people = self.audit.people
        self.accidents = Accidents(self.people)
        self.steps = 0
        self.household.latency = setting.latency
        self._setting = setting

    def open(self) -> None:
        """Connect, and start Home Assistant."""
        for server, skew in zip(self.household.servers.values(), self._setting.skews, strict=False):
            server.skew = skew
        self.household.open()
        for name, readable in zip(self.household.servers, self._setting.readable, strict=False):
            for wire in self._wires(name):
                wire.troubles.sessions_readable = readable
        heard = zip(self.household.servers, self._setting.heard, self._setting.readable, strict=False)
        self.household.stops_told = self._setting.stops_told
        self.household.hear((name, ANNA) for name, is_heard, readable in heard if is_heard and readable)

    @property
    def faults(self) -> int:
        """How many faults were injected."""
        return self.household.incidents + sum(wire.faults for wire in self.household.wires.values())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.people.wait(seconds)

    def watch(self, server: str, title: str, minutes: float, seek_to: float | None, *, ben: bool = False) -> None:
        """Watch for a while and stop; `seek_to` is a share of the whole."""
        sitting = self.begin(server, title, seek_to, ben=ben)
        if sitting is not None:
            self.wait(minutes * 60)
            if sitting in self.people.sittings:
                self.people.stop(sitting)

    def begin(self, server: str, title: str, seek_to: float | None, *, ben: bool = False) -> Sitting | None:
        """Begin to watch, and jump to a place, unless somebody plays that there."""
        sitting = self.people.play(self._server(server), BEN if ben else ANNA, title)
        if sitting is not None and seek_to is not None:
            self._seek(sitting, seek_to)
        return sitting

    def deed(self, deed: str, server: str, title: str, place: float = 0.4) -> None:
        """Let a viewer do something with an app that is open on that server, or in the server's own interface.

        To look in is to open a title, jump to a place and stop there.
        """
        server = self._server(server)
        here = [one for one in self.people.sittings if one.server == server]
        sitting = next((one for one in here if one.title == title), here[0] if here else None)
        acts: dict[str, Callable[[Sitting], None]] = {
            "stop": self.people.stop,
            "pause": self.people.pause,
            "resume": self.people.resume,
            "sleep": self.people.sleep,
            "finish": self.people.finish,
            "seek": lambda one: self._seek(one, place),
        }
        if deed == "begin":
            self.people.play(server, ANNA, title)
        elif deed == "look in":
            self.watch(server, title, 0, place)
        elif deed in ("clear", "watched", "unwatched"):
            self._click(deed, server, title)
        elif sitting is not None and (sitting.is_awake or deed in ("stop", "resume")):
            acts[deed](sitting)

    async def sync(self, mishap: Mishap | None = None) -> None:
        """Let the automatic round come."""
        await self.household.sync_all(self._incident(mishap))

    async def sync_pair(self, index: int, mode: RunMode, mishap: Mishap | None = None, *, full: bool = False) -> None:
        """Run one pair by hand; a preview must leave no trace."""
        pair = self.household.pairs[index % len(self.household.pairs)]
        before = self.audit.state() if mode is RunMode.PREVIEW else None
        incident = None if mode is RunMode.PREVIEW else self._incident(mishap)
        await self.household.sync(pair, mode, incident=incident, full=full)
        if before is not None:
            untouched = before == self.audit.state()
            self.audit.expect(6, untouched, f"{pair.name}: a preview left a trace")

    def restart(self, *, orderly: bool) -> None:
        """Restart Home Assistant, after an orderly stop or a loss of power."""
        if orderly:
            self.household.stop()
            self.household.start()
        else:
            self.household.lose_power()

    def trouble(self, server: str, outage: Outage, requests: int, *, only_writes: bool) -> None:
        """Let the next requests to a server fail."""
        for wire in self._wires(server):
            wire.troubles.outage, wire.troubles.failing = outage, requests
            wire.troubles.only_writes = only_writes

    def spoil(self, server: str, spoilt: Spoilt, listings: int) -> None:
        """Let the next listings of a server be wrong."""
        for wire in self._wires(server):
            wire.troubles.spoilt, wire.troubles.spoilt_listings = spoilt, listings

    def overtake_listing(self, server: str) -> None:
        """Let what is written in the next round overtake a listing, which comes in the round after it."""
        for wire in self._wires(server):
            wire.troubles.is_overtaken = True

    def ignore_writes(self, server: str) -> None:
        """Let a server answer the next write and not do it."""
        for wire in self._wires(server):
            wire.troubles.ignored = 1

    def delay_writes(self, server: str, seconds: float) -> None:
        """Let what is written to a server land late."""
        for wire in self._wires(server):
            if isinstance(wire.inner, DirectServer):
                wire.inner.delay_seconds = seconds

    def unmount(self, server: str, *, mounted: bool) -> None:
        """Take a server's libraries away, or bring them back."""
        self.people.mount(self._server(server), mounted=mounted)

    def upgrade(self, server: str, title: str) -> None:
        """Replace a title's file: it comes back under a new id; nobody has it open, nothing is on its way to it."""
        simulated = self.household.servers[self._server(server)]
        item_id = self.people.item(self._server(server), title)
        busy = any(one.item_id == item_id for one in self.people.sittings)
        busy |= any(isinstance(one.inner, DirectServer) and one.inner.on_their_way for one in self._wires(server))
        if item_id is not None and not busy:
            self.household.former_titles[self._server(server), item_id] = title
            self.people.moved(self._server(server), title, simulated.replace_file(item_id))

    def set_clock(self, seconds: float) -> None:
        """Set this machine's clock forward or back."""
        self.household.machine_ahead += seconds
        for truth in self.household.truths.values():
            truth.clock_moved(self.household.clock.now(), seconds)

    async def end(self) -> None:
        """Let everything come to rest, and check what must be true then."""
        for name in self.household.servers:
            self.delay_writes(name, 0)
        await come_to_rest(self.audit)
        await expect_rest(self.audit)

    def _server(self, name: str) -> str:
        """Return the server of that name, or the first where the household has none such."""
        return name if name in self.household.servers else min(self.household.servers)

    def _wires(self, server: str) -> list[Wire]:
        """Return all accounts' wires to a server."""
        return [wire for (name, _), wire in self.household.wires.items() if name == self._server(server)]

    def _incident(self, mishap: Mishap | None) -> Incident | None:
        """Return a mishap as a run meets it."""
        if mishap is None:
            return None
        act = partial(self.deed, mishap.deed, mishap.server, mishap.title, mishap.place)
        return Incident(mishap.trouble, mishap.at, act)

    def _click(self, deed: str, server: str, title: str) -> None:
        """Do something in a server's own interface, to a title that nobody plays there."""
        if any((one.server, one.title) == (server, title) and one.is_awake for one in self.people.sittings):
            return
        if deed == "clear":
            self.people.clear(server, ANNA, title)
        else:
            self.people.mark(server, ANNA, title, watched=deed == "watched")

    def _seek(self, sitting: Sitting, place: float) -> None:
        """Jump to a place, a share of the whole."""
        if sitting.is_awake:
            self.people.seek(sitting, int((sitting.session.duration_ms or 0) * place))


def _pairs(setting: Setting) -> tuple[Pair, ...]:
    """Return the pairs of both users."""
    direction = Direction.TO_PEER if setting.shape in ONE_WAY else Direction.TWO_WAY
    rules = PairRules(direction=direction, remove=setting.remove, hide_on_plex=setting.hides)
    pairs = [Pair(ANNA, names[0], names[1], rules) for names in PAIRS[setting.shape]]
    if setting.second_user:
        pairs.append(Pair(BEN, "a", "b", PairRules()))
    return tuple(reversed(pairs) if setting.backwards else pairs)

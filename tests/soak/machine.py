"""The schedules as hypothesis draws them: a state machine whose rules are the steps of a schedule."""

import asyncio
from typing import Any, ClassVar, override

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from custom_components.resume_sync.sync.model import RemoveMode, ServerType
from custom_components.resume_sync.sync.run.runner import RunMode, run as run_product
from tests.households.over_the_port import Engine

from .direct import DirectServer
from .household import Connect, Trouble
from .schedule import Mishap, Schedule, Setting, Shape
from .tally import Tally, Violation
from .titles import TITLES
from .wire import Outage, Spoilt

SERVERS = st.sampled_from("abc")
FEW_TITLES = st.sampled_from(TITLES[:1] * 3 + TITLES)
MINUTES = st.sampled_from([0.2, 2.0, 6.0, 11.0, 17.0, 33.0])
PLACE = st.integers(20, 980).map(lambda thousandths: thousandths / 1000)
PLACES = st.none() | PLACE
PAUSES = st.sampled_from([5.0, 61.0, 300.0, 301.5, 1200.0, 5 * 3600.0, 20 * 3600.0])
DEEDS = st.sampled_from(
    ["stop", "stop", "pause", "resume", "sleep", "seek", "finish", "begin", "clear", "watched", "unwatched"]
)
MISHAPS = st.builds(
    Mishap,
    st.sampled_from([Trouble.POWER_LOSS, Trouble.POWER_LOSS, Trouble.VIEWER, Trouble.CANCELLED, Trouble.DISK_FULL]),
    st.integers(1, 24),
    DEEDS,
    SERVERS,
    FEW_TITLES,
)
SETTINGS = st.builds(
    Setting,
    st.sampled_from(Shape),
    st.lists(st.sampled_from(ServerType), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 1.3, 3 * 3600.0, -2400.0]), min_size=3, max_size=3),
    st.lists(st.sampled_from([True, True, False]), min_size=3, max_size=3),
    st.sampled_from([RemoveMode.OFF, RemoveMode.SOURCE]),
    st.sampled_from([0.0, 0.04, 0.7]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**16),
)


class SyncMachine(RuleBasedStateMachine):
    """Draws schedules of the product, straight over the servers' states."""

    connect: ClassVar[Connect] = DirectServer
    engine: ClassVar[Engine] = staticmethod(run_product)
    tally: ClassVar[Tally] = Tally()

    def __init__(self) -> None:
        """Wait for a setting."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.schedule: Schedule | None = None
        self.failed = False

    @initialize(setting=SETTINGS, history=st.lists(st.tuples(SERVERS, FEW_TITLES, MINUTES, PLACES), max_size=4))
    def set_up(self, setting: Setting, history: list[tuple[str, str, float, float | None]]) -> None:
        """Set a household up, with a history that Resume Sync has not seen."""
        self.schedule = self.new_schedule(setting)
        self.schedule.open()
        for server, title, minutes, place in history:
            self.schedule.wait(3600)
            self.schedule.watch(server, title, minutes, place)
        self.schedule.wait(60)

    def new_schedule(self, setting: Setting) -> Schedule:
        """Return the schedule of a setting."""
        return Schedule(setting, type(self).connect, type(self).engine)

    @rule(pause=PAUSES)
    def wait(self, pause: float) -> None:
        """Let time pass."""
        self.step().wait(pause)

    @rule(server=SERVERS, title=FEW_TITLES, minutes=MINUTES, place=PLACES, ben=st.booleans())
    def watch(self, server: str, title: str, minutes: float, place: float | None, ben: bool) -> None:
        """Watch for a while."""
        self.step().watch(server, title, minutes, place, ben=ben)

    @rule(server=SERVERS, title=FEW_TITLES, place=PLACES)
    def begin(self, server: str, title: str, place: float | None) -> None:
        """Begin to watch, and go on while other things happen."""
        self.step().begin(server, title, place)

    @rule(deed=DEEDS, server=SERVERS, title=FEW_TITLES, place=PLACE)
    def act(self, deed: str, server: str, title: str, place: float) -> None:
        """Do something with an open app, or in a server's own interface."""
        self.step().deed(deed, server, title, place)

    @rule(mishap=st.none() | MISHAPS)
    def sync(self, mishap: Mishap | None) -> None:
        """Let the automatic round come."""
        self.run(self.step().sync(mishap))

    @rule()
    def sync_undisturbed(self) -> None:
        """Let the automatic round come."""
        self.run(self.step().sync())

    @rule(index=st.integers(0, 3), mode=st.sampled_from(RunMode), mishap=st.none() | MISHAPS, full=st.booleans())
    def sync_pair(self, index: int, mode: RunMode, mishap: Mishap | None, full: bool) -> None:
        """Run one pair by hand."""
        self.run(self.step().sync_pair(index, mode, mishap, full=full))

    @rule(orderly=st.booleans())
    def restart(self, orderly: bool) -> None:
        """Restart Home Assistant."""
        self.step().restart(orderly=orderly)

    @rule(server=SERVERS, outage=st.sampled_from(Outage), requests=st.integers(1, 4), only_writes=st.booleans())
    def trouble(self, server: str, outage: Outage, requests: int, only_writes: bool) -> None:
        """Let the next requests fail."""
        self.step().trouble(server, outage, requests, only_writes=only_writes)

    @rule(server=SERVERS, spoilt=st.sampled_from(Spoilt), listings=st.integers(1, 2))
    def spoil(self, server: str, spoilt: Spoilt, listings: int) -> None:
        """Let the next listings be wrong."""
        self.step().spoil(server, spoilt, listings)

    @rule(server=SERVERS)
    def ignore_writes(self, server: str) -> None:
        """Let the next write be answered and not done."""
        self.step().ignore_writes(server)

    @rule(server=SERVERS, seconds=st.sampled_from([0.0, 0.0, 20.0, 400.0]))
    def delay_writes(self, server: str, seconds: float) -> None:
        """Let writes land late from now on, or no more."""
        self.step().delay_writes(server, seconds)

    @rule(server=SERVERS, mounted=st.booleans())
    def mount(self, server: str, mounted: bool) -> None:
        """Take a server's libraries away, or bring them back."""
        self.step().unmount(server, mounted=mounted)

    @rule(server=SERVERS, title=FEW_TITLES)
    def upgrade(self, server: str, title: str) -> None:
        """Replace a title's file."""
        self.step().upgrade(server, title)

    @rule(seconds=st.sampled_from([3600.0, -3600.0, 7200.0]))
    def set_clock(self, seconds: float) -> None:
        """Set this machine's clock."""
        self.step().set_clock(seconds)

    def step(self) -> Schedule:
        """Return the schedule, some seconds after the last step, if all was well then."""
        assert self.schedule is not None
        self.check()
        self.schedule.steps += 1
        self.schedule.wait(7)
        return self.schedule

    def run(self, running: Any) -> None:
        """Run to the end."""
        self.loop.run_until_complete(running)

    def check(self) -> None:
        """Raise where an invariant does not hold."""
        if self.schedule is not None and self.schedule.audit.violations:
            self.failed = True
            tally = type(self).tally
            tally.caught_in = tally.caught_in or tally.schedules + 1
            raise Violation("\n".join(self.schedule.audit.violations[:3]))

    @override
    def teardown(self) -> None:
        """Let everything come to rest, check the end, and count."""
        try:
            if self.schedule is not None and not self.failed:
                self.check()
                self.run(self.schedule.end())
                self.check()
        finally:
            self.loop.close()
            if self.schedule is not None:
                type(self).tally.count(self.schedule)

"""A family of schedules: the households it happens in, and its steps."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from custom_components.resume_sync.sync.model import RemoveMode, ServerType

from ..schedule import Schedule, Setting, Shape
from ..titles import TITLES

type Steps = Callable[[Evening], Awaitable[None]]

PLEX, JELLYFIN, EMBY = ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY
MINUTE = 60.0
HOUR = 3600.0
TWO = (Shape.PAIR, Shape.PAIR, Shape.PAIR, Shape.ONE_WAY)
THREE = (Shape.CHAIN, Shape.TRIANGLE, Shape.RING, Shape.ONE_WAY_CHAIN)
OFTEN, SOMETIMES, SELDOM = 0.7, 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Family:
    """Short schedules that provoke one rule.

    `first` are the kinds of which the first server may be; `kinds`, by server, what each has to be; None: any.
    `heard` is the share of servers that tell by push what sessions do, with `stops_told` also where each one stopped.
    """

    name: str
    steps: Steps
    shapes: Sequence[Shape] = TWO
    first: Sequence[ServerType] = tuple(ServerType)
    remove: Sequence[RemoveMode] = (RemoveMode.OFF, RemoveMode.SOURCE)
    kinds: Sequence[ServerType | None] = (None, None, None)
    heard: float = 0.0
    stops_told: bool = False

    def setting(self, random: Random) -> Setting:
        """Draw a household."""
        drawn_kinds = [random.choice(self.first), *(random.choice(tuple(ServerType)) for _ in "bc")]
        clocks = (0.0, 0.0, 1.3, 3 * HOUR, -2400.0)
        return Setting(
            shape=random.choice(self.shapes),
            kinds=[wanted or drawn for wanted, drawn in zip(self.kinds, drawn_kinds, strict=True)],
            skews=[random.choice(clocks) for _ in "abc"],
            readable=[random.random() < OFTEN for _ in "abc"],
            remove=random.choice(self.remove),
            latency=random.choice((0.0, 0.04, 0.7)),
            backwards=random.random() < SOMETIMES,
            second_user=False,
            seed=random.randrange(2**16),
            heard=[random.random() < self.heard for _ in "abc"],
            stops_told=self.stops_told,
        )


class Evening:
    """A schedule with the dice that its steps are drawn with. Places are shares of a title's length."""

    def __init__(self, schedule: Schedule, random: Random) -> None:
        """Choose the title that it is about, and one server to begin with."""
        self.schedule = schedule
        self.random = random
        self.title = random.choice((*TITLES[:1] * 3, *TITLES))
        self.servers = list(schedule.household.servers)
        self.here = "a"
        self.there = random.choice(self.servers[1:])

    def chance(self, share: float) -> bool:
        """Tell whether something happens that happens in this share of cases."""
        return self.random.random() < share

    def place(self, low: float = 0.1, high: float = 0.85) -> float:
        """Draw a place in the title."""
        return round(self.random.uniform(low, high), 3)

    def pause(self, *seconds: float) -> None:
        """Let one of these times pass."""
        self.schedule.steps += 1
        self.schedule.wait(self.random.choice(seconds))

    async def rounds(self, count: int = 1) -> None:
        """Let some automatic rounds come, five minutes apart."""
        for number in range(count):
            self.schedule.wait(7.0 if number == 0 else 5 * MINUTE)
            self.schedule.steps += 1
            await self.schedule.sync()

    def watch(self, server: str, minutes: float | None = None, place: float | None = None) -> None:
        """Watch the title for a while, from where it stands or from a place, and stop."""
        self.schedule.steps += 1
        self.schedule.wait(5)
        self.schedule.watch(server, self.title, minutes or self.random.choice((3, 8, 14, 25)), place)

    async def left_everywhere(self) -> None:
        """Leave the title in its first half on one server, and let that be carried to the others."""
        self.watch(self.random.choice(self.servers), place=self.place(0.1, 0.5))
        await self.rounds(self.random.choice((1, 2)))

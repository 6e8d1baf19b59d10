"""Families about machines: crashes, replaced files, set clocks, three servers, and viewers who act inside a run."""

from custom_components.resume_sync.sync.run.runner import RunMode

from ..household import Trouble
from ..schedule import Mishap
from ..titles import SHELF
from ..wire import Outage, Spoilt
from .family import HOUR, OFTEN, SOMETIMES, THREE, Evening, Family


async def crashes(evening: Evening) -> None:
    """Home Assistant loses power in the middle of runs."""
    schedule = evening.schedule
    if evening.chance(OFTEN):
        await evening.left_everywhere()
    for _ in range(2):
        evening.watch(evening.random.choice(evening.servers), place=evening.place() if evening.chance(0.5) else None)
        trouble = evening.random.choice((Trouble.POWER_LOSS, Trouble.POWER_LOSS, Trouble.CANCELLED, Trouble.DISK_FULL))
        schedule.wait(7)
        await schedule.sync(Mishap(trouble, evening.random.randint(1, 14), "stop", evening.there, evening.title))
        evening.pause(60, HOUR)
    if evening.chance(SOMETIMES):
        schedule.restart(orderly=False)
    await evening.rounds(2)


async def files_replaced(evening: Evening) -> None:
    """A title's file is replaced, or its library goes away and comes back."""
    schedule = evening.schedule
    await evening.left_everywhere()
    for _ in range(evening.random.choice((1, 2))):
        server = evening.random.choice(evening.servers)
        if evening.chance(0.5):
            evening.watch(evening.random.choice(evening.servers))
        if evening.chance(OFTEN):
            schedule.upgrade(server, evening.title)
        else:
            schedule.unmount(server, mounted=False)
        if evening.chance(0.5):
            await evening.rounds()
        evening.pause(60, HOUR)
        schedule.unmount(server, mounted=True)
        if evening.chance(0.5):
            schedule.deed(evening.random.choice(("clear", "watched")), server, evening.title)
        if evening.chance(SOMETIMES):
            evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(evening.random.choice((1, 2)))
    await evening.rounds(2)


async def clock_set(evening: Evening) -> None:
    """This machine's clock is set forward or back while people watch."""
    schedule = evening.schedule
    await evening.left_everywhere()
    for _ in range(2):
        evening.watch(evening.random.choice(evening.servers), place=evening.place() if evening.chance(0.5) else None)
        if evening.chance(OFTEN):
            await evening.rounds()
        schedule.set_clock(evening.random.choice((3600.0, -3600.0, -7200.0, -86_400.0)))
        evening.pause(60, HOUR)
        if evening.chance(OFTEN):
            await evening.rounds()
        evening.pause(60, HOUR)
    evening.watch(evening.random.choice(evening.servers))
    await evening.rounds(2)


async def three_servers(evening: Evening) -> None:
    """Positions are handed on by chains, triangles and rings, while requests fail."""
    schedule = evening.schedule
    for _ in range(3):
        evening.watch(evening.random.choice(evening.servers), place=evening.place() if evening.chance(0.5) else None)
        if evening.chance(SOMETIMES):
            server = evening.random.choice(evening.servers)
            schedule.trouble(
                server, evening.random.choice(tuple(Outage)), evening.random.randint(1, 3), only_writes=False
            )
        if evening.chance(SOMETIMES):
            schedule.spoil(evening.random.choice(evening.servers), evening.random.choice(tuple(Spoilt)), 1)
        if evening.chance(0.5):
            await evening.rounds()
        else:
            schedule.wait(30)
            await schedule.sync_pair(evening.random.randint(0, 2), RunMode.SYNC)
        evening.pause(60, HOUR)
    await evening.rounds(3)


async def stopped_during_a_run(evening: Evening) -> None:
    """Somebody stops on the target while a run writes its list there."""
    schedule = evening.schedule
    titles = SHELF[: evening.random.randint(3, len(SHELF))]
    await evening.rounds()
    for title in titles:
        schedule.watch(evening.here, title, 3, 0.3)
    evening.pause(60, HOUR)
    point = evening.random.randint(6, 6 + 3 * len(titles))
    place = evening.random.choice((0.08, 0.5, 0.7))
    mishap = Mishap(Trouble.VIEWER, point, "look in", evening.there, evening.random.choice(titles), place)
    await schedule.sync(mishap)
    await evening.rounds(2)


FAULTS = (
    Family("crashes", crashes),
    Family("files-replaced", files_replaced),
    Family("clock-set", clock_set),
    Family("three-servers", three_servers, shapes=THREE),
    Family("stopped-during-a-run", stopped_during_a_run),
)

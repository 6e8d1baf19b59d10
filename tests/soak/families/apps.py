"""Families about apps: left open, closed near the start, finished, and over what we write late."""

from custom_components.resume_sync.sync.model import RemoveMode

from .family import EMBY, HOUR, JELLYFIN, MINUTE, OFTEN, SELDOM, SOMETIMES, Evening, Family


async def app_left_open(evening: Evening) -> None:
    """An app is left paused or asleep while somebody goes on elsewhere, and closes hours later."""
    schedule, here, there = evening.schedule, evening.here, evening.there
    if evening.chance(OFTEN):
        await evening.left_everywhere()
    schedule.begin(here, evening.title, evening.place(0.05, 0.4) if evening.chance(SOMETIMES) else None)
    evening.pause(8, 70, 400, 1200)
    schedule.deed(evening.random.choice(("pause", "sleep", "sleep")), here, evening.title)
    if evening.chance(OFTEN):
        await evening.rounds()
    evening.pause(60, 1200, 3 * HOUR)
    for _ in range(evening.random.choice((1, 1, 2))):
        evening.watch(there, place=evening.place(0.3, 0.8) if evening.chance(SOMETIMES) else None)
        await evening.rounds(evening.random.choice((1, 2)))
        evening.pause(60, HOUR)
    if evening.chance(SOMETIMES):
        schedule.deed("resume", here, evening.title)
        evening.pause(5, 120)
    schedule.deed("stop", here, evening.title)
    await evening.rounds(2)


async def zeros(evening: Evening) -> None:
    """Titles come to 0 in every way in which people bring them there, around plays near the start."""
    schedule = evening.schedule
    await evening.left_everywhere()
    for _ in range(evening.random.choice((1, 2))):
        server = evening.random.choice(evening.servers)
        evening.pause(60, HOUR)
        kind = evening.random.choice(("clear", "watched", "unwatched", "over", "below", "seek"))
        if kind == "over":
            evening.watch(server, 0.3, 0.0)
        elif kind == "below":
            schedule.begin(server, evening.title, 0.005)
            schedule.wait(5)
            schedule.deed("sleep", server, evening.title)
        elif kind == "seek":
            schedule.begin(server, evening.title, None)
            schedule.wait(30)
            await evening.rounds()
            schedule.deed("seek", server, evening.title, 0.01)
            schedule.deed("stop", server, evening.title)
        else:
            schedule.deed(kind, server, evening.title)
        if evening.chance(SOMETIMES):
            evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(evening.random.choice((1, 2)))
    schedule.deed("stop", evening.here, evening.title)
    await evening.rounds(2)


async def late_writes(evening: Evening) -> None:
    """What we write is stored late, or not at all, while people go on."""
    schedule = evening.schedule
    if evening.chance(OFTEN):
        await evening.left_everywhere()
    for _ in range(2):
        target = evening.random.choice(evening.servers)
        if evening.chance(OFTEN):
            schedule.delay_writes(target, evening.random.choice((20.0, 400.0)))
        else:
            schedule.ignore_writes(target)
        evening.watch(evening.random.choice(evening.servers), place=evening.place() if evening.chance(0.5) else None)
        await evening.rounds(evening.random.choice((1, 1, 2)))
        evening.pause(20, 420, HOUR)
        if evening.chance(SOMETIMES):
            evening.watch(target)
    for server in evening.servers:
        schedule.delay_writes(server, 0.0)
    await evening.rounds(2)


async def finishes(evening: Evening) -> None:
    """Titles are finished, marked and begun again, while others stopped in the middle."""
    schedule = evening.schedule
    if evening.chance(OFTEN):
        await evening.left_everywhere()
    evening.pause(60, HOUR)
    server, other = evening.here, evening.there
    schedule.begin(server, evening.title, evening.place(0.3, 0.8) if evening.chance(SOMETIMES) else None)
    if evening.chance(SOMETIMES):
        await evening.rounds()
    evening.pause(60, 1200, 4 * HOUR)
    if evening.chance(SOMETIMES):
        evening.watch(other)
    if evening.chance(OFTEN):
        schedule.deed("finish", server, evening.title)
    if evening.chance(SOMETIMES):
        await evening.rounds()
    evening.pause(60, 2 * HOUR)
    act = evening.random.choice(("watch", "again", "moment", "watched", "nothing"))
    if act == "watch":
        evening.watch(other)
    elif act == "again":
        evening.watch(server)
    elif act == "moment":
        evening.watch(server, 0.1)
        evening.watch(other)
    elif act == "watched":
        schedule.deed("watched", other, evening.title)
    await evening.rounds(3)


async def echoes(evening: Evening) -> None:
    """Our own writes are read again later than right away: the run was cut short, or its read-back failed."""
    schedule = evening.schedule
    if evening.chance(SOMETIMES):
        await evening.left_everywhere()
    evening.watch(evening.here, place=evening.place())
    evening.pause(60, HOUR)
    if evening.chance(OFTEN):
        schedule.delay_writes(evening.there, evening.random.choice((20.0, 200.0)))
    await evening.rounds()
    evening.pause(60, HOUR)
    evening.watch(evening.here, place=evening.place(0.05, 0.3) if evening.chance(0.5) else None)
    if evening.chance(SELDOM):
        schedule.restart(orderly=True)
    schedule.delay_writes(evening.there, 0.0)
    evening.pause(60, 3 * HOUR)
    await evening.rounds(3)


async def skipped_ahead(evening: Evening) -> None:
    """Somebody skips ahead in a few minutes of viewing, goes on elsewhere, and only then anybody looks."""
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    evening.watch(evening.here, evening.random.choice((1, 3, 6)), evening.place(0.5, 0.7))
    evening.pause(60, 300, 900)
    evening.watch(evening.there, evening.random.choice((3, 6)), evening.place(0.7, 0.8))
    evening.pause(60, 6 * HOUR)
    await evening.rounds(3)


async def listing_overtaken(evening: Evening) -> None:
    """A listing that was asked for before our write comes after it, when somebody has gone on already."""
    schedule = evening.schedule
    await evening.left_everywhere()
    evening.pause(60, HOUR)
    evening.watch(evening.here, evening.random.choice((3, 8)))
    schedule.overtake_listing(evening.there)
    await evening.rounds()
    evening.pause(60, 300)
    evening.watch(evening.here, 5, evening.place(0.1, 0.3) if evening.chance(0.5) else None)
    evening.pause(60, 300)
    await evening.rounds(3)


async def told_by_push(evening: Evening) -> None:
    """Two watch at the same time, one of them skips ahead or to the end, and push tells who stopped last."""
    schedule, first, second = evening.schedule, evening.there, evening.here
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    ends = evening.chance(0.5)
    if ends:
        first, second = second, first
    schedule.begin(first, evening.title, None if ends else evening.place(0.2, 0.35))
    evening.pause(60, 200)
    evening.watch(second, evening.random.choice((1, 3)), evening.place(0.55, 0.75))
    evening.pause(60, 300)
    schedule.deed("finish" if ends else "stop", first, evening.title)
    evening.pause(MINUTE, HOUR)
    await evening.rounds(3)


APPS = (
    Family("app-left-open", app_left_open),
    Family("zeros", zeros, remove=(RemoveMode.SOURCE,)),
    Family("late-writes", late_writes),
    Family("finishes", finishes),
    Family("echoes", echoes),
    Family("listing-overtaken", listing_overtaken),
    Family("told-by-push", told_by_push, first=(JELLYFIN, EMBY), heard=1.0, stops_told=True),
    Family("skipped-ahead", skipped_ahead, first=(JELLYFIN, EMBY)),
)

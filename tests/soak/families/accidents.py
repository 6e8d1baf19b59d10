"""Families about accidents: what no viewer wished must clear nothing, and lose nothing that is known elsewhere."""

from ..schedule import ANNA
from ..titles import SHELF
from .family import HOUR, JELLYFIN, MINUTE, OFTEN, PLEX, SELDOM, SOMETIMES, THREE, TWO, Evening, Family


async def app_fails(evening: Evening) -> None:
    """An app stops at 0: at once, after its start, or in the middle of a play."""
    schedule, server = evening.schedule, evening.random.choice(evening.servers)
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    if evening.chance(SOMETIMES):
        evening.watch(evening.random.choice(evening.servers))
    kind = evening.random.choice(("at once", "after its start", "while playing", "everywhere"))
    if kind == "everywhere":
        for one in evening.servers:
            schedule.accidents.fail(one, ANNA, evening.title, started=False)
            evening.pause(10, 100)
    elif kind == "while playing":
        sitting = schedule.begin(server, evening.title, None)
        evening.pause(15, 300, 900)
        if evening.chance(SOMETIMES):
            await evening.rounds()
        if sitting is not None and sitting in schedule.people.sittings:
            schedule.accidents.fail_while_playing(sitting)
    else:
        schedule.accidents.fail(server, ANNA, evening.title, started=kind == "after its start")
    evening.pause(30, HOUR)
    await evening.rounds(3)
    if evening.chance(SOMETIMES):
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(2)


async def app_fails_far_on(evening: Evening) -> None:
    """An app fails many minutes into a play of which a server tells by push: what was watched counts."""
    schedule, server = evening.schedule, evening.random.choice(evening.servers)
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    sitting = schedule.begin(server, evening.title, None)
    evening.pause(300, 900)
    if sitting is not None and sitting in schedule.people.sittings:
        schedule.accidents.fail_while_playing(sitting)
    evening.pause(30, HOUR)
    await evening.rounds(3)


async def tool_writes_zero(evening: Evening) -> None:
    """A tool writes 0 to a title, once or again and again."""
    schedule, server = evening.schedule, evening.random.choice(evening.servers)
    await evening.left_everywhere()
    for _ in range(evening.random.choice((1, 1, 1, 3))):
        evening.pause(MINUTE, HOUR)
        schedule.accidents.zero(server, ANNA, evening.title)
        if evening.chance(SELDOM):
            evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(evening.random.choice((1, 2, 3)))
    await evening.rounds(2)


async def tv_switched_off(evening: Evening) -> None:
    """A TV loses power in the middle of a play, or near the end, and its server counts on for minutes."""
    schedule = evening.schedule
    if evening.chance(OFTEN):
        await evening.left_everywhere()
    place = evening.random.choice((None, evening.place(0.2, 0.6), 0.86))
    sitting = schedule.begin(evening.here, evening.title, place)
    evening.pause(45, 300, 900)
    if sitting is not None and sitting.is_awake:
        schedule.accidents.switch_off(sitting)
    evening.pause(30, 650, 2 * HOUR)
    if evening.chance(SOMETIMES):
        evening.watch(evening.there)
    await evening.rounds(4)


async def server_reset(evening: Evening) -> None:
    """A server loses what it stored of 2, 4 or 9 titles, or of a single one."""
    schedule, server = evening.schedule, evening.random.choice(evening.servers)
    shelf = SHELF[: evening.random.choice((1, 2, 4, 9, 9))]
    for title in shelf:
        schedule.watch(evening.here, title, 3, round(evening.random.uniform(0.2, 0.7), 3))
    await evening.rounds(2)
    lost = shelf if evening.chance(OFTEN) else shelf[: (len(shelf) + 1) // 2]
    evening.pause(MINUTE, HOUR)
    schedule.accidents.reset(server, ANNA, lost)
    await evening.rounds(evening.random.choice((2, 3)))
    if evening.chance(SOMETIMES):
        schedule.watch(evening.there, shelf[0], 5, None)
    await evening.rounds(3)


async def backup_restored(evening: Evening) -> None:
    """A server goes back to what it stored hours ago, while the other one knows what came since."""
    schedule = evening.schedule
    await evening.left_everywhere()
    server = evening.random.choice(evening.servers)
    evening.pause(HOUR, 20 * HOUR)
    backup = schedule.accidents.back_up(server, ANNA)
    for _ in range(evening.random.choice((1, 2))):
        evening.pause(HOUR, 20 * HOUR)
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds()
    evening.pause(MINUTE, HOUR)
    schedule.accidents.restore(server, ANNA, backup)
    await evening.rounds(3)
    if evening.chance(SOMETIMES):
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(2)


async def marks_spread(evening: Evening) -> None:
    """A title is finished on one Plex and begun anew elsewhere, before plex.tv marks it on another Plex."""
    schedule = evening.schedule
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    schedule.begin(evening.here, evening.title, None)
    schedule.deed("finish", evening.here, evening.title)
    await evening.rounds(evening.random.choice((1, 2)))
    evening.pause(HOUR, 5 * HOUR)
    evening.watch("b", 20)
    if evening.chance(OFTEN):
        await evening.rounds()
    evening.pause(MINUTE, HOUR)
    schedule.accidents.spread_mark("c", ANNA, evening.title)
    await evening.rounds(3)


ACCIDENTS = (
    Family("app-fails", app_fails, shapes=(*TWO, *THREE), heard=0.5),
    Family("app-fails-far-on", app_fails_far_on, heard=1.0),
    Family("tool-writes-zero", tool_writes_zero, shapes=(*TWO, *THREE)),
    Family("tv-switched-off", tv_switched_off, first=(JELLYFIN,), heard=0.7),
    Family("server-reset", server_reset),
    Family("backup-restored", backup_restored),
    Family("marks-spread", marks_spread, shapes=THREE, kinds=(PLEX, None, PLEX)),
)

"""Families about what viewers do that servers show badly: told late, begun behind, marked unplayed, hidden."""

from custom_components.resume_sync.sync.model import RemoveMode

from ..schedule import ANNA, Shape
from ..titles import TITLES
from ..wire import Outage
from .family import EMBY, HOUR, JELLYFIN, MINUTE, OFTEN, PLEX, SOMETIMES, THREE, TWO, Evening, Family


async def told_late(evening: Evening) -> None:
    """A tablet that was out of reach tells hours later where a title was left on it."""
    schedule = evening.schedule
    await evening.left_everywhere()
    server = evening.here
    evening.pause(HOUR, 5 * HOUR)
    evening.watch(evening.random.choice(evening.servers))
    if evening.chance(OFTEN):
        await evening.rounds()
    evening.pause(MINUTE, HOUR)
    duration = _duration_ms(evening)
    position = int(duration * evening.place(0.08, 0.8)) // 1000 * 1000
    ago = evening.random.choice((600.0, HOUR, 4 * HOUR))
    schedule.accidents.tell_late(server, ANNA, evening.title, position, ago, dated=evening.chance(SOMETIMES))
    await evening.rounds(3)


async def dated_late(evening: Evening) -> None:
    """A tablet tells where a title was left on it, with the time, after somebody went on elsewhere."""
    schedule = evening.schedule
    evening.watch(evening.here, 8, evening.place(0.2, 0.5))
    await evening.rounds()
    evening.pause(HOUR, 5 * HOUR)
    left_at = schedule.household.clock.now()
    evening.pause(600, HOUR)
    await evening.rounds()
    evening.watch(evening.there)
    await evening.rounds()
    evening.pause(MINUTE, HOUR)
    ago = schedule.household.clock.now() - left_at
    schedule.accidents.tell_late(evening.here, ANNA, evening.title, _near_the_start(evening), ago, dated=True)
    await evening.rounds(3)


async def told_without_date(evening: Evening) -> None:
    """A tool writes a place near the start and takes the date away, after somebody went on elsewhere."""
    schedule = evening.schedule
    evening.watch(evening.here, 8, evening.place(0.2, 0.5))
    await evening.rounds(2)
    evening.pause(MINUTE, HOUR)
    evening.watch(evening.there)
    evening.pause(MINUTE, HOUR)
    schedule.accidents.tell_late(
        evening.here, ANNA, evening.title, _near_the_start(evening), 0.0, dated=False, dateless=True
    )
    await evening.rounds(3)


async def started_behind(evening: Evening) -> None:
    """A play begins at an old place, because the newer one was left on a server that could not be reached."""
    schedule = evening.schedule
    evening.watch(evening.here, 6, evening.place(0.1, 0.2))
    await evening.rounds(2)
    evening.pause(MINUTE, HOUR)
    if evening.chance(0.5):
        schedule.trouble(evening.there, Outage.REFUSED, 40, only_writes=False)
    evening.watch(evening.there, 10, evening.place(0.5, 0.7))
    evening.pause(60, HOUR)
    if evening.chance(0.5):
        await evening.rounds()
    evening.watch(evening.here, 5)
    evening.pause(60, HOUR)
    schedule.trouble(evening.there, Outage.REFUSED, 0, only_writes=False)
    await evening.rounds(3)
    if evening.chance(SOMETIMES):
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(2)


async def marked_unplayed(evening: Evening) -> None:
    """A title is marked unplayed, which is how people take it off, around plays and accidents elsewhere."""
    schedule = evening.schedule
    await evening.left_everywhere()
    evening.pause(MINUTE, HOUR)
    if evening.chance(SOMETIMES):
        schedule.accidents.zero(evening.there, ANNA, evening.title)
    server = evening.random.choice(evening.servers)
    schedule.deed("unwatched", server, evening.title)
    if evening.chance(SOMETIMES):
        evening.watch(evening.there)
    await evening.rounds(3)
    if evening.chance(SOMETIMES):
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(2)


async def rewatched(evening: Evening) -> None:
    """A title that was watched is begun anew on the other server, before or after anybody saw the mark."""
    schedule = evening.schedule
    if evening.chance(SOMETIMES):
        await evening.left_everywhere()
    schedule.deed("watched", evening.here, evening.title)
    if evening.chance(0.5):
        await evening.rounds()
    evening.pause(16, 600, 5 * HOUR)
    evening.watch(evening.there, 20)
    evening.pause(60, HOUR)
    await evening.rounds(3)


async def hidden(evening: Evening) -> None:
    """A title is taken off a shelf whose server keeps its position, and perhaps gone on with later."""
    schedule = evening.schedule
    if evening.chance(0.5):
        schedule.watch(evening.here, evening.random.choice([one for one in TITLES if one != evening.title]), 12, 0.3)
    await evening.left_everywhere()
    await evening.rounds(2)
    evening.pause(MINUTE, HOUR)
    schedule.accidents.hide(evening.here, ANNA, evening.title)
    await evening.rounds(4)
    if evening.chance(0.5):
        evening.watch(evening.random.choice(evening.servers))
        await evening.rounds(2)


def _duration_ms(evening: Evening) -> int:
    """Return the length of the evening's title."""
    server = evening.schedule.household.servers[evening.here]
    return server.holdings[server.items_of(evening.title)[0]].duration_ms or 0


def _near_the_start(evening: Evening) -> int:
    """Draw a position that is worth a write, near the start of the evening's title."""
    return int(_duration_ms(evening) * evening.place(0.06, 0.12)) // 1000 * 1000


VIEWERS = (
    Family("told-late", told_late, first=(JELLYFIN, EMBY), heard=0.5),
    Family("dated-late", dated_late, shapes=(Shape.ONE_WAY,), first=(JELLYFIN, EMBY)),
    Family("told-without-date", told_without_date, shapes=(Shape.PAIR,), first=(JELLYFIN, EMBY)),
    Family("started-behind", started_behind),
    Family("marked-unplayed", marked_unplayed, shapes=(*TWO, *THREE), remove=(RemoveMode.SOURCE,)),
    Family("rewatched", rewatched),
    Family("hidden", hidden, first=(PLEX, EMBY), remove=(RemoveMode.SOURCE,)),
)

"""Counterexamples that random schedules found: replaced files, and libraries that were away."""

from dataclasses import replace

from custom_components.resume_sync.sync.model import Direction, RemoveMode

from .home import EMBY, HOUR, JELLYFIN, PLEX, TWO_WAY, Home
from .wire import Spoilt


async def test_file_replaced_after_a_clear() -> None:
    """A title that was cleared stays cleared under its new id.

    Found by schedule 1190: the other server's position came back.
    """
    home = Home((PLEX, JELLYFIN), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    home.watch("a", "film", 20)
    await home.sync()
    home.people.clear("a", "anna", "film")
    await home.sync()
    home.upgrade("a", "film")
    for _ in range(3):
        home.people.wait(7 * HOUR)
        await home.sync()
    assert home.minutes("film") == {"a": 0, "b": 0}


async def test_file_replaced_behind_a_list_that_left_it_out() -> None:
    """What we wrote is ours under its new id too.

    Found by schedule 1078: it was taken for a human's edit, and replaced a newer one.
    """
    home = Home((PLEX, PLEX, JELLYFIN), ("ab", "bc"))
    home.watch("a", "film", 20)
    await home.sync()
    home.upgrade("c", "film")
    troubles = home.household.wires["c", "anna"].troubles
    troubles.spoilt, troubles.spoilt_listings = Spoilt.ROW_LEFT_OUT, 1
    home.watch("b", "film", 2, from_minute=10)
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 12, "b": 12, "c": 12}


async def test_file_replaced_played_on_and_then_the_clock_set_back() -> None:
    """What is played under the new id came after what was known under the old one.

    Found by schedule 1167: the server's date, before the clock's step, was held against a time after it.
    """
    home = Home((PLEX, PLEX), ("ab",))
    home.watch("a", "film", 20)
    await home.sync()
    home.upgrade("a", "film")
    home.watch("a", "film", 10)
    home.household.machine_ahead = -HOUR
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 30, "b": 30}


async def test_file_replaced_before_a_late_write_was_seen() -> None:
    """What we wrote is ours under its new id too, even if nobody saw it under the old one.

    Found by seed 7: it was taken for a human's edit, and replaced a newer one.
    """
    home = Home((PLEX, PLEX), ("ab",))
    home.delay_writes("b", HOUR)
    home.watch("a", "film", 20)
    await home.sync()
    home.watch("a", "film", 2, from_minute=10)
    home.people.wait(HOUR)
    home.upgrade("b", "film")
    await home.sync()
    home.people.wait(HOUR)
    await home.sync()
    assert home.minutes("film") == {"a": 12, "b": 12}


async def test_file_replaced_where_the_target_was_ahead() -> None:
    """What a viewer left on the target, later than on the source, is given back when its file took it along.

    Found by schedule 559433: the item under its new id looked untouched, and got the source's older position.
    """
    home = Home((PLEX, JELLYFIN), ("ab",), replace(TWO_WAY, direction=Direction.TO_PEER))
    home.watch("a", "film", 60)
    home.people.wait(HOUR)
    home.watch("b", "film", 20)
    await home.sync()
    home.upgrade("b", "film")
    home.people.clear("b", "anna", "film")
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 60, "b": 20}


async def test_library_that_was_away_when_its_server_was_listed() -> None:
    """That a list leaves out a title at 0 while its library is away does not show that it is at 0 still.

    Found by schedule 861029: what was left there before was taken for newer than what was left elsewhere since.
    """
    home = Home((JELLYFIN, EMBY), ("ab",))
    home.watch("a", "film", 30)
    await home.sync()
    home.people.mark("a", "anna", "film", watched=False)
    await home.sync()
    home.watch("a", "film", 11)
    home.people.wait(HOUR)
    home.watch("b", "film", 20)
    home.people.mount("a", mounted=False)
    await home.sync()
    home.people.wait(600)
    home.people.mount("a", mounted=True)
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 50, "b": 50}


async def test_file_replaced_and_finished_once_more() -> None:
    """What was finished under the old id is finished anew under the new one.

    Found by seed 436197: an older position was put back, as if the second finish were the first.
    """
    home = Home((JELLYFIN, PLEX), ("ab",), replace(TWO_WAY, direction=Direction.TO_PEER, min_seconds=600))
    home.watch("b", "film", 95)
    home.people.wait(HOUR)
    home.watch("a", "film", 6)
    await home.sync()
    home.watch("a", "film", 11)
    home.upgrade("b", "film")
    home.people.wait(HOUR)
    home.watch("b", "film", 95)
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 17, "b": 0}


async def test_title_that_a_list_left_out() -> None:
    """That a list leaves out what was at 0 does not show that nobody has played it since.

    Found by schedule 63670: the play was dated after that list, and replaced what was left elsewhere later.
    """
    home = Home((JELLYFIN, PLEX), ("ab",), replace(TWO_WAY, direction=Direction.TO_PEER))
    home.watch("a", "film", 20)
    await home.sync()
    home.watch("a", "film", 75)
    await home.sync()
    home.watch("a", "film", 17, from_minute=5)
    home.people.wait(HOUR)
    home.watch("b", "film", 2, from_minute=10)
    troubles = home.household.wires["a", "anna"].troubles
    troubles.spoilt, troubles.spoilt_listings = Spoilt.ROW_LEFT_OUT, 1
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 22, "b": 12}


async def test_file_replaced_after_a_mark_was_taken_back() -> None:
    """What was finished under the old id is at 0 under the new one, whatever has become of its mark.

    Found by schedule 64423: an older position was put back, as if nobody had ever touched the title there.
    """
    home = Home((JELLYFIN, PLEX), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    home.watch("a", "film", 20)
    await home.sync()
    home.people.mark("b", "anna", "film", watched=True)
    await home.sync()
    home.people.clear("b", "anna", "film")
    home.upgrade("b", "film")
    for _ in range(3):
        home.people.wait(7 * HOUR)
        await home.sync()
    assert home.minutes("film") == {"a": 0, "b": 0}

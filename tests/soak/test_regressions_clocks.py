"""Counterexamples that random schedules found: this machine's clock being set."""

from dataclasses import replace

from custom_components.resume_sync.sync.model import RemoveMode

from .home import EMBY, HOUR, JELLYFIN, PLEX, TWO_WAY, Home


async def test_account_left_out_when_the_clock_was_set_back() -> None:
    """An account that was away while the times of the others were lowered does not pass off its older edits as newer.

    Found by schedule 23/122: the clock was set back by an hour, one pair ran, and the third account came back when the
    clock had gone past its times again.
    """
    home = Home((EMBY, EMBY, JELLYFIN), ("ca", "ab"))
    home.watch("c", "film", 11)
    await home.sync()
    home.people.wait(60)
    home.household.machine_ahead = -HOUR
    await home.sync("ab")
    home.watch("a", "film", 20, from_minute=30)
    home.people.wait(3 * HOUR)
    await home.sync("ca")
    assert home.minutes("film")["c"] == 50
    await home.sync()
    assert home.minutes("film") == {"a": 50, "b": 50, "c": 50}


async def test_cleared_after_the_clock_was_set_back() -> None:
    """A title that is cleared after a pair's first run is cleared elsewhere, whatever this machine's clock says.

    Found by schedule 195823: the clear was taken for one of before the pair's history.
    """
    home = Home((PLEX, JELLYFIN), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    home.watch("a", "film", 20)
    await home.sync()
    home.household.machine_ahead = -HOUR
    home.people.clear("a", "anna", "film")
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 0, "b": 0}


async def test_title_begun_anew_after_the_clock_was_set_back() -> None:
    """A server's date that is newer on its own clock tells of a new play, whatever ours says: nobody cleared it.

    Found by schedule 231712: the 0 of a play below the server's minimum was carried over.
    """
    home = Home((EMBY, JELLYFIN), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    home.household.wires["b", "anna"].troubles.sessions_readable = False
    home.watch("a", "film", 10)
    await home.sync()
    home.household.machine_ahead = -HOUR
    home.people.wait(60)
    home.watch("b", "film", 0.2, from_minute=1)
    for _ in range(3):
        await home.sync()
    assert home.minutes("film") == {"a": 10, "b": 0}

"""Counterexamples that random schedules found, each as short as it can be told."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType

from .direct import DirectServer
from .household import Household, Pair
from .people import People
from .titles import MINUTE
from .wire import Spoilt

PLEX, JELLYFIN, EMBY = ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY
TWO_WAY = PairRules(direction=Direction.TWO_WAY, remove=RemoveMode.OFF)
HOUR = 3600


class Home:
    """Anna's household: servers `a`, `b`, `c` of the kinds given, and pairs named by their two letters."""

    def __init__(self, kinds: Sequence[ServerType], pairs: Sequence[str], rules: PairRules = TWO_WAY) -> None:
        """Set it up without history."""
        named = dict(zip("abc", kinds, strict=False))
        self.pairs = {names: Pair("anna", names[0], names[1], rules) for names in pairs}
        self.household = Household(named, list(self.pairs.values()), DirectServer)
        self.people = People(self.household, lambda *_: None)
        self.household.open()

    async def sync(self, *pairs: str) -> None:
        """Let these pairs run, or all in their order."""
        self.people.wait(5)
        for names in pairs or self.pairs:
            run = await self.household.sync(self.pairs[names])
            assert run.report is not None, run.error
            self.people.wait(2)

    def watch(self, server: str, title: str, minutes: float, from_minute: float | None = None) -> None:
        """Watch a title and stop."""
        sitting = self.people.play(server, "anna", title, None if from_minute is None else int(from_minute * MINUTE))
        assert sitting is not None
        self.people.wait(minutes * 60)
        self.people.stop(sitting)

    def upgrade(self, server: str, title: str) -> None:
        """Replace a title's file: it comes back under a new id."""
        simulated = self.household.servers[server]
        (item_id,) = simulated.items_of(title)
        simulated.replace_file(item_id)

    def delay_writes(self, server: str, seconds: float) -> None:
        """Let what is written to a server land late from now on."""
        inner = self.household.wires[server, "anna"].inner
        assert isinstance(inner, DirectServer)
        inner.delay_seconds = seconds

    def minutes(self, title: str) -> dict[str, float]:
        """Return where a title stands on each server."""
        found = {}
        for name, server in self.household.servers.items():
            (item_id,) = server.items_of(title)
            found[name] = server.watch_state("anna", item_id).position_ms / MINUTE
        return found


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


async def test_two_writes_in_flight_of_which_the_older_lands_last() -> None:
    """A write that was never seen and overtaken by another is still known as ours when the server stores it late.

    Found by schedule 104/575: what landed was taken for something that a viewer did later than it was done elsewhere.
    """
    home = Home((JELLYFIN, EMBY, EMBY), ("bc", "ab"))
    home.watch("c", "film", 11, from_minute=60)
    home.people.wait(3 * HOUR)
    home.watch("a", "film", 20, from_minute=30)
    home.delay_writes("b", 400)
    await home.sync("bc")
    home.delay_writes("b", 0)
    home.household.wires["b", "anna"].troubles.ignored = 1
    home.people.wait(120)
    await home.sync("ab")
    home.people.wait(HOUR)
    assert home.minutes("film") == {"a": 50, "b": 71, "c": 71}
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 50, "b": 50, "c": 50}


@pytest.mark.parametrize("readable", [True, False])
async def test_play_below_the_minimum_closes_after_our_write(readable: bool) -> None:
    """A play that was too short to leave a position, and whose app closes after our write, clears nothing elsewhere.

    Found by schedules 106/1002 and 110/420: the 0 that the app left was taken for a wish to clear, and carried out.
    """
    home = Home((JELLYFIN, EMBY), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    await home.sync()
    home.household.wires["a", "anna"].troubles.sessions_readable = readable
    app = home.people.play("a", "anna", "film")
    assert app is not None
    home.people.wait(60)
    home.people.sleep(app)
    home.people.wait(HOUR)
    home.watch("b", "film", 40)
    await home.sync()
    assert home.minutes("film") == {"a": 40, "b": 40}
    home.people.stop(app)
    assert home.minutes("film") == {"a": 0, "b": 40}
    for _ in range(4):
        await home.sync()
        home.people.wait(300)
    assert home.minutes("film") == {"a": 0, "b": 40}


async def test_clear_after_our_write_is_carried_over() -> None:
    """A viewer who clears what we wrote, and never played it there, is obeyed."""
    home = Home((JELLYFIN, EMBY), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    await home.sync()
    home.watch("b", "film", 40)
    await home.sync()
    home.people.wait(HOUR)
    home.people.clear("a", "anna", "film")
    await home.sync()
    assert home.minutes("film") == {"a": 0, "b": 40}
    home.people.wait(60)
    await home.sync()
    assert home.minutes("film") == {"a": 0, "b": 0}


@pytest.mark.parametrize("seconds_off", [0, 20])
async def test_ring_of_which_one_server_stands_there_already(seconds_off: int) -> None:
    """Where a target stands close enough to what was left last, its own pairs carry that on as if it had been written.

    Found by schedule 201/311: the target's older edit lost against the next server's.
    """
    home = Home((EMBY, PLEX, JELLYFIN), ("bc", "ca", "ab"), replace(TWO_WAY, direction=Direction.TO_PEER))
    home.watch("a", "film", 10, from_minute=40)
    home.people.wait(2 * HOUR)
    home.watch("b", "film", 20)
    home.people.wait(2 * HOUR)
    home.watch("c", "film", 10, from_minute=40 + seconds_off / 60)
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 50, "b": 50, "c": 50 + seconds_off / 60}


async def test_write_that_failed_and_then_was_ignored_once() -> None:
    """A Plex that was away ignored nothing: only two writes that it took make a position unstorable.

    Found by schedule 472: the position was never written again.
    """
    home = Home((PLEX, PLEX), ("ab",))
    home.watch("a", "film", 20)
    wire = home.household.wires["b", "anna"]
    wire.troubles.failing, wire.troubles.only_writes = 1, True
    await home.sync()
    home.people.wait(HOUR)
    wire.troubles.ignored = 1
    await home.sync()
    home.people.wait(HOUR)
    await home.sync()
    assert home.minutes("film") == {"a": 20, "b": 20}


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


async def test_paused_app_that_reports_on_after_the_clock_was_set_forward() -> None:
    """A server's date that is still the one it had when we wrote tells of no new play, whatever our clock says now.

    Found by schedule 195822: the report of a paused app was taken for an edit, and replaced a newer one.
    """
    home = Home((EMBY, PLEX), ("ab",))
    home.household.wires["a", "anna"].troubles.sessions_readable = False
    sitting = home.people.play("a", "anna", "film")
    assert sitting is not None
    home.people.wait(1200)
    home.people.pause(sitting)
    await home.sync()
    home.watch("b", "film", 10)
    await home.sync()
    home.household.machine_ahead = HOUR
    home.people.wait(60)
    assert home.minutes("film")["a"] == 20
    await home.sync()
    home.people.stop(sitting)
    await home.sync()
    assert home.minutes("film") == {"a": 30, "b": 30}


async def test_app_that_was_opened_where_we_had_written() -> None:
    """An app that was opened at a position of ours, and left asleep, closes there: that is no viewer going back.

    Found by schedule 738: its position replaced a newer one.
    """
    home = Home((PLEX, PLEX), ("ab",))
    home.watch("b", "film", 20)
    await home.sync()
    sitting = home.people.play("a", "anna", "film")
    assert sitting is not None
    home.people.sleep(sitting)
    home.watch("b", "film", 10)
    home.people.wait(HOUR)
    await home.sync()
    assert home.minutes("film") == {"a": 30, "b": 30}
    home.people.stop(sitting)
    assert home.minutes("film")["a"] == 20
    await home.sync()
    assert home.minutes("film") == {"a": 30, "b": 30}


async def test_finish_of_a_play_that_was_first_seen_in_the_middle() -> None:
    """It ended when a play without a break since the server's date must have ended, not at any time since.

    Found by schedule 983489: what was begun elsewhere hours later could not be ordered after it.
    """
    home = Home((PLEX, JELLYFIN), ("ab",))
    sitting = home.people.play("b", "anna", "film")
    assert sitting is not None
    home.people.wait(0.85 * HOUR)
    await home.sync()
    home.people.wait(5 * HOUR)
    home.watch("a", "film", 10)
    await home.sync()
    assert home.minutes("film") == {"a": 10, "b": 10}


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


async def test_write_that_lands_while_the_next_run_checks() -> None:
    """A write that was sent by a run that was cancelled is ours, even if the next run finds it instead of what it knew.

    Found by schedule 231638: it was taken for a human's edit, and replaced a newer one.
    """
    home = Home((PLEX, EMBY), ("ab",))
    home.delay_writes("b", HOUR)
    home.watch("a", "film", 20)
    await home.sync()
    home.delay_writes("b", 0)
    (item_id,) = home.household.servers["b"].items_of("film")
    journal = home.household.accounts["b", "anna"].journal
    first = journal.intents[item_id]
    journal.intend(item_id, replace(first, made_at=first.made_at + 1000))
    journal.intents.pop(item_id)
    home.watch("a", "film", 2, from_minute=10)
    home.people.wait(HOUR)
    await home.sync()
    await home.sync()
    assert home.minutes("film") == {"a": 12, "b": 12}


async def test_app_that_is_paused_at_the_end_after_our_write() -> None:
    """An app that was paused in the credits of a title reports that over what we wrote: nobody finished it once more.

    Found by schedule 426522: the title was cleared everywhere, though somebody had begun it anew elsewhere.
    """
    home = Home((JELLYFIN, EMBY), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    home.household.wires["a", "anna"].troubles.sessions_readable = False
    await home.sync()
    sitting = home.people.play("a", "anna", "film")
    assert sitting is not None
    home.people.seek(sitting, 96 * MINUTE)
    home.people.wait(60)
    home.people.pause(sitting)
    home.people.wait(2 * HOUR)
    home.watch("b", "film", 40)
    await home.sync()
    home.people.wait(60)
    assert home.minutes("film") == {"a": 0, "b": 40}
    for _ in range(4):
        await home.sync()
        home.people.wait(300)
    assert home.minutes("film") == {"a": 0, "b": 40}


@pytest.mark.parametrize("known", [True, False])
async def test_title_opened_for_a_moment_after_an_unseen_finish(known: bool) -> None:
    """Who opens a watched title for a moment has not finished it just now: what was begun elsewhere since then stays.

    Found by schedule 829129: the new date and the mark that nobody had seen before looked like a finish.
    """
    home = Home((EMBY, EMBY), ("ab",), replace(TWO_WAY, remove=RemoveMode.SOURCE))
    sitting = home.people.play("a", "anna", "film", 20 * MINUTE if known else None)
    assert sitting is not None
    await home.sync()
    home.people.finish(sitting)
    home.people.wait(5 * HOUR)
    home.watch("b", "film", 40)
    home.people.wait(60)
    home.watch("a", "film", 0.1)
    for _ in range(3):
        await home.sync()
        home.people.wait(300)
    assert home.minutes("film")["b"] == 40


async def test_file_replaced_where_the_target_was_ahead() -> None:
    """What a viewer left on the target, later than on the source, is not replaced when its file took it along.

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
    assert home.minutes("film") == {"a": 60, "b": 0}


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

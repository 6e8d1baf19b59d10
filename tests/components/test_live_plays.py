"""What live updates tell of plays is kept as evidence with the account, and never stored."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
import json

from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sync.journal.plays import Play, Plays
from tests.simulators.faults import Status
from tests.simulators.playback import Viewer
from tests.time_ahead import TimeAhead, time_ahead
from tests.waiting import eventually

from .household import MINUTE, USER, Household
from .live import LIVE, live

FILM = "film-1"
SOCKET = "GET /socket"
SESSIONS = "GET /Sessions"


@dataclass(slots=True)
class Watching:
    """A home with accounts on Jellyfin and Emby, and Anna in front of one of them."""

    home: Household
    ahead: TimeAhead

    def plays(self, name: str) -> Plays:
        """Return what is known of plays on a server."""
        plays: Plays = self.home.entries[name].runtime_data.account.account.journal.plays
        return plays

    def item(self, name: str) -> str:
        """Return the film's item on a server."""
        (item_id,) = self.home.server(name).items_of(FILM)
        return item_id

    def ahead_by(self, seconds: float) -> bool:
        """Move time on for what waits for it; return False: it has not happened yet."""
        self.ahead.seconds += seconds
        return False

    async def play(self, name: str, minute: int = 20) -> Viewer:
        """Begin the film, and wait until that is known."""
        viewer = self.home.server(name).viewer(USER)
        viewer.play(self.item(name), minute * MINUTE)
        await eventually(lambda: self.plays(name).of(self.item(name)))
        return viewer

    async def wait(self, seconds: int) -> None:
        """Let time pass in steps that every connection endures; apps report in each of them."""
        for _ in range(0, seconds, 10):
            self.ahead.seconds += 10
            self.home.servers.clock.advance(10)
            await asyncio.sleep(0.05)

    async def wait_for_reports(self, name: str, count: int) -> None:
        """Let time pass, and wait after each step until the report of that time is known."""
        for _ in range(count):
            before = self.plays(name).of(self.item(name))
            await self.wait(10)
            await eventually(partial(self.has_changed, name, before))

    def has_changed(self, name: str, before: tuple[Play, ...]) -> bool:
        """Tell whether anything new is known of the film's plays."""
        return self.plays(name).of(self.item(name)) != before


@pytest.fixture
async def watching(
    hass: HomeAssistant, live_home: Household, request: pytest.FixtureRequest
) -> AsyncIterator[Watching]:
    """Two accounts in sync that hear of sessions."""
    home = live_home
    with time_ahead() as ahead:
        home.add_account("jellyfin", home.pair("emby"))
        home.add_account("emby")
        await hass.config_entries.async_setup("entry-jellyfin")
        await hass.async_block_till_done()
        await live(home, "jellyfin", "emby")
        yield Watching(home, ahead)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


async def test_a_television_that_is_switched_off(watching: Watching) -> None:
    """Its last report is known when its server has ended the play, and what the server counted on to is put right."""
    home, jellyfin, film = watching.home, watching.home.server("jellyfin"), watching.item("jellyfin")
    plays = watching.plays("jellyfin")
    viewer = await watching.play("jellyfin")
    await watching.wait_for_reports("jellyfin", 3)
    viewer.switch_off()
    (last,) = plays.of(film)
    before = jellyfin.traffic.requests(SESSIONS)
    await watching.wait(620)
    await eventually(lambda: plays.of(film)[0].ended_at)
    (play,) = plays.of(film)
    assert (play.regular, play.position_ms, play.reported_at) == (True, last.position_ms, last.reported_at)
    assert play.silence_ms is not None
    assert 4.5 * MINUTE < play.silence_ms < 11 * MINUTE
    assert plays.is_alone(film, play)
    await eventually(lambda: abs(jellyfin.watch_state(USER, film).position_ms - (last.position_ms or 0)) < 1000)
    # What reads them are runs of the pair, once for each listing.
    assert jellyfin.traffic.requests(SESSIONS) - before <= home.listings()["jellyfin"]
    assert "plays" not in json.dumps(home.storage)


async def test_what_was_heard_without_a_gap(watching: Watching) -> None:
    """A connection that is lost ends that; what plays on is known again with the next one, what has ended too."""
    jellyfin, film = watching.home.server("jellyfin"), watching.item("jellyfin")
    plays = watching.plays("jellyfin")
    since = plays.heard_since
    assert since is not None
    assert plays.nobody_had(film, since)
    viewer = await watching.play("jellyfin")
    assert not plays.nobody_had(film, since)
    jellyfin.faults.add(SOCKET, Status(503), times=1)
    jellyfin.push.abort()
    await eventually(lambda: watching.home.state(LIVE.format("jellyfin")) == "off")
    assert (plays.heard_since, plays.looked_since) == (None, None)
    assert plays.of(film)[0].ended_at is None
    viewer.stop()
    await watching.wait(10)
    await live(watching.home, "jellyfin")
    assert plays.heard_since is not None
    assert plays.heard_since > since
    assert plays.of(film)[0].ended_at is not None
    await watching.home.hass.config_entries.async_unload("entry-jellyfin")
    assert plays.heard_since is None


async def test_emby_tells_who_had_the_item(watching: Watching) -> None:
    """And where it was seen, not when its player reported."""
    plays, film = watching.plays("emby"), watching.item("emby")
    since = plays.heard_since
    assert since is not None
    viewer = await watching.play("emby")
    viewer.stop(30 * MINUTE)
    await eventually(lambda: plays.of(film)[0].ended_at)
    (play,) = plays.since(film, since)
    assert play.position_ms is not None
    assert 20 * MINUTE <= play.position_ms < 30 * MINUTE, "the server has counted on"
    assert not play.regular


@pytest.mark.parametrize("reports", [True, False])
async def test_where_sessions_are_only_looked_at(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, reports: bool
) -> None:
    """A look every ten seconds sees whether a player reports; short plays may be missed, so nothing is heard."""
    monkeypatch.setattr("custom_components.resume_sync.account.session_poll.IDLE_SECONDS", 1)
    jellyfin, film = watching.home.server("jellyfin"), watching.item("jellyfin")
    plays = watching.plays("jellyfin")
    jellyfin.faults.add(SOCKET, Status(403), times=None)
    jellyfin.push.abort()
    await eventually(lambda: plays.heard_since is None)
    await eventually(lambda: plays.looked_since is not None or watching.ahead_by(1))
    viewer = await watching.play("jellyfin")
    viewer.session.checks_in = reports
    await watching.wait(60)
    await eventually(lambda: plays.of(film)[0].regular is reports)
    assert plays.heard_since is None
    viewer.switch_off()
    before = plays.of(film)[0].reported_at
    await watching.wait(640)
    await eventually(lambda: plays.of(film)[0].ended_at or watching.ahead_by(10))
    (play,) = plays.of(film)
    assert (play.regular, play.reported_at - before < 10_000) == (reports, True)

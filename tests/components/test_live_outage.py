"""A long time for connections: an hour in which nothing happens, and a server that is away for ten minutes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.server import SimulatedServer
from tests.time_ahead import TimeAhead, time_ahead
from tests.waiting import eventually

from .household import Household
from .live import LIVE, live, watch, watch_on
from .plex_account import add_plex_account, plex_position, plex_server

STEP_SECONDS = 5
ROUND_SECONDS = 300
LEFT = {"film-1": 30, "film-2": 25, "film-3": 40, "film-4": 15, "film-5": 35}


@dataclass(slots=True)
class Passing:
    """A home whose time can be moved on, and its Plex server."""

    home: Household
    plex: PlexMediaServer
    ahead: TimeAhead

    @property
    def servers(self) -> list[SimulatedServer[Any]]:
        """All servers."""
        return [*self.home.servers.values(), self.plex]

    def idle(self) -> bool:
        """Tell whether no account is read or written."""
        entries = self.home.hass.config_entries.async_loaded_entries(DOMAIN)
        return not any(entry.runtime_data.account.lock.locked() for entry in entries)

    async def wait(self, seconds: int, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass in steps that every connection endures, until something has happened."""
        for _ in range(0, seconds, STEP_SECONDS):
            if until():
                return
            self.ahead.seconds += STEP_SECONDS
            for clock in (self.home.servers.clock, self.plex.clock):
                clock.advance(STEP_SECONDS)
            await asyncio.sleep(0.01)
            await eventually(self.idle)

    async def wait_for_middle_of_round(self, at_least: int) -> None:
        """Let time pass, for so many seconds or longer: rounds begin every five minutes by the clock."""
        now = int(dt_util.utcnow().timestamp())
        await self.wait(at_least + (ROUND_SECONDS // 2 - now - at_least) % ROUND_SECONDS)

    def positions(self, key: str) -> list[int]:
        """Return where a title stands on Jellyfin, Emby and Plex, in minutes."""
        return [self.home.position("jellyfin", key), self.home.position("emby", key), plex_position(self.plex, key)]

    async def watch_on_plex(self, key: str, minutes: int) -> None:
        """Let Anna go on with a title on Plex for a moment, and stop at a minute."""
        await watch_on(self.plex, key, minutes)

    def reset_traffic(self) -> None:
        """Count requests and messages anew."""
        self.home.reset_traffic()
        self.plex.traffic.reset()
        for server in self.servers:
            server.push.heard.clear()


@pytest.fixture
async def passing(hass: HomeAssistant, live_home: Household) -> AsyncIterator[Passing]:
    """Jellyfin, Emby and Plex, every two of them paired and in sync; all three tell of stops."""
    home, plex = live_home, plex_server()
    await plex.start()
    with time_ahead() as ahead:
        home.leave("jellyfin", "film-0", 20)
        home.add_account("emby")
        home.add_account("jellyfin", home.pair("emby", pair_id="pair-jellyfin-emby"))
        add_plex_account(home, plex, home.pair("jellyfin"), home.pair("emby"))
        await hass.config_entries.async_setup("entry-emby")
        await hass.async_block_till_done()
        await hass.services.async_call("resume_sync", "sync", blocking=True)
        await live(home, "den", "jellyfin", "emby")
        await asyncio.sleep(1)
        passing = Passing(home, plex, ahead)
        passing.reset_traffic()
        yield passing
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
        await plex.stop()


async def test_an_idle_hour(passing: Passing) -> None:
    """Twelve polls for each account, and what Jellyfin wants to hear twice a minute; nothing else is asked or sent.

    Plex has no episodes in progress, which is looked into once an hour.
    """
    await passing.wait_for_middle_of_round(200)
    passing.reset_traffic()
    await passing.wait(3600)

    home, plex = passing.home, passing.plex
    assert home.server("jellyfin").traffic.table() == {"GET /Items": 12}
    assert home.server("emby").traffic.table() == {"GET /Users/{user}/Items": 12}
    assert plex.traffic.table() == {"GET /library/all": 24, "GET /library/sections": 1}
    assert [len(server.push.heard) for server in (home.server("jellyfin"), home.server("emby"), plex)] == [120, 0, 0]
    assert [home.state(LIVE.format(name)) for name in ("den", "jellyfin", "emby")] == ["on", "on", "on"]


async def test_a_server_that_is_away_for_ten_minutes(passing: Passing) -> None:
    """Stops there and elsewhere meanwhile: all is caught up once, each position by one write, and the latest wins."""
    home, jellyfin = passing.home, passing.home.server("jellyfin")
    await jellyfin.stop()
    await eventually(lambda: home.state(LIVE.format("jellyfin")) == "off")
    await watch(home, "emby", "film-1", 30)
    await passing.watch_on_plex("film-2", 25)
    await eventually(lambda: passing.positions("film-1") == [0, 30, 30])
    await eventually(lambda: passing.positions("film-2") == [0, 25, 25])
    await watch(home, "jellyfin", "film-3", 40)
    await watch(home, "emby", "film-4", 50)
    await passing.wait(300)
    await watch(home, "jellyfin", "film-4", 15)
    await watch(home, "jellyfin", "film-5", 15)
    await passing.wait(300)
    await watch(home, "emby", "film-5", 35)
    await eventually(lambda: passing.positions("film-5") == [15, 35, 35])
    assert [home.state(LIVE.format(name)) for name in ("jellyfin", "emby", "den")] == ["off", "on", "on"]

    await jellyfin.start(jellyfin.port)
    await passing.wait(45, lambda: home.state(LIVE.format("jellyfin")) == "on")
    assert home.state(LIVE.format("jellyfin")) == "on"
    await eventually(lambda: [passing.positions(key)[0] for key in LEFT] == list(LEFT.values()))
    await passing.wait(900)

    assert {key: passing.positions(key) for key in LEFT} == {key: [minutes] * 3 for key, minutes in LEFT.items()}
    assert jellyfin.traffic.writes == 3, "films 1, 2 and 5"
    assert home.server("emby").traffic.writes == 3, "films 2, 3 and 4"
    assert passing.plex.traffic.writes == 5, "films 1, 3 and 5, and 4 twice: as left on Emby, then as left on Jellyfin"


async def test_a_token_that_is_refused(passing: Passing) -> None:
    """The account finds out as soon as the socket is refused, and tries it with growing pauses; live updates follow."""
    home, emby = passing.home, passing.home.server("emby")
    emby.faults.add("*", Status(401), times=None)
    for socket in list(emby.push.sockets):
        socket.abort()
    await eventually(lambda: home.state(LIVE.format("emby")) == "off")
    await eventually(lambda: home.state("binary_sensor.emby_anna_connection") == "off")
    await passing.wait_for_middle_of_round(300)
    passing.reset_traffic()
    await passing.wait(600)
    assert emby.traffic.requests("GET /embywebsocket") == 0

    emby.faults.clear()
    await passing.wait(2700, lambda: home.state(LIVE.format("emby")) == "on")
    assert home.state("binary_sensor.emby_anna_connection") == "on"
    assert home.state(LIVE.format("emby")) == "on"

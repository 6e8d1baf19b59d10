"""A Home Assistant with one account on each server, which hears of what happens there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import tempfile
import time
from unittest.mock import patch

from aiohttp.resolver import ThreadedResolver
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.data import ResumeSyncConfigEntry
from tests.households.doors import Door
from tests.households.entries import account_entry, pair_with
from tests.time_ahead import TimeAhead, time_ahead

from .measuring import measured
from .media_servers import Place
from .result import Delay, Measurement
from .server_process import ServerProcess
from .size import Size

NAME = "three accounts, live"
USER = "anna"
PLACES: tuple[Place, ...] = (("plex", USER), ("jellyfin", USER), ("emby", USER))
_PATIENCE_SECONDS = 240.0
_TURNS = 3


@dataclass(slots=True)
class LiveHome:
    """The home while it is measured: three accounts, each paired with both others, two-way."""

    hass: HomeAssistant
    size: Size
    servers: ServerProcess
    ahead: TimeAhead
    measurements: list[Measurement] = field(default_factory=list)
    delays: list[Delay] = field(default_factory=list)

    @property
    def entries(self) -> Sequence[ResumeSyncConfigEntry]:
        """The accounts."""
        return self.hass.config_entries.async_loaded_entries(DOMAIN)

    def live(self) -> bool:
        """Tell whether every account hears of what happens."""
        return len(self.entries) == len(PLACES) and all(entry.runtime_data.live.connected for entry in self.entries)

    def idle(self) -> bool:
        """Tell whether no account is read or written."""
        return not any(entry.runtime_data.account.lock.locked() for entry in self.entries)

    @asynccontextmanager
    async def measured(self, scenario: str) -> AsyncIterator[None]:
        """Measure what is done meanwhile."""
        async with measured(NAME, scenario, self.servers, self.measurements):
            yield


class _Resolver(ThreadedResolver):
    """Asks the system, where Home Assistant's own resolver would ask the network for names of devices."""

    async def real_close(self) -> None:
        """Close; Home Assistant closes it by this name."""
        await self.close()


async def eventually(happened: Callable[[], bool]) -> None:
    """Wait in real time until something has happened; asked in a thread, for that may take a while."""
    end = time.perf_counter() + _PATIENCE_SECONDS
    while not await asyncio.to_thread(happened):
        assert time.perf_counter() < end, "It never happened"
        # In a thread too: the loop's own time may stand still.
        await asyncio.to_thread(time.sleep, 0.02)


async def idle_again(home: LiveHome) -> None:
    """Let happen what has become due: the servers' process gets its turn with what is sent to it, then we with it."""
    for _ in range(_TURNS):
        await asyncio.to_thread(home.servers.advance, 0)
    await eventually(home.idle)


@asynccontextmanager
async def open_live_home(size: Size, servers: ServerProcess) -> AsyncIterator[LiveHome]:
    """Set up the accounts, which stand alike, and wait until they hear of what happens."""
    servers.leave(PLACES, 0, size.in_progress, 10)
    with (
        tempfile.TemporaryDirectory(prefix="resume-sync-bench-") as folder,
        patch("homeassistant.helpers.aiohttp_client._async_make_resolver", return_value=_Resolver()),
        time_ahead() as ahead,
    ):
        async with async_test_home_assistant(config_dir=folder) as hass:
            frame.async_setup(hass)
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            home = LiveHome(hass, size, servers, ahead)
            entries = [_entry(servers.doors, place, PLACES[number + 1 :]) for number, place in enumerate(PLACES)]
            for entry in reversed(entries):
                await hass.config_entries.async_add(entry)
            await hass.async_block_till_done()
            await hass.services.async_call(DOMAIN, "sync", {"approve": True}, blocking=True)
            await eventually(home.live)
            yield home
            await hass.async_stop(force=True)


def _entry(doors: dict[Place, Door], place: Place, peers: Sequence[Place]) -> MockConfigEntry:
    """Return an account with its pairs."""
    kind = doors[place].kind
    pairs = [pair_with(doors[peer].unique_id, peer[0], pair_id=f"pair-{kind}-{peer[0]}") for peer in peers]
    return account_entry(f"entry-{kind}", doors[place], *pairs)

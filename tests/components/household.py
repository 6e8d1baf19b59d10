"""A home with three media servers, one user on each, and the accounts and pairs that Home Assistant has of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.library import Episode, Film, Show
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer

USER = "Anna"
MINUTE = 60_000

FILMS = tuple(
    Film(f"film-{number}", f"Film {number}", 2000 + number, 100 * MINUTE, {"imdb": f"tt{1000000 + number}"})
    for number in range(30)
)
SHOW = Show("show", "The Show", 2020, {"tvdb": "4711"}, (Episode(1, 2, "The Second", 50 * MINUTE, {"tvdb": "471102"}),))
HOME_MOVIE = Film("home-movie", "Garden Party", 2024, 60 * MINUTE)


@dataclass(slots=True)
class Household:
    """The servers by name, and the entries of the accounts on them. `freezer` None: time passes by itself."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory | None
    storage: dict[str, Any]
    servers: dict[str, MediaBrowserServer]
    entries: dict[str, MockConfigEntry] = field(default_factory=dict)

    def server(self, name: str) -> MediaBrowserServer:
        """Return a server."""
        return self.servers[name]

    def unique_id(self, name: str) -> str:
        """Return the unique id of the account on a server."""
        server = self.servers[name]
        return f"{server.server_id}_{server.users[USER].user_id}"

    def pair(self, peer: str, *, pair_id: str | None = None, **data: Any) -> ConfigSubentryDataWithId:
        """Return a pair with the account on another server."""
        return ConfigSubentryDataWithId(
            data={"peer": self.unique_id(peer), "direction": "two_way", **data},
            subentry_id=pair_id or f"pair-{peer}",
            subentry_type="pair",
            title=f"with {peer}",
            unique_id=self.unique_id(peer),
        )

    def add_account(self, name: str, *pairs: ConfigSubentryDataWithId, **data: Any) -> MockConfigEntry:
        """Add the account on a server to Home Assistant, not set up yet."""
        server = self.servers[name]
        entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=f"entry-{name}",
            unique_id=self.unique_id(name),
            title=f"{server.name} ({USER})",
            data={
                "type": "emby" if isinstance(server, SimulatedEmby) else "jellyfin",
                "url": server.url,
                "verify_ssl": True,
                "token": server.add_token(USER, f"device-{name}"),
                "server_id": server.server_id,
                "server_name": server.name,
                "user_id": server.users[USER].user_id,
                "user_name": USER,
                "device_id": f"device-{name}",
                **data,
            },
            subentries_data=pairs,
        )
        entry.add_to_hass(self.hass)
        self.entries[name] = entry
        return entry

    async def setup(self, *names: str) -> None:
        """Set up accounts, all of them where none is named, and wait until nothing runs any more."""
        for name in names or self.entries:
            # Setting up the first account sets up all that were added by then.
            if self.entries[name].state is ConfigEntryState.NOT_LOADED:
                await self.hass.config_entries.async_setup(self.entries[name].entry_id)
        await self.settle()

    def entry_state(self, name: str) -> ConfigEntryState:
        """Return the state of an account's entry."""
        state: ConfigEntryState = self.entries[name].state
        return state

    async def until(self, happened: Callable[[], object]) -> None:
        """Let everything run on until something has happened."""
        for _ in range(10_000):
            if happened():
                return
            await asyncio.sleep(0)
        pytest.fail("It never happened")

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and everything run that was due."""
        assert self.freezer is not None
        self.freezer.tick(timedelta(seconds=seconds))
        for server in self.servers.values():
            server.clock.advance(0)
        async_fire_time_changed(self.hass)
        await self.settle()

    def timestamp(self) -> float:
        """Return the time on Home Assistant's clock, in seconds since the epoch."""
        return dt_util.utcnow().timestamp()

    async def next_round(self) -> None:
        """Let time pass until the next round has run."""
        now = self.timestamp()
        await self.wait(300 - now % 300 + 2)

    def leave(self, name: str, key: str, minutes: int, *, watched: bool = False, ago: float = 3600) -> str:
        """Let Anna have left a title at a position some time ago; return its item id."""
        server = self.servers[name]
        (item_id,) = server.items_of(key)
        server.set_state(USER, item_id, position_ms=minutes * MINUTE, watched=watched, last_played=server.now() - ago)
        return item_id

    def position(self, name: str, key: str) -> int:
        """Return where a title stands on a server, in minutes."""
        server = self.servers[name]
        (item_id,) = server.items_of(key)
        return server.watch_state(USER, item_id).position_ms // MINUTE

    def listings(self) -> dict[str, int]:
        """Return how often each server was asked for what is in progress, since the traffic was last reset."""
        return {
            name: sum(count for route, count in server.traffic.table().items() if route in LISTINGS)
            for name, server in self.servers.items()
        }

    def reset_traffic(self) -> None:
        """Count requests anew."""
        for server in self.servers.values():
            server.traffic.reset()

    def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        state = self.hass.states.get(entity_id)
        assert state is not None, entity_id
        return state.state

    def attributes(self, entity_id: str) -> dict[str, Any]:
        """Return the attributes of an entity."""
        state = self.hass.states.get(entity_id)
        assert state is not None, entity_id
        return dict(state.attributes)

    def stored(self, name: str) -> dict[str, Any]:
        """Return what is stored of an account; empty: nothing."""
        data: dict[str, Any] = self.storage.get(f"{DOMAIN}.entry-{name}", {}).get("data", {})
        return data

    def device_id(self, pair_id: str) -> str:
        """Return the device of a pair."""
        (entry_id,) = (entry.entry_id for entry in self.entries.values() if pair_id in entry.subentries)
        device_id = dr.async_get_device_id_by_identifier(self.hass, (DOMAIN, pair_id), config_entry_id=entry_id)
        assert device_id is not None
        return device_id


LISTINGS = frozenset({"GET /Items", "GET /Users/{user}/Items"})


def filled(server: MediaBrowserServer) -> MediaBrowserServer:
    """Put the home's titles on a server, and its user."""
    server.add_user(USER)
    for film in FILMS:
        server.add_film(film)
    server.add_show(SHOW)
    return server


def three_servers() -> dict[str, MediaBrowserServer]:
    """Return the servers of the home, not started yet."""
    return {
        "jellyfin": filled(SimulatedJellyfin(name="Jellyfin")),
        "emby": filled(SimulatedEmby(name="Emby")),
        "attic": filled(SimulatedJellyfin(name="Attic")),
    }

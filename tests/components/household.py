"""A home with three media servers, one user on each, and the accounts and pairs that Home Assistant has of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sync.model import ServerType
from tests.households.doors import door
from tests.households.entries import account_entry, pair_with
from tests.households.media_servers import MediaServers, new_server
from tests.simulators.clock import SimulatedClock
from tests.simulators.library import Catalogue, Episode, Film, Show
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.waiting import eventually

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
    servers: MediaServers
    entries: dict[str, MockConfigEntry] = field(default_factory=dict)

    def server(self, name: str) -> MediaBrowserServer:
        """Return a server."""
        server = self.servers[name]
        assert isinstance(server, MediaBrowserServer)
        return server

    def unique_id(self, name: str) -> str:
        """Return the unique id of the account on a server."""
        return f"{self.server(name).server_id}_{self.servers[name].users[USER].user_id}"

    def pair(self, peer: str, *, pair_id: str | None = None, **data: Any) -> ConfigSubentryDataWithId:
        """Return a pair with the account on another server."""
        return pair_with(self.unique_id(peer), peer, pair_id=pair_id, **data)

    def add_account(self, name: str, *pairs: ConfigSubentryDataWithId, **data: Any) -> MockConfigEntry:
        """Add the account on a server to Home Assistant, not set up yet."""
        entry = account_entry(f"entry-{name}", door(self.servers[name], USER, f"device-{name}"), *pairs, **data)
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
        await eventually(happened)

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and everything run that was due."""
        assert self.freezer is not None
        self.freezer.tick(timedelta(seconds=seconds))
        self.servers.clock.advance(0)
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
        return self.servers.leave(name, key, minutes * MINUTE, ago, watched=watched)

    def position(self, name: str, key: str) -> int:
        """Return where a title stands on a server, in minutes."""
        return self.servers.minute(name, key)

    def listings(self) -> dict[str, int]:
        """Return how often each server was asked for what is in progress, since the traffic was last reset."""
        return {
            name: sum(count for route, count in table.items() if route in LISTINGS)
            for name, table in self.servers.requests().items()
        }

    def reset_traffic(self) -> None:
        """Count requests anew."""
        self.servers.reset_traffic()

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


def three_servers() -> MediaServers:
    """Return the servers of the home with its titles, not started yet."""
    kinds = {"jellyfin": ServerType.JELLYFIN, "emby": ServerType.EMBY, "attic": ServerType.JELLYFIN}
    clock = SimulatedClock()
    servers = {name: new_server(kind, name.capitalize(), clock, USER) for name, kind in kinds.items()}
    for server in servers.values():
        server.fill(Catalogue(FILMS, (SHOW,)))
    return MediaServers(servers, clock, USER)

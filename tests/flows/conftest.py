"""Media servers for the flows, and accounts that have been added already."""

from collections.abc import AsyncIterator, Awaitable, Callable

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.accounts import PlexRole
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv

from .dialog import add_account, add_pair
from .pair_dialog import at_preview, pairs

FILM = Film("film", "Harbour [at] Dawn", 1999, 6_000_000, {"imdb": "tt0111161"})

type AddAccount = Callable[[SimulatedJellyfin | SimulatedEmby, str], Awaitable[ConfigEntry]]


@pytest.fixture
async def jellyfin(socket_enabled: None) -> AsyncIterator[SimulatedJellyfin]:
    """A Jellyfin server with an administrator and a user."""
    server = SimulatedJellyfin(name="Attic", base_path="/jellyfin")
    server.add_user("Root", "toor", admin=True)
    server.add_user("Anna", "secret")
    server.add_film(FILM)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def emby(socket_enabled: None) -> AsyncIterator[SimulatedEmby]:
    """An Emby server with an administrator and a user."""
    server = SimulatedEmby(name="Cellar")
    server.add_user("Root", "toor", admin=True)
    server.add_user("Anna", "secret")
    server.add_film(FILM)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def plex_tv(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PlexTv]:
    """A plex.tv of our own."""
    plex_tv = PlexTv()
    await plex_tv.start()
    monkeypatch.setenv("RESUME_SYNC_PLEX_TV", plex_tv.url)
    yield plex_tv
    await plex_tv.stop()


@pytest.fixture
async def plex(plex_tv: PlexTv) -> AsyncIterator[PlexMediaServer]:
    """A Plex server: Olga owns it, Anna (with a PIN) and Kid (managed) are in her Home, Fred is a friend."""
    server = PlexMediaServer(name="Den")
    server.add_user("Olga")
    server.add_user("Anna", pin="1234")
    server.add_user("Kid", restricted=True)
    server.add_user("Fred", role=PlexRole.FRIEND)
    server.add_film(FILM)
    await server.start()
    plex_tv.publish(server)
    yield server
    await server.stop()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> SimulatedJellyfin | SimulatedEmby:
    """The server that a test is told to use: `jellyfin` or `emby`."""
    server: SimulatedJellyfin | SimulatedEmby = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def add(hass: HomeAssistant) -> AddAccount:
    """Add accounts through their flow."""

    async def add_one(server: SimulatedJellyfin | SimulatedEmby, user_name: str) -> ConfigEntry:
        dialog = await add_account(hass, "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby")
        await dialog.submit(url=server.url, verify_ssl=True)
        await dialog.choose("password")
        step = await dialog.submit(username=user_name, password=server.users[user_name].password)
        for flow in hass.config_entries.subentries.async_progress():
            hass.config_entries.subentries.async_abort(flow["flow_id"])
        entry: ConfigEntry = step["result"]
        assert entry.state is ConfigEntryState.LOADED
        return entry

    return add_one


@pytest.fixture
async def accounts(
    jellyfin: SimulatedJellyfin, emby: SimulatedEmby, add: AddAccount
) -> tuple[ConfigEntry, ConfigEntry]:
    """An account on Jellyfin and one on Emby."""
    return await add(jellyfin, "Anna"), await add(emby, "Anna")


@pytest.fixture
async def twin(socket_enabled: None) -> AsyncIterator[SimulatedEmby]:
    """Another Emby server with a user of the same name."""
    server = SimulatedEmby(name="Garage")
    server.add_user("Anna", "secret")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def pair(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> ConfigSubentry:
    """A pair of the two accounts."""
    entry, peer = accounts
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    return pairs(entry)[0]

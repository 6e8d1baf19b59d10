"""Who answers at an account's address: another server, one that starts, one that does not tell its sessions."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.waiting import eventually

from .household import Household
from .live import LIVE, live

STATUS = "sensor.with_emby_status"


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair that removes, in sync, with a film in progress on both."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    for _ in range(2):
        await home.next_round()
    assert home.position("emby", "film-1") == 42
    return home


@pytest.fixture
def told(issue_registry: ir.IssueRegistry) -> Callable[[str], bool]:
    """Return whether there is a repair that says that another server answers, by the name of the account."""
    return lambda name: issue_registry.async_get_issue(DOMAIN, f"another_server_entry-{name}") is not None


def call_itself(server: MediaBrowserServer, server_id: str) -> str:
    """Let a server say that it is another one; return who it was."""
    before, server.server_id = server.server_id, server_id
    server.rows.server_id = server_id
    return before


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
@pytest.mark.parametrize("empty", [False, True])
async def test_another_server_at_the_address(
    pair: Household, told: Callable[[str], bool], name: str, empty: bool
) -> None:
    """It takes the token, and has nothing in progress, or the same: nothing is written, and a repair says so."""
    server = pair.server(name)
    own = call_itself(server, "5" * 32)
    if empty:
        pair.leave(name, "film-1", 0)
    pair.reset_traffic()
    for _ in range(3):
        await pair.next_round()

    assert told(name)
    assert not told("emby" if name == "jellyfin" else "jellyfin")
    assert pair.state(f"binary_sensor.{name}_anna_connection") == "off"
    assert pair.state(STATUS) == "failed"
    assert [each.traffic.writes for each in pair.servers.values()] == [0, 0, 0]

    call_itself(server, own)
    pair.leave(name, "film-1", 42)
    await pair.next_round()
    assert not told(name)
    assert pair.state(STATUS) == "in_sync"
    assert [pair.position(each, "film-1") for each in ("jellyfin", "emby")] == [42, 42]


async def test_another_server_comes_after_an_outage(pair: Household, told: Callable[[str], bool]) -> None:
    """A server that is away is no other one, and is waited for; that is told when somebody answers."""
    server = pair.server("jellyfin")
    own = call_itself(server, "5" * 32)
    port = server.port
    await server.stop()
    await pair.next_round()
    assert not told("jellyfin")
    assert pair.state(STATUS) == "waiting"

    await server.start(port)
    await pair.next_round()
    assert told("jellyfin")
    assert pair.state(STATUS) == "failed"

    await server.stop()
    for _ in range(4):
        await pair.next_round()
    assert told("jellyfin")
    assert pair.state(STATUS) == "waiting"

    call_itself(server, own)
    await server.start(port)
    await pair.next_round()
    assert not told("jellyfin")
    assert pair.state(STATUS) == "in_sync"


async def test_another_server_at_the_start(hass: HomeAssistant, pair: Household, told: Callable[[str], bool]) -> None:
    """The account is set up once the right one answers; its token was not sent to the other one."""
    server = pair.server("jellyfin")
    own = call_itself(server, "5" * 32)
    server.traffic.reset()
    await hass.config_entries.async_reload("entry-jellyfin")
    assert pair.entry_state("jellyfin") is ConfigEntryState.SETUP_RETRY
    assert told("jellyfin")
    assert set(server.traffic.table()) <= {"GET /System/Info/Public", "GET /socket"}

    call_itself(server, own)
    await pair.wait(10)
    assert pair.entry_state("jellyfin") is ConfigEntryState.LOADED
    assert not told("jellyfin")


async def test_the_repair_goes_with_the_account(
    hass: HomeAssistant, pair: Household, told: Callable[[str], bool]
) -> None:
    """Nobody has to answer for an account that was removed."""
    call_itself(pair.server("jellyfin"), "5" * 32)
    await pair.next_round()
    assert told("jellyfin")

    await hass.config_entries.async_remove("entry-jellyfin")
    assert not told("jellyfin")


async def test_a_jellyfin_that_starts(hass: HomeAssistant, pair: Household, told: Callable[[str], bool]) -> None:
    """The server that stands in for it is busy, no stranger: pairs wait, and setting up is tried again."""
    server = pair.server("jellyfin")
    server.starting = True
    await pair.next_round()
    assert pair.state(STATUS) == "waiting"
    assert not told("jellyfin")

    await hass.config_entries.async_reload("entry-jellyfin")
    assert pair.entry_state("jellyfin") is ConfigEntryState.SETUP_RETRY
    assert pair.entries["jellyfin"].error_reason_translation_key == "server_busy"
    server.starting = False
    await pair.wait(10)
    assert pair.entry_state("jellyfin") is ConfigEntryState.LOADED


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_sessions_that_cannot_be_read(pair: Household, name: str, status: int) -> None:
    """Positions travel all the same, both ways: whoever plays is not known there, and stops nothing."""
    other = "emby" if name == "jellyfin" else "jellyfin"
    pair.server(name).faults.add("GET /Sessions", Status(status), times=1000)
    pair.leave(name, "film-2", 12, ago=60)
    pair.leave(other, "film-1", 55, ago=60)
    await pair.next_round()

    assert pair.position(other, "film-2") == 12
    assert pair.position(name, "film-1") == 55
    assert pair.state(STATUS) == "in_sync"


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_live_updates_are_off_where_sessions_cannot_be_read(
    hass: HomeAssistant, live_home: Household, name: str
) -> None:
    """Nothing would tell a stop from a mark there. It is tried again, and shown when it works."""
    server = live_home.server(name)
    server.faults.add("GET /Sessions", Status(500), times=1000)
    live_home.add_account("jellyfin", live_home.pair("emby"))
    live_home.add_account("emby")
    await hass.config_entries.async_setup("entry-jellyfin")
    await hass.async_block_till_done()
    await live(live_home, "emby" if name == "jellyfin" else "jellyfin")

    await eventually(lambda: server.traffic.requests("GET /Sessions") >= 2)
    assert live_home.state(LIVE.format(name)) == "off"

    server.faults.clear()
    await live(live_home, name)

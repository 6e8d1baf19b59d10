"""Servers that show up at another address, and those that only pretend to be one of ours: no token goes there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import ssl

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.flows.rediscovery import (
    async_move,
    async_moved,
    discovery_targets,
    is_proven,
    moved_url,
)
from custom_components.resume_sync.servers.discovery import DiscoveredServer
from custom_components.resume_sync.sync.model import ServerType
from tests.simulators import discovery
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer

from .conftest import AddAccount
from .dialog import Dialog, add_account
from .family import Heard, HeardEmby, HeardJellyfin, HeardPlex
from .network import VARIABLE, add_olga, announce
from .texts import ACCOUNT, read

type Server = SimulatedJellyfin | SimulatedEmby | PlexMediaServer

KINDS = ["jellyfin", "emby", "plex"]
ANONYMOUS = {"GET /identity", "GET /System/Info/Public"}


def kind_of(server: object) -> str:
    """Return the kind of a server."""
    if isinstance(server, PlexMediaServer):
        return "plex"
    return "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby"


async def waiting_account(hass: HomeAssistant, server: Server, add: AddAccount) -> ConfigEntry:
    """Add an account, and let its server go away."""
    entry = await add_olga(hass, server) if isinstance(server, PlexMediaServer) else await add(server, "Anna")
    await server.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    return entry


@asynccontextmanager
async def pretending(server: Server) -> AsyncIterator[Heard]:
    """Let somebody else answer as a server, at another port."""
    pretender: HeardPlex | HeardJellyfin | HeardEmby
    if isinstance(server, PlexMediaServer):
        pretender = HeardPlex(name=server.name, machine_id=server.machine_id)
        pretender.add_user("Mallory")
        pretender.allowed_without_auth = True
    else:
        pretender = HeardJellyfin(name="Attic") if isinstance(server, SimulatedJellyfin) else HeardEmby(name="Cellar")
        pretender.server_id = server.server_id
        pretender.add_user("Anna", "secret").user_id = server.users["Anna"].user_id
    pretender.calls = []
    await pretender.start()
    yield pretender
    await pretender.stop()


@asynccontextmanager
async def answering(server: Server | Heard, server_id: str) -> AsyncIterator[str]:
    """Let the network tell of a server; yield whom Home Assistant has to ask."""
    if isinstance(server, PlexMediaServer):
        reply = discovery.gdm(name=server.name, server_id=server_id, port=server.port)
    else:
        make = discovery.jellyfin if isinstance(server, SimulatedJellyfin) else discovery.emby
        reply = make(name="Any", server_id=server_id.replace("-", ""), address=server.url)
    async with discovery.listening(reply) as (target, _):
        yield f"{kind_of(server)}={target[0]}:{target[1]}"


async def asked_whether_moved(hass: HomeAssistant) -> Dialog:
    """Open what the dialog that adds an account has found out, as a user does under Discovered."""
    dialog = await add_account(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    dialog.close()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return Dialog(hass, ACCOUNT, await hass.config_entries.flow.async_configure(flow["flow_id"]))


def server_id_of(server: Server) -> str:
    """Return what a server is known by."""
    return server.machine_id if isinstance(server, PlexMediaServer) else server.server_id


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    """Each kind of server in turn."""
    server: Server = request.getfixturevalue(request.param)
    return server


async def test_a_server_that_answers_elsewhere(
    hass: HomeAssistant, server: Server, add: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its accounts go on at the new address once somebody has said that it is the right one."""
    entry = await waiting_account(hass, server, add)
    before = dict(entry.data)
    await server.start()
    assert server.url != before["url"]
    async with answering(server, server_id_of(server)) as target:
        monkeypatch.setenv(VARIABLE, target)
        dialog = await asked_whether_moved(hass)
    assert dialog.step["step_id"] == "moved_confirm"
    placeholders = {"server": before["server_name"], "old": before["url"], "new": server.url}
    assert read(dialog.step["description_placeholders"]) == placeholders
    assert entry.data == before
    step = await dialog.submit()
    assert step["reason"] == "moved"
    await hass.async_block_till_done()

    assert entry.data == {**before, "url": server.url}
    assert entry.state is ConfigEntryState.LOADED


async def test_somebody_who_pretends_to_be_a_server(
    hass: HomeAssistant, server: Server, add: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever claims its id is asked who they are, and gets nothing of the account: no token, no user, no client."""
    entry = await waiting_account(hass, server, add)
    before = dict(entry.data)
    async with pretending(server) as pretender:
        async with answering(pretender, server_id_of(server)) as target:
            monkeypatch.setenv(VARIABLE, target)
            dialog = await asked_whether_moved(hass)
        if isinstance(server, PlexMediaServer):
            assert (await announce(hass, pretender.port)).step["reason"] == "already_in_progress"
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)

        assert dialog.step["step_id"] == "moved_confirm"
        assert entry.data == before
        assert {call.route for call in pretender.calls} <= ANONYMOUS
        assert pretender.calls
        for call in pretender.calls:
            text = f"{call.request.path_qs} {call.request.headers} {call.body.decode()}"
            assert [
                key for key in ("token", "user_id", "device_id") if len(before[key]) > 1 and before[key] in text
            ] == []


async def test_a_plex_server_that_announces_itself_elsewhere(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Asked about once; nothing is asked while it answers where it was."""
    entry = await add_olga(hass, plex)
    dialog = await announce(hass, plex.port)
    assert dialog.step["reason"] == "already_configured"
    before = entry.data["url"]
    await plex.stop()
    await plex.start()
    dialog = await announce(hass, plex.port)
    assert dialog.step["step_id"] == "moved_confirm"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Den"}
    assert (await announce(hass, plex.port)).step["reason"] == "already_in_progress"
    assert entry.data["url"] == before
    await dialog.look_again()
    await dialog.submit()

    assert entry.data["url"] == plex.url
    assert entry.title == "Plex (Olga)"


async def test_a_server_that_came_back(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """What has solved itself meanwhile changes nothing."""
    entry = await add_olga(hass, plex)
    before, port = dict(entry.data), plex.port
    await plex.stop()
    await plex.start()
    dialog = await announce(hass, plex.port)
    await plex.stop()
    await plex.start(port)
    step = await dialog.submit()

    assert step["reason"] == "not_moved"
    assert entry.data == before


async def test_an_address_that_was_ignored(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Whoever ignores an address is not asked about it again, but about others."""
    await add_olga(hass, plex)
    for answer in ("already_configured", "moved_confirm"):
        await plex.stop()
        await plex.start()
        if answer == "already_configured":
            unique_id = f"{plex.machine_id} {plex.url}"
            MockConfigEntry(domain=DOMAIN, source=SOURCE_IGNORE, unique_id=unique_id).add_to_hass(hass)
        dialog = await announce(hass, plex.port)
        assert answer in (dialog.step.get("reason"), dialog.step.get("step_id"))


async def test_a_server_with_a_certificate_is_followed(
    hass: HomeAssistant, emby: SimulatedEmby, add: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that proves at another port of the same host that it is the same needs no question."""
    await emby.stop()
    await emby.start(tls=True)
    certificate = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", emby.port))
    trusting = ssl.create_default_context(cadata=certificate)
    monkeypatch.setattr("homeassistant.util.ssl.client_context", lambda *_: trusting)
    entry = await add(emby, "Anna")
    assert entry.data["verify_ssl"] is True
    before = entry.data["url"]
    await emby.stop()
    await emby.start(tls=True)
    async with answering(emby, emby.server_id) as target:
        monkeypatch.setenv(VARIABLE, target)
        dialog = await add_account(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        dialog.close()

    assert before.startswith("https://127.0.0.1:")
    assert entry.data["url"] == emby.url
    assert hass.config_entries.flow.async_progress() == []


async def test_an_address_that_works_stays(
    hass: HomeAssistant,
    emby: SimulatedEmby,
    twin: SimulatedEmby,
    add: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What somebody has typed and what works is left alone, whoever claims to be the same server."""
    entry = await add(emby, "Anna")
    twin.server_id = emby.server_id
    reply = discovery.emby(name="Cellar", server_id=emby.server_id.replace("-", ""), address=twin.url)
    async with discovery.listening(reply) as (target, asked):
        monkeypatch.setenv(VARIABLE, f"emby={target[0]}:{target[1]}")
        await add_account(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    assert asked
    assert entry.data["url"] == emby.url
    assert twin.traffic.table() == {}


@pytest.mark.parametrize(
    ("stored", "verify_ssl", "found", "url"),
    [
        ("http://10.0.0.2:8096", True, "http://10.0.0.3:8096", "http://10.0.0.3:8096"),
        ("https://10.0.0.2:8920", False, "http://10.0.0.3:8096", "http://10.0.0.3:8096"),
        ("https://media.example.org", True, "http://10.0.0.3:8096", None),
        ("https://media.example.org", True, "https://media.example.net", "https://media.example.net"),
        (
            "https://10-0-0-2.0123456789abcdef.plex.direct:32400",
            True,
            "http://10.0.0.3:32401",
            "https://10-0-0-3.0123456789abcdef.plex.direct:32401",
        ),
    ],
)
def test_where_an_account_may_follow(stored: str, verify_ssl: bool, found: str, url: str | None) -> None:
    """Never from a server that proves itself to one that does not."""
    assert moved_url(stored, found, verify_ssl=verify_ssl) == url


@pytest.mark.parametrize(
    ("stored", "verify_ssl", "url", "proven"),
    [
        ("https://10-0-0-2.abcdef.plex.direct:32400", True, "https://10-0-0-3.abcdef.plex.direct:32401", True),
        ("https://10-0-0-2.abcdef.plex.direct:32400", True, "https://10-0-0-3.fedcba.plex.direct:32400", False),
        ("https://10-0-0-2.abcdef.plex.direct:32400", False, "https://10-0-0-3.abcdef.plex.direct:32400", False),
        ("https://a.example.org", True, "https://b.example.org", False),
        ("https://media.example.org:8920", True, "https://media.example.org", True),
        ("https://media.example.org:8920", True, "http://media.example.org:8096", False),
        ("http://10.0.0.2:8096", True, "http://10.0.0.2:8097", False),
        ("http://10.0.0.2:8096", True, "https://10.0.0.2:8920", False),
    ],
)
def test_what_proves_a_server(stored: str, verify_ssl: bool, url: str, proven: bool) -> None:
    """A valid certificate for a name that belongs to the server alone."""
    assert is_proven(stored, url, verify_ssl=verify_ssl) is proven


def test_without_a_word_the_local_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that names other targets is for demos and tests."""
    monkeypatch.delenv(VARIABLE)
    assert discovery_targets() is None


async def test_a_server_that_answers_nowhere_has_not_moved(hass: HomeAssistant, socket_enabled: None) -> None:
    """It was heard of at an address where nobody is, and does not answer at its own either."""
    gone, heard = "http://127.0.0.1:9", "http://127.0.0.1:10"
    data = {"type": "jellyfin", "url": gone, "verify_ssl": True, "server_id": "1" * 32}
    MockConfigEntry(domain=DOMAIN, data=data).add_to_hass(hass)
    assert await async_moved(hass, DiscoveredServer(ServerType.JELLYFIN, "1" * 32, "Attic", heard)) == {}


async def test_a_loaded_account_reloads_itself(hass: HomeAssistant) -> None:
    """Its own listener hears of the new address: a second reload would end the first one's runs."""
    heard: list[str] = []
    entry = MockConfigEntry(domain=DOMAIN, data={"url": "http://old"})
    entry.add_to_hass(hass)

    async def updated(_hass: HomeAssistant, changed: ConfigEntry) -> None:
        heard.append(changed.data["url"])

    entry.add_update_listener(updated)
    async_move(hass, entry, "http://new")
    await hass.async_block_till_done()
    assert heard == ["http://new"]

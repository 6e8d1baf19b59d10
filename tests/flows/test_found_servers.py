"""Servers that are found in the network, or that Home Assistant knows already."""

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.resume_sync.const import DOMAIN
from tests.simulators import discovery
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer

from .conftest import AddAccount
from .dialog import add_account
from .network import VARIABLE, add_olga, announce


async def test_an_announced_server(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Confirmed, then added with the ordinary steps; the address is offered, and chosen by whoever knows it."""
    dialog = await announce(hass, plex.port)
    assert dialog.step["step_id"] == "zeroconf_confirm"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Den"}

    await dialog.submit()
    assert dialog.step["step_id"] == "plex"
    await dialog.choose("plex_manual")
    assert dialog.suggested("server") is None
    assert dialog.options("server") == {plex.url: f"Den ({plex.url})"}
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
    assert step["type"] == "create_entry"
    assert step["result"].unique_id == f"{plex.machine_id}_1"


async def test_an_announced_server_that_is_not_there(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Nobody, or something else, answers: nothing is offered."""
    for port in (1, jellyfin.port):
        dialog = await announce(hass, port)
        assert dialog.step["reason"] == "cannot_connect"


async def test_an_ignored_server(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Whoever does not want it is not asked again, and can still add it."""
    MockConfigEntry(domain=DOMAIN, source=SOURCE_IGNORE, unique_id=plex.machine_id).add_to_hass(hass)
    dialog = await announce(hass, plex.port)
    assert dialog.step["reason"] == "already_configured"

    assert (await add_olga(hass, plex)).state is ConfigEntryState.LOADED


async def test_an_announced_server_that_was_added_meanwhile(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """The offer goes away."""
    await announce(hass, plex.port)
    await add_olga(hass, plex)

    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
async def test_servers_that_answer(
    hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their addresses are offered, and another can be typed; none is filled in, not even that of the only one."""
    kind = "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby"
    reply = getattr(discovery, kind)
    server_id = server.server_id.replace("-", "")
    async with discovery.listening(reply(name=server.name, server_id=server_id, address=server.url)) as (target, asked):
        monkeypatch.setenv(VARIABLE, f"{kind}={target[0]}:{target[1]}")
        dialog = await add_account(hass)
        assert dialog.step["step_id"] == "user"
        await dialog.choose(kind)
        assert asked

    assert dialog.suggested("server") is None
    assert dialog.options("server") == {server.url: f"{server.name} ({server.url})"}
    await dialog.submit(verify_ssl=True)
    assert dialog.step["errors"] == {"url": "cannot_connect"}
    await dialog.submit(url="http://127.0.0.1:1", verify_ssl=True)
    assert dialog.step["errors"] == {"url": "cannot_connect"}
    assert dialog.suggested("url") == "http://127.0.0.1:1"
    await dialog.submit(server=server.url, verify_ssl=True)
    assert dialog.step["step_id"] == "sign_in"


@pytest.mark.parametrize("server", ["jellyfin", "emby"], indirect=True)
@pytest.mark.parametrize("liar_first", [True, False])
async def test_a_server_that_has_accounts(
    hass: HomeAssistant,
    server: SimulatedJellyfin | SimulatedEmby,
    add: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
    liar_first: bool,
) -> None:
    """It is offered at their address, which is filled in, whoever answers first; others of its id only claim it."""
    kind = "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby"
    await add(server, "Anna")
    await add(server, "Root")
    reply = getattr(discovery, kind)
    server_id, liar = server.server_id.replace("-", ""), "http://198.51.100.1:8096"
    answers = [
        reply(name=server.name, server_id=server_id, address=server.url),
        reply(name="AAA", server_id=server_id.upper(), address=liar),
        reply(name="Barn", server_id="b" * 32, address="http://198.51.100.2:8096"),
    ]
    async with discovery.listening(*(reversed(answers) if liar_first else answers)) as (target, _):
        monkeypatch.setenv(VARIABLE, f"{kind}={target[0]}:{target[1]}")
        dialog = await add_account(hass, kind)

    assert list(dialog.options("server").items()) == [
        (server.url, f"{server.name} ({server.url}): Anna, Root"),
        ("http://198.51.100.2:8096", "Barn (http://198.51.100.2:8096)"),
        (liar, f"{liar}: {server.name}?"),
    ]
    assert dialog.suggested("server") == server.url
    await dialog.submit(server=server.url, url="http://127.0.0.1:1", verify_ssl=True)
    assert dialog.step["errors"] == {"url": "cannot_connect"}, "what is typed counts, not what was filled in"


async def test_servers_at_several_addresses(hass: HomeAssistant, emby: SimulatedEmby, twin: SimulatedEmby) -> None:
    """Where accounts are on two servers, nobody can tell which one is meant; certificates are checked as they do."""
    for number, server in enumerate((emby, twin)):
        data = {"type": "emby", "url": server.url, "verify_ssl": False, "server_id": server.server_id}
        data |= {"server_name": server.name, "user_name": "Anna", "token": "x", "user_id": "1", "device_id": "x"}
        MockConfigEntry(domain=DOMAIN, data=data, unique_id=str(number)).add_to_hass(hass)
        dialog = await add_account(hass, "emby")
        assert dialog.suggested("server") == (None if number else emby.url)
    assert set(dialog.options("server")) == {emby.url, twin.url}
    await dialog.submit(server=emby.url, verify_ssl=True)
    await dialog.choose("password")
    step = await dialog.submit(username="Anna", password="secret")
    if step.get("step_id") == "server_name":
        step = await dialog.submit(server_name="Elsewhere")
    assert step["result"].data["verify_ssl"] is False


async def test_a_closed_window_ends_the_search(hass: HomeAssistant, socket_enabled: None) -> None:
    """Nobody waits for what nobody wants to know, nor is it asked for twice: not even where it would take an hour."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(VARIABLE, "plex=127.0.0.1:1")
        monkeypatch.setattr("custom_components.resume_sync.flows.found_servers.PROBE_SECONDS", 3600)
        dialog = await add_account(hass)
        await dialog.look_again()
        dialog.close()
        await hass.async_block_till_done(wait_background_tasks=True)


async def test_servers_of_home_assistants_own_integrations(hass: HomeAssistant, socket_enabled: None) -> None:
    """Their addresses are suggested, and nothing else of theirs."""
    for name, url in (("Attic", "http://127.0.0.1:1/jellyfin/"), ("Loft", "http://user:secret@127.0.0.1:2")):
        data = {"url": url, "username": "Anna", "password": "secret", "client_device_id": "x"}
        MockConfigEntry(domain="jellyfin", title=name, data=data).add_to_hass(hass)
    for server in ({"url": "http://127.0.0.1:3", "token": "secret"}, {}, {"url": "nonsense://"}):
        MockConfigEntry(domain="plex", title="Den", data={"server": "Den", "server_config": server}).add_to_hass(hass)

    dialog = await add_account(hass, "jellyfin")
    assert dialog.options("server") == {
        "http://127.0.0.1:1/jellyfin": "Attic (http://127.0.0.1:1/jellyfin)",
        "http://127.0.0.1:2": "Loft (http://127.0.0.1:2)",
    }
    assert dialog.suggested("server") is None
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    assert dialog.suggested("server") == "http://127.0.0.1:3"
    assert [str(field) for field in dialog.step["data_schema"].schema] == ["server", "url", "verify_ssl", "token"]
    assert "secret" not in str(dialog.step["data_schema"].schema)

"""What everybody in Home Assistant can see, and what errors say, holds no token and no address."""

from typing import Any

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from yarl import URL

from custom_components.resume_sync.account.client import create_client
from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sync.media_server import MediaServerError
from tests.simulators.faults import Fault, HtmlPage, Reset, RevokedToken, Status, Truncated

from .household import Household
from .secrets_of_home import told

FAULTS = (
    Status(400),
    Status(401),
    Status(403),
    Status(404),
    Status(500),
    Status(503),
    HtmlPage(),
    Reset(),
    Truncated(),
)


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


def keys(home: Household) -> set[str]:
    """Return the tokens of the accounts, and where their servers are."""
    entries = home.entries.values()
    urls = [entry.data[CONF_URL] for entry in entries]
    return {entry.data[CONF_TOKEN] for entry in entries} | {f":{URL(url).port}" for url in urls} | set(urls)


def visible(home: Household) -> list[Any]:
    """Return all states with their attributes, and the responses' building blocks: devices' names and models."""
    devices = dr.async_get(home.hass).devices
    return [
        *(state.as_dict() for state in home.hass.states.async_all()),
        *([device.name, device.model, device.sw_version] for device in devices),
    ]


@pytest.mark.parametrize("fault", [None, *FAULTS, RevokedToken()], ids=repr)
async def test_states_and_errors_of_actions(pair: Household, fault: Fault | None) -> None:
    """While all is well, and after each kind of failure."""
    if fault is not None:
        pair.server("emby").faults.add("*", fault, times=None)
    said: list[Any] = []
    for action in ("sync", "preview", "get_unresolved"):
        try:
            said.append(await pair.hass.services.async_call(DOMAIN, action, {}, blocking=True, return_response=True))
        except HomeAssistantError as error:
            said += [str(error), repr(error), error.translation_placeholders]
    await pair.next_round()

    assert len(said) >= 3
    assert len(visible(pair)) > 10
    assert told(keys(pair), [visible(pair), said]) == set()


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
@pytest.mark.parametrize("fault", [*FAULTS, RevokedToken()], ids=repr)
async def test_errors_of_clients(pair: Household, name: str, fault: Fault) -> None:
    """Their own messages hold nothing secret, whatever a server answers or does not."""
    client = create_client(pair.hass, pair.entries[name].data)
    pair.server(name).faults.add("*", fault, times=None)
    messages = []
    for ask in (client.verify, client.in_progress, client.open_sessions, lambda: client.states(["1"])):
        try:
            await ask()
        except MediaServerError as error:
            messages += [str(error), repr(error)]
    await client.close()

    assert messages
    assert told(keys(pair), messages) == set()


async def test_a_leak_is_found(pair: Household) -> None:
    """A token in an attribute, an address in a message."""
    data = pair.entries["emby"].data
    pair.hass.states.async_set("sensor.leak", "1", {"note": f"with {data[CONF_TOKEN]}"})

    assert told(keys(pair), visible(pair)) == {data[CONF_TOKEN]}
    assert data[CONF_URL] in told(keys(pair), [f"GET {data[CONF_URL]}/Items"])

"""What diagnostics tell, and that they tell nobody's secrets."""

from typing import Any

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import Status

from .household import HOME_MOVIE, Household
from .secrets_of_home import secrets_of_home, told

pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")  # Home Assistant's own


@pytest.fixture
def instance(hass_storage: dict[str, Any]) -> None:
    """Give this Home Assistant the id that titles are hidden with."""
    hass_storage["core.uuid"] = {"version": 1, "minor_version": 1, "key": "core.uuid", "data": {"uuid": "0" * 32}}


@pytest.fixture
async def pair(instance: None, home: Household) -> Household:
    """Two accounts in sync with a title of each kind: synced, below the minimum, without a counterpart, a removal."""
    home.server("jellyfin").name = "Cellar Cinema"
    home.server("emby").name = "Kitchen Box"
    home.server("jellyfin").add_film(HOME_MOVIE)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    for film, minutes in (("film-1", 42), ("film-2", 21), ("home-movie", 9)):
        home.leave("jellyfin", film, minutes)
    home.leave("emby", "film-3", 0)
    (short,) = home.server("emby").items_of("film-3")
    home.server("emby").set_state("Anna", short, position_ms=20_000, last_played=home.server("emby").now() - 60)
    await home.setup()
    await home.next_round()
    home.server("jellyfin").viewer("Anna").clear(home.server("jellyfin").items_of("film-2")[0])
    await home.next_round()
    return home


def device(home: Household, identifier: str, name: str) -> dr.DeviceEntry:
    """Return a device of an account."""
    registry = dr.async_get(home.hass)
    entry_id = home.entries[name].entry_id
    device_id = dr.async_get_device_id_by_identifier(home.hass, (DOMAIN, identifier), config_entry_id=entry_id)
    found = registry.async_get(device_id or "")
    assert isinstance(found, dr.DeviceEntry)
    return found


async def every(home: Household, client: ClientSessionGenerator) -> dict[str, Any]:
    """Return all diagnostics of a home."""
    diagnostics: dict[str, Any] = {}
    for name, entry in home.entries.items():
        diagnostics[name] = await get_diagnostics_for_config_entry(home.hass, client, entry)
        for identifier in (entry.unique_id, *entry.subentries):
            shown = device(home, identifier or "", name)
            diagnostics[f"{name} {shown.model_id}"] = await get_diagnostics_for_device(home.hass, client, entry, shown)
    return diagnostics


async def test_an_account(pair: Household, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion) -> None:
    """Everything about how an account and its pairs run."""
    diagnostics = await get_diagnostics_for_config_entry(pair.hass, hass_client, pair.entries["jellyfin"])

    assert diagnostics == snapshot
    (shown,) = diagnostics["pairs"]
    assert shown["updated_total"] == 2
    assert shown["ledger"]["waiting"] == 1
    assert shown["last_run"]["reasons"] == {
        "awaiting_confirmation": 1,
        "below_minimum": 1,
        "in_sync": 1,
        "no_ids": 1,
    }


async def test_a_pair(pair: Household, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion) -> None:
    """The pair with both of its accounts."""
    shown = device(pair, "pair-emby", "jellyfin")

    assert await get_diagnostics_for_device(pair.hass, hass_client, pair.entries["jellyfin"], shown) == snapshot


async def test_the_device_of_an_account_tells_what_the_account_does(
    pair: Household, hass_client: ClientSessionGenerator
) -> None:
    """Both ways to ask lead to the same."""
    diagnostics = await every(pair, hass_client)

    assert diagnostics["emby server"] == diagnostics["emby"]
    assert diagnostics["jellyfin server"] == diagnostics["jellyfin"]


async def test_no_secret_is_told(pair: Household, hass_client: ClientSessionGenerator) -> None:
    """Neither while all is well, nor after errors, nor of an account that is not set up."""
    secrets = secrets_of_home(pair)
    assert len(secrets) > 100
    assert told(secrets, await every(pair, hass_client)) == set()

    pair.server("emby").faults.add("*", Status(502), times=None)
    await pair.next_round()
    diagnostics = await every(pair, hass_client)
    assert diagnostics["emby"]["account"]["error"] == "cannot_connect"
    assert diagnostics["jellyfin"]["pairs"][0]["error"] == "cannot_connect"
    assert told(secrets_of_home(pair), diagnostics) == set()

    pair.server("emby").faults.clear()
    secrets = secrets_of_home(pair)
    pair.server("emby").accounts.tokens.clear()
    await pair.hass.config_entries.async_reload("entry-emby")
    await pair.next_round()
    diagnostics = await every(pair, hass_client)
    assert diagnostics["emby"].keys() == {"versions", "entry"}
    assert diagnostics["emby"]["entry"]["state"] == "setup_error"
    assert diagnostics["emby"]["entry"]["error"] == "invalid_auth"
    assert diagnostics["jellyfin pair"]["peer"].keys() == {"entry"}
    assert told(secrets, diagnostics) == set()


async def test_a_pair_whose_peer_is_gone(pair: Household, hass_client: ClientSessionGenerator) -> None:
    """It still tells what is known."""
    await pair.hass.config_entries.async_remove("entry-emby")
    await pair.settle()
    del pair.entries["emby"]
    diagnostics = await every(pair, hass_client)

    assert diagnostics["jellyfin pair"]["peer"] is None
    assert diagnostics["jellyfin pair"]["pair"]["error"] == "peer_removed"
    assert told(secrets_of_home(pair), diagnostics) == set()


async def test_a_title_has_one_name_in_one_home_and_another_elsewhere(
    hass: HomeAssistant, pair: Household, hass_storage: dict[str, Any], hass_client: ClientSessionGenerator
) -> None:
    """So that reports can be put side by side, and nobody can try titles against them."""
    one = await every(pair, hass_client)
    titles = one["jellyfin"]["pairs"][0]["last_run"]["titles"]
    assert len({row["title"] for row in titles}) == len(titles) == 3
    assert one["jellyfin pair"]["pair"]["last_run"]["titles"] == titles

    hass.data.pop("core.uuid")
    hass_storage["core.uuid"]["data"]["uuid"] = "1" * 32
    other = await every(pair, hass_client)
    names = {row["title"] for row in other["jellyfin"]["pairs"][0]["last_run"]["titles"]}
    assert names.isdisjoint(row["title"] for row in titles)


async def test_the_search_for_secrets_finds_them(pair: Household) -> None:
    """A token, an address, an id or a title in the data, in keys as well as in values."""
    entry = pair.entries["jellyfin"]
    secrets = secrets_of_home(pair)
    (item_id,) = pair.server("emby").items_of("film-1")

    for secret in (entry.data["token"], entry.data[CONF_URL], "Anna", "film 7", "garden party", item_id, "471102"):
        assert told(secrets, {"pairs": [{"note": secret}]}), secret
        assert told(secrets, {secret: 1}), secret
    assert told(secrets, {"pairs": [{"note": f"GET {entry.data[CONF_URL]}/Items?api_key={entry.data['token']}"}]})

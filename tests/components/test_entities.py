"""Entities and devices as Home Assistant shows and stores them."""

from collections.abc import Iterator
from unittest.mock import patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sensor import InProgressSensor, PairSensor
from tests.simulators.library import Film

from .household import FILMS, HOME_MOVIE, MINUTE, Household


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare what Home Assistant keeps without what is different each time, or new in its version 2026.11."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension).with_defaults(exclude=props("compat_name"))


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable entities that are disabled by default."""
    with patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", new=True):
        yield


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize(
    "platform", [Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.SENSOR, Platform.SWITCH]
)
async def test_entities(
    hass: HomeAssistant,
    home: Household,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """Names, classes, categories and states of all entities of an account with a pair."""
    home.leave("jellyfin", "film-1", 42)
    home.leave("jellyfin", "show/s01e02", 10, ago=7200)
    home.server("emby").add_film(HOME_MOVIE)
    home.leave("emby", HOME_MOVIE.key, 5)
    home.add_account("emby")
    home.add_account("jellyfin", home.pair("emby"))
    with patch("custom_components.resume_sync.PLATFORMS", [platform]):
        await home.setup()
        await home.next_round()
        await snapshot_platform(hass, entity_registry, snapshot, "entry-jellyfin")


async def test_devices(hass: HomeAssistant, home: Household, device_registry: dr.DeviceRegistry) -> None:
    """Accounts and pairs are services; a pair is reached through its account."""
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic", direction="to_peer"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()

    account = device_registry.async_get_device_by_identifier((DOMAIN, home.unique_id("jellyfin")), "entry-jellyfin")
    assert account is not None
    assert (account.name, account.manufacturer, account.model, account.model_id) == (
        "Jellyfin (Anna)",
        "Jellyfin",
        "Jellyfin Server",
        "server",
    )
    assert account.entry_type is dr.DeviceEntryType.SERVICE
    assert account.sw_version == home.server("jellyfin").version
    assert account.configuration_url == home.server("jellyfin").url

    for pair_id, model in (("pair-emby", "Two-way"), ("pair-attic", "One-way")):
        pair = device_registry.async_get(home.device_id(pair_id))
        assert isinstance(pair, dr.DeviceEntry)
        assert (pair.model, pair.model_id, pair.entry_type) == (model, "pair", dr.DeviceEntryType.SERVICE)
        assert pair.via_device_id == account.id
        assert pair.config_subentry_id == pair_id


async def test_rare_entities_are_disabled_by_default(home: Household, entity_registry: er.EntityRegistry) -> None:
    """Whoever wants them can enable them."""
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    disabled = {entity.entity_id for entity in entity_registry.entities.values() if entity.disabled}
    assert disabled == {
        "sensor.with_emby_last_sync_duration",
        "sensor.with_emby_titles_removed",
        "sensor.with_emby_waiting_removals",
    }


async def test_lists_in_attributes_are_short_and_not_recorded(home: Household) -> None:
    """Newest first; long lists are for actions."""
    emby = home.server("emby")
    for number in range(30):
        emby.add_film(Film(f"private-{number}", f"Private {number}", None, 60 * MINUTE))
        home.leave("emby", f"private-{number}", 5, ago=7200 + number)
    home.leave("emby", FILMS[1].key, 42, ago=60)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()

    assert home.state("sensor.emby_anna_continue_watching") == "31"
    shown = home.attributes("sensor.emby_anna_continue_watching")["items"]
    assert len(shown) == 25
    assert shown[0] == {"title": "Film 1", "season": None, "episode": None, "position": 42 * 60, "percent": 42}
    assert shown[1]["title"] == "Private 0"

    assert home.state("sensor.with_emby_unresolved") == "30"
    unresolved = home.attributes("sensor.with_emby_unresolved")["items"]
    assert len(unresolved) == 25
    assert unresolved[0].keys() == {"title", "season", "episode", "year", "from", "reason"}
    assert {row["reason"] for row in unresolved} == {"no_ids"}

    assert PairSensor._unrecorded_attributes == InProgressSensor._unrecorded_attributes == {"items"}  # noqa: SLF001
    assert "items" not in home.attributes("sensor.with_emby_pending")

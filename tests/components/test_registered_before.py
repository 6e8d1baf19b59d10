"""A household that updates notices nothing: devices, entities, actions and cards are those of the first version."""

import json
from pathlib import Path
from typing import Any

from homeassistant.components.websocket_api import DOMAIN as WEBSOCKET_API
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import voluptuous as vol

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.dashboard.modules import MODULE_URL

from .household import Household

VERSION_1 = Path(__file__).parent / "state_files" / "version_1_registered.json"
"""What `registered` returned for the home of these tests on the first version. Never to be changed."""


def registered(hass: HomeAssistant) -> dict[str, Any]:
    """Return everything of the integration that automations, dashboards and people's own names hang on."""
    devices = {one.id: one for one in dr.async_get(hass).devices}
    entities = er.async_get(hass).entities.values()
    return {
        "devices": sorted(
            [sorted(map(list, one.identifiers)), one.name, one.model, one.model_id, one.manufacturer, one.entry_type]
            for one in devices.values()
        ),
        "entities": sorted(
            [
                one.entity_id,
                one.unique_id,
                one.original_name,
                one.translation_key,
                one.config_entry_id,
                one.config_subentry_id,
                one.entity_category,
                one.disabled_by,
                one.original_device_class,
                sorted(map(list, devices[one.device_id or ""].identifiers)),
            ]
            for one in entities
            if one.platform == DOMAIN
        ),
        "actions": {
            name: sorted(map(str, action.schema.schema))
            for name, action in sorted(hass.services.async_services_for_domain(DOMAIN).items())
            if isinstance(action.schema, vol.Schema)
        },
        "commands": sorted(name for name in hass.data[WEBSOCKET_API] if name.startswith(f"{DOMAIN}/")),
        # Between both stands a version with the fingerprint of what is served.
        "cards": [part for part in str(hass.data[MODULE_URL]).split("/") if DOMAIN in part or part.endswith(".js")],
    }


def the_home(home: Household) -> None:
    """Add the accounts and pairs with which the file was written."""
    home.add_account("jellyfin", home.pair("emby", remove="source"), home.pair("attic", direction="to_peer"))
    home.add_account("emby")
    home.add_account("attic")


def before() -> dict[str, Any]:
    """Return what the first version registered."""
    stored: dict[str, Any] = json.loads(VERSION_1.read_text(encoding="utf-8"))
    return stored


async def test_a_set_up_registers_what_the_first_version_did(home: Household, hass: HomeAssistant) -> None:
    """Under the same ids and names; more may have come since, and actions may have more fields."""
    the_home(home)
    await home.setup()

    now = json.loads(json.dumps(registered(hass)))
    for kind in ("devices", "entities", "commands", "cards"):
        assert [one for one in before()[kind] if one not in now[kind]] == [], kind
    for action, fields in before()["actions"].items():
        assert set(fields) <= set(now["actions"][action]), action


async def test_entities_keep_the_names_that_people_gave_them(
    home: Household, hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """Whoever called a sensor `sensor.ours_3` finds it there after the update, alive, and no second one beside it."""
    the_home(home)
    names = {}
    for number, (entity_id, unique_id, *_) in enumerate(before()["entities"]):
        platform = entity_id.partition(".")[0]
        entry = entity_registry.async_get_or_create(platform, DOMAIN, unique_id, suggested_object_id=f"ours_{number}")
        names[entry.entity_id] = (platform, unique_id)
    await home.setup()

    entities = [one for one in entity_registry.entities.values() if one.platform == DOMAIN]
    now = {one.entity_id: (one.domain, one.unique_id) for one in entities}
    assert {entity_id: now.get(entity_id) for entity_id in names} == names
    assert len(set(now.values())) == len(entities)
    for entity_id in names:
        assert hass.states.get(entity_id) is not None, entity_id

"""The examples in README and docs are what Home Assistant accepts and answers."""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml

from custom_components.resume_sync.const import DOMAIN
from tests.components import conftest
from tests.components.household import USER, Household
from tests.repository.quality import markdown
from tests.simulators.library import Film

ROOT = Path(__file__).parents[2]
README, ACTIONS = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/actions.md"))

home = conftest.home


def shape(value: Any) -> Any:
    """Return the keys of a response, and the shape of what is in its lists."""
    if isinstance(value, Mapping):
        return {key: None if key == "skipped" else shape(each) for key, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else None


def example(action: str) -> Any:
    """Return the response that the documents show of an action."""
    (section,) = (text for heading, text in markdown.sections(ACTIONS).items() if heading.endswith(f"(`{action}`)"))
    (block,) = markdown.code(section, "json")
    return json.loads(block)


async def test_responses_look_as_shown(hass: HomeAssistant, home: Household) -> None:
    """Each example of a response has the keys that Home Assistant gets."""
    home.server("jellyfin").add_film(Film("garden", "Garden Party", 2024, 60 * 60_000))
    home.server("emby").add_film(Film("garden-there", "Garden Party", 2024, 60 * 60_000))
    item_id = home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()

    async def answer(action: str, **data: Any) -> Any:
        return shape(await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True))

    assert await answer("sync") == shape(example("sync"))
    assert await answer("preview") == shape(example("preview"))
    await home.next_round()
    home.server("jellyfin").viewer(USER).clear(item_id)
    home.leave("jellyfin", "garden", 20)
    await home.next_round()
    assert await answer("get_tombstones") == shape(example("get_tombstones"))
    assert await answer("get_unresolved") == shape(example("get_unresolved"))
    pair = {"device_id": home.device_id("pair-emby")}
    assert await answer("get_history", **pair) == shape(example("get_history"))
    assert await answer("undo", **pair) == shape(example("undo"))
    answered = await answer("set_progress", config_entry_id="entry-jellyfin", item_id=item_id, position=1260)
    assert answered == shape(example("set_progress"))
    (title,) = markdown.code(README, "json")
    assert json.loads(title) == example("sync")["pairs"][0]["items"][0]


async def test_automations_are_valid(hass: HomeAssistant) -> None:
    """Home Assistant accepts each example, and the actions in it get fields that they have."""
    assert await async_setup_component(hass, DOMAIN, {})
    services = hass.services.async_services_for_domain(DOMAIN)
    blocks = markdown.code(README, "yaml")
    assert len(blocks) > 1
    for block in blocks:
        automation = parse_yaml(block)
        assert isinstance(automation, dict)
        validated = await async_validate_config_item(hass, "example", automation)
        assert validated is not None
        assert validated.validation_status == "ok", (automation["alias"], validated.validation_error)
        for action in automation["actions"]:
            domain, _, name = str(action.get("action", "")).partition(".")
            if domain == DOMAIN and (schema := services[name].schema) is not None:
                schema(action.get("data", {}))

"""The modules of the cards and the dashboard: served here, loaded by the frontend, gone with the last account."""

from pathlib import Path
import re
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.resume_sync.const import DOMAIN

from .household import Household

MODULES = Path(__file__).parents[2] / "custom_components" / DOMAIN / "frontend"
PAGE = "<html>{%- for module in extra_modules -%}<script type=module src={{ module }}></script>{%- endfor -%}</html>"


@pytest.fixture
async def frontend(hass: HomeAssistant, hass_storage: dict[str, Any], tmp_path: Path) -> None:
    """Home Assistant's frontend, with a page that holds nothing but what integrations add to it."""
    done = {"done": ["user", "core_config", "analytics", "integration"]}
    hass_storage["onboarding"] = {"version": 4, "key": "onboarding", "data": done}
    root = tmp_path / "hass_frontend"
    for folder in ("static", "frontend_latest", "frontend_es5"):
        (root / folder).mkdir(parents=True)
    for file in ("service_worker.js", "sw-modern.js", "sw-legacy.js", "robots.txt", "onboarding.html"):
        (root / file).touch()
    for file in ("sw-modern.js.map", "sw-legacy.js.map", "authorize.html"):
        (root / file).touch()
    (root / "index.html").write_text(PAGE, encoding="utf-8")
    assert await async_setup_component(hass, "frontend", {"frontend": {"development_repo": str(tmp_path)}})
    await hass.async_block_till_done()


async def loaded(client: TestClient[Any, Any]) -> list[str]:
    """Return the modules that the page loads besides the app's own."""
    response = await client.get("/")
    assert response.status == 200
    return re.findall(r"src=(\S+?)>", await response.text())


async def test_browsers_load_the_module_and_all_that_it_imports(
    frontend: None, running_home: Household, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Its address changes with its content, and imports stay below it."""
    running_home.add_account("jellyfin")
    await running_home.setup()
    client = await hass_client_no_auth()

    (url,) = await loaded(client)

    version, content = url.removeprefix(f"/{DOMAIN}_static/").split("/", 1)[0].split("-")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert re.fullmatch(r"[0-9a-f]{8}", content)
    folder, name = url.rsplit("/", 1)
    seen, wanted = set[str](), {name}
    while wanted - seen:
        seen.add(module := (wanted - seen).pop())
        response = await client.get(f"{folder}/{module}")
        assert response.status == 200, module
        assert response.headers["Content-Type"].startswith("text/javascript"), module
        assert "max-age" in response.headers["Cache-Control"], module
        wanted |= set(re.findall(r'from "\./([\w.-]+)"', await response.text()))
    assert seen == {path.name for path in MODULES.glob("*.js")}


async def test_nothing_is_loaded_once_the_last_account_is_gone(
    frontend: None, running_home: Household, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without a restart, and it comes back with the next account."""
    running_home.add_account("jellyfin")
    running_home.add_account("emby")
    await running_home.setup()
    client = await hass_client_no_auth()
    modules = await loaded(client)
    assert len(modules) == 1

    await running_home.hass.config_entries.async_remove("entry-jellyfin")
    assert await loaded(client) == modules
    await running_home.hass.config_entries.async_remove("entry-emby")
    assert await loaded(client) == []

    running_home.entries.clear()
    running_home.add_account("attic")
    await running_home.setup()
    assert await loaded(client) == modules


async def test_it_works_without_a_frontend(running_home: Household) -> None:
    """As on a machine that only runs automations."""
    running_home.add_account("jellyfin")
    await running_home.setup()

    assert running_home.state("sensor.jellyfin_anna_continue_watching") == "0"
    await running_home.hass.config_entries.async_remove("entry-jellyfin")

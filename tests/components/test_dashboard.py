"""The module of the cards and the dashboard: served here, loaded by the frontend, gone with the last account."""

import gzip
from pathlib import Path
import re
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.dashboard import modules
from custom_components.resume_sync.dashboard.modules import CARDS

from .household import Household

MOST_BYTES = 60 * 1024
"""What the module may weigh when it is compressed, as browsers ask for it."""
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


async def test_browsers_load_the_module(
    frontend: None,
    running_home: Household,
    hass_client_no_auth: ClientSessionGenerator,
    issue_registry: ir.IssueRegistry,
) -> None:
    """Its address changes with its content, and it imports nothing."""
    running_home.add_account("jellyfin")
    await running_home.setup()
    client = await hass_client_no_auth()

    (url,) = await loaded(client)

    folder, name = url.removeprefix(f"/{DOMAIN}_static/").split("/")
    version, content = folder.split("-")
    assert name == CARDS.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert re.fullmatch(r"[0-9a-f]{8}", content)
    response = await client.get(url)
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "max-age" in response.headers["Cache-Control"]
    module = await response.read()
    assert re.findall(rb"""(?:from|import)\s*["'(]""", module) == []
    assert len(gzip.compress(module)) < MOST_BYTES
    assert issue_registry.async_get_issue(DOMAIN, "cards_missing") is None


@pytest.mark.usefixtures("frontend")
async def test_a_checkout_without_the_cards_syncs_all_the_same(
    running_home: Household,
    hass_client_no_auth: ClientSessionGenerator,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A repair says what is missing; no browser is told to load it."""
    running_home.add_account("jellyfin")
    monkeypatch.setattr(modules, "CARDS", tmp_path / CARDS.name)
    await running_home.setup()

    assert running_home.state("sensor.jellyfin_anna_continue_watching") == "0"
    assert issue_registry.async_get_issue(DOMAIN, "cards_missing") is not None
    assert await loaded(await hass_client_no_auth()) == []
    await running_home.hass.config_entries.async_remove("entry-jellyfin")


async def test_nothing_is_loaded_once_the_last_account_is_gone(
    frontend: None, running_home: Household, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without a restart, and it comes back with the next account."""
    running_home.add_account("jellyfin")
    running_home.add_account("emby")
    await running_home.setup()
    client = await hass_client_no_auth()
    before = await loaded(client)
    assert len(before) == 1

    await running_home.hass.config_entries.async_remove("entry-jellyfin")
    assert await loaded(client) == before
    await running_home.hass.config_entries.async_remove("entry-emby")
    assert await loaded(client) == []

    running_home.entries.clear()
    running_home.add_account("attic")
    await running_home.setup()
    assert await loaded(client) == before


async def test_it_works_without_a_frontend(running_home: Household) -> None:
    """As on a machine that only runs automations."""
    running_home.add_account("jellyfin")
    await running_home.setup()

    assert running_home.state("sensor.jellyfin_anna_continue_watching") == "0"
    await running_home.hass.config_entries.async_remove("entry-jellyfin")

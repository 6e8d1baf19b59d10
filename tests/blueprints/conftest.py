"""A home whose Home Assistant has the blueprints imported."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import shutil
from typing import Any, Protocol

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.components import conftest
from tests.components.household import Household

ROOT = Path(__file__).parents[2]

home = conftest.home


class Automate(Protocol):
    """Makes the automation of this test out of a blueprint."""

    async def __call__(self, blueprint: str, **inputs: Any) -> None:
        """Let it wait for its triggers; raises where Home Assistant refuses the blueprint or its inputs."""


@pytest.fixture
async def automate(hass: HomeAssistant, home: Household, tmp_path: Path) -> AsyncIterator[Automate]:
    """Import all blueprints, and give out how to make an automation of one."""
    await hass.config.async_set_time_zone("UTC")
    shutil.copytree(ROOT / "blueprints", tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)

    async def make(blueprint: str, **inputs: Any) -> None:
        uses = {"path": f"resume_sync/{blueprint}.yaml", "input": inputs}
        config = {"automation": {"alias": "Made", "use_blueprint": uses}}
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        state = hass.states.get("automation.made")
        assert state is not None
        assert state.state == "on"

    yield make
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.made"}, blocking=True)


async def run_on(home: Household, seconds: float = 0) -> None:
    """Let time pass and what is due run on, without waiting for automations that wait themselves."""
    assert home.freezer is not None
    home.freezer.tick(seconds)
    for server in home.servers.values():
        server.clock.advance(0)
    async_fire_time_changed(home.hass)
    for _ in range(1000):
        await asyncio.sleep(0)

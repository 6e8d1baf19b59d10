"""A Home Assistant with nothing of it replaced: its files, its database and its log lie in a folder of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging
from pathlib import Path
from unittest.mock import patch

from homeassistant import bootstrap, loader
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder

CONFIGURATION = {"recorder": {"commit_interval": 0}, "person": {}, "history": {}}
LOG = "home-assistant.log"


@asynccontextmanager
async def real_home(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Start one with the recorder and persons, let it run, and stop it, so that it has written all it wants to keep."""
    hass = HomeAssistant(str(folder))
    loader.async_setup(hass)
    hass.config.skip_pip = True
    log = logging.FileHandler(folder / LOG)
    log.setLevel(logging.WARNING)
    logging.root.addHandler(log)
    try:
        async_initialize_recorder(hass)
        with patch.object(bootstrap, "DEFAULT_INTEGRATIONS", frozenset()):
            assert await bootstrap.async_from_config_dict(dict(CONFIGURATION), hass) is hass
        await hass.async_start()
        await hass.async_block_till_done()
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)
    finally:
        logging.root.removeHandler(log)
        log.close()

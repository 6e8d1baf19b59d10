"""Lets the test plugin load on a Home Assistant that is newer than the one it was made for; loaded with `pytest -p`.

Home Assistant wants to be imported before httpx, which it replaces by httpx2; the plugin imports httpx first. And the
plugin imports a function of the logger integration that is no longer there.
"""

from homeassistant.components import logger
from homeassistant.core import HomeAssistant


def _clear_nothing(_hass: HomeAssistant) -> None:
    """Stand in for what the logger integration no longer needs after a test."""


vars(logger).setdefault("_clear_logger_overwrites", _clear_nothing)

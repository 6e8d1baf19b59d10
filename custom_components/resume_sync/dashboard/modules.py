"""The cards and the dashboard: a JavaScript module that Home Assistant's frontend loads by itself."""

from hashlib import sha256
from pathlib import Path

from homeassistant.components.frontend import add_extra_js_url, remove_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

MODULE_URL: HassKey[str] = HassKey(f"{DOMAIN}_module_url")
"""The address of the module that defines the cards and the dashboard; not there where the cards are not built."""

CARDS = Path(__file__).parents[1] / "frontend" / "resume-sync.js"
"""The module. It is built from the sources for a release; a checkout may be without it."""


async def async_serve_modules(hass: HomeAssistant) -> bool:
    """Serve the module, below a path that changes with it: browsers keep what they have loaded for a month.

    Returns False where the cards are not built.
    """
    integration = await async_get_integration(hass, DOMAIN)
    fingerprint = await hass.async_add_executor_job(_fingerprint, CARDS)
    if fingerprint is None:
        return False
    path = f"/{DOMAIN}_static/{integration.version}-{fingerprint}"
    await hass.http.async_register_static_paths([StaticPathConfig(path, str(CARDS.parent), cache_headers=True)])
    hass.data[MODULE_URL] = f"{path}/{CARDS.name}"
    return True


@callback
def async_offer_dashboard(hass: HomeAssistant) -> None:
    """Let browsers load the module from now on, where there is a frontend; done once or more, it is the same."""
    url = hass.data.get(MODULE_URL)
    if url is not None and "frontend" in hass.config.components:
        add_extra_js_url(hass, url)


@callback
def async_withdraw_dashboard(hass: HomeAssistant) -> None:
    """Let browsers load nothing any more, once the last account is gone."""
    url = hass.data.get(MODULE_URL)
    is_used = bool(hass.config_entries.async_entries(DOMAIN, include_ignore=False))
    if url is not None and not is_used and "frontend" in hass.config.components:
        remove_extra_js_url(hass, url)


def _fingerprint(module: Path) -> str | None:
    """Return a few characters that stand for the content of a module; None where it is not there."""
    try:
        return sha256(module.read_bytes()).hexdigest()[:8]
    except OSError:
        return None

"""The cards and the dashboard: JavaScript modules that Home Assistant's frontend loads by itself."""

from hashlib import sha256
from pathlib import Path

from homeassistant.components.frontend import add_extra_js_url, remove_extra_js_url
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

MODULE_URL: HassKey[str] = HassKey(f"{DOMAIN}_module_url")
"""The address of the module that defines the cards and the dashboard."""

_FOLDER = Path(__file__).parents[1] / "frontend"
_MODULE = "resume-sync.js"


async def async_serve_modules(hass: HomeAssistant) -> None:
    """Serve the modules, below a path that changes with them: browsers keep what they have loaded for a month."""
    integration = await async_get_integration(hass, DOMAIN)
    fingerprint = await hass.async_add_executor_job(_fingerprint)
    path = f"/{DOMAIN}_static/{integration.version}-{fingerprint}"
    await hass.http.async_register_static_paths([StaticPathConfig(path, str(_FOLDER), cache_headers=True)])
    hass.data[MODULE_URL] = f"{path}/{_MODULE}"


@callback
def async_offer_dashboard(hass: HomeAssistant) -> None:
    """Let browsers load the modules from now on, where there is a frontend; done once or more, it is the same."""
    if "frontend" in hass.config.components:
        add_extra_js_url(hass, hass.data[MODULE_URL])


@callback
def async_withdraw_dashboard(hass: HomeAssistant) -> None:
    """Let browsers load nothing any more, once the last account is gone."""
    url = hass.data.get(MODULE_URL)
    is_used = bool(hass.config_entries.async_entries(DOMAIN, include_ignore=False))
    if url is not None and not is_used and "frontend" in hass.config.components:
        remove_extra_js_url(hass, url)


def _fingerprint() -> str:
    """Return a few characters that stand for the content of all modules."""
    content = sha256()
    for path in sorted(_FOLDER.glob("*.js")):
        content.update(path.read_bytes())
    return content.hexdigest()[:8]

"""What Home Assistant hears of media servers in the network."""

from ipaddress import ip_address
from typing import Any

from homeassistant.config_entries import SOURCE_ZEROCONF, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.plex.server import PlexMediaServer

from .dialog import Dialog, add_account
from .texts import ACCOUNT

VARIABLE = "RESUME_SYNC_DISCOVERY"


def announcement(port: int, name: str) -> ZeroconfServiceInfo:
    """Return what a Plex Media Server announces."""
    address = ip_address("127.0.0.1")
    return ZeroconfServiceInfo(
        ip_address=address,
        ip_addresses=[address],
        port=port,
        hostname="den.local.",
        type="_plexmediasvr._tcp.local.",
        name=f"{name}._plexmediasvr._tcp.local.",
        properties={},
    )


async def announce(hass: HomeAssistant, port: int, name: str = "Den") -> Dialog:
    """Let Home Assistant hear of a server."""
    context: Any = {"source": SOURCE_ZEROCONF}
    return Dialog(
        hass, ACCOUNT, await hass.config_entries.flow.async_init(DOMAIN, context=context, data=announcement(port, name))
    )


async def add_olga(hass: HomeAssistant, plex: PlexMediaServer) -> ConfigEntry:
    """Add the owner's account by hand."""
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_manual")
    step = await dialog.submit(url=plex.url, verify_ssl=True, token=plex.token("Olga"))
    entry: ConfigEntry = step["result"]
    return entry

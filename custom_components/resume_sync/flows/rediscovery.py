"""Servers that show up in the network: who they are, and whether an account's server has moved there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import os
from typing import Final
from uuid import uuid4

from aiohttp import ClientSession, DummyCookieJar
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from yarl import URL

from ..account.address import normalise_url
from ..const import CONF_SERVER_ID, DOMAIN
from ..servers.discovery import DiscoveredServer, Targets
from ..servers.mediabrowser.emby import EmbySignIn
from ..servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from ..servers.plex.resources import identity_at
from ..sync.media_server import CannotConnect, MediaServerError
from ..sync.model import ServerType

DISCOVERY_VARIABLE: Final = "RESUME_SYNC_DISCOVERY"
"""A demo and tests ask nobody, or servers of their own: `plex=host:port,jellyfin=host:port`."""

_PLEX_DIRECT: Final = ".plex.direct"


def discovery_targets() -> Targets | None:
    """Return whom to ask for servers; None: the local network."""
    text = os.environ.get(DISCOVERY_VARIABLE)
    if text is None:
        return None
    targets: dict[ServerType, list[tuple[str, int]]] = {}
    for each in filter(None, text.split(",")):
        server_type, _, address = each.partition("=")
        host, _, port = address.rpartition(":")
        targets.setdefault(ServerType(server_type), []).append((host, int(port)))
    return targets


def addresses_in_home_assistant(hass: HomeAssistant, server_type: ServerType) -> dict[str, str]:
    """Return the servers of Home Assistant's own integration of a kind, names by address: nothing else is read."""
    found: dict[str, str] = {}
    for entry in hass.config_entries.async_entries(server_type.value, include_ignore=False):
        data = entry.data.get("server_config", {}) if server_type is ServerType.PLEX else entry.data
        url = data.get(CONF_URL) if isinstance(data, Mapping) else None
        if isinstance(url, str):
            try:
                found.setdefault(normalise_url(url), entry.title)
            except CannotConnect:
                continue
    return found


def accounts_on(hass: HomeAssistant, server_type: ServerType, server_id: str) -> list[ConfigEntry]:
    """Return the accounts on a server."""
    return [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)
        if entry.data[CONF_TYPE] == server_type and same_server(entry.data[CONF_SERVER_ID], server_id)
    ]


def same_server(one_id: str, other_id: str) -> bool:
    """Tell whether two ids are of one server: some of its answers write them with dashes."""
    return _plain(one_id) == _plain(other_id)


async def async_moved(hass: HomeAssistant, server: DiscoveredServer) -> dict[ConfigEntry, str]:
    """Return the accounts whose server seems to have moved to where it was found, with their new addresses.

    Only if it does not answer any more where it was, and one of its id does answer at the new address. Both are asked
    without a token or anything else of the account: what announces itself in a network is anybody's word.
    """
    moved: dict[ConfigEntry, str] = {}
    for entry in accounts_on(hass, server.server_type, server.server_id):
        stored = entry.data[CONF_URL]
        url = moved_url(stored, server.url, verify_ssl=entry.data[CONF_VERIFY_SSL])
        if url is None or url == stored or await _answers(hass, entry, stored):
            continue
        if await _answers(hass, entry, url):
            moved[entry] = url
    return moved


async def async_follow(hass: HomeAssistant, server: DiscoveredServer) -> dict[ConfigEntry, str]:
    """Let accounts follow their server where it has proven who it is; return those that somebody has to be asked about.

    The token of an account goes to whatever address its entry holds.
    """
    moved = await async_moved(hass, server)
    for entry, url in moved.items():
        if is_proven(entry.data[CONF_URL], url, verify_ssl=entry.data[CONF_VERIFY_SSL]):
            async_move(hass, entry, url)
    return {entry: url for entry, url in moved.items() if entry.data[CONF_URL] != url}


@callback
def async_move(hass: HomeAssistant, entry: ConfigEntry, url: str) -> None:
    """Let an account use another address from now on."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_URL: url})
    if not entry.update_listeners:
        hass.config_entries.async_schedule_reload(entry.entry_id)


def is_proven(stored: str, url: str, *, verify_ssl: bool) -> bool:
    """Tell whether only an account's own server can have answered at another address.

    It has shown a valid certificate there: for the same host name, or for the name below plex.direct that belongs to
    this server alone and holds nothing but the address in front.
    """
    old, new = URL(stored), URL(url)
    if not verify_ssl or (old.scheme, new.scheme) != ("https", "https"):
        return False
    return old.host == new.host or _server_name(old) == _server_name(new) != ""


def _server_name(url: URL) -> str:
    """Return the part of a plex.direct name that names the server; empty: it is another name."""
    _, _, name = (url.host or "").partition(".")
    return name if name.endswith(_PLEX_DIRECT) else ""


def moved_url(stored: str, found: str, *, verify_ssl: bool) -> str | None:
    """Return the address of a server that was found somewhere; None where an account may not follow it there.

    A server that proves itself by a certificate never becomes one that does not. The names below plex.direct hold the
    address, so that the certificate stays valid.
    """
    old, new = URL(stored), URL(found)
    if old.scheme != "https" or not verify_ssl:
        return found
    host = old.host or ""
    if host.endswith(_PLEX_DIRECT) and new.host and ":" not in new.host:
        _, _, rest = host.partition(".")
        return f"https://{new.host.replace('.', '-')}.{rest}:{new.port}"
    return found if new.scheme == "https" else None


@asynccontextmanager
async def passing_session(hass: HomeAssistant, *, verify_ssl: bool) -> AsyncIterator[ClientSession]:
    """Lend a session for a few requests that carry no token."""
    session = async_create_clientsession(hass, verify_ssl=verify_ssl, auto_cleanup=False, cookie_jar=DummyCookieJar())
    try:
        yield session
    finally:
        session.detach()


async def _answers(hass: HomeAssistant, entry: ConfigEntry, url: str) -> bool:
    """Tell whether an account's server answers at an address."""
    verify_ssl: bool = entry.data[CONF_VERIFY_SSL]
    server_id: str = entry.data[CONF_SERVER_ID]
    async with passing_session(hass, verify_ssl=verify_ssl) as session:
        if entry.data[CONF_TYPE] == ServerType.PLEX:
            return await identity_at(session, url, verify_ssl=verify_ssl) == server_id
        sign_in = JellyfinSignIn if entry.data[CONF_TYPE] == ServerType.JELLYFIN else EmbySignIn
        try:
            info = await sign_in(session, url=url, device_id=str(uuid4())).server_info()
        except MediaServerError:
            return False
        return info.server_id == server_id


def _plain(server_id: str) -> str:
    """Return a server's id in the one form that all of its answers can be brought into."""
    return server_id.replace("-", "").lower()

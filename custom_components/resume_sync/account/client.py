"""From an account's data to the client of its media server."""

from collections.abc import Collection, Mapping
from typing import Any, Final, Protocol

from aiohttp import ClientSession, DummyCookieJar
from homeassistant.const import CONF_DEVICE_ID, CONF_TOKEN, CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from ..const import CONF_SERVER_ID, CONF_USER_ID, CONF_USER_NAME
from ..servers.http import CONFIRM_SECONDS
from ..servers.mediabrowser.artwork import MediaBrowserArtwork
from ..servers.mediabrowser.emby import EmbyServer
from ..servers.mediabrowser.jellyfin import JellyfinServer
from ..servers.pictures import Artwork
from ..servers.plex.artwork import PlexArtwork
from ..servers.plex.server import PlexServer
from ..servers.sign_in import Library, ServerInfo
from ..sync.media_server import MediaServer
from ..sync.model import ServerType
from .rounds import now

_MEDIABROWSERS: Final[Mapping[str, type[JellyfinServer | EmbyServer]]] = {
    ServerType.JELLYFIN: JellyfinServer,
    ServerType.EMBY: EmbyServer,
}


class AccountServer(MediaServer, Protocol):
    """A media server whose account can be checked."""

    async def verify(self) -> ServerInfo:
        """Return what the server says of itself, if it is the right one and accepts the account's token."""

    async def libraries(self) -> tuple[Library, ...]:
        """Return the libraries of films and shows that the account's user sees."""


def create_artwork(hass: HomeAssistant, data: Mapping[str, Any]) -> Artwork:
    """Return what reads posters with an account's right; its requests are no part of a sync's."""
    session = _session(hass, data)
    if data[CONF_TYPE] == ServerType.PLEX:
        return PlexArtwork(session, url=data[CONF_URL], token=data[CONF_TOKEN], device_id=data[CONF_DEVICE_ID])
    return MediaBrowserArtwork(
        session,
        _MEDIABROWSERS[data[CONF_TYPE]].dialect,
        url=data[CONF_URL],
        token=data[CONF_TOKEN],
        user_id=data[CONF_USER_ID],
        device_id=data[CONF_DEVICE_ID],
    )


def create_client(hass: HomeAssistant, data: Mapping[str, Any], libraries: Collection[str] = ()) -> AccountServer:
    """Return the client of an account, limited to some libraries unless none is named."""
    if data[CONF_TYPE] == ServerType.PLEX:
        return PlexServer(
            url=data[CONF_URL],
            token=data[CONF_TOKEN],
            user_id=data[CONF_USER_ID],
            user_name=data[CONF_USER_NAME],
            device_id=data[CONF_DEVICE_ID],
            server_id=data[CONF_SERVER_ID],
            verify_ssl=data[CONF_VERIFY_SSL],
            libraries=libraries,
            now=now,
            confirm_seconds=CONFIRM_SECONDS,
        )
    return _MEDIABROWSERS[data[CONF_TYPE]](
        _session(hass, data),
        url=data[CONF_URL],
        token=data[CONF_TOKEN],
        user_id=data[CONF_USER_ID],
        device_id=data[CONF_DEVICE_ID],
        server_id=data[CONF_SERVER_ID],
        libraries=libraries,
        now=now,
        confirm_seconds=CONFIRM_SECONDS,
    )


def _session(hass: HomeAssistant, data: Mapping[str, Any]) -> ClientSession:
    """Return a session for one account. It is not shared: no cookie of one user may reach another's requests."""
    return async_create_clientsession(hass, verify_ssl=data[CONF_VERIFY_SSL], cookie_jar=DummyCookieJar())

"""How servers of one kind are told apart: by their names, which somebody is asked for where these are the same."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TYPE
from homeassistant.core import HomeAssistant

from ..const import CONF_SERVER_ID, CONF_SERVER_NAME, CONF_USER_NAME, DOMAIN, SERVER_NAMES
from ..servers.sign_in import ServerInfo, ServerUser
from ..sync.model import ServerType

NAME_TAKEN: Final = "name_taken"
"""What a form says of a name that another server has: an error key."""


def account_title(hass: HomeAssistant, server: ServerInfo, user: ServerUser) -> str:
    """Return what a new account is called: `Jellyfin (Anna)`, with another server of the kind `Parents (Anna)`."""
    name = server.name if _others(hass, server) else SERVER_NAMES[server.server_type]
    return f"{name} ({user.name})"


def known_name(hass: HomeAssistant, server: ServerInfo) -> str | None:
    """Return the name of a server: its own, or the one that was given to it here; None: it has to be asked for."""
    if not is_taken(hass, server, server.name):
        return server.name
    here = (entry.data[CONF_SERVER_NAME] for entry in _of_kind(hass, server.server_type) if _is_on(entry, server))
    return next((name for name in here if not is_taken(hass, server, name)), None)


def is_taken(hass: HomeAssistant, server: ServerInfo, name: str) -> bool:
    """Tell whether another server of the kind goes by a name, also if that is only what its accounts are called."""
    return any(
        name.casefold() in (entry.data[CONF_SERVER_NAME].casefold(), _shown_name(entry).casefold())
        for entry in _others(hass, server)
    )


def _others(hass: HomeAssistant, server: ServerInfo) -> list[ConfigEntry]:
    """Return the accounts on other servers of the same kind."""
    return [entry for entry in _of_kind(hass, server.server_type) if not _is_on(entry, server)]


def _of_kind(hass: HomeAssistant, server_type: ServerType) -> list[ConfigEntry]:
    """Return the accounts on servers of a kind."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [entry for entry in entries if entry.data[CONF_TYPE] == server_type]


def _shown_name(entry: ConfigEntry) -> str:
    """Return what stands for the server in the name of an account: `Jellyfin` of `Jellyfin (Anna)`."""
    return entry.title.removesuffix(f" ({entry.data[CONF_USER_NAME]})")


def _is_on(entry: ConfigEntry, server: ServerInfo) -> bool:
    """Tell whether an account is on a server."""
    return bool(entry.data[CONF_SERVER_ID] == server.server_id)

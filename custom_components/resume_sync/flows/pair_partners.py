"""Which accounts an account can be paired with."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TYPE
from homeassistant.core import HomeAssistant

from ..const import CONF_PEER, CONF_PERSON, CONF_SERVER_ID, CONF_SERVER_NAME, CONF_USER_NAME, DOMAIN, SUBENTRY_TYPE_PAIR
from ..sync.model import ServerType


def other_accounts(hass: HomeAssistant, entry: ConfigEntry) -> list[ConfigEntry]:
    """Return all accounts but this one."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [other for other in entries if other.entry_id != entry.entry_id]


def unpaired_accounts(hass: HomeAssistant, entry: ConfigEntry) -> list[ConfigEntry]:
    """Return the accounts that this one has no pair with, on either side."""
    return [other for other in other_accounts(hass, entry) if not paired(entry, other)]


def likely_partner(entry: ConfigEntry, partners: list[ConfigEntry]) -> ConfigEntry | None:
    """Return who is meant: the only account there is, else the first of the same name on another server."""
    if len(partners) == 1:
        return partners[0]
    return next((partner for partner in partners if _is_same_person(partner, entry)), None)


def paired(one: ConfigEntry, other: ConfigEntry) -> bool:
    """Tell whether either of two accounts holds a pair with the other."""
    return other.unique_id in _peers(one) or one.unique_id in _peers(other)


def pairs_of_namesakes(hass: HomeAssistant, entry: ConfigEntry) -> list[tuple[ConfigEntry, ConfigEntry]]:
    """Return the pairs that people of this account's server could have with themselves on other servers.

    Each is an account on this server and one of the same person or name on another, unless they are paired already.
    """
    accounts = sorted(hass.config_entries.async_entries(DOMAIN, include_ignore=False), key=_by_name)
    server_id = entry.data[CONF_SERVER_ID]
    return [
        (one, other)
        for one in accounts
        if one.data[CONF_SERVER_ID] == server_id
        for other in accounts
        if _is_same_person(other, one) and not paired(one, other)
    ]


def is_on_plex(entry: ConfigEntry) -> bool:
    """Tell whether an account lives on a Plex Media Server."""
    return bool(entry.data[CONF_TYPE] == ServerType.PLEX)


def has_namesake(hass: HomeAssistant, server_id: str, user_name: str) -> bool:
    """Tell whether somebody on a server has an account of the same name on another one."""
    accounts = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return any(_is_namesake(account, server_id, user_name) for account in accounts)


def _is_same_person(account: ConfigEntry, other: ConfigEntry) -> bool:
    """Tell whether two accounts on different servers are one person's: as it was told, else by name."""
    people = {each.options.get(CONF_PERSON) for each in (account, other)}
    if None in people:
        return _is_namesake(account, other.data[CONF_SERVER_ID], other.data[CONF_USER_NAME])
    return len(people) == 1 and account.data[CONF_SERVER_ID] != other.data[CONF_SERVER_ID]


def _by_name(account: ConfigEntry) -> tuple[str, str]:
    """Return what accounts are sorted by."""
    return account.data[CONF_USER_NAME].casefold(), account.data[CONF_SERVER_NAME].casefold()


def _is_namesake(account: ConfigEntry, server_id: str, user_name: str) -> bool:
    """Tell whether an account belongs to somebody of this name, and to another server than this."""
    name: str = account.data[CONF_USER_NAME]
    return account.data[CONF_SERVER_ID] != server_id and name.casefold() == user_name.casefold()


def partner_error(hass: HomeAssistant, entry: ConfigEntry, peer: str) -> str | None:
    """Return the translation key of why an account (by unique id) cannot be this one's partner, None if it can."""
    if peer == entry.unique_id:
        return "same_account"
    other = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, peer)
    if other is None:
        return "peer_gone"
    return "already_configured" if paired(entry, other) else None


def _peers(entry: ConfigEntry) -> set[str]:
    """Return the unique ids of the accounts that an account holds pairs with."""
    return {subentry.data[CONF_PEER] for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)}

"""Which accounts an account can be paired with."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_PEER, DOMAIN, SUBENTRY_TYPE_PAIR


def other_accounts(hass: HomeAssistant, entry: ConfigEntry) -> list[ConfigEntry]:
    """Return all accounts but this one."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [other for other in entries if other.entry_id != entry.entry_id]


def unpaired_accounts(hass: HomeAssistant, entry: ConfigEntry) -> list[ConfigEntry]:
    """Return the accounts that this one has no pair with, on either side."""
    return [other for other in other_accounts(hass, entry) if not paired(entry, other)]


def paired(one: ConfigEntry, other: ConfigEntry) -> bool:
    """Tell whether either of two accounts holds a pair with the other."""
    return other.unique_id in _peers(one) or one.unique_id in _peers(other)


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

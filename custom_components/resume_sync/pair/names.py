"""What pairs are called: by their two accounts, also after somebody has renamed one of these in Home Assistant."""

from typing import Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..const import CONF_DIRECTION, CONF_PEER, DOMAIN, SUBENTRY_TYPE_PAIR
from ..sync.model import Direction

_ARROWS: Final = {Direction.TO_PEER: "→", Direction.FROM_PEER: "←", Direction.TWO_WAY: "⇄"}


def pair_title(account: str, peer: str, direction: str) -> str:
    """Return the name of a pair by those of its accounts: `A ⇄ B`, `A → B` or `A ← B`."""
    return f"{account} {_ARROWS[Direction(direction)]} {peer}"


@callback
def async_follow_names(hass: HomeAssistant) -> None:
    """Rename pairs with their accounts; a name that somebody has given to a pair stays."""
    titles = {entry.entry_id: entry.title for entry in hass.config_entries.async_entries(DOMAIN)}

    @callback
    def changed(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look whether it is the name that has changed."""
        if entry.domain != DOMAIN:
            return
        before, titles[entry.entry_id] = titles.get(entry.entry_id, entry.title), entry.title
        if before != entry.title:
            _rename_pairs(hass, entry, before)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)


@callback
def _rename_pairs(hass: HomeAssistant, renamed: ConfigEntry, before: str) -> None:
    """Rename the pairs of an account, whichever side holds them."""
    for account in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        for pair in list(account.get_subentries_of_type(SUBENTRY_TYPE_PAIR)):
            peer = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, pair.data[CONF_PEER])
            if peer is None or renamed not in (account, peer):
                continue
            direction = pair.data[CONF_DIRECTION]
            old, old_peer = (before if side is renamed else side.title for side in (account, peer))
            if pair.title == pair_title(old, old_peer, direction):
                title = pair_title(account.title, peer.title, direction)
                hass.config_entries.async_update_subentry(account, pair, title=title)

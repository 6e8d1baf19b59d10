"""Pairs whose next run shall write, because somebody said so when the pair was added or changed."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_WISHES: HassKey[set[tuple[str, str]]] = HassKey(f"{DOMAIN}_wished_syncs")
"""Each pair by its entry's id and the peer's unique id: it may not have been added yet."""


@callback
def async_wish_sync(hass: HomeAssistant, entry_id: str, peer: str, *, wanted: bool) -> None:
    """Let the next run of a pair write, or forget that it should, whoever wished that earlier."""
    wishes = hass.data.setdefault(_WISHES, set())
    if wanted:
        wishes.add((entry_id, peer))
    else:
        wishes.discard((entry_id, peer))


@callback
def async_is_sync_wished(hass: HomeAssistant, entry_id: str, peer: str) -> bool:
    """Tell whether the next run of a pair shall write."""
    return (entry_id, peer) in hass.data.get(_WISHES, ())

"""Several pairs that are set up in one dialog, by the same rules."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import CONF_DIRECTION, CONF_PEER, SUBENTRY_TYPE_PAIR
from ..pair.names import pair_title
from ..pair.preview import async_preview
from ..pair.rules import pair_rules
from ..pair.wished_syncs import async_wish_sync
from .pair_form import pair_key
from .pair_partners import pairs_of_namesakes
from .pair_preview import PairPreview

type Accounts = tuple[ConfigEntry, ConfigEntry]
"""The account that holds a pair, and its peer."""


def more_pairs(hass: HomeAssistant, entry: ConfigEntry, peer_id: str | None) -> list[Accounts]:
    """Return what can be paired besides an account and its peer (by unique id): people with themselves elsewhere."""
    pairs = pairs_of_namesakes(hass, entry)
    return [(one, other) for one, other in pairs if (one.entry_id, other.unique_id) != (entry.entry_id, peer_id)]


def chosen_pairs(hass: HomeAssistant, entry: ConfigEntry, peer_id: str, keys: Collection[str]) -> list[Accounts]:
    """Return the pairs that were chosen besides the one with a peer, as far as they are still possible."""
    return [pair for pair in more_pairs(hass, entry, peer_id) if pair_key(*pair) in keys]


async def async_preview_pair(hass: HomeAssistant, entry: ConfigEntry, peer: ConfigEntry, data: Any) -> PairPreview:
    """Return what the first sync of a pair would do, or why nobody can tell."""
    title = pair_title(entry.title, peer.title, data[CONF_DIRECTION])
    try:
        report = await async_preview(hass, entry, peer, pair_rules(data))
    except HomeAssistantError as error:
        return PairPreview(title, entry.title, peer.title, None, str(error))
    return PairPreview(title, entry.title, peer.title, report)


@callback
def async_add_pairs(hass: HomeAssistant, pairs: Iterable[Accounts], data: Mapping[str, Any], *, sync_now: bool) -> None:
    """Set up pairs that do not exist yet by the same rules."""
    for entry, peer in pairs:
        peer_id = peer.unique_id or ""
        async_wish_sync(hass, entry.entry_id, peer_id, wanted=sync_now)
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType({**data, CONF_PEER: peer_id}),
                subentry_type=SUBENTRY_TYPE_PAIR,
                title=pair_title(entry.title, peer.title, data[CONF_DIRECTION]),
                unique_id=peer_id,
            ),
        )

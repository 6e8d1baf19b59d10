"""The pairs that an action was called for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from ..const import DOMAIN, SUBENTRY_TYPE_PAIR
from ..data import ResumeSyncConfigEntry
from ..errors import refused
from ..pair.coordinator import PairCoordinator
from .rows import Row

PAIRS_SCHEMA = vol.Schema({vol.Optional(ATTR_DEVICE_ID, default=list): vol.All(cv.ensure_list, [cv.string])})


@dataclass(frozen=True, slots=True)
class AskedPair:
    """A pair that an action was called for."""

    entry: ResumeSyncConfigEntry
    subentry: ConfigSubentry
    device_id: str | None

    @property
    def coordinator(self) -> PairCoordinator:
        """Return the running pair; raises ServiceValidationError where its account is not set up."""
        if self.entry.state is not ConfigEntryState.LOADED:
            raise refused("pair_not_loaded", pair=self.subentry.title)
        return self.entry.runtime_data.pairs[self.subentry.subentry_id]

    @property
    def name_row(self) -> Row:
        """Return how responses name the pair."""
        return {"device_id": self.device_id, "name": self.subentry.title}


@callback
def asked_pairs(
    call: ServiceCall, is_allowed: Callable[[AskedPair], bool], *, only_loaded: bool = False
) -> list[AskedPair]:
    """Return the pairs of the devices that an action was called for; where none was named, all that are allowed.

    Raises ServiceValidationError for a device that is no pair, and Unauthorized for a pair that is not allowed, or
    where not one of all is. `only_loaded` leaves out, of all pairs, those whose account is not set up.
    """
    named = [asked_pair(call.hass, device_id) for device_id in dict.fromkeys(call.data[ATTR_DEVICE_ID])]
    asked = named or [
        pair for pair in _all_pairs(call.hass) if not only_loaded or pair.entry.state is ConfigEntryState.LOADED
    ]
    allowed = [pair for pair in asked if is_allowed(pair)]
    if len(allowed) < len(named) or (asked and not allowed):
        raise Unauthorized(context=call.context)
    return allowed


@callback
def _all_pairs(hass: HomeAssistant) -> Iterable[AskedPair]:
    """Yield every pair of every account."""
    entries: Iterable[ResumeSyncConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    for entry in entries:
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR):
            yield AskedPair(entry, subentry, _device_id(hass, entry, subentry))


@callback
def asked_pair(hass: HomeAssistant, device_id: str) -> AskedPair:
    """Return the pair of a device."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device and device.config_entry_id else None
    subentry = entry.subentries.get(device.config_subentry_id or "") if entry and device else None
    if entry is None or subentry is None or entry.domain != DOMAIN:
        raise refused("not_a_pair", device_id=device_id)
    return AskedPair(entry, subentry, device_id)


@callback
def _device_id(hass: HomeAssistant, entry: ResumeSyncConfigEntry, subentry: ConfigSubentry) -> str | None:
    """Return the id of a pair's device; None before its account was ever set up with it."""
    identifier = (DOMAIN, subentry.subentry_id)
    return dr.async_get_device_id_by_identifier(hass, identifier, config_entry_id=entry.entry_id)

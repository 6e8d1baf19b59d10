"""What the system information of Home Assistant tells: which servers answered last, and when a pair last synced.

It is shown on a page that people paste into reports, so that accounts go by the kind of their server. Nothing is asked
of a server for it.
"""

from collections import Counter
from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_TYPE
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .const import DOMAIN, SERVER_NAMES, SUBENTRY_TYPE_PAIR
from .data import ResumeSyncConfigEntry
from .sync.model import ServerType


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is told."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the state of all accounts and pairs."""
    entries: list[ResumeSyncConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    loaded = [entry.runtime_data for entry in entries if entry.state is ConfigEntryState.LOADED]
    syncs = [pair.state.last_sync for data in loaded for pair in data.pairs.values() if pair.state.last_sync]
    info: dict[str, Any] = {
        "accounts": len(entries),
        "pairs": sum(len(list(entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR))) for entry in entries),
        "last_sync": dt_util.utc_from_timestamp(max(syncs) / 1000) if syncs else "never",
    }
    seen: Counter[str] = Counter()
    for entry in entries:
        kind = SERVER_NAMES[ServerType(entry.data[CONF_TYPE])]
        seen[kind] += 1
        info[kind if seen[kind] == 1 else f"{kind} {seen[kind]}"] = _reachable(entry)
    return info


def _reachable(entry: ResumeSyncConfigEntry) -> str | dict[str, str]:
    """Return whether an account's server answered when it was last asked, as the page shows it."""
    if entry.state is ConfigEntryState.LOADED and entry.runtime_data.account.last_update_success:
        return "ok"
    return {"type": "failed", "error": _problem(entry)}


def _problem(entry: ResumeSyncConfigEntry) -> str:
    """Return what is wrong with an account."""
    if entry.state is not ConfigEntryState.LOADED:
        return entry.error_reason_translation_key or entry.state.value
    error = entry.runtime_data.account.last_exception
    return getattr(error, "translation_key", None) or "unknown"

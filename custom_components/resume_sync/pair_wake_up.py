"""What makes a pair run between its rounds, without anybody having asked for it."""

from collections.abc import Callable
from enum import Enum, auto

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from .account_coordinator import signal_account_back
from .const import DOMAIN


class WakeUp(Enum):
    """Why a pair should run."""

    STARTED = auto()
    LOADED = auto()
    REMOVED = auto()
    BACK = auto()


@callback
def async_listen_for_wake_ups(
    hass: HomeAssistant, entry: ConfigEntry, peer: str, wake: Callable[[WakeUp], None]
) -> None:
    """Call `wake` when Home Assistant has started, when an account was loaded or removed, or its server is back.

    Ends when the pair's entry is unloaded. `peer` is the unique id of the other account.
    """
    accounts = (entry.unique_id, peer)
    loaded: dict[str | None, object] = {}

    @callback
    def entry_changed(change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if changed.domain != DOMAIN or changed.unique_id not in accounts:
            return
        if change is ConfigEntryChange.REMOVED:
            wake(WakeUp.REMOVED)
        elif changed.state is ConfigEntryState.LOADED and loaded.get(changed.unique_id) is not changed.runtime_data:
            loaded[changed.unique_id] = changed.runtime_data
            wake(WakeUp.LOADED)

    @callback
    def server_back() -> None:
        wake(WakeUp.BACK)

    @callback
    def started(_hass: HomeAssistant) -> None:
        wake(WakeUp.STARTED)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed))
    for unique_id in accounts:
        entry.async_on_unload(async_dispatcher_connect(hass, signal_account_back(unique_id), server_back))
    entry.async_on_unload(async_at_started(hass, started))

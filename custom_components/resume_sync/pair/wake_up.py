"""What makes a pair run between its rounds, without anybody having asked for it."""

from collections.abc import Callable
from enum import Enum, auto

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from ..account.rounds import now
from ..account.signals import signal_account_back, signal_account_moved, signal_library_changed
from ..const import DOMAIN


class WakeUp(Enum):
    """Why a pair should run."""

    STARTED = auto()
    LOADED = auto()
    REMOVED = auto()
    BACK = auto()
    MOVED = auto()
    LIBRARY = auto()


type Wake = Callable[[WakeUp, int], None]
"""Told why a pair should run, and from when on a listing is new enough for that, in epoch milliseconds."""


@callback
def async_listen_for_wake_ups(hass: HomeAssistant, entry: ConfigEntry, peer: str, wake: Wake) -> None:
    """Call `wake` when Home Assistant has started, when an account was loaded or removed, or its server tells of more.

    Ends when the pair's entry is unloaded. `peer` is the unique id of the other account.
    """
    accounts = (entry.unique_id, peer)
    loaded: dict[str | None, object] = {}

    @callback
    def entry_changed(change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if changed.domain != DOMAIN or changed.unique_id not in accounts:
            return
        if change is ConfigEntryChange.REMOVED:
            wake(WakeUp.REMOVED, 0)
        elif changed.state is ConfigEntryState.LOADED and loaded.get(changed.unique_id) is not changed.runtime_data:
            loaded[changed.unique_id] = changed.runtime_data
            wake(WakeUp.LOADED, 0)

    @callback
    def server_back() -> None:
        wake(WakeUp.BACK, 0)

    @callback
    def account_moved(read_at: int) -> None:
        wake(WakeUp.MOVED, read_at)

    @callback
    def library_changed() -> None:
        wake(WakeUp.LIBRARY, now())

    @callback
    def started(_hass: HomeAssistant) -> None:
        wake(WakeUp.STARTED, 0)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed))
    for unique_id in accounts:
        for unsubscribe in (
            async_dispatcher_connect(hass, signal_account_back(unique_id), server_back),
            async_dispatcher_connect(hass, signal_account_moved(unique_id), account_moved),
            async_dispatcher_connect(hass, signal_library_changed(unique_id), library_changed),
        ):
            entry.async_on_unload(unsubscribe)
    entry.async_on_unload(async_at_started(hass, started))

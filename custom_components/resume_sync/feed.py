"""What an open dashboard is told, and told again whenever it has changed."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import DOMAIN
from .coordinator import ResumeSyncConfigEntry

TOGETHER_SECONDS = 0.1
"""Runs change several things at once: they are told together."""


class Feed:
    """Tells one listener what `build` returns, now and after every change of an account or a pair."""

    def __init__(
        self, hass: HomeAssistant, build: Callable[[], dict[str, Any]], tell: Callable[[dict[str, Any]], None]
    ) -> None:
        """Take what there is to tell and whom; nothing is told before `async_start`."""
        self._hass = hass
        self._build = build
        self._tell = tell
        self._told: dict[str, Any] | None = None
        self._due: asyncio.TimerHandle | None = None
        self._stop_listening: list[CALLBACK_TYPE] = []

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Tell how things are, and go on until the returned function is called."""
        stop = async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        self._listen()
        self._tell_news()

        @callback
        def end() -> None:
            stop()
            self._deafen()
            if self._due is not None:
                self._due.cancel()

        return end

    @callback
    def _entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Listen to what an account has become: its coordinators are made anew with every set-up."""
        if entry.domain == DOMAIN:
            self._deafen()
            self._listen()
            self._changed()

    @callback
    def _listen(self) -> None:
        """Hear of all accounts and pairs that are set up."""
        self._stop_listening = [each.async_add_listener(self._changed) for each in _coordinators(self._hass)]

    @callback
    def _deafen(self) -> None:
        """Hear of nothing any more."""
        for stop in self._stop_listening:
            stop()
        self._stop_listening = []

    @callback
    def _changed(self) -> None:
        """Tell soon, with what else changes until then."""
        if self._due is None:
            self._due = self._hass.loop.call_later(TOGETHER_SECONDS, self._tell_news)

    @callback
    def _tell_news(self) -> None:
        """Tell how things are, unless that is known."""
        self._due = None
        news = self._build()
        if news != self._told:
            self._told = news
            self._tell(news)


def _coordinators(hass: HomeAssistant) -> Iterable[DataUpdateCoordinator[Any]]:
    """Yield the accounts and pairs that are set up."""
    entries: list[ResumeSyncConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        yield entry.runtime_data.server
        yield from entry.runtime_data.pairs.values()

"""What an open dashboard is told, and told again whenever it has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry

TOGETHER_SECONDS = 0.1
"""Runs change several things at once: they are told together."""


class Feed:
    """Tells one listener what `build` returns, now and after every change of an account or a pair."""

    def __init__(
        self,
        hass: HomeAssistant,
        build: Callable[[], Awaitable[dict[str, Any]]],
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        """Take what there is to tell and whom; nothing is told before `async_start`."""
        self._hass = hass
        self._build = build
        self._tell = tell
        self._told: dict[str, Any] | None = None
        self._due: asyncio.TimerHandle | None = None
        self._building: asyncio.Task[None] | None = None
        self._is_outdated = False
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
            for pending in (self._due, self._building):
                if pending is not None:
                    pending.cancel()

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
        """Tell soon, with what else changes until then; not before what is being built was told."""
        if self._building is not None and not self._building.done():
            self._is_outdated = True
        elif self._due is None:
            self._due = self._hass.loop.call_later(TOGETHER_SECONDS, self._tell_news)

    @callback
    def _tell_news(self) -> None:
        """Tell how things are."""
        self._due = None
        self._building = self._hass.async_create_background_task(self._build_and_tell(), f"{DOMAIN} dashboard")
        self._building.add_done_callback(self._built)

    async def _build_and_tell(self) -> None:
        """Tell how things are, unless that is known."""
        news = await self._build()
        if news != self._told:
            self._told = news
            self._tell(news)

    @callback
    def _built(self, task: asyncio.Task[None]) -> None:
        """Tell again if something changed meanwhile."""
        if self._is_outdated and not task.cancelled():
            self._is_outdated = False
            self._changed()


def _coordinators(hass: HomeAssistant) -> Iterable[DataUpdateCoordinator[Any]]:
    """Yield the accounts and pairs that are set up."""
    entries: list[ResumeSyncConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        yield entry.runtime_data.account
        yield from entry.runtime_data.pairs.values()

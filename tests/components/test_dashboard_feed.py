"""What is told while news is still being built."""

import asyncio
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.dashboard.feed import TOGETHER_SECONDS, Feed


class SlowNews:
    """News that takes as long to build as its reader likes."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with the value 1."""
        self.value = 1
        self.built = 0
        self.may_end = asyncio.Event()
        self.told: list[dict[str, Any]] = []
        self._hass = hass
        self.stop = Feed(hass, self._build, self.told.append).async_start()

    async def _build(self) -> dict[str, Any]:
        """Take the value, and be a while about it."""
        self.built += 1
        value = self.value
        await self.may_end.wait()
        return {"value": value}

    async def change(self, value: int) -> None:
        """Let the value be another."""
        self.value = value
        async_dispatcher_send(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange.UPDATED, MockConfigEntry(domain=DOMAIN)
        )
        await asyncio.sleep(2 * TOGETHER_SECONDS)


async def test_what_changes_while_news_is_built_is_told_after_it(hass: HomeAssistant) -> None:
    """Nothing is built twice at a time, and the last state is told in the end."""
    news = SlowNews(hass)
    for value in (2, 3):
        await news.change(value)
    assert (news.built, news.told) == (1, [])
    news.may_end.set()
    await asyncio.sleep(2 * TOGETHER_SECONDS)
    assert (news.built, news.told) == (2, [{"value": 1}, {"value": 3}])
    news.stop()


async def test_nothing_is_told_to_who_has_left(hass: HomeAssistant) -> None:
    """A browser that was closed meanwhile hears nothing any more."""
    news = SlowNews(hass)
    await news.change(2)
    news.stop()
    news.may_end.set()
    await asyncio.sleep(2 * TOGETHER_SECONDS)
    assert (news.built, news.told) == (1, [])

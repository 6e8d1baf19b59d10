"""One household, one Home Assistant, one browser, and short ways to what the checks look at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Locator, Page

from tests.demo.home_assistant import HomeAssistant
from tests.demo.rest_client import RestClient

from .browser import Chromium, home_assistant
from .household import Household

DASHBOARD = "resume-sync"
OWN = "own-dashboard"
INTEGRATION = "/config/integrations/integration/resume_sync"
CARD, TABLE = "resume-sync-card", "resume-sync-progress-card"
_PATIENCE_SECONDS = 20


@dataclass(slots=True)
class Scene:
    """What checks are made on; most of it happens on `page`. `expected`: what Home Assistant may complain of."""

    servers: Household
    home: HomeAssistant
    client: RestClient
    chromium: Chromium
    page: Page
    expected: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Open a dashboard."""
        await self.page.goto(f"{self.home.url}/{path}")
        await self.page.locator("hui-root").wait_for()

    def card(self, name: str) -> Locator:
        """Return the card of a pair, by its heading's first account."""
        return self.page.locator(CARD).filter(has_text=f"between {name} (Anna) and")

    def row(self, title: str) -> Locator:
        """Return a title's row in the table."""
        return self.page.locator(TABLE).get_by_role("row").filter(has_text=title)

    def account(self, name: str) -> Locator:
        """Return an account on the integration's page."""
        account = self.page.get_by_text(f"{name} (Anna)", exact=True)
        return self.page.locator("ha-config-entry-row").filter(has=account).first

    async def choose_for_account(self, name: str, action: str) -> None:
        """Choose something in an account's menu on the integration's page."""
        await self.account(name).get_by_role("button", name="Menu").first.click()
        await self.page.get_by_role("menuitem", name=action).last.click()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened."""

        async def has_happened() -> bool:
            return happened()

        await self.until_told(has_happened)

    async def until_told(self, happened: Callable[[], Awaitable[bool]]) -> None:
        """Wait until Home Assistant tells that something has happened."""
        for _ in range(_PATIENCE_SECONDS * 10):
            if await happened():
                return
            await asyncio.sleep(0.1)
        message = f"not even after {_PATIENCE_SECONDS} seconds"
        raise AssertionError(message)

    async def entries(self) -> list[dict[str, Any]]:
        """Return the accounts."""
        found: list[dict[str, Any]] = await self.client.get("/api/config/config_entries/entry?domain=resume_sync")
        return found

    async def until_loaded(self, name: str) -> None:
        """Wait until an account is set up."""

        async def is_loaded() -> bool:
            return any(each["title"] == f"{name} (Anna)" and each["state"] == "loaded" for each in await self.entries())

        await self.until_told(is_loaded)

    async def own_cards(self) -> list[dict[str, Any]]:
        """Return the cards of the dashboard of one's own."""
        script = "return (await hass.callWS({type: 'lovelace/config', url_path: argument})).views[0].sections[0].cards;"
        cards: list[dict[str, Any]] = await home_assistant(self.page, script, OWN)
        return cards

    async def save_own_cards(self, cards: list[dict[str, Any]]) -> None:
        """Put cards on the dashboard of one's own."""
        script = (
            "const sections = [{type: 'grid', cards: argument.cards}];"
            "const config = {views: [{title: 'View', type: 'sections', sections}]};"
            "await hass.callWS({type: 'lovelace/config/save', url_path: argument.path, config});"
        )
        await home_assistant(self.page, script, {"path": OWN, "cards": cards})

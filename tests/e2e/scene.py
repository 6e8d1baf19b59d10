"""One household, one Home Assistant, one browser, and short ways to what the checks look at."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Locator, Page

from tests.households.home_assistant import HomeAssistant
from tests.households.rest_client import RestClient, UnexpectedAnswer
from tests.waiting import until

from .browser import Chromium, Window, home_assistant
from .household import Household

DASHBOARD = "resume-sync"
OWN = "own-dashboard"
INTEGRATION = "/config/integrations/integration/resume_sync"
CARD, TABLE = "resume-sync-card", "resume-sync-progress-card"


@dataclass(slots=True)
class Scene:
    """What checks are made on; most of it happens in `window`. `expected`: what Home Assistant may complain of."""

    servers: Household
    home: HomeAssistant
    client: RestClient
    chromium: Chromium
    window: Window
    expected: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.window.page

    async def open(self, path: str) -> None:
        """Open a dashboard."""
        page = await self.window.go(path)
        await page.locator("hui-root").wait_for()

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

    async def until_at(self, minute: int, name: str, key: str) -> None:
        """Wait until a title stands at a minute on a server."""

        async def look() -> int:
            return self.servers.minute(name, key)

        await until(look, lambda seen: seen == minute, f"{key} at minute {minute} on {name}")

    async def until_loaded(self, name: str) -> None:
        """Wait until an account is set up."""

        async def loaded() -> list[str]:
            return [entry["title"] for entry in await self.client.entries() if entry["state"] == "loaded"]

        await until(loaded, lambda titles: f"{name} (Anna)" in titles, f"{name} among the loaded accounts")

    async def until_live(self, name: str) -> None:
        """Wait until a server tells of stops by itself."""

        async def live() -> Any:
            return (await self.client.get(f"/api/states/binary_sensor.{name.lower()}_anna_live_updates"))["state"]

        await until(live, lambda state: state == "on", f"live updates of {name}")

    async def sync(self) -> None:
        """Sync all pairs; once more where an account is being set up anew."""

        async def errors() -> list[str]:
            try:
                pairs = (await self.client.call("sync"))["pairs"]
            except UnexpectedAnswer as error:
                return [str(error)]
            return [str(pair["error"]) for pair in pairs if pair["error"]]

        await until(errors, lambda seen: not seen, "a sync of all pairs")

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

"""Adding accounts, a pair, a dashboard and a card, all by clicking."""

import re

from playwright.async_api import expect

from tests.households.media_servers import PASSWORD
from tests.waiting import until

from .browser import home_assistant
from .dialogs import finish, forward, go_on_to, sign_in
from .household import VIEWER
from .scene import CARD, DASHBOARD, OWN, Scene

ADD_ACCOUNT = "/config/integrations/dashboard/add?domain=resume_sync"
_LINK_CODE = re.compile(r"^[A-Z0-9]{4}$")


async def add_accounts_and_pair(scene: Scene) -> None:
    """Two accounts and their pair are added by clicking, with a preview; the second account opens the pair's dialog."""
    page = await scene.window.go(ADD_ACCOUNT)
    await sign_in(page, "Jellyfin", scene.servers.jellyfin.url, VIEWER, PASSWORD)
    await finish(page)
    page = await scene.window.go(ADD_ACCOUNT)
    await sign_in(page, "Emby", scene.servers.emby.url, VIEWER, PASSWORD)
    await go_on_to(page, "preview")
    await expect(page.get_by_text("Positions to write to Jellyfin (Anna): 2")).to_be_visible()
    await expect(page.get_by_text("Blue Harbour (2011): 0:20:00 → 0:42:00 (Emby (Anna))")).to_be_visible()
    assert scene.servers.minute("Emby", "harbour") == 20, "a preview writes nothing"
    await page.get_by_role("switch").last.press("Space")
    await finish(page)
    await scene.until_at(42, "Emby", "harbour")
    await scene.until_at(63, "Jellyfin", "lights")


async def make_dashboard(scene: Scene) -> None:
    """The dashboard is made from the community dashboards, with the title that it proposes."""
    page = await scene.window.go("/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.get_by_role("heading", name="Resume Sync", exact=True).click()
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)
    await scene.open(DASHBOARD)
    await expect(scene.page.locator(CARD)).to_have_count(1)
    await expect(scene.page.locator(CARD).get_by_role("status")).to_have_text("In sync")


async def link_plex(scene: Scene) -> None:
    """An account is linked with a code that is shown large; it and its pair appear on the dashboard by themselves."""
    page = await scene.window.go(ADD_ACCOUNT)
    await forward(page)
    await page.get_by_text("Plex", exact=True).click()
    await page.get_by_text("Enter a code on plex.tv", exact=True).click()
    await expect(page.get_by_role("link", name="https://plex.tv/link")).to_be_visible()
    code = await page.get_by_role("heading", level=1, name=_LINK_CODE).inner_text()
    scene.servers.plex_tv.approve_pin(code, VIEWER)
    await expect(page.get_by_role("checkbox", name=VIEWER)).to_be_checked()
    await go_on_to(page, "user")
    await page.get_by_role("radio", name="Jellyfin (Anna)").click()
    await finish(page)
    await scene.sync()
    await scene.sync()
    await scene.open(DASHBOARD)
    await expect(scene.page.locator(CARD)).to_have_count(2)
    row = scene.row("The Orchard Keeper")
    await expect(row.get_by_text("0:51:00")).to_have_count(3)
    await expect(row.get_by_role("cell").filter(has_text="Last watched here")).to_contain_text("Plex (Anna)")


async def edit_card(scene: Scene) -> None:
    """The card is suggested for an entity, named and shortened to one title in its editor."""
    script = (
        "await hass.callWS({type: 'lovelace/dashboards/create', url_path: argument, title: 'Own', mode: 'storage'});"
    )
    await home_assistant(scene.page, script, OWN)
    await scene.save_own_cards([])
    page = await scene.window.go(f"{OWN}/0?edit=1")
    await page.get_by_role("button", name="Add card").first.click()
    await page.get_by_placeholder("Search entities").fill("Unresolved")
    await page.get_by_text("Emby (Anna) ⇄ Jellyfin (Anna)", exact=True).first.click()
    suggestion = page.get_by_text("Resume Sync: pair", exact=True)
    await suggestion.click()
    await page.locator("hui-card-edit-mode").first.click()
    await page.get_by_role("textbox", name="Name").fill("Anna's couch")
    titles = page.get_by_role("spinbutton", name="Titles to show")
    await titles.fill("1")
    await expect(page.locator(CARD).get_by_text("Anna's couch").first).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator(CARD).get_by_role("heading", level=2)).to_contain_text("Anna's couch")
    await expect(page.locator(CARD).get_by_role("listitem")).to_have_count(1)

    async def saved() -> list[tuple[str | None, int | None]]:
        return [(config.get("name"), config.get("titles")) for config in await scene.own_cards()]

    await until(saved, lambda seen: seen == [("Anna's couch", 1)], "a card with that name and one title")

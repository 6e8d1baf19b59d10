"""What the cards look like, and to whom."""

import json
from pathlib import Path

from playwright.async_api import expect

from .browser import PHONE, Visitor, home_assistant
from .dialogs import forward
from .household import HOSTILE, PASSWORD
from .scene import CARD, DASHBOARD, OWN, TABLE, Scene
from .setting_up import ADD_ACCOUNT

_TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / "resume_sync" / "translations"
# What the table says of the account that was watched last, and the card of the last sync.
_WORDS = {
    "de": ("Zuletzt hier geschaut", "Letzter Abgleich:"),
    "es": ("Visto aquí por última vez", "Última sincronización:"),
    "fr": ("Regardé ici en dernier", "Dernière synchro\N{NO-BREAK SPACE}:"),
    "nl": ("Hier het laatst gekeken", "Laatste synchronisatie:"),
}
_ADD_GUEST = """
const { user } = await hass.callWS({ type: "config/auth/create", name: "Guest", group_ids: ["system-read-only"] });
const login = { user_id: user.id, username: "guest", password: argument };
await hass.callWS({ type: "config/auth_provider/homeassistant/create", ...login });
"""
VIEWS = ("overview", "accounts", "activity", "statistics")


async def look_at_views(scene: Scene) -> None:
    """No view has an error card, also not of Home Assistant's own cards."""
    for view in VIEWS:
        await scene.open(f"{DASHBOARD}/{view}")
        await expect(scene.page.locator("hui-view")).to_be_visible()
        await scene.page.wait_for_timeout(1000)
        await expect(scene.page.locator("hui-error-card")).to_have_count(0)
        assert await scene.page.locator("hui-card").count() > 1, view


async def look_at_hostile_title(scene: Scene) -> None:
    """A title is only ever text: in the table, in the card, and in Home Assistant's Markdown card."""
    await scene.open(DASHBOARD)
    await expect(scene.page.locator(TABLE).get_by_text(HOSTILE)).to_be_visible()
    await scene.open(f"{DASHBOARD}/activity")
    await expect(scene.page.locator(CARD).get_by_text(HOSTILE).first).to_be_visible()
    await scene.open(f"{DASHBOARD}/accounts")
    shown = scene.page.locator("hui-markdown-card").get_by_text(HOSTILE.split("!", maxsplit=1)[0])
    await expect(shown).to_have_count(3)
    await expect(scene.page.locator("hui-markdown-card").locator("img, a, strong")).to_have_count(0)
    assert await scene.page.evaluate("window.harmed") is None


async def look_at_missing_pair(scene: Scene) -> None:
    """The card of a pair that is gone says so, and offers nothing that could not work."""
    await scene.save_own_cards([{"type": f"custom:{CARD}", "device": "nothing"}, {"type": f"custom:{TABLE}"}])
    await scene.open(OWN)
    card = scene.page.locator(CARD)
    await expect(card.get_by_text("This pair no longer exists.")).to_be_visible()
    await expect(card.get_by_role("button")).to_have_count(0)
    await expect(scene.page.locator("hui-error-card")).to_have_count(0)


async def look_on_a_phone(scene: Scene) -> None:
    """A phone scrolls one way only, and in Hebrew names and bars begin on the right."""
    for language, direction in (("en", "ltr"), ("he", "rtl")):
        visitor = Visitor(viewport=PHONE, dark=direction == "rtl", language=language)
        async with scene.chromium.visit(DASHBOARD, visitor) as page:
            await expect(page.locator(CARD)).to_have_count(2)
            await expect(page.locator(TABLE).locator("ha-card")).to_have_attribute("dir", direction)
            width = await page.evaluate("document.scrollingElement.scrollWidth")
            assert width <= PHONE["width"], width
            await expect(page.locator(TABLE).get_by_text("Emby (Anna):").first).to_be_visible()
            box = await page.locator(TABLE).locator(".bar").first.bounding_box()
            fill = await page.locator(TABLE).locator(".bar i").first.bounding_box()
            assert box is not None
            assert fill is not None
            from_the_left = fill["x"] - box["x"] < 3
            assert from_the_left is (direction == "ltr")
            await expect(page.locator("hui-error-card")).to_have_count(0)


async def look_in_other_languages(scene: Scene) -> None:
    """The dashboard and the first dialog speak the user's language."""
    for language, words in _WORDS.items():
        visitor = Visitor(language=language)
        async with scene.chromium.visit(DASHBOARD, visitor) as page:
            for each in words:
                await expect(page.get_by_text(each).first).to_be_visible()
            texts = json.loads((_TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
            await page.goto(scene.home.url + ADD_ACCOUNT)
            await forward(page)
            await expect(page.get_by_text(texts["config"]["step"]["user"]["description"])).to_be_visible()


async def look_as_a_guest(scene: Scene) -> None:
    """Who may only look sees all positions, and nothing that would change anything."""
    await home_assistant(scene.page, _ADD_GUEST, PASSWORD)
    visitor = Visitor(token=await scene.client.sign_in("guest", PASSWORD))
    async with scene.chromium.visit(DASHBOARD, visitor) as page:
        card = page.locator(CARD).first
        await expect(card.get_by_role("status")).to_have_text("In sync")
        await expect(page.locator(TABLE).get_by_role("row").filter(has_text="Blue Harbour")).to_be_visible()
        await expect(card.get_by_role("switch", name="Automatic sync")).to_be_disabled()
        await expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
        await expect(page.locator("hui-error-card")).to_have_count(0)


async def look_without_motion(scene: Scene) -> None:
    """Nothing moves for those who want no motion."""
    visitor = Visitor(still=True)
    async with scene.chromium.visit(DASHBOARD, visitor) as page:
        bar = page.locator(TABLE).locator(".bar i").first
        await bar.wait_for()
        assert await bar.evaluate("(each) => getComputedStyle(each).transitionDuration") == "0s"

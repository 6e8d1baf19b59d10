"""What the cards look like, and to whom."""

import json
from pathlib import Path

from playwright.async_api import Page, expect

from tests.households.media_servers import PASSWORD
from tests.waiting import until

from .browser import PHONE, Visitor, home_assistant
from .dialogs import forward
from .household import HOSTILE
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
# The elements in the cards that are not hidden: Home Assistant makes them one after the other, and loads what they are.
_CONTENTS = """
(cards) => cards.filter((card) => !card.hidden).map((card) => {
  const name = card.firstElementChild?.localName;
  return name && customElements.get(name) ? name : `no ${name ?? "content"} yet`;
})
"""
_LOADED = "(all) => all.filter((one) => one.complete && one.naturalWidth > 0).length"
# How far a bar's filling is from the left.
_GAP = "(bar) => bar.querySelector('i').getBoundingClientRect().left - bar.getBoundingClientRect().left"
_NO_GAP_PIXELS = 3
VIEWS = ("overview", "accounts", "activity", "statistics")


async def look_at_views(scene: Scene) -> None:
    """No view has an error card, also not of Home Assistant's own cards."""
    for view in VIEWS:
        await scene.open(f"{DASHBOARD}/{view}")
        await expect(scene.page.locator("hui-view")).to_be_visible()
        await until_whole(scene.page)


async def look_at_posters(scene: Scene) -> None:
    """Each title in the table has its poster, which comes from its server through Home Assistant."""
    await scene.open(DASHBOARD)
    posters = scene.page.locator(TABLE).locator("img.poster")
    await until(lambda: posters.evaluate_all(_LOADED), lambda loaded: loaded > 1, "posters that are there")
    addresses = await posters.evaluate_all("(all) => all.map((one) => one.getAttribute('src'))")
    assert all(address.startswith("/api/resume_sync/artwork/") for address in addresses)


async def until_whole(page: Page) -> None:
    """Wait until a view has several cards, and each shows what it should."""
    cards = page.locator("hui-card")
    await until(lambda: cards.evaluate_all(_CONTENTS), _are_whole, f"cards with their contents on {page.url}")


def _are_whole(contents: list[str]) -> bool:
    """Tell whether these are the contents of several cards, and each what it should be."""
    return len(contents) > 1 and not any(each == "hui-error-card" or each.startswith("no ") for each in contents)


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
        async with scene.chromium.visit(visitor) as window:
            page = await window.go(DASHBOARD)
            await _look_on_a_phone(page, direction)


async def _look_on_a_phone(page: Page, direction: str) -> None:
    """Look at a dashboard on a phone, of somebody who reads in this direction."""
    await expect(page.locator(CARD)).to_have_count(2)
    await expect(page.locator(TABLE).locator("ha-card")).to_have_attribute("dir", direction)
    await expect(page.locator(TABLE).get_by_text("Emby (Anna):").first).to_be_visible()
    await until(
        lambda: page.evaluate("document.scrollingElement.scrollWidth"),
        lambda width: width <= PHONE["width"],
        "a page that fits",
    )
    await until(
        lambda: page.locator(TABLE).locator(".bar").first.evaluate(_GAP),
        lambda gap: (gap < _NO_GAP_PIXELS) is (direction == "ltr"),
        f"a bar that begins as one reads ({direction})",
    )
    await expect(page.locator("hui-error-card")).to_have_count(0)


async def look_in_other_languages(scene: Scene) -> None:
    """The dashboard and the first dialog speak the user's language."""
    for language, words in _WORDS.items():
        visitor = Visitor(language=language)
        async with scene.chromium.visit(visitor) as window:
            page = await window.go(DASHBOARD)
            for each in words:
                await expect(page.get_by_text(each).first).to_be_visible()
            texts = json.loads((_TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
            page = await window.go(ADD_ACCOUNT)
            await forward(page)
            await expect(page.get_by_text(texts["config"]["step"]["user"]["description"])).to_be_visible()


async def look_as_a_guest(scene: Scene) -> None:
    """Who may only look sees all positions, and nothing that would change anything."""
    await home_assistant(scene.page, _ADD_GUEST, PASSWORD)
    visitor = Visitor(token=await scene.client.sign_in("guest", PASSWORD))
    async with scene.chromium.visit(visitor) as window:
        page = await window.go(DASHBOARD)
        card = page.locator(CARD).first
        await expect(card.get_by_role("status")).to_have_text("In sync")
        await expect(page.locator(TABLE).get_by_role("row").filter(has_text="Blue Harbour")).to_be_visible()
        await expect(card.get_by_role("switch", name="Automatic sync")).to_be_disabled()
        await expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
        await expect(page.locator("hui-error-card")).to_have_count(0)


async def look_without_motion(scene: Scene) -> None:
    """Nothing moves for those who want no motion."""
    visitor = Visitor(still=True)
    async with scene.chromium.visit(visitor) as window:
        page = await window.go(DASHBOARD)
        await expect(page.locator(TABLE).locator(".bar i").first).to_have_css("transition-duration", "0s")

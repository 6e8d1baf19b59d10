"""What axe-core finds wrong with the cards and the dashboard."""

from pathlib import Path

from playwright.async_api import Page, expect

from .browser import DESKTOP, PHONE, Visitor
from .scene import CARD, DASHBOARD, TABLE, Scene

# Elements are found wherever they are: most of the page is in shadow roots.
_RUN = """
async (elements) => {
  const found = [];
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (elements.includes(each.localName)) found.push(each);
      if (each.shadowRoot) find(each.shadowRoot);
    }
  };
  find(document);
  if (!found.length) return ["there is nothing to look at"];
  const result = await axe.run(found, { resultTypes: ["violations"] });
  return result.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(" ")}`);
}
"""


async def violations(page: Page, axe: Path, *elements: str) -> list[str]:
    """Return what axe-core finds in all elements with these names."""
    await page.evaluate(axe.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(_RUN, list(elements))
    return found


async def check_accessibility(scene: Scene, axe: Path) -> None:
    """axe-core finds nothing wrong with the cards and the dashboard, light and dark, wide and narrow."""
    found: list[str] = []
    for viewport, dark in ((DESKTOP, False), (DESKTOP, True), (PHONE, False), (PHONE, True)):
        visitor = Visitor(viewport=viewport, dark=dark, still=True)
        async with scene.chromium.visit(visitor) as window:
            page = await window.go(DASHBOARD)
            await expect(page.locator(CARD)).to_have_count(2)
            await expect(page.locator(CARD).first.get_by_role("status")).to_have_text("In sync")
            await page.locator(TABLE).get_by_role("button").first.click()
            found += await violations(page, axe, CARD, TABLE)
            found += await violations(page, axe, "hui-view")
    assert found == [], "\n".join(dict.fromkeys(found))

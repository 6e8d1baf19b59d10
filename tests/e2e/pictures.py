"""Pictures of the dashboard and the card, for the README."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, expect

from .browser import PHONE, Visitor
from .household import HOSTILE
from .looking import until_whole
from .scene import CARD, DASHBOARD, TABLE, Scene

_WIDE = {"width": 1180, "height": 1420}
_COLOURS = 256


async def take_pictures(scene: Scene, folder: Path) -> None:
    """Take them in light and dark, and on a phone; the title that would be no picture is not among them."""
    folder.mkdir(parents=True, exist_ok=True)
    servers = scene.servers
    for server in servers.values():
        for item_id in server.items_of("hostile"):
            server.set_state("Anna", item_id, position_ms=0, watched=True, last_played=servers.clock.now())
    await scene.sync()
    for name, viewport, dark in (("light", _WIDE, False), ("dark", _WIDE, True), ("phone", PHONE, False)):
        visitor = Visitor(viewport=viewport, dark=dark, still=True)
        async with scene.chromium.visit(visitor) as window:
            page = await window.go(DASHBOARD)
            await expect(page.locator(CARD)).to_have_count(2)
            await expect(page.locator(TABLE).get_by_text(HOSTILE)).to_have_count(0)
            await until_whole(page)
            if name == "phone":
                await _keep(page, folder / "dashboard-phone.png")
            else:
                await _keep(page.locator("hui-view"), folder / f"dashboard-{name}.png")
                await _keep(page.locator(CARD).first, folder / f"card-{name}.png")


async def _keep(shown: Locator | Page, path: Path) -> None:
    """Write a small picture of something."""
    picture = Image.open(BytesIO(await shown.screenshot())).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)

"""What people do with the cards."""

import asyncio
import time

from playwright.async_api import expect

from tests.households.media_servers import MINUTE

from .scene import CARD, DASHBOARD, Scene

ROUND_SECONDS = 300


async def stop_on_a_server(scene: Scene) -> None:
    """The cards show stops on a server by themselves: two of them between two rounds, which show one at most."""
    await scene.open(DASHBOARD)
    await expect(scene.row("Blue Harbour").get_by_text("0:42:00")).to_have_count(3)
    await scene.until_live("Jellyfin")
    taken: list[float] = []
    async with asyncio.timeout(ROUND_SECONDS):
        for minute in (50, 55):
            started = time.monotonic()
            scene.servers.stop_at("Jellyfin", "harbour", minute * MINUTE)
            await scene.page.locator(CARD).get_by_text(f"0:{minute}:00").first.wait_for()
            taken.append(time.monotonic() - started)
            await expect(scene.row("Blue Harbour").get_by_text(f"0:{minute}:00")).to_have_count(3)
    print(f"       shown after {', '.join(f'{seconds:.2f} s' for seconds in taken)}", flush=True)


async def sync_now(scene: Scene) -> None:
    """Sync now finds what no server has told of."""
    scene.servers.leave("Jellyfin", "tram", 70 * MINUTE, ago=70 * 60)
    await scene.card("Emby").get_by_role("button", name="Sync now").click()
    await scene.until_at(70, "Emby", "tram")
    await expect(scene.card("Emby").get_by_text("1:10:00")).to_be_visible()


async def switch_with_keyboard(scene: Scene) -> None:
    """Automatic sync is switched with the keyboard, and the focus stays where it is."""
    switch = scene.card("Emby").get_by_role("switch", name="Automatic sync")
    status = scene.card("Emby").get_by_role("status")
    await switch.focus()
    await scene.page.keyboard.press("Space")
    await expect(switch).to_have_attribute("aria-checked", "false")
    await expect(status).to_have_text("Paused")
    await expect(scene.card("Emby")).to_contain_text("automatic sync is off")
    await expect(switch).to_be_focused()
    await scene.page.keyboard.press("Enter")
    await expect(switch).to_have_attribute("aria-checked", "true")
    await expect(status).to_have_text("In sync")


async def ask_why(scene: Scene) -> None:
    """Why a title stands where it does is told on hover, focus and tap, and Escape closes it."""
    row = scene.row("Blue Harbour")
    why, tip = row.get_by_role("button"), row.locator(".tip")
    await expect(tip).to_be_hidden()
    await why.hover()
    await expect(tip).to_contain_text("A viewer moved it last on Jellyfin (Anna).")
    await scene.page.mouse.move(0, 0)
    await expect(tip).to_be_hidden()
    await why.focus()
    await scene.page.keyboard.press("Enter")
    await expect(tip).to_be_visible()
    await expect(why).to_have_attribute("aria-expanded", "true")
    await scene.page.keyboard.press("Escape")
    await expect(tip).to_be_hidden()
    await expect(why).to_have_attribute("aria-expanded", "false")

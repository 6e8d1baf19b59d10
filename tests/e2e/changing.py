"""What goes wrong with accounts and how people put it right, all by clicking."""

from contextlib import suppress
import re

from playwright.async_api import expect

from tests.households.media_servers import PASSWORD
from tests.households.rest_client import UnexpectedAnswer
from tests.waiting import until

from .dialogs import choose_password, enter_password, forward, go_on_to, open_server
from .household import VIEWER
from .scene import INTEGRATION, Scene
from .setting_up import ADD_ACCOUNT

_CODE = re.compile(r"^\d{6}$")


async def mistype(scene: Scene) -> None:
    """A wrong address and a wrong password are told where they were entered, and can be corrected there."""
    page = await scene.window.go(ADD_ACCOUNT)
    await open_server(page, "Emby", "http://127.0.0.1:9")
    await expect(page.get_by_text("No such server was found at this address.")).to_be_visible()
    await page.get_by_role("textbox", name="Address").fill(scene.servers.emby.url)
    await forward(page)
    await choose_password(page)
    await enter_password(page, VIEWER, "wrong horse")
    await expect(page.get_by_text("The server refused this sign-in.")).to_be_visible()
    await enter_password(page, VIEWER, PASSWORD)
    await expect(page.get_by_text("This account has already been added.")).to_be_visible()


async def sign_in_again(scene: Scene) -> None:
    """When a server refuses a sign-in, a repair leads to signing in again, here by Quick Connect."""
    jellyfin = scene.servers.jellyfin
    jellyfin.accounts.tokens.clear()
    scene.expected.append("refuses the saved sign-in")
    with suppress(UnexpectedAnswer):
        await scene.client.call("sync")
    page = await scene.window.go("/config/repairs")
    await page.get_by_role("button", name="Authentication expired for Jellyfin (Anna)").click()
    await expect(page.get_by_text("Jellyfin no longer accepts the saved sign-in of Jellyfin (Anna).")).to_be_visible()
    await forward(page)
    await page.get_by_text("Quick Connect", exact=True).click()
    code = await page.get_by_role("heading", level=1, name=_CODE).inner_text()
    jellyfin.quick_connect.approve(code, jellyfin.users[VIEWER])
    await expect(page.get_by_text("Re-authentication was successful")).to_be_visible()
    await scene.until_loaded("Jellyfin")
    await scene.sync()


async def move_account(scene: Scene) -> None:
    """An account is given another address of its server; a wrong one is refused first."""
    emby = scene.servers.emby
    page = await scene.window.go(INTEGRATION)
    await scene.choose_for_account("Emby", "Reconfigure")
    address = page.get_by_role("textbox", name="Address")
    await address.fill(scene.servers.jellyfin.url)
    await forward(page)
    await expect(page.get_by_role("alert")).to_be_visible()
    await address.fill(emby.url.replace("127.0.0.1", "localhost"))
    await forward(page)
    await expect(page.get_by_text("Reconfiguration was successful")).to_be_visible()
    await scene.until_loaded("Emby")


async def change_pair(scene: Scene) -> None:
    """A pair gets another direction and its own again, with a preview before anything happens."""
    for way, title in (
        ("From this account to the other one", "Emby (Anna) → Jellyfin (Anna)"),
        ("Both ways", "Emby (Anna) ⇄ Jellyfin (Anna)"),
    ):
        page = await scene.window.go(INTEGRATION)
        await scene.account("Emby").get_by_role("button", name="Reconfigure pair").click()
        await page.get_by_role("radio", name=way).click()
        await go_on_to(page, "preview")
        await expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()
        await forward(page)
        await expect(page.get_by_text("Reconfiguration was successful")).to_be_visible()
        page = await scene.window.go(INTEGRATION)
        await expect(scene.account("Emby").get_by_text(title, exact=True).first).to_be_visible()


async def follow_server(scene: Scene) -> None:
    """A server that has moved is found at its new address, and followed only after somebody has confirmed it."""
    emby = scene.servers.emby
    # What a round finds that is due before the new address is confirmed.
    scene.expected.append("Emby (Anna) cannot be reached")
    await emby.stop()
    await emby.start()
    scene.servers.is_announced = True
    await until(lambda: _found(scene), bool, f"{emby.url} to be found")
    page = await scene.window.go("/config/integrations/dashboard")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Has Emby moved?")).to_be_visible()
    await expect(page.get_by_text(f"answers at {emby.url}")).to_be_visible()
    await forward(page)
    await expect(page.get_by_text("The accounts on this server use its new address now.")).to_be_visible()
    scene.servers.is_announced = False
    await scene.until_loaded("Emby")
    await scene.sync()


async def _found(scene: Scene) -> bool:
    """Look for servers in the network, which takes the answers of two seconds, and tell whether one has moved."""
    page = await scene.window.go(ADD_ACCOUNT)
    await forward(page)
    await page.get_by_text("Emby", exact=True).click()
    await expect(page.get_by_text("Verify certificate", exact=True).first).to_be_visible()
    visible: bool = await page.get_by_text("Discovered", exact=True).is_visible()
    return visible

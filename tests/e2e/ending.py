"""A restart a week later, a repair, and the removal of everything."""

import asyncio
from functools import partial
import json
from pathlib import Path

from playwright.async_api import expect

from .dialogs import finish, forward
from .household import NO_IDS
from .scene import CARD, DASHBOARD, INTEGRATION, Scene

WEEK_AND_A_DAY_MS = 8 * 86_400_000


async def fix_unresolved(scene: Scene) -> None:
    """A title that has been unresolved for a week is fixed in the repairs."""
    await _restart_a_week_later(scene)
    await scene.page.goto(f"{scene.home.url}/config/repairs")
    await scene.page.get_by_role("button", name="titles without a counterpart").first.click()
    await expect(scene.page.get_by_role("radio", name=f"{NO_IDS} (2024), 60 min")).to_be_visible()
    await scene.page.get_by_role("radio", name=f"{NO_IDS} (2024), 60 min").press("Space")
    await forward(scene.page)
    await finish(scene.page)
    await scene.open(DASHBOARD)
    await scene.card("Emby").get_by_role("button", name="Sync now").click()
    await scene.until(lambda: scene.servers.minute("Emby", "garden") == 17)
    await expect(scene.card("Emby").get_by_role("button", name="Unresolved")).to_contain_text("0")
    await expect(scene.row(NO_IDS).get_by_text("0:17:00")).to_have_count(2)


async def remove_everything(scene: Scene) -> None:
    """Everything is removed by clicking, and a page that is loaded afterwards knows nothing of the cards."""
    await scene.page.goto(scene.home.url + INTEGRATION)
    # Those that hold the pairs come first: a pair complains where its other account is gone.
    for left, name in ((3, "Emby"), (2, "Plex"), (1, "Jellyfin")):
        await scene.until_told(partial(_has_accounts, scene, left))
        await scene.choose_for_account(name, "Delete")
        await scene.page.get_by_role("button", name="Delete").last.click()
    await scene.until_told(partial(_has_accounts, scene, 0))
    await scene.page.goto(f"{scene.home.url}/config/dashboard")
    await scene.page.wait_for_function("document.querySelector('home-assistant')?.hass?.connected")
    assert await scene.page.evaluate(f"customElements.get('{CARD}')") is None
    assert await scene.page.evaluate("(window.customStrategies ?? []).length") == 0
    storage = scene.home.log.parent / ".storage"
    assert list(storage.glob("resume_sync.*")) == []
    assert not (storage / "lovelace_resources").exists()


async def _has_accounts(scene: Scene, count: int) -> bool:
    """Tell whether there are so many accounts."""
    return len(await scene.entries()) == count


async def _restart_a_week_later(scene: Scene) -> None:
    """Let Home Assistant find in its files that titles have been unresolved for long."""
    scene.chromium.is_watching = False
    await scene.home.stop()
    for path in (scene.home.log.parent / ".storage").glob("resume_sync.*"):
        await asyncio.to_thread(_age, path)
    await scene.home.start()
    await scene.client.until_running()
    await scene.page.goto(scene.home.url)
    await scene.page.wait_for_function("document.querySelector('home-assistant')?.hass?.connected")
    scene.chromium.is_watching = True


def _age(path: Path) -> None:
    """Let titles in a file have been unresolved for more than a week longer."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    for pair in stored["data"]["pairs"].values():
        since = pair["ledger"].get("unresolved_since", {})
        pair["ledger"]["unresolved_since"] = {key: time - WEEK_AND_A_DAY_MS for key, time in since.items()}
    path.write_text(json.dumps(stored), encoding="utf-8")

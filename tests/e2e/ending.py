"""A restart a week later, a repair, and the removal of everything."""

import asyncio
from functools import partial
import json
from operator import eq
from pathlib import Path

from playwright.async_api import expect

from tests.waiting import until

from .browser import until_connected
from .dialogs import finish
from .household import NO_IDS
from .scene import CARD, DASHBOARD, INTEGRATION, Scene

WEEK_AND_A_DAY_MS = 8 * 86_400_000


async def fix_unresolved(scene: Scene) -> None:
    """A title that has been unresolved for a week is fixed in the repairs."""
    await _restart_a_week_later(scene)
    page = await scene.window.go("/config/repairs")
    await page.get_by_role("button", name="titles without a counterpart").first.click()
    await page.get_by_role("radio", name=f"{NO_IDS} (2024), 60 min").press("Space")
    await finish(page)
    await scene.open(DASHBOARD)
    await scene.card("Emby").get_by_role("button", name="Sync now").click()
    await scene.until_at(17, "Emby", "garden")
    await expect(scene.card("Emby").get_by_role("button", name="Unresolved")).to_contain_text("0")
    await expect(scene.row(NO_IDS).get_by_text("0:17:00")).to_have_count(2)


async def remove_everything(scene: Scene) -> None:
    """Everything is removed by clicking, and a page that is loaded afterwards knows nothing of the cards."""
    page = await scene.window.go(INTEGRATION)
    # Those that hold the pairs come first: a pair complains where its other account is gone.
    for left, name in ((3, "Emby"), (2, "Plex"), (1, "Jellyfin")):
        await until(partial(_accounts, scene), partial(eq, left), f"{left} accounts")
        await scene.choose_for_account(name, "Delete")
        await page.locator("dialog-box").get_by_role("button", name="Delete").click()
    # An account is not among the others any more before all that belongs to it is gone.
    await until(partial(_accounts, scene), partial(eq, 0), "no account")
    await until(partial(_left_behind, scene), lambda names: not names, "no stored state")
    await until(partial(scene.client.text, "/"), lambda page: "resume_sync" not in page, "a page without the cards")
    page = await scene.window.go("/config/dashboard")
    await until_connected(page)
    assert await page.evaluate(f"customElements.get('{CARD}')") is None
    assert await page.evaluate("(window.customStrategies ?? []).length") == 0
    assert not (scene.home.storage / "lovelace_resources").exists()


async def _accounts(scene: Scene) -> int:
    """Return how many accounts there are."""
    return len(await scene.client.entries())


async def _left_behind(scene: Scene) -> list[str]:
    """Return the files in which accounts keep their states."""
    return [path.name for path in scene.home.storage.glob("resume_sync.*")]


async def _restart_a_week_later(scene: Scene) -> None:
    """Let Home Assistant find in its files that titles have been unresolved for long."""
    await scene.window.leave()
    await scene.home.stop()
    for path in scene.home.storage.glob("resume_sync.*"):
        await asyncio.to_thread(_age, path)
    await scene.home.start()
    await scene.client.until_running()


def _age(path: Path) -> None:
    """Let titles in a file have been unresolved for more than a week longer; a file of a history knows of none."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    for pair in stored["data"].get("pairs", {}).values():
        since = pair["ledger"].get("unresolved_since", {})
        pair["ledger"]["unresolved_since"] = {key: time - WEEK_AND_A_DAY_MS for key, time in since.items()}
    path.write_text(json.dumps(stored), encoding="utf-8")

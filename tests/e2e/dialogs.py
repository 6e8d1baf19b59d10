"""Clicking through the dialogs of Home Assistant, by what people read there."""

import re

from playwright.async_api import ElementHandle, Page, expect

from tests.waiting import until

_FORWARD = re.compile(r"^(Submit|Next|Finish|Skip and finish|OK)$")
_MOST_STEPS = 12
# The frontend makes a new one of these for each step, also for the same form when it comes back with an error.
_STEPS = ", ".join(f"step-flow-{kind}" for kind in ("form", "menu", "progress", "external", "abort", "create-entry"))


async def forward(page: Page) -> None:
    """Press the button that goes on."""
    await page.get_by_role("button", name=_FORWARD).last.click()


async def open_server(page: Page, kind: str, server_url: str) -> None:
    """Say where a server is, in the dialog that asks whether to set up the integration."""
    await forward(page)
    await page.get_by_text(kind, exact=True).click()
    await page.get_by_role("textbox", name="Address").fill(server_url)
    await forward(page)


async def choose_password(page: Page) -> None:
    """Choose to sign in to Jellyfin or Emby with a password."""
    await page.get_by_text("User name and password", exact=True).click()


async def enter_password(page: Page, username: str, password: str) -> None:
    """Sign in with a password."""
    await page.get_by_role("textbox", name="User name").fill(username)
    await page.locator("input[type=password]").fill(password)
    await forward(page)


async def sign_in(page: Page, kind: str, server_url: str, username: str, password: str) -> None:
    """Do all of that, and wait until it is done."""
    await open_server(page, kind, server_url)
    await choose_password(page)
    await enter_password(page, username, password)
    await expect(page.locator("input[type=password]")).to_have_count(0)


async def go_on_to(page: Page, step_id: str) -> None:
    """Accept what each step proposes until a certain one comes."""
    for _ in range(_MOST_STEPS):
        step = await page.locator(_STEPS).last.element_handle()
        if await step.evaluate("(each) => each.step.step_id") == step_id:
            return
        await _accept(page, step)
    await _complain_of(page, f"the step {step_id}")


async def finish(page: Page) -> None:
    """Accept what each step proposes until the dialog is closed."""
    steps, dialogs = page.locator(_STEPS), page.get_by_role("dialog")

    async def open_things() -> tuple[int, int]:
        return await steps.count(), await dialogs.count()

    for _ in range(_MOST_STEPS):
        there, _ = await until(
            open_things, lambda seen: seen[0] or not seen[1], "another step, or the end of the dialog"
        )
        if not there:
            return
        await _accept(page, await steps.last.element_handle())
    await _complain_of(page, "the end of the dialog")


async def _accept(page: Page, step: ElementHandle) -> None:
    """Press the button that goes on, where the step does not do so by itself, and wait until the step has gone."""
    if await step.evaluate("(each) => each.step.type") != "progress":
        await forward(page)
    await page.wait_for_function("(step) => !step.isConnected", arg=step)


async def _complain_of(page: Page, missing: str) -> None:
    """Say what a dialog shows instead of what was to come."""
    shown = await page.get_by_role("dialog").last.aria_snapshot()
    message = f"expected {missing}, the dialog shows:\n{shown}"
    raise AssertionError(message)

"""Clicking through the dialogs of Home Assistant, by what people read there."""

from collections.abc import Awaitable, Callable
from functools import partial
import re

from playwright.async_api import Locator, Page, TimeoutError, expect  # noqa: A004

_FORWARD = re.compile(r"^(Submit|Next|Finish|Skip and finish|OK)$")
_MOST_STEPS = 12


async def shown(page: Page) -> str:
    """Return what the dialog in front shows; empty where there is none."""
    try:
        snapshot: str = await page.get_by_role("dialog").last.aria_snapshot(timeout=1000)
    except TimeoutError:
        return ""
    else:
        return snapshot


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


async def go_on_to(page: Page, text: str) -> None:
    """Accept what each step proposes until one with a text comes."""
    wanted = page.get_by_text(text).first
    button = page.get_by_role("button", name=_FORWARD).last
    for _ in range(_MOST_STEPS):
        await _until(page, lambda: _any_visible(wanted, button))
        before = await _settled(page)
        if await wanted.is_visible():
            return
        await button.click()
        await _until(page, partial(_changed, page, before))
    await expect(wanted).to_be_visible()


async def finish(page: Page) -> None:
    """Accept what each step proposes until the dialog is closed."""
    button = page.get_by_role("button", name=_FORWARD).last
    for _ in range(_MOST_STEPS):
        before = await _settled(page)
        if not before:
            return
        await button.click()
        await _until(page, partial(_changed, page, before))
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def _any_visible(*locators: Locator) -> bool:
    """Tell whether one of several things is shown; what stands in a dialog is not found below the dialog itself."""
    return any([await locator.is_visible() for locator in locators])


async def _settled(page: Page) -> str:
    """Return what a dialog shows once it stays so: steps and their texts come one after the other."""
    before = await shown(page)
    while True:
        await page.wait_for_timeout(300)
        if (now := await shown(page)) == before:
            return now
        before = now


async def _changed(page: Page, before: str) -> bool:
    """Tell whether a dialog shows something else, or is gone."""
    return await shown(page) != before


async def _until(page: Page, happened: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something has happened."""
    for _ in range(150):
        if await happened():
            return
        await page.wait_for_timeout(100)
    message = f"nothing happens any more: {await shown(page)}"
    raise AssertionError(message)

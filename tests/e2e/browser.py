"""Chromium, signed in to Home Assistant, and everything that a page complains about."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from tests.waiting import PATIENCE_SECONDS

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_EXAMPLES = "https://demo.home-assistant.io/stub_config/"
# One transparent pixel: the brands of other integrations, and what Home Assistant's own cards show to be picked by,
# come from the internet.
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@dataclass(frozen=True)
class Visitor:
    """Who looks at Home Assistant; `still`: who wants no motion; `token`: of somebody else than its owner."""

    viewport: Mapping[str, int] = field(default_factory=DESKTOP.copy)
    dark: bool = False
    language: str = "en"
    still: bool = False
    token: str | None = None


@dataclass(eq=False)
class Chromium:
    """Opens pages of one Home Assistant. `complaints` are console errors, and requests to any other machine."""

    browser: Browser
    url: str
    token: str
    complaints: list[str] = field(default_factory=list)

    async def window(self, visitor: Visitor) -> Window:
        """Open a window for somebody who is signed in."""
        context = await self.browser.new_context(
            service_workers="block",
            viewport=dict(visitor.viewport),
            color_scheme="dark" if visitor.dark else "light",
            reduced_motion="reduce" if visitor.still else "no-preference",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        await self._sign_in(context, visitor.language, visitor.token or self.token)
        return Window(self, context)

    @asynccontextmanager
    async def visit(self, visitor: Visitor) -> AsyncIterator[Window]:
        """Let somebody look around for a while."""
        window = await self.window(visitor)
        try:
            yield window
        finally:
            await window.leave()
            await window.context.close()

    async def page(self, context: BrowserContext) -> Page:
        """Open an empty page, and listen to it."""
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error on {page.url}: {error} {error.stack}"))
        await page.route("**/*", self._only_home_assistant)
        return page

    async def _sign_in(self, context: BrowserContext, language: str, token: str) -> None:
        """Put a token where the frontend keeps it, before any page is opened."""
        tokens = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 1800,
            "refresh_token": "none",
            "hassUrl": self.url,
            "clientId": f"{self.url}/",
            "expires": 9_999_999_999_999,
        }
        stored = {"hassTokens": json.dumps(tokens), "selectedLanguage": json.dumps(language)}
        lines = [f"localStorage.setItem({json.dumps(key)}, {json.dumps(value)});" for key, value in stored.items()]
        await context.add_init_script("\n".join(lines))

    async def _only_home_assistant(self, route: Route) -> None:
        """Let nothing leave this machine."""
        url = route.request.url
        is_foreign_brand = "/api/brands/" in url and "/resume_sync/" not in url
        if is_foreign_brand or url.startswith(_EXAMPLES):
            await route.fulfill(body=_PIXEL, content_type="image/png")
        elif url.startswith((self.url, "data:", "blob:")):
            await route.continue_()
        else:
            self.complaints.append(f"asked for {url}")
            await route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        """Note an error on the console."""
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")


@dataclass(eq=False)
class Window:
    """What one visitor has open: one page at a time."""

    chromium: Chromium
    context: BrowserContext
    _page: Page | None = None

    @property
    def page(self) -> Page:
        """The page that is open."""
        assert self._page is not None, "no page is open"
        return self._page

    async def go(self, path: str) -> Page:
        """Open a page of Home Assistant in a tab of its own, once the page before has left.

        In the same tab the page before could still be going back in its history, as it does when a dialog closes: where
        that comes between, Chromium gives up what was to be opened (`net::ERR_ABORTED`).
        """
        await self.leave()
        self._page = await self.chromium.page(self.context)
        await self._page.goto(f"{self.chromium.url}/{path.removeprefix('/')}")
        return self._page

    async def leave(self) -> None:
        """Close the page, with whatever it was about to ask for."""
        if self._page is not None:
            page, self._page = self._page, None
            await page.unroute_all(behavior="ignoreErrors")
            await page.close()


async def until_connected(page: Page) -> None:
    """Wait until a page hears of its Home Assistant."""
    await page.wait_for_function("document.querySelector('home-assistant')?.hass?.connected")


async def home_assistant(page: Page, script: str, argument: Any = None) -> Any:
    """Run a script in a page with the `hass` of its Home Assistant."""
    await until_connected(page)
    return await page.evaluate(
        f"async (argument) => {{ const hass = document.querySelector('home-assistant').hass; {script} }}", argument
    )

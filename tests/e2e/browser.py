"""Chromium, signed in to Home Assistant, and everything that a page complains about."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_TIMEOUT_MS = 15_000
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
    is_watching: bool = True

    async def page(self, visitor: Visitor) -> Page:
        """Open an empty page for somebody who is signed in."""
        context = await self.browser.new_context(
            service_workers="block",
            viewport=dict(visitor.viewport),
            color_scheme="dark" if visitor.dark else "light",
            reduced_motion="reduce" if visitor.still else "no-preference",
            locale="en-GB",
        )
        await self._sign_in(context, visitor.language, visitor.token or self.token)
        await context.route("**/*", self._only_home_assistant)
        page = await context.new_page()
        page.set_default_timeout(_TIMEOUT_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(f"error on {page.url}: {error} {error.stack}"))
        return page

    @asynccontextmanager
    async def visit(self, path: str, visitor: Visitor) -> AsyncIterator[Page]:
        """Let somebody look at a page for a while."""
        page = await self.page(visitor)
        try:
            await page.goto(f"{self.url}/{path}")
            yield page
        finally:
            await page.context.close()

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
            self._note(f"asked for {url}")
            await route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        """Note an error on the console."""
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _note(self, complaint: str) -> None:
        """Keep a complaint, unless Home Assistant is known to be away."""
        if self.is_watching:
            self.complaints.append(complaint)


async def home_assistant(page: Page, script: str, argument: Any = None) -> Any:
    """Run a script in a page with the `hass` of its Home Assistant."""
    await page.wait_for_function("document.querySelector('home-assistant')?.hass?.connected")
    return await page.evaluate(
        f"async (argument) => {{ const hass = document.querySelector('home-assistant').hass; {script} }}", argument
    )

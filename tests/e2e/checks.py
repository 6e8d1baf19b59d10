"""Checks one after the other: what passed, what failed, and a picture of where it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
import time

from playwright.async_api import Page


@dataclass(slots=True)
class Checks:
    """Counts checks, and goes on after one that failed. `pictures`: where pictures of failures go."""

    pictures: Path
    page: Page | None = None
    passed: int = 0
    failed: list[str] = field(default_factory=list)

    async def check(self, name: str, check: Callable[[], Awaitable[None]]) -> bool:
        """Make one check, and say what came of it."""
        started = time.monotonic()
        try:
            await check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the check has failed
            self.failed.append(name)
            print(f"FAILED {name}: {type(error).__name__}: {str(error)[:2000]}", flush=True)
            await self._take_picture(len(self.failed))
            return False
        self.passed += 1
        print(f"passed {name} ({time.monotonic() - started:.1f} s)", flush=True)
        return True

    async def _take_picture(self, number: int) -> None:
        """Keep what the page showed."""
        if self.page is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            path = self.pictures / f"failed-{number}.png"
            await self.page.screenshot(path=path)
            print(f"       see {path}", flush=True)

    def summary(self) -> str:
        """Return the last line."""
        return f"{self.passed} passed, {len(self.failed)} failed"

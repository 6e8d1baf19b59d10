"""Checks one after the other: what passed, what failed, and a picture of where it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
import time
import traceback

from playwright.async_api import Error

from .browser import Window

_MOST_CHARACTERS = 1500
_OURS = Path(__file__).parent


@dataclass(slots=True)
class Checks:
    """Counts checks, and goes on after one that failed. `pictures`: where pictures of failures go."""

    pictures: Path
    window: Window | None = None
    passed: int = 0
    failed: list[str] = field(default_factory=list)

    async def check(self, name: str, check: Callable[[], Awaitable[None]]) -> bool:
        """Make one check, and say what came of it."""
        started = time.monotonic()
        try:
            await check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the check has failed
            self.failed.append(name)
            print(f"FAILED {name}\n{_what_failed(error)}", flush=True)
            await self._take_picture(len(self.failed))
            return False
        self.passed += 1
        print(f"passed {name} ({time.monotonic() - started:.1f} s)", flush=True)
        return True

    async def _take_picture(self, number: int) -> None:
        """Keep what the page showed."""
        if self.window is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            path = self.pictures / f"failed-{number}.png"
            try:
                await self.window.page.screenshot(path=path)
            except (AssertionError, Error) as error:
                print(f"       there is no picture: {error}", flush=True)
            else:
                print(f"       see {path}", flush=True)

    def summary(self) -> str:
        """Return the last line."""
        return f"{self.passed} passed, {len(self.failed)} failed"


def _what_failed(error: Exception) -> str:
    """Return what was expected and seen, without how it was waited for, and the lines of the check that led there."""
    seen, _, _ = str(error).partition("Call log:")
    lines = f"{type(error).__name__}: {seen[:_MOST_CHARACTERS]}".strip().splitlines()
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.parent == _OURS and path.name != Path(__file__).name:
            lines.append(f"{path.name}:{frame.lineno}: {frame.line}")
    return "\n".join(f"       {line}" for line in lines)

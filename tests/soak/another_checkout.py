"""The soak of this checkout, played on the product of another one: `python -m tests.soak.another_checkout DIR ...`.

The rest of the command line is that of the soak. What the tests use and an older product does not have is put beside
it; nothing that it has itself is replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
import runpy
import sys
from typing import Any

import custom_components

_SYNC = "custom_components.resume_sync.sync"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item whose position cannot be read."""

    reason: str
    item: object = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as the tests tell it."""

    session_id: str
    item_ids: tuple[str, ...] = ()
    activity: Any = None
    position_ms: int | None = None
    reported_ms: int | None = None
    reported_at: int | None = None


@dataclass(frozen=True, slots=True)
class SessionRead:
    """All sessions of a user as the tests tell them."""

    sessions: tuple[OpenSession, ...]
    read_at: int

    @property
    def active(self) -> dict[str, Any]:
        """What is played or paused, by item id."""
        paused_first = sorted(self.sessions, key=lambda one: str(one.activity))
        return {item_id: one.activity for one in paused_first for item_id in one.item_ids}


class DeafPlays:
    """What hears of plays, where nothing does."""

    def hear(self, now: int) -> None:
        """Hear nothing."""

    def note(self, read: object) -> None:
        """Note nothing."""


async def active_items(wire: Any) -> Mapping[str, Any] | None:
    """Answer the question that was asked before sessions were read as such."""
    read = await wire.open_sessions()
    return None if read is None else dict(read.active)


def use(checkout: Path) -> None:
    """Let the product be that of a checkout; nothing of it may have been imported."""
    folder = checkout / "custom_components"
    if not (folder / "resume_sync").is_dir():
        sys.exit(f"There is no product in {checkout}")
    custom_components.__path__[:] = [str(folder)]
    model, identity = import_module(f"{_SYNC}.model"), import_module(f"{_SYNC}.identity")
    journal = import_module(f"{_SYNC}.journal.journal").Journal
    _add(model, Unreadable=Unreadable, OpenSession=OpenSession, SessionRead=SessionRead)
    _add(identity, search_keys=identity.match_keys)
    if "plays" not in getattr(journal, "__dataclass_fields__", ()):
        _add(journal, plays=DeafPlays(), kin=property(lambda _: (), lambda *_: None))
    _add(import_module("tests.soak.wire").Wire, active_items=active_items)


def _add(to: Any, **missing: object) -> None:
    """Add what is missing."""
    for name, value in missing.items():
        if not hasattr(to, name):
            setattr(to, name, value)


if __name__ == "__main__":
    use(Path(sys.argv.pop(1)))
    runpy.run_module("tests.soak", run_name="__main__", alter_sys=True)

"""The soak of this checkout, played on the product of another one: `python -m tests.soak.another_checkout DIR ...`.

The rest of the command line is that of the soak. Names that the tests use and an older product does not have are put
into its modules; no name of its own is replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
import runpy
import sys

import custom_components


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item whose position cannot be read."""

    reason: str
    item: object = None


MISSING: Mapping[str, Mapping[str, object]] = {
    "sync.identity": {"search_keys": lambda: import_module("custom_components.resume_sync.sync.identity").match_keys},
    "sync.model": {"Unreadable": lambda: Unreadable},
}


def use(checkout: Path) -> None:
    """Let the product be that of a checkout; nothing of it may have been imported."""
    folder = checkout / "custom_components"
    if not (folder / "resume_sync").is_dir():
        sys.exit(f"There is no product in {checkout}")
    custom_components.__path__[:] = [str(folder)]
    for name, values in MISSING.items():
        module = import_module(f"custom_components.resume_sync.{name}")
        for attribute, value in values.items():
            if not hasattr(module, attribute) and callable(value):
                setattr(module, attribute, value())


if __name__ == "__main__":
    use(Path(sys.argv.pop(1)))
    runpy.run_module("tests.soak", run_name="__main__", alter_sys=True)

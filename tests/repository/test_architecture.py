"""The layers of the integration, and the rules that keep its folders readable."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
import sys

import pytest

PACKAGE = "custom_components.resume_sync"
ROOT = Path(__file__).parents[2]
MAX_LINES = 400

INPUT_AND_OUTPUT = frozenset(
    {"http", "io", "os", "pathlib", "shutil", "socket", "sqlite3", "ssl", "subprocess", "threading", "time", "urllib"}
)
SERVERS_MAY_IMPORT = ("aiohttp", "plexapi", "requests", "yarl", "urllib3")
SERVERS_MAY_SEE = (
    f"{PACKAGE}.sync.identity",
    f"{PACKAGE}.sync.off_loop",
    f"{PACKAGE}.sync.model",
    f"{PACKAGE}.sync.media_server",
    f"{PACKAGE}.servers",
)
EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|misc)(_|$)")


def modules(root: Path, folder: str) -> Iterator[tuple[str, Path, ast.Module]]:
    """Yield the dotted name, path and tree of every module in a folder below `root`."""
    for path in sorted((root / folder).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(name: str, path: Path, tree: ast.Module) -> set[str]:
    """Return the absolute dotted names of all that a module imports, wherever in it."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *(node.module.split(".") if node.module else [])])
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return found


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is one of these packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def allowed(layer: str, name: str) -> bool:
    """Tell whether a module of this layer may import that name."""
    top_level = name.partition(".")[0]
    if layer == f"{PACKAGE}.sync":
        return within(name, (layer,)) or (top_level in sys.stdlib_module_names and top_level not in INPUT_AND_OUTPUT)
    if top_level in sys.stdlib_module_names:
        return True
    if layer == f"{PACKAGE}.servers":
        return within(name, SERVERS_MAY_IMPORT + SERVERS_MAY_SEE)
    return True


def layer_of(name: str) -> str:
    """Return the layer that a module belongs to; the package itself is the glue."""
    return next((layer for layer in (f"{PACKAGE}.sync", f"{PACKAGE}.servers") if within(name, (layer,))), PACKAGE)


def violations(root: Path, folder: str = "custom_components") -> list[str]:
    """Return every breach of the rules in a folder below `root`, one line each."""
    found: list[str] = []
    for name, path, tree in modules(root, folder):
        imports = imported(name, path, tree)
        layer = layer_of(name)
        if within(name, (PACKAGE,)):
            found += [f"{name} imports {other}" for other in sorted(imports) if not allowed(layer, other)]
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MAX_LINES:
                found.append(f"{name} has {lines} lines, more than {MAX_LINES}")
        if "__future__.annotations" in imports:
            found.append(f"{name} postpones annotations")
        if EMPTY_WORDS.search(name.rsplit(".", 1)[-1]):
            found.append(f"{name} has a name that says nothing")
        if not ast.get_docstring(tree):
            found.append(f"{name} has no docstring")
    return found


@pytest.mark.parametrize("folder", ["custom_components", "tests"])
def test_folders_keep_the_rules(folder: str) -> None:
    """Every module of the repository keeps its layer, its size, its name and its docstring."""
    assert len(list(modules(ROOT, folder))) > 3
    assert violations(ROOT, folder) == []


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("sync/planner.py", '"""Plan."""\nimport aiohttp\n', "sync.planner imports aiohttp"),
        (
            "sync/planner.py",
            '"""Plan."""\nfrom ..const import DOMAIN\n',
            f"sync.planner imports {PACKAGE}.const.DOMAIN",
        ),
        ("sync/planner.py", '"""Plan."""\nfrom .. import servers\n', f"sync.planner imports {PACKAGE}.servers"),
        (
            "servers/emby.py",
            '"""Emby."""\nfrom ..sync import journal\n',
            f"servers.emby imports {PACKAGE}.sync.journal",
        ),
        (
            "servers/emby.py",
            '"""Emby."""\ndef later() -> None:\n    """Import."""\n    from homeassistant import core\n',
            "servers.emby imports homeassistant.core",
        ),
        ("servers/emby.py", '"""Emby."""\nfrom ..store import Store\n', f"servers.emby imports {PACKAGE}.store.Store"),
        ("const.py", '"""Constants."""\nfrom __future__ import annotations\n', "const postpones annotations"),
        ("sync/utils.py", '"""Things."""\n', "sync.utils has a name that says nothing"),
        ("sync/date_helpers.py", '"""Things."""\n', "sync.date_helpers has a name that says nothing"),
        ("sensor.py", "VALUE = 1\n", "sensor has no docstring"),
        ("sensor.py", '"""Sensors."""\n' + "VALUE = 1\n" * MAX_LINES, f"sensor has {MAX_LINES + 1} lines"),
    ],
)
def test_a_breach_is_found(tmp_path: Path, module: str, source: str, expected: str) -> None:
    """Each rule finds what breaks it in a made-up tree."""
    path = tmp_path.joinpath(*PACKAGE.split("."), *module.split("/"))
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")

    assert [line.removeprefix(f"{PACKAGE}.").startswith(expected) for line in violations(tmp_path)] == [True]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "sync/planner.py",
            '"""Plan."""\nimport re\nfrom collections import abc\nfrom .model import Item\nfrom . import journal\n',
        ),
        (
            "servers/emby.py",
            '"""Emby."""\nfrom aiohttp import web\nfrom ..sync.model import Item\nfrom .http import get\n',
        ),
        (
            "servers/__init__.py",
            '"""Servers."""\nfrom ..sync.media_server import NotFound\nfrom .emby import EmbyServer\n',
        ),
        (
            "sensor.py",
            '"""Sensors."""\nfrom homeassistant import core\nfrom .sync import runner\nfrom .servers import emby\n',
        ),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, module: str, source: str) -> None:
    """What the layers may import is no breach."""
    path = tmp_path.joinpath(*PACKAGE.split("."), *module.split("/"))
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")

    assert violations(tmp_path) == []

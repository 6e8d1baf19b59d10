"""The rooms of the integration, the one way in which imports run between them, and what keeps files readable."""

import ast
from collections.abc import Mapping
from pathlib import Path
import re
import sys

import pytest

from .import_graph import Module, arrows, circle, longest_chain, read_modules, within

PACKAGE = "custom_components.resume_sync"
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MAX_LINES = 400
MOST_AT_THE_ROOT = 20

FLOORS = (
    ("sync.model",),
    ("sync.identity", "sync.media_server", "sync.off_loop", "sync.serialization"),
    ("sync.journal", "sync.matching"),
    ("sync.tries",),
    ("sync.ledger",),
    ("sync.plan",),
    ("sync.run",),
    ("servers",),
    ("servers.mediabrowser", "servers.plex"),
    ("const", "labels"),
    ("errors",),
    ("account",),
    ("pair",),
    ("data",),
    ("actions", "entity", "flows", "issues"),
    ("dashboard",),
    (
        *("binary_sensor", "button", "event", "sensor", "switch"),
        *("config_flow", "diagnostics", "repairs", "services", "system_health"),
    ),
    ("__init__",),
)
"""The rooms from the ground up: what stands in a room may import from its own room and from floors below."""

FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

INPUT_AND_OUTPUT = frozenset(
    {"http", "io", "os", "pathlib", "shutil", "socket", "sqlite3", "ssl", "subprocess", "threading", "time", "urllib"}
)
SERVERS_MAY_IMPORT = ("aiohttp", "plexapi", "requests", "yarl", "urllib3")
SERVERS_MAY_SEE = tuple(
    f"{PACKAGE}.{name}" for name in ("sync.identity", "sync.media_server", "sync.model", "sync.off_loop", "servers")
)
EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager|handler|processor)(_|$)")


def own_name(name: str) -> str:
    """Return the name of a module below the integration; its own `__init__` has that name."""
    return name.removeprefix(PACKAGE).lstrip(".") or "__init__"


def room_of(name: str) -> str | None:
    """Return the room that a module of the integration stands in; None for one that the plan does not know."""
    name = own_name(name)
    while name and name not in FLOOR_OF:
        name = name.rpartition(".")[0]
    return name or None


def may_import(module: str, name: str) -> bool:
    """Tell whether a module may import a name of the standard library or of a package: what its layer is free of."""
    top_level = name.partition(".")[0]
    is_standard = top_level in sys.stdlib_module_names
    if within(module, f"{PACKAGE}.sync"):
        return within(name, f"{PACKAGE}.sync") or (is_standard and top_level not in INPUT_AND_OUTPUT)
    if within(module, f"{PACKAGE}.servers"):
        return is_standard or within(name, *SERVERS_MAY_IMPORT, *SERVERS_MAY_SEE)
    return True


def climbs(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the imports that run up, or across a floor into another room, and the modules that are in no room."""
    found = []
    for name, others in graph.items():
        room = room_of(name)
        if room is None:
            found.append(f"{own_name(name)} stands in no room")
            continue
        for other in sorted(others):
            below = room_of(other)
            if below is not None and below != room and FLOOR_OF[below] >= FLOOR_OF[room]:
                found.append(f"{own_name(name)} imports {own_name(other)}: {room} stands below or beside {below}")
    return found


def rooms(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return for each room the others that it imports from."""
    found: dict[str, set[str]] = {}
    for name, others in graph.items():
        room = room_of(name) or name
        found.setdefault(room, set()).update({room_of(other) or other for other in others} - {room})
    return found


def unreadable(module: Module) -> list[str]:
    """Return what makes a module hard to read, one line each."""
    found = []
    if "__future__.annotations" in module.imports:
        found.append(f"{module.name} postpones annotations")
    if EMPTY_WORDS.search(module.name.rsplit(".", 1)[-1]):
        found.append(f"{module.name} has a name that says nothing")
    if not ast.get_docstring(module.tree):
        found.append(f"{module.name} has no docstring")
    return found


def violations(root: Path, folder: str = "custom_components") -> list[str]:
    """Return every breach of the rules in a folder below `root`, one line each."""
    modules = {module.name: module for module in read_modules(root, folder)}
    own = {name: module for name, module in modules.items() if within(name, PACKAGE) and module.has_code}
    found = [line for module in modules.values() for line in unreadable(module)]
    for name, module in own.items():
        found += [f"{own_name(name)} imports {one}" for one in sorted(module.imports) if not may_import(name, one)]
        if module.lines > MAX_LINES:
            found.append(f"{own_name(name)} has {module.lines} lines, more than {MAX_LINES}")
    found += climbs(arrows(own))
    if turn := circle(arrows(modules)):
        found.append(f"a circle: {' imports '.join(map(own_name, turn))}")
    return found


@pytest.mark.parametrize("folder", ["custom_components", "tests"])
def test_folders_keep_the_rules(folder: str) -> None:
    """Every module of the repository keeps its room, its size, its name and its docstring, and no circle is there."""
    assert len(list(read_modules(ROOT, folder))) > 3
    assert violations(ROOT, folder) == []


def test_rooms_have_no_circle_and_few_floors() -> None:
    """A change can be followed from the dialog down to the vocabulary in one direction."""
    modules = {module.name: module for module in read_modules(ROOT, "custom_components") if module.has_code}
    between = rooms(arrows(modules))

    assert circle(between) == []
    assert set(between) == set(FLOOR_OF), "a room of the plan is empty"
    assert len(longest_chain(between)) <= len(FLOORS)
    assert len(list((ROOT / "custom_components" / "resume_sync").glob("*.py"))) <= MOST_AT_THE_ROOT


INSIDES = {"homeassistant.components.http.auth"}
"""What core's own integrations import from inside a component as well, since no root offers it: signed addresses."""


def test_components_of_home_assistant_are_used_by_their_roots() -> None:
    """What lies inside another component may move with any release of Home Assistant."""
    imported = {
        node.module
        for module in read_modules(ROOT, "custom_components")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("homeassistant.components.")
    }
    assert "homeassistant.components.sensor" in imported
    assert {name for name in imported if name.count(".") > 2} - INSIDES == set()


def test_the_page_names_every_room_and_only_files_that_exist() -> None:
    """Newcomers find each room on the page, and each file that the page sends them to."""
    package = ROOT / "custom_components" / "resume_sync"
    folders = {path.parent.relative_to(package).as_posix() for path in package.rglob("*.py")} - {"."}
    at_the_root = {path.name for path in package.glob("*.py")} - {"__init__.py"}

    assert [f"{folder}/" for folder in sorted(folders) if f"{folder.rpartition('/')[2]}/" not in PAGE] == []
    assert [name for name in sorted(at_the_root) if name not in PAGE] == []
    named = set(re.findall(r"`([\w/]+(?:/|\.\w+))`", PAGE))
    assert len(named) > 30
    assert [name for name in sorted(named) if not any((base / name).exists() for base in (package, ROOT))] == []


def written(root: Path, files: Mapping[str, str]) -> list[str]:
    """Write modules of a made-up integration, and return its breaches."""
    for name, source in files.items():
        path = root.joinpath(*PACKAGE.split("."), *name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return violations(root)


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("sync/plan/planner.py", "import aiohttp", "sync.plan.planner imports aiohttp"),
        ("sync/plan/planner.py", "from ...const import DOMAIN", f"sync.plan.planner imports {PACKAGE}.const.DOMAIN"),
        ("sync/plan/planner.py", "from ... import servers", f"sync.plan.planner imports {PACKAGE}.servers"),
        (
            "servers/mediabrowser/emby.py",
            "from ...sync.journal import edit",
            f"servers.mediabrowser.emby imports {PACKAGE}.sync",
        ),
        (
            "servers/mediabrowser/emby.py",
            'def later() -> None:\n    """Import."""\n    from homeassistant import core',
            "servers.mediabrowser.emby imports homeassistant.core",
        ),
        ("servers/http.py", "from ..account.store import Store", f"servers.http imports {PACKAGE}.account.store.Store"),
        ("const.py", "from __future__ import annotations", f"{PACKAGE}.const postpones annotations"),
        ("sync/plan/utils.py", "", f"{PACKAGE}.sync.plan.utils has a name that says nothing"),
        ("sync/plan/date_helpers.py", "", f"{PACKAGE}.sync.plan.date_helpers has a name that says nothing"),
        ("pair/run_manager.py", "", f"{PACKAGE}.pair.run_manager has a name that says nothing"),
        ("sensor.py", "VALUE = 1\n" * MAX_LINES, f"sensor has {MAX_LINES + 1} lines"),
        ("sync/clock.py", "NOW = 0", "sync.clock stands in no room"),
        ("watched.py", "NOW = 0", "watched stands in no room"),
    ],
)
def test_a_breach_is_found(tmp_path: Path, module: str, source: str, expected: str) -> None:
    """Each rule finds what breaks it in a made-up tree."""
    assert [line.startswith(expected) for line in written(tmp_path, {module: f'"""Something."""\n{source}'})] == [True]


def test_a_module_without_a_docstring_is_found(tmp_path: Path) -> None:
    """The first line of a module says what is in it."""
    assert written(tmp_path, {"sensor.py": "VALUE = 1\n"}) == [f"{PACKAGE}.sensor has no docstring"]


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ("account/store.py", "pair/run.py", "account.store imports pair.run: account stands below or beside pair"),
        ("sync/journal/edit.py", "sync/ledger.py", "sync.journal stands below or beside sync.ledger"),
        ("sync/plan/scene.py", "sync/run/apply.py", "sync.plan stands below or beside sync.run"),
        ("servers/http.py", "servers/plex/rows.py", "servers stands below or beside servers.plex"),
        (
            "servers/plex/rows.py",
            "servers/mediabrowser/rows.py",
            "servers.plex stands below or beside servers.mediabrowser",
        ),
        ("pair/run.py", "data.py", "pair stands below or beside data"),
        ("flows/pair.py", "issues/watch.py", "flows stands below or beside issues"),
    ],
)
@pytest.mark.parametrize("inside", ["", "def later() -> None:\n    ", "if TYPE_CHECKING:\n    "])
def test_an_import_that_runs_up_is_found(tmp_path: Path, below: str, above: str, expected: str, inside: str) -> None:
    """Wherever in a module it stands; across a floor counts as well."""
    target = above.removesuffix(".py").replace("/", ".")
    source = f'"""Below."""\n{inside}from {PACKAGE}.{target} import THING\n'

    found = written(tmp_path, {below: source, above: '"""Above."""\nTHING = 1\n'})

    assert len(found) == 1
    assert found[0].endswith(expected)


def test_a_circle_is_found(tmp_path: Path) -> None:
    """Also inside one room, where every import is allowed by itself, and through a function."""
    files = {
        "pair/run.py": '"""Run."""\nfrom .status import STATUS\n',
        "pair/status.py": '"""Status."""\nfrom . import rules\n',
        "pair/rules.py": '"""Rules."""\ndef later() -> None:\n    """Import."""\n    from .run import RUN\n',
    }
    (found,) = written(tmp_path, files)

    assert found.startswith("a circle: ")
    assert "pair.run imports pair.status imports pair.rules" in f"{found} imports {found.removeprefix('a circle: ')}"


@pytest.mark.parametrize(
    "files",
    [
        {
            "sync/plan/planner.py": "import re\nfrom collections import abc\nfrom ..model import Item",
            "sync/model.py": "",
        },
        {"servers/http.py": "from aiohttp import web\nfrom ..sync.model import Item", "sync/model.py": ""},
        {"sensor.py": "from homeassistant import core\nfrom .sync.run import runner", "sync/run/runner.py": ""},
        {
            "pair/run.py": "from . import status\nfrom ..account.store import Store",
            "pair/status.py": "",
            "account/store.py": "",
        },
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, files: Mapping[str, str]) -> None:
    """An import that runs down, or stays in its room, is no breach."""
    assert written(tmp_path, {name: f'"""Something."""\n{source}' for name, source in files.items()}) == []

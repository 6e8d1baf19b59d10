"""The texts of entities, actions, errors and repairs: what the code names has a text, and every text is named."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path

from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.resume_sync.issues import issues
from custom_components.resume_sync.issues.held_dialogs import (
    FirstSyncFlow,
    MassRemovalFlow,
    MassUpdateFlow,
    PeerRemovedFlow,
)
from custom_components.resume_sync.issues.mass_zeros_dialog import MassZerosFlow
from custom_components.resume_sync.issues.unresolved_dialog import UnresolvedTitlesFlow
from custom_components.resume_sync.pair.status import PairStatus

from .texts import ENGLISH

PACKAGE = Path(__file__).parents[2] / "custom_components" / "resume_sync"
PLATFORMS = ("binary_sensor", "button", "event", "sensor", "switch")
ISSUES = (
    issues.ANOTHER_SERVER,
    issues.CARDS_MISSING,
    issues.FIRST_SYNC,
    issues.MASS_REMOVAL,
    issues.MASS_UPDATE,
    issues.MASS_ZEROS,
    issues.PEER_REMOVED,
    issues.STATE_RESET,
    issues.UNRESOLVED_TITLES,
)


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield every call in a module."""
    yield from (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def translation_keys(path: Path) -> set[str]:
    """Return the translation keys that a module passes on as they stand."""
    values = [keyword.value for call in calls(path) for keyword in call.keywords if keyword.arg == "translation_key"]
    values += [call.args[0] for call in calls(path) if isinstance(call.func, ast.Name) and call.func.id == "RunFailed"]
    return {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def strings(path: Path) -> set[str]:
    """Return every string of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_entities(platform: str) -> None:
    """Each entity has a name."""
    texts = ENGLISH["entity"][platform]

    assert set(texts) == translation_keys(PACKAGE / f"{platform}.py")
    assert all(entity["name"] for entity in texts.values())


def test_states_of_a_pair() -> None:
    """Each status of a pair has a text."""
    assert set(ENGLISH["entity"]["sensor"]["status"]["state"]) == {status.value for status in PairStatus}


def test_errors() -> None:
    """Each error that people can see has a message, and no message is left over."""
    modules = [path for path in PACKAGE.rglob("*.py") if path.stem not in (*PLATFORMS, "issues")]
    named = {key for path in modules for key in translation_keys(path)}
    in_code = {text for path in modules for text in strings(path)}

    assert named <= set(ENGLISH["exceptions"])
    assert set(ENGLISH["exceptions"]) <= in_code


def test_actions() -> None:
    """Each action and each of its fields has a name and a description."""
    actions = load_yaml_dict(PACKAGE / "services.yaml")
    texts = ENGLISH["services"]

    assert set(texts) == set(actions)
    for name, action in actions.items():
        assert set(texts[name]["fields"]) == set(action["fields"]), name
        assert all(text["name"] and text["description"] for text in (texts[name], *texts[name]["fields"].values()))


def test_icons() -> None:
    """Each action has an icon, and no icon is for something that has no name."""
    icons = json.loads((PACKAGE / "icons.json").read_text(encoding="utf-8"))

    assert set(icons["services"]) == set(ENGLISH["services"])
    for platform, entities in icons["entity"].items():
        assert set(entities) <= set(ENGLISH["entity"][platform]), platform


def test_repairs() -> None:
    """Each repair has its texts, and each step of its dialog exists."""
    assert set(ENGLISH["issues"]) == set(ISSUES)
    for flow, issue in (
        (FirstSyncFlow, issues.FIRST_SYNC),
        (MassRemovalFlow, issues.MASS_REMOVAL),
        (MassUpdateFlow, issues.MASS_UPDATE),
        (MassZerosFlow, issues.MASS_ZEROS),
        (PeerRemovedFlow, issues.PEER_REMOVED),
        (UnresolvedTitlesFlow, issues.UNRESOLVED_TITLES),
    ):
        for name, step in ENGLISH["issues"][issue]["fix_flow"]["step"].items():
            assert hasattr(flow, f"async_step_{name}"), (issue, name)
            assert all(hasattr(flow, f"async_step_{option}") for option in step.get("menu_options", {}))

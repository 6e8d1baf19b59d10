"""The texts of the flows: every one that is needed exists, and every one that exists is needed."""

import ast
from pathlib import Path
import re

import pytest

from custom_components.resume_sync.config_flow import ResumeSyncConfigFlow
from custom_components.resume_sync.flows.options import AccountOptionsFlow
from custom_components.resume_sync.flows.pair import PairFlow

from .texts import ACCOUNT, ENGLISH, OPTIONS, PAIR, leaves, look_up

PACKAGE = Path(__file__).parents[2] / "custom_components" / "resume_sync"
PROGRESS = {"plex_code", "quick_connect", "preparing"}


def strings_in_code() -> set[str]:
    """Return every string that stands in the modules of the flows, docstrings aside."""
    names = ("config_flow", "flows/*", "pair_*", "const", "sync/model")
    found: set[str] = set()
    for path in (path for name in names for path in PACKAGE.glob(f"{name}.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return found | {"url", "verify_ssl", "token", "username", "password", "api_key"}


@pytest.mark.parametrize(
    ("flow", "path"), [(ResumeSyncConfigFlow, ACCOUNT), (PairFlow, PAIR), (AccountOptionsFlow, OPTIONS)]
)
def test_each_step_with_texts_exists(flow: type, path: tuple[str, ...]) -> None:
    """No text is left of a step that is gone."""
    for step in look_up((*path, "step")):
        assert hasattr(flow, f"async_step_{step}"), step


@pytest.mark.parametrize("path", [ACCOUNT, PAIR, OPTIONS])
def test_each_text_is_used(path: tuple[str, ...]) -> None:
    """Every error, abort reason, progress, field and menu option that has a text occurs in the code."""
    used = strings_in_code()
    structure = {"title", "description", "data", "data_description", "sections", "menu_options", "submit", "name"}
    structure |= {"step", "error", "abort", "progress", "menu_option_descriptions", "entry_type", "initiate_flow"}
    structure |= {"flow_title", "create_entry"}
    steps = set(look_up((*path, "step")))
    for keys, _ in leaves(look_up(path)):
        assert set(keys) - structure - steps - {"user", "reconfigure"} <= used, keys


@pytest.mark.parametrize("path", [ACCOUNT, PAIR, OPTIONS])
def test_each_field_has_label_and_description(path: tuple[str, ...]) -> None:
    """Labels and descriptions come in pairs, in sections too."""
    for name, step in look_up((*path, "step")).items():
        for part in (step, *step.get("sections", {}).values()):
            assert set(part.get("data", {})) == set(part.get("data_description", {})), name


@pytest.mark.parametrize(
    "path",
    [
        ACCOUNT,
        PAIR,
        OPTIONS,
        *(("issues", issue, "fix_flow") for issue, texts in ENGLISH["issues"].items() if "fix_flow" in texts),
    ],
)
def test_each_step_explains_itself(path: tuple[str, ...]) -> None:
    """Every step has a title and a description, every option of a menu says what it is for."""
    for name, step in look_up((*path, "step")).items():
        assert ({"title"} if name in PROGRESS else {"title", "description"}) <= set(step), name
        assert set(step.get("menu_options", {})) == set(step.get("menu_option_descriptions", {})), name


def test_each_repair_without_a_dialog_explains_itself() -> None:
    """Nothing is asked there: its description is all there is."""
    for issue, texts in ENGLISH["issues"].items():
        assert ("fix_flow" in texts) is not ("description" in texts), issue


def test_texts_are_well_formed() -> None:
    """Placeholders are closed, no address stands in a text, and texts end as sentences do."""
    for keys, text in leaves(ENGLISH):
        assert text == text.strip(), keys
        assert text, keys
        assert re.sub(r"\{\w+\}", "", text).count("{") == 0, keys
        assert "http" not in text.casefold(), keys
        if keys[0] != "entity" and {"description", "data_description", "error", "abort"}.intersection(keys):
            assert text[-1] in ".!?}", keys

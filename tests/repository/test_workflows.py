"""What runs on GitHub and before a commit: every script is there, every action is pinned, nothing may do too much."""

from pathlib import Path
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").iterdir())}
TEMPLATES = [path for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").iterdir()) if path.stem != "config"]
MAY_MORE = {"release": {"contents": "write"}, "contract": {"contents": "read", "issues": "write"}}
BY_BRANCH = {"home-assistant/actions/hassfest@master", "hacs/action@main"}
"""Actions that run what their branch says today: a commit would pin nothing."""
FIELDS = {"checkboxes", "dropdown", "input", "markdown", "textarea"}


def load(path: Path) -> dict[str, Any]:
    """Read a file; `on` is a key there, and not true as in YAML 1.1."""
    return {"on" if key is True else key: value for key, value in load_yaml_dict(path).items()}


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all steps of a workflow, and the workflows that it calls."""
    jobs = workflow["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [job])]


@pytest.mark.parametrize("path", WORKFLOWS.values(), ids=WORKFLOWS)
def test_a_workflow_is_safe(path: Path) -> None:
    """Actions are pinned by commit, tokens may read only, jobs end, and no input becomes part of a command."""
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for step in steps(workflow):
        uses = step.get("uses", "")
        called = (path.parents[2] / uses).is_file() if uses.startswith("./") else True
        assert called, uses
        assert not uses or uses.startswith("./") or uses in BY_BRANCH or re.search(r"@[0-9a-f]{40}$", uses), uses
        if uses.startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}
        assert "${{ github." not in step.get("run", "")
    for name, job in workflow["jobs"].items():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 60, name
        assert job.get("permissions", {}) == MAY_MORE.get(name, {}), name


@pytest.mark.parametrize("path", [*WORKFLOWS.values(), ROOT / ".pre-commit-config.yaml"], ids=lambda path: path.stem)
def test_scripts_that_are_run_are_there(path: Path) -> None:
    """And can be run."""
    scripts = re.findall(r"(?:run|entry): (scripts/\w+)", path.read_text(encoding="utf-8"))
    assert scripts or path.stem == "validate"
    for script in scripts:
        assert (ROOT / script).stat().st_mode & 0o111, script


def test_every_lane_is_tested() -> None:
    """Each version of Home Assistant that has its requirements, no other; and the newest runs before every release."""
    own = re.search(r"^homeassistant==(.+)$", (ROOT / "requirements_test.txt").read_text("utf-8"), re.MULTILINE)
    assert own is not None
    others = {path.stem.removeprefix("requirements_test_") for path in ROOT.glob("requirements_test_*.txt")}
    tests = load(WORKFLOWS["tests"])["jobs"]["tests"]
    assert set(tests["strategy"]["matrix"]["home-assistant"]) == {own[1], *others}
    assert tests["steps"][-1]["run"] == "scripts/test --ha ${{ matrix.home-assistant }}"
    assert {"push", "pull_request"} <= load(WORKFLOWS["tests"])["on"].keys()
    assert load(WORKFLOWS["release"])["jobs"]["release"]["needs"] == ["tests", "validate"]


@pytest.mark.parametrize("version", sorted(path.stem for path in ROOT.glob("requirements_test_*.txt")))
def test_a_lane_differs_by_its_home_assistant(version: str) -> None:
    """It has the same test tools as the lane that is usually run."""
    own, other = (
        dict(re.findall(r"^([\w-]+)==([^ \n]+)", (ROOT / f"{name}.txt").read_text("utf-8"), re.MULTILINE))
        for name in ("requirements_test", version)
    )
    assert other["homeassistant"] == version.removeprefix("requirements_test_")
    tools = [name for name in own if re.match(r"pytest|hypothesis|plexapi|syrupy|freezegun", name)]
    assert len(tools) > 10
    assert {name: other[name] for name in tools} == {name: own[name] for name in tools}


def test_both_validators_run() -> None:
    """On every change, and every day, because what they ask for changes."""
    workflow = load(WORKFLOWS["validate"])
    used = {step["uses"].partition("@")[0]: step.get("with") for step in steps(workflow)}
    assert "home-assistant/actions/hassfest" in used
    assert used["hacs/action"] == {"category": "integration"}
    assert {"push", "pull_request", "schedule"} <= workflow["on"].keys()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_form_for_issues(path: Path) -> None:
    """Fields of types that GitHub knows, with ids of their own and a label."""
    form = load(path)
    assert form["name"]
    assert form["description"]
    assert {field["type"] for field in form["body"]} <= FIELDS
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in asked]
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in asked)
    if path.stem == "problem":
        required = {field["id"] for field in asked if field.get("validations", {}).get("required")}
        assert {"problem", "version", "home_assistant", "servers", "diagnostics"} <= required


def test_links_of_the_forms() -> None:
    """They lead to headings and files that are there."""
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / ".github" / "ISSUE_TEMPLATE").iterdir())
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ")).replace(" ", "-").lower()
        for line in (ROOT / "README.md").read_text("utf-8").splitlines()
        if line.startswith("#")
    }
    links = re.findall(r"https://github\.com/resume-sync/resume-sync([^\s)]*)", text)
    assert len(links) > 3
    for link in links:
        address, _, anchor = link.partition("#")
        assert (ROOT / address.removeprefix("/blob/main/")).exists(), link
        assert not anchor or anchor in headings, link

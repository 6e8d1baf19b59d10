"""What the README says of the blueprints, and what Home Assistant needs to import them."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.helpers.selector import validate_selector
from homeassistant.util.yaml import load_yaml_dict
import pytest

from tests.repository.quality import markdown
from tests.repository.quality.integration import load

from .conftest import ROOT

FOLDER = ROOT / "blueprints" / "automation" / "resume_sync"
FILES = sorted(FOLDER.glob("*.yaml"))
INTEGRATION = load(ROOT, "resume_sync")
ADDRESS = f"{INTEGRATION.manifest['documentation']}/blob/main/"


def blueprint(path: Path) -> Blueprint:
    """Load a blueprint; raises InvalidBlueprint."""
    return Blueprint(
        load_yaml_dict(path), path=path.name, expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_home_assistant_can_import_it(path: Path) -> None:
    """It says where it comes from and what it needs, and each input has a name, a description and a way to choose."""
    found = blueprint(path)
    assert found.metadata["source_url"] == ADDRESS + path.relative_to(ROOT).as_posix()
    assert found.metadata["homeassistant"]["min_version"] == INTEGRATION.hacs["homeassistant"]
    assert found.validate() is None
    for name, each in found.inputs.items():
        assert {"name", "description", "selector"} <= each.keys(), name
        validate_selector(each["selector"])


def test_the_readme_tells_of_each() -> None:
    """Its name, its inputs and a button that imports it."""
    section = markdown.sections((ROOT / "README.md").read_text(encoding="utf-8"))["Blueprints"]
    (table,) = markdown.tables(section)
    told = [(row["blueprint"], sorted(markdown.words(row["inputs"]))) for row in table]
    there = [(found.name.partition(": ")[2], sorted(found.inputs)) for found in map(blueprint, FILES)]
    assert sorted(told) == sorted((name.capitalize(), inputs) for name, inputs in there)
    for row in table:
        (link,) = (one for one in markdown.links(row["import"]) if "/redirect/" in one)
        (address,) = parse_qs(urlsplit(link).query)["blueprint_url"]
        path = ROOT / address.removeprefix(ADDRESS)
        assert path in FILES
        assert blueprint(path).name.endswith(row["blueprint"][1:])

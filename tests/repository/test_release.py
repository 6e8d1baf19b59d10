"""What a release consists of, and what hassfest and HACS ask of the repository besides the quality scale."""

import ast
import asyncio
from asyncio.subprocess import PIPE
import json
from pathlib import Path
import re
import shutil
import sys
from typing import Any
from zipfile import ZipFile

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import homeassistant.components
import pytest

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.servers.mediabrowser.dialect import CLIENT_VERSION
from tests.repository.quality import markdown
from tests.repository.quality.integration import load

ROOT = Path(__file__).parents[2]
INTEGRATION = load(ROOT, DOMAIN)
PACKAGE = ROOT / "custom_components" / DOMAIN
VERSION = str(INTEGRATION.manifest["version"])


def test_one_version_everywhere() -> None:
    """The manifest, the project, what servers are told, and the last version in the changelog."""
    assert AwesomeVersion(VERSION).strategy is AwesomeVersionStrategy.SEMVER
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert CLIENT_VERSION == VERSION
    headings = list(markdown.sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    assert headings[:3] == ["Changelog", "Unreleased", VERSION]


async def package(root: Path, version: str, folder: Path) -> tuple[int | None, str]:
    """Make the files of a release; return the status and what is said about errors."""
    program = ROOT / "scripts" / "package.py"
    process = await asyncio.create_subprocess_exec(sys.executable, program, root, version, folder, stderr=PIPE)
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository that is about to become version 9.8.7."""
    shutil.copytree(PACKAGE, tmp_path / "checkout" / "custom_components" / DOMAIN)
    (tmp_path / "checkout" / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\nLater.\n\n## 9.8.7\nNew.\n\n## 9.8.6\nOld.\n", encoding="utf-8"
    )
    return tmp_path / "checkout"


async def test_no_release_without_the_cards(checkout: Path, tmp_path: Path) -> None:
    """They are built from their sources by scripts/package; its second half alone refuses to go on."""
    (checkout / "custom_components" / DOMAIN / "frontend" / "resume-sync.js").unlink()

    status, errors = await package(checkout, "9.8.7", tmp_path / "release")

    assert (status, errors) == (1, "frontend/resume-sync.js is not there: scripts/package builds the cards\n")
    assert not (tmp_path / "release" / "resume_sync.zip").exists()


async def test_a_release(checkout: Path, tmp_path: Path) -> None:
    """The zip is the integration with the version stamped in, and nothing else; the notes are those of the version."""
    assert await package(checkout, "9.8.7", tmp_path / "release") == (0, "")
    assert (tmp_path / "release" / "notes.md").read_text(encoding="utf-8") == "New.\n"

    installed = tmp_path / "installed"
    with ZipFile(tmp_path / "release" / str(INTEGRATION.hacs["filename"])) as archive:
        archive.extractall(installed)
    files = {path.relative_to(installed).as_posix(): path.read_bytes() for path in installed.rglob("*.*")}
    there = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in PACKAGE.rglob("*.*")}
    there = {name: data for name, data in there.items() if "__pycache__" not in name}
    changed = {name for name in there if files[name] != there[name]}
    assert files.keys() == there.keys()
    assert changed == {"manifest.json", "servers/mediabrowser/dialect.py"}
    assert json.loads(files["manifest.json"]) == {**INTEGRATION.manifest, "version": "9.8.7"}
    assert 'CLIENT_VERSION = "9.8.7"' in files["servers/mediabrowser/dialect.py"].decode()

    await package(checkout, "9.8.7", tmp_path / "again")
    archives = [(tmp_path / folder / "resume_sync.zip").read_bytes() for folder in ("release", "again")]
    assert archives[0] == archives[1]


@pytest.mark.parametrize(
    ("version", "problem"),
    [("v9.8.7", "v9.8.7 is no version"), ("9.8.8", "CHANGELOG.md has nothing below '## 9.8.8'"), ("9.8", "9.8 is no")],
)
async def test_what_is_no_release(checkout: Path, tmp_path: Path, version: str, problem: str) -> None:
    """A wrong tag, or one that the changelog does not know, makes nothing."""
    status, errors = await package(checkout, version, tmp_path / "release")
    assert status == 1
    assert errors.startswith(problem)
    assert not (tmp_path / "release" / "resume_sync.zip").exists()


async def test_a_place_for_the_version_must_be_there(checkout: Path, tmp_path: Path) -> None:
    """A manifest without a version is not released with none."""
    manifest = checkout / "custom_components" / DOMAIN / "manifest.json"
    manifest.write_text('{"domain": "resume_sync"}', encoding="utf-8")
    problem = "manifest.json has 0 places for the version\n"
    assert await package(checkout, "9.8.7", tmp_path / "release") == (1, problem)


def test_what_hacs_asks_of_the_repository() -> None:
    """One integration, an icon, a readme, a licence that is recognised, and where to report problems."""
    folders = [path.name for path in PACKAGE.parent.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert folders == [DOMAIN]
    assert INTEGRATION.brand_sizes["icon.png"] == (256, 256)
    assert (ROOT / "README.md").stat().st_size > 1000
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License\n\nCopyright (c) 2026")
    assert 'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND' in licence
    assert INTEGRATION.manifest["issue_tracker"] == f"{INTEGRATION.manifest['documentation']}/issues"


def test_what_hassfest_asks_of_the_code() -> None:
    """The domain is that of the folder and of no other, none is set up by YAML, flows and actions have files."""
    assert INTEGRATION.domain == PACKAGE.name == DOMAIN
    assert not (Path(homeassistant.components.__file__).parent / DOMAIN).exists()
    assert INTEGRATION.manifest["config_flow"] is ("config_flow" in INTEGRATION.modules)
    named = [ast.unparse(node) for node in INTEGRATION.modules["__init__"].body if isinstance(node, ast.Assign)]
    assert "CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)" in named
    assert INTEGRATION.services.keys() == INTEGRATION.texts["services"].keys()


def leaves(texts: Any, path: str = "") -> list[tuple[str, str]]:
    """Return all texts with their paths."""
    if isinstance(texts, str):
        return [(path, texts)]
    return [leaf for key, value in texts.items() for leaf in leaves(value, f"{path}.{key}" if path else key)]


@pytest.mark.parametrize("language", sorted(PACKAGE.glob("translations/*.json")), ids=lambda path: path.stem)
def test_what_hassfest_asks_of_the_texts(language: Path) -> None:
    """No addresses, no HTML, no spaces around, placeholders that are closed, keys in small letters."""
    found = leaves(json.loads(language.read_text(encoding="utf-8")))
    assert len(found) > 100
    for path, text in found:
        assert re.fullmatch(r"[a-z0-9_.]+", path), path
        assert text == text.strip(), path
        assert text, path
        assert not re.search(r"https?://|</?[a-zA-Z]", text), path
        assert not re.search(r"[{}]", re.sub(r"\{[a-z_]+\}", "", text)), path

"""What the JavaScript modules name: read from their text, because they are what browsers get."""

from pathlib import Path
import re

from custom_components.resume_sync.const import DOMAIN

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN / "frontend"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}


def names(module: str, constant: str) -> list[str]:
    """Return the texts of a constant that is a list."""
    return re.findall(r'"([^"]+)"', _body(module, constant, "[", "]"))


def keys(module: str, constant: str) -> list[str]:
    """Return the keys of a constant that is an object of texts."""
    return re.findall(r'^\s+(\w+): "', _body(module, constant, "{", "}"), re.MULTILINE)


def text(module: str, constant: str) -> str:
    """Return a constant that is a text."""
    found = re.search(rf'const {constant} = "([^"]+)";', SOURCES[module])
    assert found is not None, constant
    return found[1]


def texts() -> dict[str, dict[str, str]]:
    """Return the card's own words by language."""
    languages = re.findall(r"^  (\w\w): \{\n(.*?)^  \},$", SOURCES["texts.js"], re.MULTILINE | re.DOTALL)
    return {language: dict(re.findall(r'^    (\w+): "(.*)",$', body, re.MULTILINE)) for language, body in languages}


def _body(module: str, constant: str, start: str, end: str) -> str:
    """Return what stands between the brackets of a constant."""
    found = re.search(rf"const {constant} = {re.escape(start)}(.*?){re.escape(end)};", SOURCES[module], re.DOTALL)
    assert found is not None, constant
    return found[1]

"""What the sources of the cards name, read from their text."""

from pathlib import Path
import re

FOLDER = Path(__file__).parents[2] / "frontend" / "src"
SOURCES = {
    path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.ts"))
}


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
    """Return the cards' own words by language."""
    languages = {
        name.removeprefix("texts/").removesuffix(".ts"): source
        for name, source in SOURCES.items()
        if re.fullmatch(r"texts/\w\w\.ts", name)
    }
    return {
        language: dict(re.findall(r'^  (\w+): "(.*)",$', source, re.MULTILINE))
        for language, source in languages.items()
    }


def _body(module: str, constant: str, start: str, end: str) -> str:
    """Return what stands between the brackets of a constant."""
    pattern = rf"const {constant}\b[^=]*= {re.escape(start)}(.*?){re.escape(end)}(?: as const)?;"
    found = re.search(pattern, SOURCES[module], re.DOTALL)
    assert found is not None, constant
    return found[1]

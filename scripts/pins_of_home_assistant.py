"""Print a file of requirements with the versions that the installed Home Assistant's own integrations ask for."""

import json
from pathlib import Path
import re
import sys

import homeassistant


def pins() -> dict[str, str]:
    """Return the versions that manifests ask for, by package."""
    found: dict[str, str] = {}
    for manifest in Path(homeassistant.__path__[0]).glob("components/*/manifest.json"):
        for requirement in json.loads(manifest.read_text(encoding="utf-8")).get("requirements", []):
            name, _, version = requirement.partition("==")
            found[_plain(name)] = version
    return found


def _plain(name: str) -> str:
    """Return a package's name in one spelling."""
    return re.sub(r"[-_.]+", "-", name).casefold()


def main() -> None:
    """Print the file; what no integration asks for stays as it is."""
    known = pins()
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        sys.stdout.write(f"{name}=={known.get(_plain(name), version)}\n" if version else f"{line}\n")


if __name__ == "__main__":
    main()

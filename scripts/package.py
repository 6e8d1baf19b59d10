"""Make the files of a release: the zip that HACS installs, and the notes of its version."""

from pathlib import Path
import re
import sys
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

VERSION = re.compile(r"\d+\.\d+\.\d+((b|rc)\d+)?")
STAMPS = {
    "manifest.json": re.compile(r'(?<="version": ")[^"]+(?=")'),
    "servers/mediabrowser/dialect.py": re.compile(r'(?<=^CLIENT_VERSION = ")[^"]+(?=")', re.MULTILINE),
}
CARDS = "frontend/resume-sync.js"
FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def notes(changelog: str, version: str) -> str:
    """Return what the changelog says of a version; raises ValueError where that is nothing."""
    _, _, rest = f"\n{changelog}".partition(f"\n## {version}\n")
    if not (found := rest.partition("\n## ")[0].strip()):
        raise ValueError(f"CHANGELOG.md has nothing below '## {version}'")
    return f"{found}\n"


def stamped(name: str, data: bytes, version: str) -> bytes:
    """Return a file with the version in the places that hold it; raises ValueError where there is no such place."""
    if name not in STAMPS:
        return data
    text, count = STAMPS[name].subn(version, data.decode())
    if count != 1:
        raise ValueError(f"{name} has {count} places for the version")
    return text.encode()


def pack(package: Path, version: str, target: Path) -> None:
    """Write the zip of an integration: the same bytes for the same files, whoever makes it.

    Raises ValueError where the cards are not built.
    """
    if not (package / CARDS).is_file():
        raise ValueError(f"{CARDS} is not there: scripts/package builds the cards")
    paths = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for path in paths:
            name = path.relative_to(package).as_posix()
            archive.writestr(
                ZipInfo(name, FIRST_DAY_OF_ZIP), stamped(name, path.read_bytes(), version), compress_type=ZIP_DEFLATED
            )


def main(root: Path, version: str, folder: Path) -> int:
    """Write zip and notes; return 1 where the version cannot be released."""
    if not VERSION.fullmatch(version):
        sys.stderr.write(f"{version} is no version: 1.2.3, 1.2.3b1 and 1.2.3rc1 are\n")
        return 1
    try:
        text = notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
        folder.mkdir(parents=True, exist_ok=True)
        pack(root / "custom_components" / "resume_sync", version, folder / "resume_sync.zip")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    (folder / "notes.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))

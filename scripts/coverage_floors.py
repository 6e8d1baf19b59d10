"""Hold the coverage of a `coverage json` report to the floors of this project."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
import json
from pathlib import Path
import sys
from typing import Any

PACKAGE = "custom_components/resume_sync/"
FLOWS = ("config_flow", "pair_flow", "flows/*")
FLOORS = (
    ("sync", [f"{PACKAGE}sync/*"], 100.0),
    ("flows", [f"{PACKAGE}{module}.py" for module in FLOWS], 100.0),
    ("everything", [f"{PACKAGE}*"], 95.0),
)


def percent(covered: int, total: int) -> float:
    """Return what share is covered; nothing at all is not covered."""
    return 100.0 * covered / total if total else 0.0


def shares(files: Iterable[dict[str, Any]]) -> tuple[float, float]:
    """Return the percentages of statements and of branches that these files' tests reach."""
    summaries = [file["summary"] for file in files]
    return (
        percent(sum(s["covered_lines"] for s in summaries), sum(s["num_statements"] for s in summaries)),
        percent(sum(s["covered_branches"] for s in summaries), sum(s["num_branches"] for s in summaries)),
    )


def main(report: str) -> int:
    """Print the coverage of all that has a floor; return 1 where it is below."""
    files: dict[str, dict[str, Any]] = json.loads(Path(report).read_text(encoding="utf-8"))["files"]
    status = 0
    for what, patterns, floor in FLOORS:
        statements, branches = shares(
            file for name, file in files.items() if any(fnmatchcase(name, pattern) for pattern in patterns)
        )
        reached = min(statements, branches) >= floor
        status |= not reached
        sys.stdout.write(
            f"{what}: statements {statements:.2f} %, branches {branches:.2f} %, "
            f"floor {floor:.0f} %: {'reached' if reached else 'NOT REACHED'}\n"
        )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

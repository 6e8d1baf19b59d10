"""Who imports whom, as the files of a folder tell: parsed, nothing imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """One module: its dotted name from the root that it was read from, its file, and its parsed text."""

    name: str
    path: Path
    tree: ast.Module

    @cached_property
    def imports(self) -> frozenset[str]:
        """The absolute dotted names of everything that it imports, inside functions and for type checkers too."""
        parts = self.name.split(".")
        package = parts if self.path.name == "__init__.py" else parts[:-1]
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*base, *(node.module.split(".") if node.module else [])])
                found.update(f"{origin}.{alias.name}" for alias in node.names)
        return frozenset(found)

    @property
    def has_code(self) -> bool:
        """Whether there is more in it than a docstring, as in the `__init__` of a folder."""
        return len(self.tree.body) > 1

    @property
    def lines(self) -> int:
        """How many lines its file has."""
        return len(self.path.read_text(encoding="utf-8").splitlines())


def read_modules(root: Path, folder: str) -> Iterator[Module]:
    """Yield every module in a folder below `root`, in order of its path."""
    for path in sorted((root / folder).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))


def within(name: str, *packages: str) -> bool:
    """Tell whether a dotted name is one of these packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def arrows(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Return for each module the others of these that it imports, or imports something from."""
    graph: dict[str, set[str]] = {}
    for name, module in modules.items():
        origins = (one if one in modules else one.rpartition(".")[0] for one in module.imports)
        graph[name] = {origin for origin in origins if origin in modules and origin != name}
    return graph


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, the first one again at the end; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # Each module is followed by one that imports it: turned around, each imports the next.
        found: list[str] = error.args[1]
        return found[::-1]
    return []


def longest_chain(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the longest chain of a graph without circles in which each one imports the next."""
    chains: dict[str, list[str]] = {}
    for name in TopologicalSorter(graph).static_order():
        below = (chains[other] for other in graph.get(name, ()))
        chains[name] = [name, *max(below, key=len, default=[])]
    return max(chains.values(), key=len, default=[])

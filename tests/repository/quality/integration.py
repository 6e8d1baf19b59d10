"""An integration as its files tell: parsed modules and data, nothing imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path
from typing import Any

import homeassistant.const
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict

from .markdown import sections

type Json = Mapping[str, Any]
type Constants = Mapping[str, str]


@dataclass(frozen=True)
class Integration:
    """What the checks look at.

    `modules` by their name below the integration; `documents` by their path: what stands below each heading;
    `brand_sizes`: width and height of each PNG.
    """

    modules: Mapping[str, ast.Module]
    texts: Json
    icons: Json
    services: Json
    manifest: Json
    hacs: Json
    scale: Json
    documents: Mapping[str, Mapping[str, str]]
    brand_sizes: Mapping[str, tuple[int, int]]

    @property
    def domain(self) -> str:
        """The name of the integration."""
        return str(self.manifest["domain"])

    @property
    def platforms(self) -> dict[str, ast.Module]:
        """The modules that set up entities."""
        return {name: tree for name, tree in self.modules.items() if name in {platform.value for platform in Platform}}

    @cached_property
    def constants(self) -> Constants:
        """Every text that has a name, in the integration or in Home Assistant."""
        found = {name: value for name, value in vars(homeassistant.const).items() if isinstance(value, str)}
        for tree in self.modules.values():
            found |= dict(named_texts(tree))
        return found

    @cached_property
    def all_texts(self) -> frozenset[str]:
        """Every text in the code that belongs to Home Assistant, and every text of its own that this code names."""
        constants = self.constants
        glue = [tree for name, tree in self.modules.items() if not name.startswith(("sync.", "servers."))]
        nodes = [node for tree in glue for node in ast.walk(tree)]
        return frozenset(text for node in nodes if (text := text_of(node, constants)) is not None)

    def with_module(self, name: str, source: str) -> dict[str, ast.Module]:
        """Return the modules with one that is new or other."""
        return {**self.modules, name: ast.parse(source)}


def load(root: Path, domain: str) -> Integration:
    """Read an integration from a repository."""
    package = root / "custom_components" / domain
    documents = [root / "README.md", *sorted((root / "docs").glob("**/*.md"))]
    return Integration(
        modules={
            ".".join(path.relative_to(package).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(package.rglob("*.py"))
        },
        texts=_json(package / "translations" / "en.json"),
        icons=_json(package / "icons.json"),
        services=load_yaml_dict(package / "services.yaml"),
        manifest=_json(package / "manifest.json"),
        hacs=_json(root / "hacs.json"),
        scale=load_yaml_dict(package / "quality_scale.yaml"),
        documents={
            str(path.relative_to(root)): sections(path.read_text(encoding="utf-8"))
            for path in documents
            if path.exists()
        },
        brand_sizes={path.name: _png_size(path) for path in (package / "brand").glob("*.png")},
    )


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON object, its keys in the order of the file."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG."""
    header = path.read_bytes()[:24]
    return int.from_bytes(header[16:20]), int.from_bytes(header[20:24])


def named_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the texts that a module gives a name."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def text_of(node: ast.AST | None, constants: Constants) -> str | None:
    """Return the text that an expression is, literally or by name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def texts_of(node: ast.AST | None, constants: Constants) -> set[str]:
    """Return the texts that an expression may be: also either side of a condition."""
    if isinstance(node, ast.IfExp):
        return texts_of(node.body, constants) | texts_of(node.orelse, constants)
    text = text_of(node, constants)
    return set() if text is None else {text}


def called(call: ast.Call) -> str:
    """Return the name of what is called, without what it belongs to."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(*trees: ast.AST) -> Iterator[ast.Call]:
    """Yield every call."""
    yield from (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument of a call."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def classes(modules: Mapping[str, ast.Module]) -> dict[str, ast.ClassDef]:
    """Return all classes by their names."""
    return {node.name: node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def bases(node: ast.ClassDef) -> set[str]:
    """Return the names of a class's own bases."""
    found = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in found}


def ancestors(name: str, known: Mapping[str, ast.ClassDef]) -> set[str]:
    """Return the names of a class and of all that it inherits from."""
    own = bases(known[name]) if name in known else set()
    return {name}.union(*(ancestors(base, known) for base in own))


def family(root: str, modules: Mapping[str, ast.Module]) -> list[ast.ClassDef]:
    """Return the classes that inherit from `root` or a variant of it, with all that they are made of."""
    known = classes(modules)
    all_parts = [ancestors(name, known) for name in known]
    names = {part for parts in all_parts if any(one.startswith(root) for one in parts) for part in parts}
    return [known[name] for name in sorted(names) if name in known]

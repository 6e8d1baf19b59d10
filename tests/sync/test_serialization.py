"""Dataclasses to JSON and back, strictly."""

from dataclasses import dataclass, field
from enum import StrEnum
import json
from typing import Any

import pytest

from custom_components.resume_sync.sync.serialization import from_json, to_json


class Colour(StrEnum):
    """An enumeration."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value inside others."""

    name: str
    size: int = 0
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Tree:
    """A value with everything that is stored."""

    leaves: tuple[Leaf, ...] = ()
    tags: frozenset[str] = frozenset()
    by_name: dict[str, Leaf | None] = field(default_factory=dict)
    note: str | None = None
    evergreen: bool = False


FULL = Tree(
    (Leaf("a", 1, Colour.BLUE), Leaf("b")), frozenset({"y", "x"}), {"a": Leaf("a"), "b": None}, "ü", evergreen=True
)


def test_a_value_survives_json() -> None:
    """Tuples, sets, mappings, enumerations, absent values."""
    for tree in (Tree(), FULL):
        assert from_json(Tree, json.loads(json.dumps(to_json(tree)))) == tree


def test_defaults_are_left_out_and_sets_are_sorted() -> None:
    """The state stays small, and the same state is the same text."""
    assert to_json(Leaf("a")) == {"name": "a"}
    assert to_json(FULL)["tags"] == ["x", "y"]


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        {"leafs": []},
        {"leaves": {}},
        {"leaves": "ab"},
        {"leaves": [{}]},
        {"leaves": [{"name": None}]},
        {"leaves": [{"name": "a", "size": 1.0}]},
        {"leaves": [{"name": "a", "size": True}]},
        {"leaves": [{"name": "a", "size": "1"}]},
        {"leaves": [{"name": "a", "colour": "green"}]},
        {"leaves": [{"name": "a", "extra": 1}]},
        {"tags": [1]},
        {"by_name": []},
        {"by_name": {1: None}},
        {"by_name": {"a": "a"}},
        {"note": 1},
        {"evergreen": 1},
        {"evergreen": None},
    ],
)
def test_data_of_another_shape_is_refused(data: Any) -> None:
    """Never a guess: a value of another type, a field too many, a field too few."""
    with pytest.raises(ValueError, match=r".+"):
        from_json(Tree, data)

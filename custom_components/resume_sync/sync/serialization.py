"""Dataclasses to plain JSON data and back, strictly: data of another shape is a ValueError, never a guess."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

type Json = dict[str, Any]

NOT_STORED: Final = {"stored": False}
"""The metadata of a field that is left out."""


def to_json(value: object) -> Any:
    """Return JSON-able data: fields at their defaults are left out, sets become sorted lists."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [to_json(element) for element in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(element) for key, element in value.items()}
    if is_dataclass(value):
        return {
            field.name: to_json(current)
            for field in stored_fields(value)
            if (current := getattr(value, field.name)) != field.default
        }
    return value


def from_json[T](kind: type[T], data: object) -> T:
    """Return an instance of the dataclass `kind`.

    Raises ValueError where the data has a field too many or too few, or a value of another type.
    """
    return cast("T", _reader(cast("Any", kind))(data))


def stored_fields(kind: Any) -> Iterator[Field[Any]]:
    """Yield the fields of a dataclass that are stored."""
    return (field for field in fields(kind) if field.metadata.get("stored", True))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return the function that reads values of one type."""
    origin = get_origin(kind)
    arguments = get_args(kind)
    if origin is UnionType:
        return _optional(arguments)
    if origin in (tuple, frozenset, list):
        return _sequence(origin, _reader(arguments[0]))
    if origin in (dict, Mapping):
        return _mapping(_reader(arguments[1]))
    if is_dataclass(kind):
        return _dataclass(cast("type", kind))
    if issubclass(kind, StrEnum):
        return cast("Callable[[Any], Any]", kind)
    return _plain(kind)


def _plain(kind: type) -> Callable[[Any], Any]:
    """Read a number, a text or a truth value, without conversion."""

    def read(data: Any) -> Any:
        # Not isinstance: True would pass for the number 1.
        if type(data) is not kind:
            msg = f"Expected {kind.__name__}, found {type(data).__name__}"
            raise ValueError(msg)
        return data

    return read


def _optional(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Read `something | None`."""
    (some,) = (argument for argument in arguments if argument is not NoneType)
    reader = _reader(some)
    return lambda data: None if data is None else reader(data)


def _sequence(origin: Callable[[Any], Any], element: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read a list into a tuple, a frozenset or a list."""

    def read(data: Any) -> Any:
        if not isinstance(data, list):
            msg = f"Expected a list, found {type(data).__name__}"
            raise ValueError(msg)  # noqa: TRY004
        return origin(element(one) for one in data)

    return read


def _mapping(element: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read an object whose keys are free and whose values are all of one type."""

    def read(data: Any) -> Any:
        return {key: element(one) for key, one in _object(data).items()}

    return read


def _dataclass(kind: type) -> Callable[[Any], Any]:
    """Read an object whose keys are the fields of a dataclass; those with a default may be missing."""
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in stored_fields(kind)}
    required = {
        field.name for field in stored_fields(kind) if field.default is MISSING and field.default_factory is MISSING
    }

    def read(data: Any) -> Any:
        found = _object(data)
        if not required <= found.keys() <= readers.keys():
            msg = f"Not the fields of {kind.__name__}"
            raise ValueError(msg)
        return kind(**{name: readers[name](one) for name, one in found.items()})

    return read


def _object(data: Any) -> Json:
    """Return the data if it is an object with text keys; raises ValueError otherwise."""
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        msg = f"Expected an object, found {type(data).__name__}"
        raise ValueError(msg)
    return data

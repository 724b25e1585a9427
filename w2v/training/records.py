"""Dataclasses to JSON and back; values from a file are checked, for it may hold anything."""

import dataclasses
import math
import reprlib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from w2v.json_values import finite_or_none

Record = TypeVar("Record")

_LARGEST_WHOLE, _LARGEST = 2**62, 1e300


def stored(record: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, with None for numbers that are not finite."""
    fields: dict[str, Any] = finite_or_none(dataclasses.asdict(record))
    return fields


def restored(kind: type[Record], values: object) -> Record:
    """Make a dataclass from the dict that `stored` returned; for a float, None becomes NaN.

    Parameters
    ----------
    kind : type
        The dataclass. Its fields are whole numbers from 0 to 2^62, finite numbers, texts, or lists
        and dicts of these.
    values : object
        Its fields by name, perhaps from a damaged file.

    Raises
    ------
    ValueError
        A field is missing, unknown or not of its type.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{reprlib.repr(values)} is not a record")
    kinds = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    if set(values) != set(names):
        different = sorted(map(str, set(values) ^ set(names)))
        raise ValueError(f"its fields are not {', '.join(names)}: {reprlib.repr(different)}")
    return kind(**{name: _checked(name, values[name], kinds[name]) for name in names})


def _checked(name: str, value: Any, kind: Any) -> Any:
    if value is None and kind is float:
        return math.nan
    if not _fits(value, kind):
        raise ValueError(f"{name} cannot be {reprlib.repr(value)}")
    return tuple(value) if typing.get_origin(kind) is tuple else value


def _fits(value: Any, kind: Any) -> bool:
    """Return whether a value of JSON is of a type."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return True
    if kind is float:
        return type(value) in (int, float) and -_LARGEST <= value <= _LARGEST
    if kind is int:
        return type(value) is int and 0 <= value <= _LARGEST_WHOLE
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, part) for part in parts)
    if origin is typing.Literal:
        return isinstance(value, str) and value in parts
    if origin in (list, tuple):
        return isinstance(value, (list, tuple)) and all(_fits(item, parts[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(item, parts[1]) for item in value.values())
    return type(value) is kind

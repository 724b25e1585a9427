"""The checks of what a caller gives: each answers with the value, or with a sentence about it."""

import difflib
import functools
import inspect
import math
import operator
import os
import reprlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from w2v.errors import ConfigError

Given = ParamSpec("Given")
Result = TypeVar("Result")

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def shown(value: object) -> str:
    """Return a short repr of any value, for a message; of an array its type and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of the shape {value.shape}"
    return reprlib.repr(value)


def checked_path(name: str, value: object) -> Path:
    """Return the name of a file or directory as a Path.

    Raises ConfigError for what is neither a str nor an os.PathLike, and for a NUL character.
    """
    if isinstance(value, (str, os.PathLike)):
        path = os.fsdecode(value)
        if "\0" not in path:
            return Path(path)
    raise ConfigError(f"{name} must be the name of a file, a str or a Path, not {shown(value)}.")


def checked_flag(name: str, value: object) -> bool:
    """Return True or False, NumPy's too, as bool; raises ConfigError for anything else."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ConfigError(f"{name} must be True or False, not {shown(value)}.")


def checked_choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return one of several names; raises ConfigError for anything else."""
    choices = list(allowed)
    if isinstance(value, str) and value in choices:
        return value
    listed = " or ".join(map(repr, choices)) if len(choices) < 3 else ", ".join(map(repr, choices))
    one_of = "" if len(choices) < 3 else "one of "
    raise ConfigError(f"{name} must be {one_of}{listed}, not {shown(value)}.")


def checked_callable(name: str, value: object) -> None:
    """Raise ConfigError for what cannot be called."""
    if not callable(value):
        raise ConfigError(f"{name} must be a function, not {shown(value)}.")


def checked_list(name: str, value: Any, single: tuple[type, ...]) -> list[Any]:
    """Return what was given as a list: None is empty, and one item, of the types `single`, is one.

    Raises ConfigError for what is neither an item nor iterable.
    """
    if value is None:
        return []
    if isinstance(value, single) or callable(value):
        return [value]
    if isinstance(value, (bytes, bytearray, np.ndarray)) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} must be a list, or one item of it, not {shown(value)}.")
    return list(value)


def whole_number(value: Any) -> int | None:
    """Return a whole number of any kind, NumPy's too, as int; None for anything else.

    True and False are no numbers, nor is an array of one.
    """
    if isinstance(value, (bool, np.bool_, np.ndarray)):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def real_number(value: Any) -> float | None:
    """Return a number of any kind as float, perhaps NaN; None for anything else, as a string."""
    if isinstance(value, (bool, np.bool_, np.ndarray)) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def seconds(value: object) -> float | None:
    """Return a time in seconds, 0 or more: a number of them, or a text such as "90s", "5m", "1h".

    None for anything else.
    """
    number = real_number(value)
    if isinstance(value, str) and value:
        count, unit = (value[:-1], value[-1]) if value[-1] in _SECONDS else (value, "s")
        try:
            number = float(count) * _SECONDS[unit]
        except ValueError:
            return None
    return number if number is not None and 0 <= number < math.inf else None


def named_arguments(
    settings: Iterable[str], left_out: object
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Return a decorator: of these settings, those that the caller does not name are `left_out`.

    So the signature shows the defaults, and the function can still tell what was given.
    A call with too many positional arguments, or an unknown name, gets a sentence.
    """
    defaults = dict.fromkeys(settings, left_out)

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        parameters = inspect.signature(function).parameters.values()
        positions = sum(each.kind is not inspect.Parameter.KEYWORD_ONLY for each in parameters)
        names = [each.name for each in parameters]

        @functools.wraps(function)
        def call(*given: Given.args, **named: Given.kwargs) -> Result:
            if len(given) > positions:
                raise TypeError(
                    f"{function.__name__} takes {names[0]} alone without a name, but"
                    f" {len(given)} values were given; name the others, as in"
                    f" {names[0]}, {next(iter(defaults))}=…."
                )
            for name in named:
                if name not in names:
                    raise _unknown(name, names, list(defaults))
            return function(*given, **{**defaults, **named})  # type: ignore[arg-type]

        return call

    return decorate


def _unknown(name: str, names: list[str], settings: list[str]) -> ConfigError:
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    return ConfigError(f"Unknown setting {name!r}: {hint}The settings are {', '.join(settings)}.")

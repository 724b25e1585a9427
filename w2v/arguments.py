"""Checks of a caller's arguments: each returns the checked value or raises a ConfigError."""

import functools
import inspect
import operator
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.remote.addresses import Address, located

Given = ParamSpec("Given")
Result = TypeVar("Result")

LEFT_OUT: Any = object()  # the value of a setting that the caller did not give

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def shown(value: object) -> str:
    """Return a short repr of any value, for a message; for an array, its type and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of the shape {value.shape}"
    return reprlib.repr(value)


def not_allowed(name: str, allowed: str, value: object) -> ConfigError:
    """Return the error for an argument that is not allowed.

    Parameters
    ----------
    name : str
        The argument.
    allowed : str
        The allowed values, in words that follow "must be".
    value : object
        The value that was given.
    """
    return ConfigError(Argument(name), f" must be {allowed}, not {shown(value)}.")


def checked_path(name: str, value: object, instead: str = "", prefix: str = "") -> Path:
    """Return the name of a file or directory as a Path, and a URL as an Address.

    Parameters
    ----------
    name : str
        The argument.
    value : object
        The value that was given.
    instead : str
        Another allowed type, for the message, such as "a Model or ".
    prefix : str
        The beginning of the message, before the argument's name.

    Raises
    ------
    ConfigError
        The value is neither a str nor an os.PathLike, or holds a NUL character.
    """
    if isinstance(value, Address):
        return value
    if isinstance(value, (str, os.PathLike)):
        path = os.fsdecode(value)
        if "\0" not in path:
            return located(path)
        problem = f" cannot be {shown(path)}: a file name cannot hold a NUL character."
    else:
        problem = f" must be {instead}the name of a file, as a str or a Path, not {shown(value)}."
    raise ConfigError(prefix, Argument(name), problem)


def checked_location(name: str, value: object, storage_options: object) -> Path:
    """Return the name of a file as `checked_path` does, a URL with its storage options.

    Raises ConfigError for anything else, and for options without a URL.
    """
    path, options = checked_path(name, value), checked_options(storage_options)
    if isinstance(path, Address):
        return Address(path.url, options or path.options)
    if options:
        raise ConfigError(
            Argument("storage_options"),
            f" has no effect on {path}, a file of this machine; leave it out.",
        )
    return path


def checked_directory(name: str, value: object) -> Path:
    """Return the name of a directory of this machine; ConfigError for anything else, and a URL."""
    path = checked_path(name, value)
    if isinstance(path, Address):
        raise ConfigError(
            Argument(name),
            f" must be a directory of this machine, not the address {path}: checkpoints are written"
            " often, and locked against other trainings.",
        )
    return path


def checked_paths(name: str, value: Any) -> list[Path]:
    """Return names of files as a list: None is empty, and a single one is a list of one.

    Raises ConfigError as checked_path does.
    """
    if value is None:
        return []
    if isinstance(value, (str, os.PathLike)):
        return [checked_path(name, value)]
    if isinstance(value, (bytes, bytearray, np.ndarray)) or not isinstance(value, Iterable):
        raise not_allowed(name, "a list of names of files", value)
    return [checked_path(name, path, prefix="each of ") for path in value]


def checked_options(value: object) -> Mapping[str, Any]:
    """Return `storage_options`, {} for None; raise ConfigError for anything but a dict."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return value
    raise not_allowed("storage_options", 'a dict of options, as in {"anon": True}', value)


def checked_functions(name: str, value: Any) -> list[Callable[..., Any]]:
    """Return functions as a list: None is empty, and a single one is a list of one.

    Raises ConfigError for anything that cannot be called.
    """
    if value is None:
        return []
    if callable(value):
        return [value]
    if not isinstance(value, (list, tuple)) or not all(map(callable, value)):
        raise not_allowed(name, "a list of functions, or one", value)
    return list(value)


def checked_flag(name: str, value: object) -> bool:
    """Return True or False, NumPy's too, as bool; raises ConfigError for anything else."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise not_allowed(name, "True or False", value)


def truth(name: str, value: object) -> bool:
    """Return whether `if` takes a value as true; raise ConfigError for an array, which it refuses.

    This is for the switches of queries, where 0 and 1 are allowed too.
    """
    try:
        return bool(value)
    except ValueError:
        raise not_allowed(name, "True or False", value) from None


def checked_choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return one of several names; raises ConfigError for anything else."""
    choices = list(allowed)
    if isinstance(value, str) and value in choices:
        return value
    listed = " or ".join(map(repr, choices)) if len(choices) < 3 else ", ".join(map(repr, choices))
    one_of = "" if len(choices) < 3 else "one of "
    raise not_allowed(name, f"{one_of}{listed}", value)


def whole_number(value: Any) -> int | None:
    """Return a whole number of any kind, NumPy's too, as int; None for anything else.

    True and False do not count as numbers, nor does an array that holds one number.
    """
    if isinstance(value, (bool, np.bool_, np.ndarray)):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def real_number(value: Any) -> float | None:
    """Return a number of any kind as float, perhaps NaN; None for anything else."""
    if isinstance(value, (bool, np.bool_, np.ndarray)) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def numbers(name: str, value: Any, dtype: Any) -> NDArray[Any]:
    """Return numbers as an array of type `dtype`, without a copy where they are one already.

    Raises ConfigError for anything that is not an array of numbers.
    """
    try:
        given = np.asarray(value)
        if given.dtype.kind in "biuf":
            return given.astype(dtype, copy=False)
    except (TypeError, ValueError):  # for example, rows of different lengths
        pass
    raise not_allowed(name, "an array of numbers", value)


def checked_whole(name: str, value: object, low: int, high: int) -> int:
    """Return a whole number from `low` to `high` as int; raises ConfigError for anything else."""
    whole = whole_number(value)
    if whole is None or not low <= whole <= high:
        allowed = f"a whole number from {low:,} to {high:,}"
        raise not_allowed(name, allowed, value)
    return whole


def checked_number(name: str, value: object, low: float, high: float, above: bool = False) -> float:
    """Return a number from `low` to `high` as float; with `above`, it must be larger than `low`.

    Raises ConfigError for anything else.
    """
    number = real_number(value)
    if number is None or not low <= number <= high or (above and number == low):
        allowed = f"above {low:g}, at most" if above else f"from {low:g} to"
        raise not_allowed(name, f"a number {allowed} {high:,.12g}", value)
    return number


def checked_seconds(name: str, value: object) -> float:
    """Return a time in seconds, given as a number or as a text such as "90s", "5m" or "1h".

    Raises ConfigError for anything else, and for less than 0.
    """
    number = real_number(value)
    if isinstance(value, str) and value:
        count, unit = (value[:-1], value[-1]) if value[-1] in _SECONDS else (value, "s")
        try:
            number = float(count) * _SECONDS[unit]
        except ValueError:
            number = None
    if number is not None and number >= 0:
        return number
    allowed = '0 seconds or more, as a number or as in "90s", "5m" or "1h"'
    raise not_allowed(name, allowed, value)


def named_settings(
    settings: Iterable[str], unknown: Callable[[str, Iterable[str]], Exception]
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Return a decorator that passes LEFT_OUT for each setting that the caller does not give.

    So the signature shows the defaults, and the function still knows which settings were given.

    Parameters
    ----------
    settings : iterable of str
        The names of the settings.
    unknown : callable
        Takes an unknown name and the known ones, and returns the error to raise. Too many values
        without a name are a TypeError that says what to do.
    """
    defaults = dict.fromkeys(settings, LEFT_OUT)

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        parameters = inspect.signature(function).parameters
        unnamed = [name for name, each in parameters.items() if each.kind is not each.KEYWORD_ONLY]

        @functools.wraps(function)
        def call(*given: Given.args, **named: Given.kwargs) -> Result:
            if len(given) > len(unnamed):
                raise TypeError(
                    f"{function.__name__} takes {' and '.join(unnamed)} without a name, but"
                    f" {len(given)} values were given; name the others, as in"
                    f" {function.__name__}({', '.join(unnamed)}, vector_size=100)."
                )
            for name in named:
                if name not in parameters:
                    raise unknown(name, parameters)
            return function(*given, **{**defaults, **named})

        return call

    return decorate

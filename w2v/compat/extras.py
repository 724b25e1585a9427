"""What a user keeps on a model or on vectors beside gensim's attributes, as tensors of a file.

Values are numbers, text, None, and lists, tuples, sets and dicts of these, with keys of any such
kind: as JSON. Arrays of numbers are tensors. Nothing else is kept, since nothing is unpickled.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError

_logger = logging.getLogger(__name__)

PREFIX = "extra"  # of the tensors' names
_JSON, _ARRAY = f"{PREFIX}s_utf8", f"{PREFIX}."
_AT_FIRST: dict[str, Any] = {
    "lifecycle_events": [],
    "raw_vocab": {},
}  # gensim's, which are often empty
_KINDS: dict[str, Callable[..., Any]] = {"tuple": tuple, "set": set, "dict": dict}


def stored_extras(owner: object, others: Collection[str]) -> dict[str, NDArray[Any]]:
    """Return the attributes of a user as tensors by name.

    Those that cannot be kept are left out, with a word in the log.

    Parameters
    ----------
    owner : object
        The model or the vectors.
    others : collection of str
        Attributes that are not a user's.
    """
    tensors: dict[str, NDArray[Any]] = {}
    values: dict[str, str] = {}  # as JSON
    for name, value in vars(owner).items():
        if not _is_free(owner, name, others) or (name in _AT_FIRST and value == _AT_FIRST[name]):
            continue
        # A masked array, say, is more than its numbers.
        if type(value) is np.ndarray and value.dtype.str[1:] in ("f4", "f8", "i8"):
            tensors[_ARRAY + name] = value
            continue
        try:
            values[name] = json.dumps(_packed(value))
        except (TypeError, ValueError, RecursionError) as error:  # too many digits, or itself in it
            _logger.warning("the attribute %r is not saved: %s", name, error)
    if values:
        entries = ", ".join(f"{json.dumps(name)}: {value}" for name, value in values.items())
        tensors[_JSON] = np.frombuffer(f"{{{entries}}}".encode(), dtype=np.uint8)
    return tensors


def restore_extras(
    path: Path, tensors: Mapping[str, NDArray[Any]], owner: object, others: Collection[str]
) -> None:
    """Set the attributes that `stored_extras` took; raise FormatError where they are damaged."""
    found = {
        name.removeprefix(_ARRAY): tensor
        for name, tensor in tensors.items()
        if name.startswith(_ARRAY)
    }
    try:
        values = json.loads(tensors[_JSON].tobytes()) if _JSON in tensors else {}
        found.update({name: _unpacked(value) for name, value in values.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FormatError(
            f"{path} is damaged: the attributes in it cannot be read ({error})."
        ) from None
    for name, value in found.items():
        if _is_free(owner, name, others):  # a file may hold anything
            setattr(owner, name, value)


def _is_free(owner: object, name: str, others: Collection[str]) -> bool:
    """Return whether a user may have chosen this name for an attribute."""
    return not name.startswith("_") and name not in others and not hasattr(type(owner), name)


def _packed(value: Any) -> Any:
    """Return a value as JSON has it; raise TypeError for one that JSON cannot hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [_packed(item) for item in value]
    if isinstance(value, Mapping):
        return {"dict": [[_packed(key), _packed(item)] for key, item in value.items()]}
    for kind, types in (("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, types):
            return {kind: [_packed(item) for item in value]}
    raise TypeError(f"it holds a {type(value).__name__}")


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if isinstance(value, dict):
        [(kind, items)] = value.items()
        return _KINDS[kind](_unpacked(items))
    return value

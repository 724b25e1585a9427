"""Attributes of keys, such as "count": an array for each name, with a value for each key."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from w2v.compat.types import GensimVectors
from w2v.errors import ConfigError, W2VError


class MissingAttributeError(W2VError, KeyError):
    """No key has an attribute of this name."""


def allocate_vecattrs(
    vectors: GensimVectors, attrs: Iterable[str] | None = None, types: Iterable[Any] | None = None
) -> None:
    """Make an array for each attribute, with room for each key.

    Parameters
    ----------
    attrs : iterable of str, optional
        The names; None lengthens the arrays that there are.
    types : iterable of type, optional
        The type of each. Text and other objects are kept as they are.

    Raises
    ------
    ConfigError
        An attribute is there already, with another type.
    """
    size = len(vectors.index_to_key)
    if attrs is None:
        attrs = list(vectors.expandos)
        types = [values.dtype for values in vectors.expandos.values()]
    for name, kind in zip(attrs, types or (), strict=True):
        wanted = np.dtype(_NUMPY_TYPES.get(kind, kind))
        values = vectors.expandos.get(name, np.zeros(0, wanted))
        if not np.issubdtype(wanted, values.dtype):
            raise ConfigError(
                f"The attribute {name!r} holds {values.dtype}, so it cannot take {wanted}; convert"
                " the value, or use another name."
            )
        if len(values) != size or name not in vectors.expandos:
            grown = np.zeros(size, values.dtype)
            grown[: len(values)] = values[:size]
            vectors.expandos[name] = grown


# NumPy's own integers have 32 bits on some systems, and its text has a fixed width.
_NUMPY_TYPES: dict[Any, Any] = {int: np.int64, str: object}


def set_vecattr(vectors: GensimVectors, key: Any, attr: str, val: Any) -> None:
    """Set an attribute of a key; the first value sets the type of the attribute.

    Raises
    ------
    ConfigError
        The value has another type.
    MissingWordError
        The key is missing.
    """
    kind = type(val)
    is_plain = isinstance(val, (bool, int, float, np.generic))
    allocate_vecattrs(vectors, [attr], [kind if is_plain else object])
    vectors.expandos[attr][vectors.get_index(key)] = val


def get_vecattr(vectors: GensimVectors, key: Any, attr: str) -> Any:
    """Return an attribute of a key.

    Raises
    ------
    MissingAttributeError
        There is no such attribute.
    MissingWordError
        The key is missing.
    """
    row = vectors.get_index(key)
    if attr not in vectors.expandos:
        known = ", ".join(map(repr, vectors.expandos)) or "none"
        raise MissingAttributeError(
            f"No key has the attribute {attr!r}; the attributes are: {known}."
        )
    return vectors.expandos[attr][row]

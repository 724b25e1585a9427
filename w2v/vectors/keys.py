"""What a word may be given as, in the forms that gensim allows."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError

Word: TypeAlias = str | int | np.integer[Any]
Key: TypeAlias = Word | NDArray[Any]
Keys: TypeAlias = Key | Iterable[Key | tuple[Key, float]] | None
Weight: TypeAlias = np.float32 | np.float64


def check_restriction(restrict_vocab: int) -> None:
    """Raise ConfigError unless a number of words to search is 1 or more."""
    if restrict_vocab < 1:
        raise ConfigError(
            f"restrict_vocab is the number of words to search, 1 or more, but is {restrict_vocab}."
        )


def weighted(keys: Keys, weight: float) -> list[tuple[Key, Weight]]:
    """Return keys in any of the forms that most_similar allows as (key, weight) pairs."""
    sign = np.float64(weight)  # as in gensim: products are then rounded in the same places
    if keys is None:
        return []
    if isinstance(keys, (str, int, np.integer)) or (isinstance(keys, np.ndarray) and keys.ndim < 2):
        return [(keys, sign)]
    pairs: list[tuple[Key, Weight]] = []
    for item in keys:
        if isinstance(item, (tuple, list)) and len(item) == 2:
            pairs.append((item[0], np.float64(item[1])))
        elif isinstance(item, (str, int, np.integer, np.ndarray)):
            pairs.append((item, sign))
        else:
            raise ConfigError(f"{item!r} is neither a word, a vector nor a pair with a weight.")
    return pairs

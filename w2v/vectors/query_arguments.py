"""The arguments of queries, in all forms that gensim allows, and the checks of each."""

import reprlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import shown
from w2v.errors import Argument, ConfigError
from w2v.vectors.types import Key, Keys, Weight, Word

_WORD_TYPES = (str, int, np.integer)
_INTEGERS = (int, np.integer)
_LISTED = 10  # words that a message lists


def check_restrict_vocab(restrict_vocab: int) -> None:
    """Raise ConfigError unless the number of words to search is a whole number, 1 or more."""
    if not isinstance(restrict_vocab, _INTEGERS) or restrict_vocab < 1:
        raise ConfigError(
            Argument("restrict_vocab"),
            f" is the number of words to search, 1 or more, but is {restrict_vocab!r}.",
        )


def check_topn(topn: object) -> None:
    """Raise ConfigError unless the number of words to return is a whole number, 0 or more."""
    if not isinstance(topn, _INTEGERS) or topn < 0:
        problem = f" is the number of words to return, 0 or more, but is {topn!r}."
        raise ConfigError(Argument("topn"), problem)


def searched_rows(clip_start: int, clip_end: int | None, restrict_vocab: int | None) -> slice:
    """Return the rows to search; restrict_vocab, where it is given, replaces the other two.

    Raises ConfigError where one of them is not a whole number, or restrict_vocab is below 1.
    """
    if restrict_vocab is not None:
        check_restrict_vocab(restrict_vocab)
        return slice(0, restrict_vocab)
    for name, value in (("clip_start", clip_start), ("clip_end", clip_end)):
        if value is not None and not isinstance(value, _INTEGERS):
            raise ConfigError(Argument(name), f" is the number of a row, but is {value!r}.")
    return slice(clip_start, clip_end)


def check_slice(rows: slice, size: int) -> None:
    """Raise ConfigError unless a slice can be taken of `size` rows."""
    try:
        rows.indices(size)
    except (TypeError, ValueError):  # words as bounds, or a step of 0
        raise ConfigError(
            f"A slice goes by the numbers of rows, as in vectors[0:3], not {rows}."
        ) from None


def check_shapes(size: int, vectors: NDArray[np.float32], counts: NDArray[np.int64] | None) -> None:
    """Raise ConfigError unless words have as many rows, and as many counts where they are known."""
    if vectors.ndim != 2 or len(vectors) != size:
        raise ConfigError(f"{size} words need as many rows, not {vectors.shape}.")
    if counts is not None and counts.shape != (size,):
        raise ConfigError(f"{size} words need as many counts, not {counts.shape}.")


def check_words(words: list[str]) -> None:
    """Raise ConfigError unless all words are text."""
    if all(issubclass(kind, str) for kind in set(map(type, words))):
        return
    word = next(word for word in words if not isinstance(word, str))
    raise ConfigError(
        f"A word is text, not {shown(word)}; for names of another type, give str(name)."
    )


def as_list(words: Any) -> list[Any]:
    """Return an iterable of words or vectors as a list.

    Raises ConfigError for a single word, whose letters are not meant, and for anything that is
    not iterable.
    """
    if isinstance(words, _WORD_TYPES) and not isinstance(words, bool):
        raise ConfigError(
            f"This takes a list of words, not {words!r} alone; give {_list_meant(words)}."
        )
    if isinstance(words, np.ndarray) and words.ndim < 2 and words.dtype.kind not in "OUiu":
        raise ConfigError("This takes a list of words or vectors, not one array; put it in a list.")
    if isinstance(words, (bytes, bytearray)) or not isinstance(words, Iterable):
        raise ConfigError(f"This takes a list of words, which are text, not {shown(words)}.")
    try:
        return list(words)
    except TypeError:  # an array of one number, which looks iterable
        raise ConfigError(f"This takes a list of words, not {shown(words)}.") from None


def _list_meant(words: Word) -> str:
    """Return how to write the list that was meant by a single text or row number."""
    parts = words.split() if isinstance(words, str) else []
    if len(parts) < 2:
        return f"[{words!r}]"
    return repr(parts) if len(parts) <= _LISTED else "its words, as in text.split()"


def as_filled_list(words: Any) -> list[Any]:
    """Return words as `as_list` does; an empty list raises ConfigError too."""
    found = as_list(words)
    if not found:
        raise ConfigError("This takes at least one word, but the list is empty.")
    return found


def checked_vector(vector: ArrayLike, size: int) -> NDArray[Any]:
    """Return a vector (size,) of finite numbers as an array; anything else is a ConfigError."""
    needed = f"A vector has to hold {size} finite numbers"
    try:
        array = np.asarray(vector)
    except (TypeError, ValueError):
        raise ConfigError(f"{needed}, but is {reprlib.repr(vector)}.") from None
    if array.shape != (size,) or array.dtype.kind not in "fiu":
        raise ConfigError(f"{needed}, but is {array.dtype} of shape {array.shape}.")
    if not np.isfinite(array).all():
        raise ConfigError(f"{needed}, but holds NaN or infinity.")
    return array


def checked_weights(weights: ArrayLike | None, count: int) -> NDArray[Any]:
    """Return one weight for each of `count` keys; None weighs them all with 1.

    The weights are float32, or as they are in an array.

    Raises ConfigError for another number of weights, NaN or infinity.
    """
    kept = weights if isinstance(weights, np.ndarray) else None
    try:
        if kept is None:
            kept = np.asarray(np.ones(count) if weights is None else weights, dtype=np.float32)
        if kept.shape == (count,) and np.isfinite(kept).all():
            return kept
    except (TypeError, ValueError, OverflowError):
        pass  # not numbers
    raise ConfigError(
        f"{count} words or vectors need as many finite weights, but they are {weights!r}."
    )


def weighted_keys(keys: Keys, weight: float) -> list[tuple[Key, Weight]]:
    """Return keys in any form that most_similar allows as (key, weight) pairs.

    Keys without a weight of their own get `weight`.
    """
    default = np.float64(weight)  # as in gensim: products are then rounded in the same places
    if keys is None:
        return []
    if isinstance(keys, _WORD_TYPES) or (isinstance(keys, np.ndarray) and keys.ndim < 2):
        return [(keys, default)]
    if isinstance(keys, tuple) and len(keys) == 2 and _is_weighted(keys):
        raise ConfigError(f"A word with a weight belongs in a list: give [{keys!r}].")
    pairs: list[tuple[Key, Weight]] = []
    for item in as_list(keys):
        if isinstance(item, (tuple, list)) and len(item) == 2:
            pairs.append((item[0], _weight(item)))
        elif isinstance(item, (*_WORD_TYPES, np.ndarray)):
            pairs.append((item, default))
        else:
            raise ConfigError(
                f"{reprlib.repr(item)} is neither a word, a vector nor a pair with a weight."
            )
    return pairs


def unweighted_keys(keys: Keys) -> list[Key]:
    """Return keys in any form that most_similar allows, without weights.

    Raises ConfigError for a pair with a weight.
    """
    if isinstance(keys, Iterable) and not isinstance(keys, (str, np.ndarray)):
        keys = without_weights(as_list(keys))
    return [key for key, _ in weighted_keys(keys, 1.0)]


def without_weights(keys: list[Any]) -> list[Key]:
    """Return keys as they are; a pair with a weight raises ConfigError."""
    for key in keys:
        if _is_weighted(key):
            raise ConfigError(f"This takes no weights; give {key[0]!r} alone.")
    return keys


def _is_weighted(item: object) -> bool:
    """Return whether an item is a pair of a word or vector and a number."""
    if not isinstance(item, (tuple, list)) or len(item) != 2:
        return False
    return isinstance(item[0], (str, np.ndarray)) and not isinstance(item[1], (str, np.ndarray))


def _weight(pair: Any) -> np.float64:
    """Return the weight of a (word or vector, weight) pair."""
    weight: Any = pair[1]
    if isinstance(weight, (int, float, np.integer, np.floating)) and np.isfinite(weight):
        number: np.float64 = np.float64(weight)
        return number
    raise ConfigError(f"The weight of {pair[0]!r} has to be a finite number, but is {weight!r}.")

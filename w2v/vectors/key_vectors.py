"""The vector that a key stands for, and the mean of several."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import truth
from w2v.errors import ConfigError
from w2v.vectors.norms import unit_vector
from w2v.vectors.query_arguments import as_filled_list, checked_vector, checked_weights
from w2v.vectors.types import Key, Vector, Weight, Word, WordVectors

_HELD = (1e-30, 1e30)  # largest numbers whose sums float32 holds


def is_unseen(vectors: WordVectors, word: object) -> bool:
    """Return whether a word has no row, but a vector by its n-grams."""
    if vectors.subwords is None or not isinstance(word, str) or word in vectors.key_to_index:
        return False
    return word in vectors.subwords


def get_vector(vectors: WordVectors, key: Word, norm: bool = False) -> Vector:
    """Return the vector of a word.

    With subwords, an unseen word has the mean of its n-grams' rows, if it has any n-grams.

    Parameters
    ----------
    key : word
        The word, or the number of its row.
    norm : bool
        Scale the vector to length 1.

    Returns
    -------
    float32 (d,)
        A read-only array: where `norm` is False, a view of the row.

    Raises
    ------
    MissingWordError
        The word is missing.
    """
    norm = truth("norm", norm)
    vector: Vector
    if vectors.subwords is not None and is_unseen(vectors, key):
        vector = vectors.subwords.vector(str(key))
        vector = cast(Vector, unit_vector(vector)) if norm else vector
    else:
        row = vectors.get_index(key)
        vector = vectors.vectors[row] / vectors.norms[row] if norm else vectors.vectors[row]
    vector.setflags(write=False)
    return vector


def vector_of(vectors: WordVectors, key: Key, norm: bool = False) -> NDArray[Any]:
    """Return the vector (d,) of a word, perhaps scaled to length 1, or a checked vector as it is.

    Raises MissingWordError for a missing word, ConfigError for a vector of another form.
    """
    if isinstance(key, (str, int, np.integer)):
        return vectors.get_vector(key, norm=norm)
    return checked_vector(key, vectors.vector_size)


def row_of(vectors: WordVectors, key: Key) -> int:
    """Return the row of a word, or -1 for a vector and for a word without a row."""
    return -1 if isinstance(key, np.ndarray) else vectors.get_index(key, -1)


def weighted_mean(
    vectors: WordVectors, given: Sequence[tuple[Key, Weight]], norm: bool = False
) -> NDArray[Any]:
    """Return the weighted mean (d,) of keys: Σ weight · vector ÷ Σ ``|weight|``.

    norm: scale the vectors of words to length 1 first.

    Raises ConfigError where there are no keys.
    """
    if not given:
        raise ConfigError("A mean needs at least one word; give some words or vectors.")
    summands = [weight * vector_of(vectors, key, norm) for key, weight in given]
    # In float32 as in gensim, except for numbers that it cannot hold.
    largest = max(np.abs(summand).max(initial=0) for summand in summands)
    is_held = largest == 0 or _HELD[0] < largest < _HELD[1]
    mean = np.zeros(vectors.vector_size, dtype=np.float32 if is_held else np.float64)
    for summand in summands:
        mean += summand
    total = sum(abs(weight) for _, weight in given)
    return mean / total if total else mean


def get_mean_vector(
    vectors: WordVectors,
    keys: Iterable[Key],
    weights: ArrayLike | None = None,
    pre_normalize: bool = True,
    post_normalize: bool = False,
    ignore_missing: bool = True,
) -> NDArray[Any]:
    """Return the weighted mean of words and vectors: their weighted sum ÷ Σ ``|weight|``.

    Parameters
    ----------
    keys : iterable of words or arrays (d,)
        One or more words or vectors.
    weights : array-like (n,), optional
        A finite weight for each key; None weighs all alike.
    pre_normalize : bool
        Scale the vector of each word to length 1 first. Vectors are taken as they are.
    post_normalize : bool
        Scale the mean to length 1.
    ignore_missing : bool
        Leave out missing words instead of raising MissingWordError; the mean of none is zero.

    Returns
    -------
    array (d,)
        The mean, float32; float64 for numbers that float32 cannot hold.

    Raises
    ------
    ConfigError
        There are no keys, or there is not one finite weight for each.
    MissingWordError
        A word is missing and `ignore_missing` is False.
    """
    asked = as_filled_list(keys)
    pre_normalize = truth("pre_normalize", pre_normalize)
    post_normalize = truth("post_normalize", post_normalize)
    ignore_missing = truth("ignore_missing", ignore_missing)
    given = [
        (key, weight)
        for key, weight in zip(asked, checked_weights(weights, len(asked)), strict=True)
        if isinstance(key, np.ndarray) or not ignore_missing or key in vectors
    ]
    if given:
        mean = weighted_mean(vectors, given, pre_normalize)
    else:
        mean = np.zeros(vectors.vector_size, np.float32)
    return unit_vector(mean).astype(np.float32) if post_normalize else mean

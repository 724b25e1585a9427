"""The matrix of a network's embedding layer: a row for each word of its index."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_choice, checked_whole, shown, whole_number
from w2v.errors import Argument, ConfigError, OutOfMemoryError
from w2v.matrices import Matrix
from w2v.vectors.query_arguments import as_list, check_words
from w2v.vectors.types import Vector, WordVectors

MISSING = ("zero", "mean", "random")
_MOST = 2**31 - 1  # rows, and seeds
_BLOCK = 4096  # vectors that are copied or summed at once


def embedding_matrix(
    vectors: WordVectors,
    word_index: Mapping[str, Any] | Iterable[str],
    max_words: int | None = None,
    missing: str = "zero",
    seed: int = 1,
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the matrix for an embedding layer, and which of its rows hold the vector of a word.

    Rows without a word are zeros: row 0 of Keras' Tokenizer, which is padding, and that of the
    empty text, with which the vocabulary of Keras' TextVectorization begins.

    Parameters
    ----------
    word_index : dict of str to int, or list of str
        The row of each word, such as `word_index` of Keras' Tokenizer or `vocabulary_` of
        scikit-learn's CountVectorizer; or the words in the order of their rows.
    max_words : int, 1 or more, optional
        The number of rows N; words with a row of N or more are left out, as Keras does. None has
        as many rows as the index needs.
    missing : {"zero", "mean", "random"}
        The rows of words without a vector: zeros, the mean of all vectors, or draws from a normal
        distribution with the mean and the standard deviation of the vectors in each dimension.
    seed : int, 0 or more
        The seed of these draws. They go by row, so more rows leave the first ones as they are.

    Returns
    -------
    matrix : float32 (N, d)
        The vectors in the order of the index; with subwords, unseen words have theirs too.
    found : bool (N,)
        Whether the row is that of a word with a vector.

    Raises
    ------
    ConfigError
        A row is negative, is not a whole number or belongs to two words, a word is not text, or an
        argument is out of range.
    OutOfMemoryError
        The system has no memory for so many rows.
    """
    checked_choice("missing", missing, MISSING)
    checked_whole("seed", seed, 0, _MOST)
    rows = max_words if max_words is None else checked_whole("max_words", max_words, 1, _MOST)
    words = _words_by_row(word_index, rows)
    if rows is None:
        rows = 1 + max(words, default=-1)
    matrix, found = _empty(rows, vectors.vector_size)
    others = _copy_known(vectors, words, matrix, found)
    unknown = []
    for row in others:
        if words[row] in vectors:  # by its n-grams
            matrix[row] = vectors.get_vector(words[row])
            found[row] = True
        elif words[row]:
            unknown.append(row)
    if missing != "zero" and unknown:
        _fill(vectors, matrix, sorted(unknown), missing, seed)
    return matrix, found


def _words_by_row(word_index: Any, max_words: int | None) -> dict[int, str]:
    """Return the word of each row below `max_words`."""
    if not isinstance(word_index, Mapping):
        words = as_list(word_index)
        check_words(words)
        return dict(enumerate(words[:max_words]))
    check_words(list(word_index))
    found: dict[int, str] = {}
    for word, given in word_index.items():
        row = whole_number(given)
        if row is None or not 0 <= row < _MOST:
            problem = f" gives {word!r} the row {shown(given)}; a row is a whole number from 0 on."
            raise ConfigError(Argument("word_index"), problem)
        if max_words is not None and row >= max_words:
            continue
        if row in found:
            problem = f" gives row {row} to {found[row]!r} and to {word!r}; give each word its own."
            raise ConfigError(Argument("word_index"), problem)
        found[row] = word
    return found


def _empty(rows: int, vector_size: int) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return zeros (rows, vector_size), and False for each row."""
    try:
        return np.zeros((rows, vector_size), np.float32), np.zeros(rows, np.bool_)
    except (MemoryError, ValueError):  # more than there is, or than an array can have
        raise OutOfMemoryError(
            f"The system has no memory for {rows:,} rows of {vector_size:,} numbers; number the"
            " words from 0 or 1 on without gaps, or give fewer rows as ",
            Argument("max_words"),
            ".",
        ) from None


def _copy_known(
    vectors: WordVectors, words: dict[int, str], matrix: Matrix, found: NDArray[np.bool_]
) -> list[int]:
    """Write the rows of words that have one in the vectors; return the rows of the others."""
    rows = np.fromiter(words, np.intp, len(words))
    known_rows = (vectors.get_index(word, -1) for word in words.values())
    from_rows = np.fromiter(known_rows, np.intp, len(words))
    is_known = from_rows >= 0
    to_rows, from_rows = rows[is_known], from_rows[is_known]
    for start in range(0, len(to_rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        matrix[to_rows[block]] = vectors.vectors[from_rows[block]]
    found[to_rows] = True
    return [int(row) for row in rows[~is_known]]


def _fill(vectors: WordVectors, matrix: Matrix, rows: list[int], missing: str, seed: int) -> None:
    """Write the rows of words without a vector."""
    mean, spread = _mean_and_spread(vectors)
    if missing == "mean":
        matrix[rows] = mean
        return
    draws = np.random.default_rng(seed).standard_normal((len(rows), len(mean)), np.float32)
    matrix[rows] = mean + spread * draws


def _mean_and_spread(vectors: WordVectors) -> tuple[Vector, Vector]:
    """Return the mean (d,) and the standard deviation (d,) of all vectors; zeros of none."""
    held, count = vectors.vectors, max(1, len(vectors))
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(vectors), _BLOCK)]
    mean = np.zeros(vectors.vector_size)
    for block in blocks:
        mean += held[block].sum(axis=0, dtype=np.float64) / count
    variance = np.zeros(vectors.vector_size)
    for block in blocks:
        variance += np.square(held[block] - mean).sum(axis=0) / count
    return mean.astype(np.float32), np.sqrt(variance).astype(np.float32)

"""Analogies by multiplied similarities (3CosMul).

Source: Levy and Goldberg, Linguistic Regularities in Sparse and Explicit Word Representations,
CoNLL 2014, equation 4.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError
from w2v.vectors.key_vectors import vector_of
from w2v.vectors.neighbours import asked_rows, best_words
from w2v.vectors.query_arguments import searched_rows, unweighted_keys
from w2v.vectors.types import Key, Keys, WordVectors

_EPSILON = 0.000001  # added to the divisor, which may be 0


def most_similar_cosmul(
    vectors: WordVectors,
    positive: Keys = None,
    negative: Keys = None,
    topn: int | None = 10,
    restrict_vocab: int | None = None,
) -> Any:
    """Return the words that are like all of `positive` and unlike all of `negative`.

    The similarities, shifted to 0 … 1, are multiplied where most_similar adds them, so that no
    single one decides. The words given are not among the result.

    Parameters
    ----------
    positive, negative : word, array (d,), array (m, d), or iterable, optional
        Words or vectors without weights; at least one in `positive`. Vectors should have
        length 1; those of float64 or integers give float64 scores.
    topn : int, 0 or more, or None
        How many words to return; None returns the scores of all words as an array.
    restrict_vocab : int, 1 or more, optional
        Search only so many of the first words.

    Returns
    -------
    list of (str, float)
        The words and their scores, the best first: the product of the similarities with
        `positive` divided by that with `negative`.

    Raises
    ------
    ConfigError
        `positive` is empty, a weight is given, a vector has another shape, or a number is out of
        range.
    MissingWordError
        A word is missing.

    References
    ----------
    Levy and Goldberg, Linguistic Regularities in Sparse and Explicit Word Representations,
    CoNLL 2014, equation 4.
    """
    rows = searched_rows(0, None, restrict_vocab)
    wanted, unwanted = unweighted_keys(positive), unweighted_keys(negative)
    factors, divisors = (
        [_shifted_similarities(vectors, key, rows) for key in keys] for keys in (wanted, unwanted)
    )
    if not factors:
        raise ConfigError("This needs at least one word in `positive`.")
    scores = np.prod(factors, axis=0) / (np.prod(divisors, axis=0) + _EPSILON)
    asked = asked_rows(vectors, [*wanted, *unwanted])
    return best_words(vectors, scores, rows, set(asked), topn)


def _shifted_similarities(vectors: WordVectors, key: Key, rows: slice) -> NDArray[Any]:
    """Return the similarities of some rows with a word or a unit vector, shifted to 0 … 1."""
    vector = vector_of(vectors, key, norm=True)
    shifted: NDArray[Any] = (1 + vectors.products(vector, rows) / vectors.norms[rows]) / 2
    return shifted

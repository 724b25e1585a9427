"""Scores of phrases: how much oftener words stand together than by chance."""

import math

import numpy as np
from numpy.typing import NDArray

from w2v.phrases.settings import Scoring

Counts = NDArray[np.int64]


def scores(
    scoring: Scoring, first: Counts, last: Counts, together: Counts, distinct: int, min_count: int,
    corpus_words: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Return the score of each candidate, to the bit the one of gensim's scorer of that name.

    Parameters
    ----------
    scoring : {"original", "npmi"}
        "original": (together − min_count) / (first · last) · distinct, after Mikolov et al. (2013,
        arXiv 1310.4546). "npmi": normalised pointwise mutual information,
        ln(p(together) / (p(first) · p(last))) / −ln p(together), after Bouma (2009).
    first, last, together : int64 (n,)
        How often the first word, the last word and the candidate occur.
    distinct : int
        Different words and candidates.
    min_count : int
        What "original" takes off each count.
    corpus_words : int
        Words of the corpus.
    """
    if scoring == "original":
        # In floats, where two counts of 10^10 have a product; it is rounded as Python's would be.
        product = first.astype(np.float64) * last
        above: NDArray[np.int64] = together - min_count
        return above / product * distinct
    pairs = together / corpus_words
    ratios = pairs / ((first / corpus_words) * (last / corpus_words))
    # NumPy's logarithm differs from the C library's in the last bit on some processors.
    tops, bottoms = _logarithms(ratios), -_logarithms(pairs)
    values = np.full(len(pairs), -np.inf)
    np.divide(tops, bottoms, out=values, where=bottoms != 0)
    return values


def _logarithms(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.fromiter(map(math.log, values.tolist()), dtype=np.float64, count=len(values))

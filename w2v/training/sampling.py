"""The counts of words, and their tables of random draws: which are kept, and which are noise."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.alias import pair_columns
from w2v.text.distant_ids import DistantIds
from w2v.text.number_file import Ids

_TOKENS_AT_ONCE = 1 << 22


def word_counts(tokens: Ids, words: int) -> NDArray[np.int64]:
    """Return how often each of `words` words is in a text.

    Counted in parts: NumPy counts a copy of eight bytes a token, and the ids may lie in a file.
    """
    if isinstance(tokens, DistantIds):
        return tokens.counts(words)
    counts = np.zeros(words, dtype=np.int64)
    for start in range(0, len(tokens), _TOKENS_AT_ONCE):
        counts += np.bincount(tokens[start : start + _TOKENS_AT_ONCE], minlength=words)
    return counts


def keep_probabilities(counts: NDArray[np.int64], sample: float) -> NDArray[np.float64]:
    """Return the probability that subsampling keeps a token of each word.

    min(1, (√(f/t) + 1) · t/f) with f the word's share of all tokens and t = `sample`
    (word2vec.c; the paper's formula, Mikolov et al., 2013, eq. 5, differs slightly).

    Parameters
    ----------
    counts : int64 (V,)
        Each 1 or more.
    sample : float
        The threshold t, 0 or more; 0 keeps every token.

    Returns
    -------
    float64 (V,)
        Each above 0, and 1 at most.
    """
    if sample == 0:
        return np.ones(len(counts))
    share = counts / (sample * counts.sum())
    return np.asarray(np.minimum(1.0, (np.sqrt(share) + 1) / share))


def keep_thresholds(probabilities: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the bounds below which 32 random bits keep a token.

    Parameters
    ----------
    probabilities : float64 (V,)
        As `keep_probabilities` returns them.

    Returns
    -------
    uint64 (V' + 1,)
        From 0 to 2**32: one for each word up to the last that is not always kept, and one, 2**32,
        for all that follow.
    """
    rare = np.flatnonzero(probabilities < 1)
    size = rare[-1] + 1 if len(rare) else 0
    bounds: NDArray[np.uint64] = np.rint(probabilities[:size] * 2.0**32).astype(np.uint64)
    return np.append(bounds, np.uint64(2**32))


def noise_probabilities(counts: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """Return the noise distribution, ∝ count^exponent.

    Mikolov et al. (2013, section 2.2) use 0.75. For items, Caselles-Dupré et al. (2018) found other
    exponents better, some of them below 0.

    Parameters
    ----------
    counts : int64 (V,)
        Each 1 or more.
    exponent : float
        −10 to 10.

    Returns
    -------
    float64 (V,)
        Their sum is 1.
    """
    weights = counts.astype(np.float64) ** exponent
    return np.asarray(weights / weights.sum())


def alias_table(probabilities: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return a table to draw from a distribution with one look-up (`outputs.draw_noise`).

    A uniform column c yields c if 32 random bits lie below the threshold in the upper half of its
    entry, else the alias in the lower half (Walker, 1977; built as in Vose, 1991). The table gives
    every probability to within 2**-32.

    Parameters
    ----------
    probabilities : float64 (V,)
        Their sum is 1.

    Returns
    -------
    uint64 (V,)
    """
    size = len(probabilities)
    shares = probabilities * size
    aliases = np.arange(size, dtype=np.int32)
    pair_columns(shares, aliases, np.zeros(size, dtype=np.int32))
    # The columns left over are their own aliases, so that their thresholds do not matter.
    np.clip(shares, 0, 1 - 2.0**-32, out=shares)
    shares *= 2.0**32
    table: NDArray[np.uint64] = np.rint(shares, out=shares).astype(np.uint64)
    table <<= np.uint64(32)
    table |= aliases.astype(np.uint64)
    return table

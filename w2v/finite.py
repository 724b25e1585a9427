"""Checks that numbers are finite, and that vectors have a length that training can give."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import CompactMatrix, Matrix

_ROWS_AT_ONCE = 512  # enough for NumPy to be fast, few enough to fit the cache

# Vectors of word2vec, GloVe, fastText and gensim have lengths from 0.0007 to 30, and bytes in
# 10,000 dimensions up to 12,700. Diverged training gives 10^5 to 10^30. Below the shortest length,
# float32 cannot hold the square.
SHORTEST_LENGTH, LONGEST_LENGTH = 1e-18, 1e5


def beyond_training(lengths: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which lengths (n,) no training gives; zero and NaN count as other defects."""
    return (lengths > LONGEST_LENGTH) | ((lengths > 0) & (lengths < SHORTEST_LENGTH))


def finite_rows(matrix: Matrix) -> NDArray[np.bool_]:
    """Return which rows of a float32 (V, d) matrix hold only finite numbers, as bool (V,)."""
    if isinstance(matrix, CompactMatrix):
        return matrix.finite_rows()
    finite = np.ones(len(matrix), dtype=np.bool_)
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        block = matrix[start : start + _ROWS_AT_ONCE]
        if not is_surely_finite(block):
            finite[start : start + _ROWS_AT_ONCE] = np.isfinite(block).all(axis=1)
    return finite


def is_surely_finite(matrix: Matrix) -> bool:
    """Return True only if all numbers are finite; a sum that overflows may give False, too."""
    # One pass without a temporary array. BLAS would start threads that compete with the caller's.
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(matrix.sum()))

"""Rows of numbers that are finite, and vectors of a length that a training can give."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import CompactMatrix, Matrix

_ROWS_AT_ONCE = 512  # enough for NumPy, few enough to stay in the cache

# Vectors of word2vec, GloVe, fastText and gensim are 0.0007 to 30 long, and bytes in 10,000
# dimensions up to 12,700; a training that ran away gives 10^5 to 10^30. Below the shortest,
# float32 cannot hold the square.
SHORTEST_LENGTH, LONGEST_LENGTH = 1e-18, 1e6


def beyond_training(lengths: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which lengths (n,) no training gives; zero and NaN are reported as other defects."""
    return (lengths > LONGEST_LENGTH) | ((lengths > 0) & (lengths < SHORTEST_LENGTH))


def finite_rows(matrix: Matrix) -> NDArray[np.bool_]:
    """Return which rows of a float32 (V, d) matrix hold finite numbers only, as bool (V,)."""
    if isinstance(matrix, CompactMatrix):
        return matrix.finite_rows()
    finite = np.ones(len(matrix), dtype=np.bool_)
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        block = matrix[start : start + _ROWS_AT_ONCE]
        if not is_surely_finite(block):
            finite[start : start + _ROWS_AT_ONCE] = np.isfinite(block).all(axis=1)
    return finite


def is_surely_finite(matrix: Matrix) -> bool:
    """Return False where a number is not finite, and perhaps where the sum is too large."""
    # One pass without a temporary array; not by BLAS, whose own threads get in others' way.
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(matrix.sum()))

"""Whether the numbers of the weights are sound: finite, and no row longer than it can be."""

import math

import numpy as np
from numpy.typing import NDArray

from w2v.finite import finite_rows
from w2v.training.weights import Weights

# Sound vectors of all variants, texts and learning rates tried had lengths up to 30.
LONGEST = 1000.0
NOT_FINITE = "numbers were no longer finite"
_ROWS_AT_ONCE = 512


def longest_row(matrix: NDArray[np.float32]) -> float:
    """Return the length of the longest row.

    Parameters
    ----------
    matrix : float32 (V, d)

    Returns
    -------
    float
        Infinity or NaN if a number is.
    """
    longest = 0.0
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        rows = matrix[start : start + _ROWS_AT_ONCE]
        squares = np.einsum("ij,ij->i", rows, rows)
        if not squares.max() < 1e30:  # too large for float32, or not finite
            squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
        longest = float(np.maximum(longest, squares.max()))
    return math.sqrt(longest)


def length_limit(*matrices: NDArray[np.float32]) -> float:
    """Return the length that no row may reach in a training that starts from these matrices."""
    start = max(map(longest_row, matrices))
    return 10 * start if start > LONGEST else LONGEST


def matrix_fault(matrix: NDArray[np.float32], limit: float) -> str | None:
    """Return the fault of a matrix as the rest of a sentence, or None if it is sound.

    Parameters
    ----------
    matrix : float32 (V, d)
    limit : float
        The length that no row may reach.
    """
    longest = longest_row(matrix)
    if longest <= limit:
        return None
    if not finite_rows(matrix).all():
        return NOT_FINITE
    return f"a vector had the length {longest:,.4g}, where sound ones stay below {limit:,.4g}"


def weights_fault(weights: Weights, limit: float) -> str | None:
    """Return the fault of either matrix as the rest of a sentence, or None. See `matrix_fault`."""
    return matrix_fault(weights.input, limit) or matrix_fault(weights.output, limit)

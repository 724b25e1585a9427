"""The lengths of the rows of a matrix on the card."""

from typing import Any

import numpy as np
from numba import cuda

from w2v.kernels.cuda.compiler import kernel
from w2v.kernels.jit import Float64s, Floats

_THREADS = 128


@kernel
def square_rows(matrix: Floats, squares: Float64s) -> None:
    """Write the square of the length of each row; a thread takes a row."""
    for row in range(cuda.grid(1), matrix.shape[0], cuda.gridsize(1)):
        total = np.float64(0)
        for column in range(matrix.shape[1]):
            total += np.float64(matrix[row, column]) ** 2
        squares[row] = total


def longest_square(matrix: Any) -> float:
    """Return the square of the length of the longest row of a matrix on the card.

    Infinity or NaN if a number is.
    """
    squares = cuda.device_array(matrix.shape[0], np.float64)
    square_rows[-(-matrix.shape[0] // _THREADS), _THREADS](matrix, squares)
    return float(squares.copy_to_host().max())

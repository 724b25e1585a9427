"""Dot products with the vectors of a range of rows, however the vectors are held."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import CompactMatrix
from w2v.vectors.types import Vector, WordVectors


def products(vectors: WordVectors, queries: NDArray[Any], rows: slice = slice(None)) -> Vector:
    """Return the dot products of queries with the vectors of some rows.

    Every search of a range of rows goes through here.

    Parameters
    ----------
    queries : array (d,) or (m, d)
        One vector or several. Those of float64 give float64 where `vectors.vectors` is an array,
        as in gensim.
    rows : slice
        The n rows to take; all by default.

    Returns
    -------
    array (n,) or (m, n)
        The dot products.
    """
    matrix = vectors.vectors
    if isinstance(matrix, CompactMatrix):
        return matrix.products(queries, rows)
    searched = matrix[rows]
    found: Vector
    # NumPy with OpenBLAS 0.3.31 warned of finite products in one of 600 processes that did nothing
    # else (58 rows of 5 numbers). Values that are not finite show in the result.
    with np.errstate(invalid="ignore"):
        found = np.dot(searched, queries) if queries.ndim == 1 else np.matmul(queries, searched.T)
    return found

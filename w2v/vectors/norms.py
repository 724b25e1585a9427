"""Lengths of vectors, and vectors scaled to length 1, where float32 cannot hold the squares too."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import Matrix
from w2v.vectors.types import Vector

_BLOCK = 4096  # rows whose lengths are computed at once
_SAFE = (1e-15, 1e15)  # lengths whose squares, and those of their parts, float32 can hold
_SQUARED = (1e-150, 1e150)  # numbers whose squares float64 can hold
_LARGEST = np.finfo(np.float32).max
_LEAST = 1e-35  # below this length float32 is too coarse to divide by


def unit_vector(vector: NDArray[Any]) -> NDArray[np.floating]:
    """Return a vector (d,) scaled to length 1, in its own precision; a zero vector as it is.

    A vector of integers becomes float64.
    """
    wide = vector.astype(np.float64)
    largest = np.abs(wide).max(initial=0)
    if largest == 0:
        return vector
    if not _SQUARED[0] < largest < _SQUARED[1]:
        wide /= largest
    length = np.linalg.norm(wide)
    scaled: NDArray[np.floating]
    scaled = (wide * (1.0 / length)).astype(np.result_type(vector.dtype, np.float32))
    return scaled


def unit_rows(matrix: NDArray[Any]) -> Matrix:
    """Return the rows of (m, d) scaled to length 1, as float32; zero rows as they are."""
    wide = matrix.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    scaled: Matrix = (wide / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return scaled


def normed_rows(matrix: Matrix, norms: Vector) -> Matrix:
    """Return a float32 copy of the rows of (V, d) divided by their norms (V,)."""
    normed: Matrix = matrix[:] / norms[:, np.newaxis]
    rough = np.flatnonzero((norms < _LEAST) | (norms == _LARGEST))
    if len(rough):
        normed[rough] = unit_rows(matrix[rough])
    return normed


def row_norms(matrix: Matrix) -> Vector:
    """Return the lengths of the rows of (V, d) as float32 (V,), with 1 for a zero row.

    A zero row divided by its norm therefore stays zero, and is similar to nothing.
    """
    norms = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK):
        block = matrix[start : start + _BLOCK]
        norms[start : start + _BLOCK] = np.minimum(row_lengths(block), _LARGEST)
    norms[norms == 0] = 1
    return norms


def row_lengths(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths (n,) of rows (n, d).

    They keep the precision of the rows where it can hold the squares, and are float64 otherwise.
    """
    # Squares may overflow and underflow; a signalling NaN, as damaged files have, is invalid.
    with np.errstate(all="ignore"):
        lengths: NDArray[Any] = np.linalg.norm(rows, axis=1)
    outside = np.flatnonzero(~_are_safe(lengths))
    if not len(outside):
        return lengths
    wide: NDArray[np.float64] = lengths.astype(np.float64)
    with np.errstate(all="ignore"):
        wide[outside] = np.linalg.norm(rows[outside].astype(np.float64), axis=1)
    return wide


def without_overflow(vector: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
    """Return a vector (d,) as it is, or scaled to length 1 where a product with it may overflow.

    Parameters
    ----------
    vector : array (d,)
        The vector to be multiplied with rows.
    lengths : array (n,)
        The lengths of those rows.
    """
    all_lengths = np.append(lengths[lengths != 0], row_lengths(vector[np.newaxis]))
    return vector if _are_safe(all_lengths).all() else unit_vector(vector)


def _are_safe(lengths: NDArray[Any]) -> NDArray[np.bool_]:
    return (lengths > _SAFE[0]) & (lengths < _SAFE[1])

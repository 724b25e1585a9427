"""The nearest rows to many vectors at once: one matrix product for a block of questions."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Rows = NDArray[np.intp]

# Questions by words whose cosines are held at once, 16 MB. Measured on 77,719 × 100: more leaves
# the cache, fewer make the products slow.
_QUESTIONS, _TILE = 256, 16384
_NEAR_TIE = 2e-6  # products in blocks round otherwise than single ones, by a few 1e-7
_STRIPES = 32  # a row of cosines is searched by the maxima of every 32


def unit_rows(matrix: NDArray[Any]) -> Matrix:
    """Return the rows of (m, d) scaled to length 1, as float32; zero rows as they are."""
    wide = matrix.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    scaled: Matrix = (wide / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return scaled


def nearest_to_each(
    products: Callable[[Matrix, slice], Matrix],
    norms: Matrix,
    questions: Matrix,
    own: Rows,
    searched: range,
    count: int,
) -> Iterator[tuple[Rows, Matrix]]:
    """Yield for blocks of questions the rows nearest by cosine, and the cosines, nearest first.

    products: gives the dot products (m, n) of vectors (m, d) with n of V rows. norms: (V,).
    questions: float32 (m, d), of length 1. own: (m,), the row that is no answer to each, or -1.
    searched: the rows to search. count: how many to find, 1 or more.

    Yields (rows, cosines), both (block, at most count); a cosine of -inf is no answer.
    """
    count = min(count, len(searched))
    size = max(1, min(_QUESTIONS, _QUESTIONS * _TILE // max(count, 1)))  # bounds the memory
    for first in range(0, len(questions), size):
        block = slice(first, first + size)
        asked = questions[block]
        rows = np.empty((len(asked), 0), dtype=np.intp)
        cosines = np.empty((len(asked), 0), dtype=np.float32)
        for start in range(searched.start, searched.stop, _TILE):
            tile = slice(start, min(start + _TILE, searched.stop))
            values = products(asked, tile)
            values /= norms[tile]
            _exclude(values, own[block], start)
            columns = largest_columns(values, count)
            cosines = np.hstack([cosines, np.take_along_axis(values, columns, axis=1)])
            rows = np.hstack([rows, columns + start])
            best = largest_columns(cosines, count)
            cosines = np.take_along_axis(cosines, best, axis=1)
            rows = np.take_along_axis(rows, best, axis=1)
        order = np.lexsort((rows, -cosines), axis=1)
        yield np.take_along_axis(rows, order, axis=1), np.take_along_axis(cosines, order, axis=1)


def has_near_tie(cosines: NDArray[np.float32]) -> bool:
    """Return whether two of some cosines, the largest first, may be in the wrong order."""
    found = cosines[cosines > -np.inf]
    return bool((found[:-1] - found[1:] < _NEAR_TIE).any())


def _exclude(values: Matrix, own: Rows, start: int) -> None:
    """Set the cosine of each question with its own row to -inf, in place."""
    columns = own - start
    here = np.flatnonzero((own >= 0) & (columns >= 0) & (columns < values.shape[1]))
    values[here, columns[here]] = -np.inf


def largest_columns(values: Matrix, count: int) -> Rows:
    """Return where the `count` largest values of each row of (m, n) are, (m, count), unordered.

    All columns where there are no more.
    """
    width = values.shape[1]
    stripes = width // _STRIPES
    if width <= count:
        return np.broadcast_to(np.arange(width), values.shape)
    if stripes <= 2 * count:
        return _partitioned(values, count)
    # The largest values lie in the stripes whose maxima are largest; columns a constant distance
    # apart make a stripe, because NumPy takes maxima along the first axis ten times as fast.
    end = stripes * _STRIPES
    maxima = values[:, :end].reshape(len(values), _STRIPES, stripes).max(axis=1)
    best = _partitioned(maxima, count)[:, np.newaxis, :]
    offsets = np.arange(0, end, stripes)[:, np.newaxis]
    columns = (best + offsets).reshape(len(values), -1)
    rest = np.broadcast_to(np.arange(end, width), (len(values), width - end))
    candidates = np.hstack([columns, rest])
    chosen = _partitioned(np.take_along_axis(values, candidates, axis=1), count)
    return np.take_along_axis(candidates, chosen, axis=1)


def _partitioned(values: Matrix, count: int) -> Rows:
    edge = values.shape[1] - count
    return np.argpartition(values, edge, axis=1)[:, edge:]

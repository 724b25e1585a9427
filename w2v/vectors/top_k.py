"""The largest of many values, found without sorting all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import Matrix
from w2v.vectors.types import Rows

_STRIPES = 32  # a row of a matrix is searched by the maxima of every 32 columns


def top_k(values: NDArray[Any], count: int) -> Rows:
    """Return the places of the `count` largest values of (V,), the largest first."""
    falling = -values
    if count >= len(values):
        return np.argsort(falling)[:count]
    # The same two steps as gensim, so that equal values come out in the same order.
    top = np.argpartition(falling, count)[:count]
    return top[np.argsort(falling[top])]


def top_k_columns(values: Matrix, count: int) -> Rows:
    """Return the columns of the `count` largest values of each row of (m, n).

    They are (m, count) in no order, or all n columns where there are no more.
    """
    width = values.shape[1]
    stripes = width // _STRIPES
    if width <= count:
        return np.broadcast_to(np.arange(width), values.shape)
    if stripes <= 2 * count:
        return _partitioned(values, count)
    # The largest values lie in the stripes whose maxima are largest. Columns a constant distance
    # apart form a stripe, because NumPy takes maxima along the first axis ten times as fast.
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

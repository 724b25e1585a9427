"""How common the words of a text are: the counts at some ranks, for a logarithmic picture."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_POINTS_PER_DECADE = 25


def frequency_curve(counts: NDArray[np.int64], ranks: Iterable[int] = ()) -> list[list[int]]:
    """Return the counts of words at ranks that are about evenly spaced on a logarithmic scale.

    Parameters
    ----------
    counts : int64 (n,)
        How often each word occurs, in any order.
    ranks : iterable of int, optional
        Ranks to include besides.

    Returns
    -------
    list of [int, int]
        Rank, 1 for the commonest word, and count. The first and the last word are among them.
    """
    size = len(counts)
    if size == 0:
        return []
    number = 1 + round(_POINTS_PER_DECADE * np.log10(size))
    spaced = np.round(np.geomspace(1, size, max(number, 2))).astype(np.int64)
    given = np.array([rank for rank in ranks if 1 <= rank <= size], dtype=np.int64)
    chosen = np.unique(np.concatenate((spaced, given)))
    falling = np.sort(counts)[::-1]
    return [[int(rank), int(falling[rank - 1])] for rank in chosen]

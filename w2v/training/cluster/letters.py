"""What the letters between workers hold: rows that shards changed, and the new rows.

This module loads no compiler: the thread that also sends and receives imports it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray


class Copies(NamedTuple):
    """The copies that one worker's shards have of rows of one matrix.

    Attributes
    ----------
    rows, shards : int32 (n,)
    places : int32 (n,)
        Where they lie in the matrix of copies of their machine.
    ways : float32 (n,)
        How far each brings its row.
    """

    rows: NDArray[np.int32]
    shards: NDArray[np.int32]
    places: NDArray[np.int32]
    ways: NDArray[np.float32]


class Entries(NamedTuple):
    """What some shards changed in one matrix; see w2v/kernels/changes.py.

    Attributes
    ----------
    shard : int
        The first of the shards that they stand for.
    rows, sizes : int32 (n,)
    ways : float32 (n,)
        Empty for the new rows of a round.
    values : float32 (n, width)
    """

    shard: int
    rows: NDArray[np.int32]
    sizes: NDArray[np.int32]
    ways: NDArray[np.float32]
    values: NDArray[np.float32]


# Of the input and of the output matrix.
Both: TypeAlias = tuple[Entries, Entries]
BothCopies: TypeAlias = tuple[Copies, Copies]


class Changed(NamedTuple):
    """What a worker's shards changed, in a letter to another worker.

    Attributes
    ----------
    copies : (Copies, Copies) or None
        Where the other one finds the copies themselves, if it is on the same machine.
    entries : list of (Entries, Entries)
        Else what the copies in the other one's part of the rows come to.
    """

    copies: BothCopies | None
    entries: list[Both]

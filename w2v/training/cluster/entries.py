"""What a worker's shards changed in one matrix, joined with what came from other workers.

The kernels are those of w2v/kernels/changes.py; this file has the memory that they work in.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.changes import (
    Chains,
    Listed,
    Result,
    Shared,
    chain_entries,
    finish_entries,
    join_entries,
    list_copies,
    put_copies,
    put_rows,
)
from w2v.kernels.copies import HotBounds, MergeBuffers
from w2v.kernels.own_rows import COPIED
from w2v.kernels.state import OwnRows
from w2v.training.cluster.shelf import Empty
from w2v.training.engines.rounds import new_merge_buffers
from w2v.training.shapes import CACHE_LINE, aligned_empty


class Entries(NamedTuple):
    """What some shards changed in one matrix; see w2v/kernels/changes.py.

    Attributes
    ----------
    shard : int
        The first of the shards that they stand for.
    rows, sizes : int32 (n,)
    values : float32 (n, width)
    """

    shard: int
    rows: NDArray[np.int32]
    sizes: NDArray[np.int32]
    values: NDArray[np.float32]


Both = tuple[Entries, Entries]  # of the input and of the output matrix


class Side:
    """One matrix of a worker, and what its shards changed there.

    Parameters
    ----------
    matrix : float32 (size or more, width)
        The rows, and behind them the shards' copies.
    distances : float32 (size,)
        See ShardCopies.
    shards : int
        All shards of a round.
    """

    def __init__(
        self,
        matrix: NDArray[np.float32],
        distances: NDArray[np.float32],
        shards: int,
    ) -> None:
        self._shared, self._rate = Shared(matrix, distances), 0.0
        self._width, self.shards = matrix.shape[1], shards
        self._heads = np.full(len(distances), -1, dtype=np.int32)
        self._none = aligned_empty((0, self._width), np.float32)
        nothing = np.zeros(0, dtype=np.int32)
        self._copies = Listed(nothing, nothing, nothing, nothing, self._none)
        self._borders, self._first = [0], 0

    def list_changed(
        self, own: Sequence[OwnRows], first: int, wanted: HotBounds, rate: float
    ) -> None:
        """List the copies of some rows that this worker's shards have, the first of them first.

        `rate` is the learning rate of the round.
        """
        self._rate = rate
        most = sum(int(each.counts[COPIED]) for each in own)
        rows, places = (np.empty(most, dtype=np.int32) for _ in range(2))
        self._borders, self._first = [0], first
        for each in own:
            start = self._borders[-1]
            count = list_copies(each, wanted, rows[start:], places[start:])
            self._borders.append(start + count)
        stop = self._borders[-1]
        numbers = np.arange(first, first + len(own), dtype=np.int32)
        shards = np.repeat(numbers, np.diff(self._borders))
        self._copies = Listed(
            rows[:stop], shards, np.ones(stop, dtype=np.int32), places[:stop], self._none
        )

    def join(self, part: int, parts: int, first: int, stop: int, empty: Empty) -> Entries:
        """Join what the shards of a subtree changed in one of `parts` parts of the rows.

        Different parts may be joined at the same time; row r is in part r mod parts.

        Parameters
        ----------
        part, parts : int
        first, stop : int
            The shards, counted from the first of this worker.
        empty : Empty
            Makes the arrays of the result.
        """
        some = slice(self._borders[first], self._borders[stop])
        rows, shards, sizes, places, none = self._copies
        copies = Listed(rows[some], shards[some], sizes[some], places[some], none)
        chains, result = self._chained(part, parts, copies.rows, empty)
        join_entries(part, parts, self._rate, copies, chains, self._shared, self._buffers(), result)
        return Entries(self._first + first, *result)

    def finish(self, part: int, parts: int, came: Sequence[Entries], empty: Empty) -> Entries:
        """Return the new rows of a part: what this worker's shards and all others changed there.

        For the parameters see `join`.
        """
        rows, shards, sizes, places, none = self._copies
        numbers = [np.full(len(each.rows), each.shard, dtype=np.int32) for each in came]
        values = [each.values for each in came]
        all_changed = Listed(
            np.concatenate([rows, *(each.rows for each in came)]),
            np.concatenate([shards, *numbers]),
            np.concatenate([sizes, *(each.sizes for each in came)]),
            places,
            aligned(values[0] if len(values) == 1 else np.concatenate([none, *values])),
        )
        chains, result = self._chained(part, parts, all_changed.rows, empty)
        finish_entries(
            part, parts, self._rate, all_changed, chains, self._shared, self._buffers(), result
        )
        return Entries(0, *result)

    def _chained(
        self, part: int, parts: int, rows: NDArray[np.int32], empty: Empty
    ) -> tuple[Chains, Result]:
        """Return the chains of the rows of a part, and room for the result."""
        chains = Chains(self._heads, np.empty(len(rows), dtype=np.int32))
        count = chain_entries(part, parts, rows, chains)
        rows, sizes = (empty((count,), np.int32) for _ in range(2))
        return chains, Result(rows, sizes, empty((count, self._width), np.float32))

    def _buffers(self) -> MergeBuffers:
        return new_merge_buffers(self.shards, self._width)

    def put(self, finished: Entries) -> None:
        """Write new rows into the matrix."""
        put_rows(aligned(finished.rows), aligned(finished.values), self._shared.matrix)

    def put_copies(self, finished: Entries, own: Sequence[OwnRows]) -> None:
        """Write new rows into the copies that some shards have of them."""
        rows, values = aligned(finished.rows), aligned(finished.values)
        for each in own:
            put_copies(rows, values, each, self._shared.matrix)


def aligned(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that came from elsewhere as the kernels were compiled for it."""
    if array.flags.writeable and array.flags.c_contiguous and not array.ctypes.data % CACHE_LINE:
        return array
    copy = aligned_empty(array.shape, array.dtype.type)
    copy[...] = array
    return copy

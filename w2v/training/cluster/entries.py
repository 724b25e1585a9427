"""What a worker's shards changed in one matrix, joined with what came from other workers.

The kernels are those of w2v/kernels/changes.py; this file has the memory that they work in.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.changes import (
    Result,
    Shared,
    finish_entries,
    join_entries,
    list_copies,
    put_copies,
    put_rows,
)
from w2v.kernels.copies import MergeBuffers
from w2v.kernels.grouping import Groups, Listed, group_entries
from w2v.kernels.state import OwnRows
from w2v.training.cluster.letters import Copies, Entries
from w2v.training.cluster.shelf import Empty
from w2v.training.engines.round_memory import new_merge_buffers
from w2v.training.shapes import CACHE_LINE, aligned_empty


class Side:
    """One matrix of a worker, and what its shards changed there.

    Parameters
    ----------
    matrix : float32 (size, width) or more rows
    size : int
    shards : int
        All shards of a round.
    """

    def __init__(self, matrix: NDArray[np.float32], size: int, shards: int) -> None:
        self._shared = Shared(matrix, matrix)
        self._width, self.shards = matrix.shape[1], shards
        self._numbers = np.full(size, -1, dtype=np.int32)
        self._none = aligned_empty((0, self._width), np.float32)
        self._no_sizes = nothing = np.zeros(0, dtype=np.int32)
        self._own = Copies(nothing, nothing, nothing, np.zeros(0, dtype=np.float32))
        self._borders, self._first = [0], 0

    def use_copies(self, copies: NDArray[np.float32]) -> None:
        """Let the copies of this machine's shards lie in a matrix, float32 (n, width)."""
        self._shared = self._shared._replace(copies=copies)

    def list_changed(
        self, own: Sequence[OwnRows], first: int, wanted: int, rate: float, empty: Empty
    ) -> Copies:
        """List the copies of some rows that this worker's shards have.

        Parameters
        ----------
        own : sequence of OwnRows
        first : int
            The first of these shards.
        wanted : int
            COPIED for all rows, HOT for the hot ones.
        rate : float
            The learning rate of the round.
        empty : Empty
            Makes the arrays.
        """
        counts = [int(each.counts[wanted]) for each in own]
        self._first = first
        self._borders = [0, *itertools.accumulate(counts)]
        size = (self._borders[-1],)
        rows, shards, places = (empty(size, np.int32) for _ in range(3))
        self._own = Copies(rows, shards, places, empty(size, np.float32))
        for number, (each, count) in enumerate(zip(own, counts, strict=True)):
            its = _some(self._own, slice(self._borders[number], self._borders[number + 1]))
            list_copies(count, rate, each, its.rows, its.places, its.ways)
            its.shards[:] = first + number
        return self._own

    def join(self, part: int, parts: int, first: int, stop: int, empty: Empty) -> Entries:
        """Join what the shards of a subtree changed in one of `parts` parts of the rows.

        Different parts may be joined at the same time (`part_of`).

        Parameters
        ----------
        part, parts : int
        first, stop : int
            The shards, counted from the first of this worker.
        empty : Empty
            Makes the arrays of the result.
        """
        some = slice(self._borders[first], self._borders[stop])
        listed = Listed(*_some(self._own, some), self._no_sizes, self._none)
        groups, count = self._grouped(part, parts, listed)
        result = self._result(count, empty((count,), np.float32), empty)
        join_entries(count, listed, groups, self._shared, self._buffers(), result)
        return Entries(self._first + first, *result)

    def finish(
        self,
        part: int,
        parts: int,
        copies: Sequence[Copies],
        came: Sequence[Entries],
        empty: Empty,
    ) -> Entries:
        """Return the new rows of a part: what all shards changed there.

        Parameters
        ----------
        part, parts : int
        copies : sequence of Copies
            Those of this machine's shards.
        came : sequence of Entries
            What those of others changed.
        empty : Empty
            Makes the arrays of the result.
        """
        sizes = [each.sizes for each in came]
        values = [each.values for each in came]
        numbers = [np.full(len(each.rows), each.shard, dtype=np.int32) for each in came]
        places = -1 - np.arange(sum(map(len, sizes)), dtype=np.int32)
        listed = Listed(
            np.concatenate([*(each.rows for each in copies), *(each.rows for each in came)]),
            np.concatenate([*(each.shards for each in copies), *numbers]),
            np.concatenate([*(each.places for each in copies), places]),
            np.concatenate([*(each.ways for each in copies), *(each.ways for each in came)]),
            np.concatenate([self._no_sizes, *sizes]),
            aligned(values[0] if len(values) == 1 else np.concatenate([self._none, *values])),
        )
        groups, count = self._grouped(part, parts, listed)
        result = self._result(count, empty((0,), np.float32), empty)
        finish_entries(count, listed, groups, self._shared, self._buffers(), result)
        return Entries(0, *result)

    def _grouped(self, part: int, parts: int, listed: Listed) -> tuple[Groups, int]:
        """Return the entries of a part by their rows, and how many rows there are."""
        size = len(listed.rows)
        lengths = size, size, size + 2, size, size
        found, rows, starts, shards, places = (np.empty(each, dtype=np.int32) for each in lengths)
        ways = np.empty(size, dtype=np.float32)
        groups = Groups(self._numbers, found, rows, starts, shards, places, ways)
        return groups, group_entries(part, parts, listed, groups)

    def _result(self, count: int, ways: NDArray[np.float32], empty: Empty) -> Result:
        """Return room for the entries of so many rows."""
        rows, sizes = (empty((count,), np.int32) for _ in range(2))
        return Result(rows, sizes, ways, empty((count, self._width), np.float32))

    def _buffers(self) -> MergeBuffers:
        return new_merge_buffers(self.shards, self._width)

    def put(self, finished: Entries) -> None:
        """Write new rows into the matrix."""
        put_rows(aligned(finished.rows), aligned(finished.values), self._shared.matrix)

    def put_copies(self, finished: Entries, own: Sequence[OwnRows]) -> None:
        """Write new rows into the copies that some shards have of them."""
        rows, values = aligned(finished.rows), aligned(finished.values)
        for each in own:
            put_copies(rows, values, each, self._shared.copies)


def _some(copies: Copies, some: slice) -> Copies:
    """Return a part of the copies that are listed."""
    rows, shards, places, ways = copies
    return Copies(rows[some], shards[some], places[some], ways[some])


def aligned(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that came from elsewhere as the kernels were compiled for it."""
    if array.flags.writeable and array.flags.c_contiguous and not array.ctypes.data % CACHE_LINE:
        return array
    copy = aligned_empty(array.shape, array.dtype.type)
    copy[...] = array
    return copy

"""Merge the copies of rows that the shards of a round have in one matrix, all or the hot ones."""

from typing import NamedTuple

from w2v.kernels.adasum import add_scaled, join_changes, row_difference
from w2v.kernels.jit import Floats, Int32s, Int64s, jit
from w2v.kernels.prefetching import prefetch, prefetch_unchanged
from w2v.kernels.rows import copy_row
from w2v.kernels.touched_rows import COPIED, HOT

ROWS_AHEAD = 4  # rows that are prefetched before they are merged


class ShardCopies(NamedTuple):
    """One matrix and all shards' copies of its rows: the fields of OwnRows for every shard."""

    matrix: Floats  # (V + shards · capacity, width)
    copied: Int32s  # (shards, capacity)
    counts: Int64s  # (shards, 4), or more columns
    places: Int32s  # (shards, V)
    holders: Int64s  # (V,)
    ways: Floats  # (shards, capacity)


class MergeBuffers(NamedTuple):
    """The memory that one thread needs to merge."""

    changes: Floats  # (shards, width)
    joined: Int64s  # (shards,): rows of `changes`, −1 where a shard has no copy
    ways: Floats  # (shards,): how far each row of `changes` brings the merged row


@jit
def merge_round(
    part: int,
    parts: int,
    rate: float,
    inputs: ShardCopies,
    outputs: ShardCopies,
    buffers: MergeBuffers,
) -> None:
    """Merge one of `parts` equal parts of the copied rows of both matrices.

    Parameters
    ----------
    part, parts : int
        The part to merge, from 0 to `parts` − 1.
    rate : float
        The learning rate of the round.
    inputs, outputs : ShardCopies
        The two matrices. Their shared rows are written.
    buffers : MergeBuffers
        Overwritten.
    """
    merge_rows(part, parts, rate, inputs, buffers)
    merge_rows(part, parts, rate, outputs, buffers)


@jit
def merge_rows(
    part: int, parts: int, rate: float, copies: ShardCopies, buffers: MergeBuffers
) -> None:
    """Merge one of `parts` equal parts of the copied rows of one matrix into the shared rows.

    A row's copies are merged where the first shard that has one lists it. Writes the shared rows of
    `copies.matrix`, and `buffers`. For the parameters see `merge_round`.
    """
    for shard in range(copies.places.shape[0]):
        count = copies.counts[shard, COPIED]
        stop = count * (part + 1) // parts
        for k in range(count * part // parts, stop):
            if k + ROWS_AHEAD < stop:
                _prefetch_copies(shard, copies.copied[shard, k + ROWS_AHEAD], copies)
            row = copies.copied[shard, k]
            if _is_first(shard, row, copies):
                _merge_row(shard, row, rate, copies, buffers)


@jit
def merge_hot_round(
    part: int,
    parts: int,
    rate: float,
    inputs: ShardCopies,
    outputs: ShardCopies,
    buffers: MergeBuffers,
) -> None:
    """Merge one of `parts` parts of the hot rows of both matrices, for which see `merge_hot_rows`.

    For the other parameters see `merge_round`.
    """
    merge_hot_rows(part, parts, rate, inputs, buffers)
    merge_hot_rows(part, parts, rate, outputs, buffers)


@jit
def merge_hot_rows(
    part: int,
    parts: int,
    rate: float,
    copies: ShardCopies,
    buffers: MergeBuffers,
) -> None:
    """Merge one of `parts` parts of the copied rows of one matrix that are hot.

    Writes these shared rows and all their copies, which are equal then, and `buffers`. For the
    parameters see `merge_round`.
    """
    for shard in range(copies.places.shape[0]):
        count = copies.counts[shard, HOT]
        for k in range(count * part // parts, count * (part + 1) // parts):
            row = copies.copied[shard, k]
            if _is_first(shard, row, copies):
                _merge_row(shard, row, rate, copies, buffers)
                for each in range(shard, copies.places.shape[0]):
                    if copies.holders[row] >> each & 1:
                        copy_row(copies.matrix, row, copies.matrix, copies.places[each, row])


@jit
def first_place(shard: int, copies: ShardCopies) -> int:
    """Return the row of a shard's first copy: its copies lie behind those of the shards before."""
    return copies.places.shape[1] + shard * copies.copied.shape[1]


@jit
def _is_first(shard: int, row: int, copies: ShardCopies) -> bool:
    """Return whether a shard that has a copy of a row is the first that has one."""
    return copies.holders[row] & ((1 << shard) - 1) == 0


@jit
def _prefetch_copies(shard: int, row: int, copies: ShardCopies) -> None:
    """Prefetch a row and its copies, unless an earlier shard merges them."""
    if not _is_first(shard, row, copies):
        return
    prefetch(copies.matrix, row)
    holders, each = copies.holders[row] >> shard, shard
    while holders > 0:
        if holders & 1:
            prefetch_unchanged(copies.matrix, copies.places[each, row])
        holders >>= 1
        each += 1


@jit
def _merge_row(
    shard: int, row: int, rate: float, copies: ShardCopies, buffers: MergeBuffers
) -> None:
    """Merge the copies of a row; `shard` has the first of them."""
    matrix, holders = copies.matrix, copies.holders[row]
    if holders == 1 << shard:
        copy_row(matrix, copies.places[shard, row], matrix, row)
        return
    for each in range(len(buffers.joined)):
        buffers.joined[each] = -1
        if holders >> each & 1:
            place = copies.places[each, row]
            buffers.joined[each] = each
            buffers.ways[each] = rate * copies.ways[each, place - first_place(each, copies)]
            row_difference(matrix, place, matrix, row, buffers.changes, each)
    total = join_changes(buffers.joined, buffers.ways, buffers.changes)
    add_scaled(buffers.changes, total, 1.0, matrix, row, 1.0)

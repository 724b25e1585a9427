"""Merge what the shards of a round changed, row by row, with Adasum (Maleki et al., 2020).

Two changes a and b of one row become (1 − a·b / 2|a|²) a + (1 − a·b / 2|b|²) b. Orthogonal changes
are summed, as two steps one after another would be. Parallel changes are averaged, since each
shard went all the way that the other went too. The plain sum diverges, and the mean starves the
rare words (benchmarks/NOTES.md).

Shards are joined in a fixed tree, ((0, 1), (2, 3)) for four shards, so that the result does not
depend on which thread merges which rows, or when.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.types.containers import UniTuple
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Floats, Int32s, Int64s, jit
from w2v.kernels.own_rows import COPIED
from w2v.kernels.rows import copy_row, prefetch, prefetch_unchanged
from w2v.kernels.vector_ir import LANES, OUTPUT_TILE, Emitter

ROWS_AHEAD = 4  # rows that are prefetched before they are merged
SMALLEST = 1e-30  # smaller squared lengths count as 0: float32 has no digits left


class ShardCopies(NamedTuple):
    """One matrix and all shards' copies of its rows: the fields of OwnRows for every shard."""

    matrix: Floats  # (V + shards · capacity, width)
    copied: Int32s  # (shards, capacity)
    counts: Int64s  # (shards, 2)
    places: Int32s  # (shards, V)
    holders: Int64s  # (V,)


class MergeBuffers(NamedTuple):
    """The memory that one thread needs to merge."""

    changes: Floats  # (shards, width)
    joined: Int64s  # (shards,): rows of `changes`, −1 where a shard has no copy


@intrinsic
def _difference(typing_context, first, first_row, second, second_row, target, target_row):
    """target[target_row] = first[first_row] − second[second_row]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrices = [emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2, 4)]
        rows = [m.row(arguments[k]) for m, k in zip(matrices, (1, 3, 5), strict=True)]
        with emitter.loop_over_row(matrices[0]) as distance:
            left, right, place = (emitter.offset(row, distance) for row in rows)
            change = builder.fsub(emitter.load_vector(left), emitter.load_vector(right))
            emitter.store_vector(change, place)
        return context.get_dummy_value()

    signature = types.void(first, types.int64, second, types.int64, target, types.int64)
    return signature, emit


@intrinsic
def _products(typing_context, matrix, first_row, second_row):
    """Return first · first, first · second and second · second, always summed in one order."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrix = emitter.matrix(signature.args[0], arguments[0])
        first, second = (matrix.row(arguments[k]) for k in (1, 2))
        sums = [emitter.slot() for _ in range(3)]
        for slot in sums:
            builder.store(emitter.constant(0.0, LANES), slot)
        with emitter.loop_over_row(matrix) as distance:
            left, right = (
                emitter.load_vector(emitter.offset(row, distance)) for row in (first, second)
            )
            pairs = (left, left), (left, right), (right, right)
            for slot, (one, other) in zip(sums, pairs, strict=True):
                builder.store(emitter.multiply_add(one, other, builder.load(slot)), slot)
        totals = emitter.lane_sums([*map(builder.load, sums), *[None] * (OUTPUT_TILE - 3)])
        products = [
            builder.extract_element(totals, ir.Constant(ir.IntType(32), k)) for k in range(3)
        ]
        return context.make_tuple(builder, signature.return_type, products)

    return UniTuple(types.float32, 3)(matrix, types.int64, types.int64), emit


@intrinsic
def _add_scaled(typing_context, source, row, factor, target, target_row, target_factor):
    """target[target_row] = factor · source[row] + target_factor · target[target_row]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 3))
        from_row, to_row = source.row(arguments[1]), target.row(arguments[4])
        factor, target_factor = (emitter.splat(arguments[k]) for k in (2, 5))
        with emitter.loop_over_row(source) as distance:
            place = emitter.offset(to_row, distance)
            scaled = builder.fmul(emitter.load_vector(place), target_factor)
            value = emitter.load_vector(emitter.offset(from_row, distance))
            emitter.store_vector(emitter.multiply_add(value, factor, scaled), place)
        return context.get_dummy_value()

    signature = types.void(source, types.int64, types.float32, target, types.int64, types.float32)
    return signature, emit


@jit
def row_difference(
    first: Floats, first_row: int, second: Floats, second_row: int, target: Floats, target_row: int
) -> None:
    """Write target[target_row] = first[first_row] − second[second_row].

    All three are float32 matrices of the same width.
    """
    _difference(
        first, np.int64(first_row), second, np.int64(second_row), target, np.int64(target_row)
    )


@jit
def row_products(matrix: Floats, first: int, second: int) -> tuple[float, float, float]:
    """Return the dot products of two rows: first · first, first · second, second · second.

    `matrix` is float32 (rows, width); `first` and `second` are row numbers.
    """
    return _products(matrix, np.int64(first), np.int64(second))


@jit
def add_scaled(
    source: Floats, row: int, factor: float, target: Floats, target_row: int, target_factor: float
) -> None:
    """Write target[target_row] = factor · source[row] + target_factor · target[target_row].

    `source` and `target` are float32 matrices of the same width.
    """
    _add_scaled(
        source, np.int64(row), np.float32(factor),
        target, np.int64(target_row), np.float32(target_factor),
    )  # fmt: skip


if not JIT_ENABLED:
    from w2v.kernels.portable import (
        add_scaled,
        row_difference,
        row_products,
    )


@jit
def merge_round(
    part: int, parts: int, inputs: ShardCopies, outputs: ShardCopies, buffers: MergeBuffers
) -> None:
    """Merge one of `parts` equal parts of the copied rows of both matrices.

    One call merges both: each call takes the interpreter lock again when it ends, and the threads
    wait for it in turn.

    Parameters
    ----------
    part, parts : int
        The part to merge, from 0 to `parts` − 1.
    inputs, outputs : ShardCopies
        The two matrices. Their shared rows are written.
    buffers : MergeBuffers
        Overwritten.
    """
    merge_rows(part, parts, inputs, buffers)
    merge_rows(part, parts, outputs, buffers)


@jit
def merge_rows(part: int, parts: int, copies: ShardCopies, buffers: MergeBuffers) -> None:
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
                _merge_row(shard, row, copies, buffers)


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
def _merge_row(shard: int, row: int, copies: ShardCopies, buffers: MergeBuffers) -> None:
    """Merge the copies of a row; `shard` has the first of them."""
    matrix, holders = copies.matrix, copies.holders[row]
    if holders == 1 << shard:
        copy_row(matrix, copies.places[shard, row], matrix, row)
        return
    shards = len(buffers.joined)
    for each in range(shards):
        buffers.joined[each] = -1
        if holders >> each & 1:
            buffers.joined[each] = each
            row_difference(matrix, copies.places[each, row], matrix, row, buffers.changes, each)
    add_scaled(
        buffers.changes, join_changes(buffers.joined, buffers.changes), 1.0, matrix, row, 1.0
    )


@jit
def join_changes(joined: Int64s, changes: Floats) -> int:
    """Join the changes of one row in the tree of the shards, and return the row of the sum.

    Parameters
    ----------
    joined : int64 (shards,)
        For each shard its row of `changes`, or −1. Overwritten.
    changes : float32 (shards, width)
        Overwritten.
    """
    step = 1
    while step < len(joined):
        for first in range(0, len(joined) - step, 2 * step):
            joined[first] = _join(joined[first], joined[first + step], changes)
        step *= 2
    return joined[0]


@jit
def _join(first: int, second: int, changes: Floats) -> int:
    """Add change `second` to change `first` and return the sum's row; −1 stands for no change."""
    if first < 0 or second < 0:
        return max(first, second)
    firsts, both, seconds = row_products(changes, first, second)
    factor = 1.0 if firsts < SMALLEST else 1.0 - both / (2.0 * firsts)
    second_factor = 1.0 if seconds < SMALLEST else 1.0 - both / (2.0 * seconds)
    add_scaled(changes, second, second_factor, changes, first, factor)
    return first

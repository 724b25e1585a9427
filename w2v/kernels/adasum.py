"""Merge what the shards of a round changed, row by row, as Adasum does or with less averaging.

Adasum is by Maleki et al., 2020.

Two changes a and b of one row become (1 − p a·b / 2|a|²) a + (1 − q a·b / 2|b|²) b. Orthogonal
changes are summed, as two steps one after another would be. In Adasum p and q are 1, and parallel
changes are averaged: each shard went all the way that the other went too. A row that goes only a
small part of its way in a round would be held back by that. With p and q the parts of the way that
the two have gone, parallel changes make one that goes as far as both in turn would,
1 − (1 − p)(1 − q). The plain sum diverges, and the mean starves the rare words
(benchmarks/NOTES.md). A shard brings a row 1 − e^−x of its way. x grows with the scores that it
makes with the row (touched_rows.py); `ways` below are such x.

Shards are joined in a fixed tree, ((0, 1), (2, 3)) for four shards, so that the result does not
depend on which thread merges which rows, or when.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.types.containers import UniTuple
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Floats, Int64s, jit
from w2v.kernels.vector_ir import LANES, OUTPUT_TILE, Emitter

SMALLEST = 1e-30  # smaller squared lengths count as 0: float32 has no digits left


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
    from w2v.kernels.portable import (  # noqa: F401
        add_scaled,
        row_difference,
        row_products,
    )


@jit
def join_changes(joined: Int64s, ways: Floats, changes: Floats) -> int:
    """Join the changes of one row in the tree of the shards, and return the row of the sum.

    Parameters
    ----------
    joined : int64 (shards,)
        For each shard its row of `changes`, or −1. Overwritten.
    ways : float32 (shards,)
        x for each row of `changes`; infinite for Adasum. Those of joined changes add up.
        Overwritten.
    changes : float32 (shards, width)
        Overwritten.
    """
    step = 1
    while step < len(joined):
        for first in range(0, len(joined) - step, 2 * step):
            joined[first] = _join(joined[first], joined[first + step], ways, changes)
        step *= 2
    return joined[0]


@jit
def _join(first: int, second: int, ways: Floats, changes: Floats) -> int:
    """Add change `second` to change `first` and return the sum's row; −1 stands for no change."""
    if first < 0 or second < 0:
        return max(first, second)
    firsts, both, seconds = row_products(changes, first, second)
    factor = _kept(ways[first], both, firsts)
    second_factor = _kept(ways[second], both, seconds)
    add_scaled(changes, second, second_factor, changes, first, factor)
    ways[first] += ways[second]
    return first


@jit
def _kept(way: float, both: float, square: float) -> float:
    """Return the factor of a change of this squared length; `both` is its product with another."""
    return 1.0 if square < SMALLEST else 1.0 - (1.0 - np.exp(-way)) * both / (2.0 * square)

"""Whole rows moved as explicit vector code: copied, averaged, added, merged.

With NUMBA_DISABLE_JIT=1 the functions of the same names in portable.py are bound instead.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Floats, Int32s, jit
from w2v.kernels.vector_ir import FLOAT, LANES, OUTPUT_TILE, Emitter


@intrinsic
def _copy_row(typing_context, source, row, target, target_row):
    """target[target_row] = source[row]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2))
        from_row, to_row = source.row(arguments[1]), target.row(arguments[3])
        with emitter.loop_over_row(source) as distance:
            value = emitter.load_vector(emitter.offset(from_row, distance))
            emitter.store_vector(value, emitter.offset(to_row, distance))
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64), emit


@intrinsic
def _sum_rows(typing_context, source, rows, count, factor, target):
    """target[0] = factor · the sum of source[rows[:count]]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, rows, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 4))
        count, factor = arguments[2], emitter.splat(arguments[3])
        with emitter.loop_over_row(source) as distance:
            emitter.store_vector(
                emitter.constant(0.0, LANES), emitter.offset(target.pointer, distance)
            )
        with emitter.loop(count) as k:
            row = source.row(emitter.load_index(rows, k))
            with emitter.loop_over_row(source) as distance:
                value = emitter.load_vector(emitter.offset(row, distance))
                place = emitter.offset(target.pointer, distance)
                total = emitter.multiply_add(value, factor, emitter.load_vector(place))
                emitter.store_vector(total, place)
        return context.get_dummy_value()

    return types.void(source, rows, types.int64, types.float32, target), emit


@intrinsic
def _add_to_row(typing_context, source, factor, target, row):
    """target[row] += factor · source[0]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2))
        row, factor = target.row(arguments[3]), emitter.splat(arguments[1])
        with emitter.loop_over_row(source) as distance:
            value = emitter.load_vector(emitter.offset(source.pointer, distance))
            place = emitter.offset(row, distance)
            total = emitter.multiply_add(value, factor, emitter.load_vector(place))
            emitter.store_vector(total, place)
        return context.get_dummy_value()

    return types.void(source, types.float32, target, types.int64), emit


@intrinsic
def _clear_row(typing_context, target):
    """target[0] = 0."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        target = emitter.matrix(signature.args[0], arguments[0])
        with emitter.loop_over_row(target) as distance:
            emitter.store_vector(
                emitter.constant(0.0, LANES), emitter.offset(target.pointer, distance)
            )
        return context.get_dummy_value()

    return types.void(target), emit


@intrinsic
def _merge_row(typing_context, matrix, private_row, before, before_row, shared_row, overlap):
    """shared += own − overlap · (own along others'); before = private = shared."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrix, before = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2))
        addresses = matrix.row(arguments[1]), before.row(arguments[3]), matrix.row(arguments[4])
        products = [emitter.slot() for _ in range(2)]
        for slot in products:
            builder.store(emitter.constant(0.0, LANES), slot)
        with emitter.loop_over_row(matrix) as distance:
            private, old, shared = (
                emitter.load_vector(emitter.offset(address, distance)) for address in addresses
            )
            own, others = builder.fsub(private, old), builder.fsub(shared, old)
            for slot, factor in zip(products, (own, others), strict=True):
                builder.store(emitter.multiply_add(factor, others, builder.load(slot)), slot)
        sums = emitter.lane_sums([*map(builder.load, products), *[None] * (OUTPUT_TILE - 2)])
        both, length = (
            builder.extract_element(sums, ir.Constant(ir.IntType(32), k)) for k in range(2)
        )
        zero, one = ir.Constant(FLOAT, 0.0), ir.Constant(FLOAT, 1.0)
        share = builder.fdiv(both, length)
        share = builder.select(builder.fcmp_ordered("<", share, one), share, one)
        share = builder.select(builder.fcmp_ordered(">", both, zero), share, zero)
        share = emitter.splat(builder.fneg(builder.fmul(share, arguments[5])))
        with emitter.loop_over_row(matrix) as distance:
            places = [emitter.offset(address, distance) for address in addresses]
            private, old, shared = map(emitter.load_vector, places)
            own, others = builder.fsub(private, old), builder.fsub(shared, old)
            total = builder.fadd(shared, emitter.multiply_add(share, others, own))
            for place in places:
                emitter.store_vector(total, place)
        return context.get_dummy_value()

    signature = types.void(matrix, types.int64, before, types.int64, types.int64, types.float32)
    return signature, emit


@intrinsic
def _scale_change(typing_context, matrix, row, before, before_row, factor):
    """matrix[row] = before[before_row] + factor · (matrix[row] − before[before_row])."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrix, before = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2))
        row, old_row = matrix.row(arguments[1]), before.row(arguments[3])
        factor = emitter.splat(arguments[4])
        with emitter.loop_over_row(matrix) as distance:
            place = emitter.offset(row, distance)
            old = emitter.load_vector(emitter.offset(old_row, distance))
            change = builder.fsub(emitter.load_vector(place), old)
            emitter.store_vector(emitter.multiply_add(change, factor, old), place)
        return context.get_dummy_value()

    return types.void(matrix, types.int64, before, types.int64, types.float32), emit


@jit
def copy_row(source: Floats, row: int, target: Floats, target_row: int) -> None:
    """Write target[target_row] = source[row].

    Both are float32 matrices of the same width.
    """
    _copy_row(source, np.int64(row), target, np.int64(target_row))


@jit
def gather_sum(matrix: Floats, rows: Int32s, count: int, factor: np.float32, block: Floats) -> None:
    """Write `factor` times the sum of `count` rows of `matrix` to block[0].

    `rows` is int32 and names the rows; `matrix` and `block` are float32 of the same width.
    """
    _sum_rows(matrix, rows, count, np.float32(factor), block)


@jit
def add_to_rows(
    error: Floats, factor: np.float32, matrix: Floats, rows: Int32s, count: int
) -> None:
    """Add `factor` times error[0] to `count` rows of `matrix` in turn, and set error[0] to zero.

    `rows` is int32 and names the rows; `matrix` and `error` are float32 of the same width; both are
    written.
    """
    for k in range(count):
        _add_to_row(error, np.float32(factor), matrix, np.int64(rows[k]))
    _clear_row(error)


@jit
def merge_row(
    matrix: Floats,
    private_row: int,
    before: Floats,
    before_row: int,
    shared_row: int,
    overlap: float,
) -> None:
    """Add what changed in a private row to the shared row, and write the sum to all three rows.

    With a = private − before and b = shared − before, the change by others, the shared row gets
    a − overlap · c · b, where c = a·b / |b|² is held between 0 and 1: c · b is what a and b share.

    Parameters
    ----------
    matrix : float32 (rows, width)
        Holds the private and the shared row, which are written.
    private_row, shared_row : int
    before : float32 (H, width)
        Row `before_row` is the shared row as it was last seen; it is written.
    before_row : int
    overlap : float
        The part of the common change to leave out, 0 to 1.
    """
    _merge_row(matrix, private_row, before, before_row, shared_row, np.float32(overlap))


@jit
def scale_change(
    matrix: Floats, row: int, before: Floats, before_row: int, factor: np.float32
) -> None:
    """Multiply by `factor` what has changed in matrix[row] since it was before[before_row].

    Both are float32 matrices of the same width; matrix[row] is written.
    """
    _scale_change(matrix, np.int64(row), before, np.int64(before_row), np.float32(factor))


if not JIT_ENABLED:
    from w2v.kernels.portable import (  # noqa: F401
        add_to_rows,
        copy_row,
        gather_sum,
        merge_row,
        scale_change,
    )

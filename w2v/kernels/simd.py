"""The arithmetic of one training step as explicit vector code, shared by every variant.

A step holds `input_count` input rows against `output_count` output rows. Both are first copied
into contiguous blocks; then

    score[i, j]     = input_block[i] · output_block[j]
    gradient[i, j]  = (label[j] − σ(clamp(score[i, j], −6, 6))) · rate[j]
                      (in hierarchical softmax 0 beyond ±6)
    input_rows[i]  += Σ_j gradient[i, j] · output_block[j]
    output_rows[j] += Σ_i gradient[i, j] · input_block[i]

so that every update is computed from the values before the step, and rows that stand twice get
both updates. The formulas are word2vec.c's; the two small matrix products are HogBatch's
(Ji et al., 2016, arXiv 1611.06172).

Why not plain loops: LLVM guards a loop over several row views with run-time alias checks and
keeps no row in registers; the vector code below ran 1.5 times as fast. With
NUMBA_DISABLE_JIT=1 the functions of portable.py, of the same names, are bound instead.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Floats, Int32s, jit
from w2v.kernels.vector_ir import FLOAT, INPUT_TILE, LANES, OUTPUT_TILE, Emitter


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
def _mean_rows(typing_context, source, rows, count, target):
    """target[0] = the mean of source[rows[:count]]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, rows, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 3))
        count = arguments[2]
        one = ir.Constant(FLOAT, 1.0)
        share = emitter.splat(builder.fdiv(one, builder.sitofp(count, FLOAT)))
        total = emitter.slot()
        with emitter.loop_over_row(source) as distance:
            builder.store(emitter.constant(0.0, LANES), total)
            with emitter.loop(count) as k:
                row = source.row(emitter.load_index(rows, k))
                value = emitter.load_vector(emitter.offset(row, distance))
                builder.store(builder.fadd(builder.load(total), value), total)
            mean = builder.fmul(builder.load(total), share)
            emitter.store_vector(mean, emitter.offset(target.pointer, distance))
        return context.get_dummy_value()

    return types.void(source, rows, types.int64, target), emit


@intrinsic
def _add_to_rows(typing_context, source, target, rows, count):
    """target[row] += source[0] for each of rows[:count]; source[0] = 0."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        source, target, rows = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 2))
        with emitter.loop_over_row(source) as distance:
            address = emitter.offset(source.pointer, distance)
            value = emitter.load_vector(address)
            emitter.store_vector(emitter.constant(0.0, LANES), address)
            with emitter.loop(arguments[3]) as k:
                row = target.row(emitter.load_index(rows, k))
                place = emitter.offset(row, distance)
                emitter.store_vector(builder.fadd(emitter.load_vector(place), value), place)
        return context.get_dummy_value()

    return types.void(source, target, rows, types.int64), emit


@intrinsic
def _add_changes(typing_context, source, before, row, target, target_row):
    """target[target_row] += source[row] − before[row]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        after, before, target = (emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 3))
        row, target_row = arguments[2], arguments[4]
        addresses = after.row(row), before.row(row), target.row(target_row)
        with emitter.loop_over_row(after) as distance:
            new, old, place = (emitter.offset(address, distance) for address in addresses)
            change = builder.fsub(emitter.load_vector(new), emitter.load_vector(old))
            emitter.store_vector(builder.fadd(emitter.load_vector(place), change), place)
        return context.get_dummy_value()

    return types.void(source, before, types.int64, target, types.int64), emit


@intrinsic
def _prefetch(typing_context, matrix, row):
    """Ask for the cache lines of matrix[row] ahead of use."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrix = emitter.matrix(signature.args[0], arguments[0])
        address = matrix.row(arguments[1])
        with emitter.loop_over_row(matrix) as distance:
            emitter.prefetch(emitter.offset(address, distance))
        return context.get_dummy_value()

    return types.void(matrix, types.int64), emit


@intrinsic
def _gradient_tile(
    typing_context, inputs, input_row, input_tile, outputs, output_row, output_count,
    labels, rates, scores, gradients, skips_saturated,
):  # fmt: skip
    """Scores and gradients of one or two input rows with up to eight output rows."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        inputs, outputs, labels, rates, scores, gradients = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 3, 6, 7, 8, 9)
        )
        first_input, first_output = arguments[1], arguments[4]
        column = emitter.scaled(first_output, 4)
        for rows in emitter.when_equal(arguments[2], (1, INPUT_TILE)):
            for columns in emitter.tile_widths(arguments[5], first_output):
                shape = rows, columns
                logits = emitter.tile_scores(inputs, first_input, outputs, first_output, shape)
                label, rate = (emitter.load_outputs(a, column, rows) for a in (labels, rates))
                error = builder.fsub(label, emitter.sigmoid(logits))
                emitter.store_tile(logits, scores, first_input, column)
                gradient = emitter.unless_saturated(
                    builder.fmul(error, rate), logits, arguments[10]
                )
                emitter.store_tile(gradient, gradients, first_input, column)
        return context.get_dummy_value()

    signature = types.void(
        inputs, types.int64, types.int64, outputs, types.int64, types.int64,
        labels, rates, scores, gradients, types.boolean,
    )  # fmt: skip
    return signature, emit


@intrinsic
def _update_tile(
    typing_context, inputs, input_count, outputs, output_row, output_count, gradients,
    input_matrix, input_rows, output_matrix, output_rows,
):  # fmt: skip
    """Both updates of all input rows with up to eight output rows."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        inputs, outputs, gradients, input_matrix, input_rows, output_matrix, output_rows = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2, 5, 6, 7, 8, 9)
        )
        first = arguments[3]
        for columns in emitter.tile_widths(arguments[4], first):
            numbers = [builder.add(first, emitter.index(k)) for k in range(columns)]
            blocks = [outputs.row(number) for number in numbers]
            targets = [output_matrix.row(emitter.load_index(output_rows, n)) for n in numbers]
            deltas = [emitter.slot() for _ in numbers]
            with emitter.loop_over_row(inputs) as distance:
                values = [emitter.load_vector(emitter.offset(row, distance)) for row in blocks]
                for delta in deltas:
                    builder.store(emitter.constant(0.0, LANES), delta)
                with emitter.loop(arguments[1]) as i:
                    row = input_matrix.row(emitter.load_index(input_rows, i))
                    weights = emitter.offset(gradients.row(i), emitter.scaled(first, 4))
                    value = emitter.load_vector(emitter.offset(inputs.row(i), distance))
                    target = emitter.offset(row, distance)
                    emitter.update_rows(weights, value, values, deltas, target)
                # One after another: a row that stands twice gets both updates.
                for row, delta in zip(targets, deltas, strict=True):
                    target = emitter.offset(row, distance)
                    total = builder.fadd(emitter.load_vector(target), builder.load(delta))
                    emitter.store_vector(total, target)
        return context.get_dummy_value()

    signature = types.void(
        inputs, types.int64, outputs, types.int64, types.int64, gradients,
        input_matrix, input_rows, output_matrix, output_rows,
    )  # fmt: skip
    return signature, emit


@jit
def gather(matrix: Floats, rows: Int32s, count: int, block: Floats) -> None:
    """Copy `count` rows of `matrix`, named by int32 `rows`, to the first rows of `block`."""
    for k in range(count):
        _copy_row(matrix, np.int64(rows[k]), block, k)


@jit
def gather_mean(matrix: Floats, rows: Int32s, count: int, block: Floats) -> None:
    """Write the mean of `count` rows of `matrix`, named by int32 `rows`, to block[0]."""
    _mean_rows(matrix, rows, count, block)


@jit
def scatter(error: Floats, matrix: Floats, rows: Int32s, count: int) -> None:
    """Add error[0] to `count` rows of `matrix`, one after another, and set it to zero."""
    _add_to_rows(error, matrix, rows, count)


@jit
def scatter_changes(
    block: Floats, before: Floats, count: int, matrix: Floats, rows: Int32s
) -> None:
    """Add to `count` rows of `matrix`, named by `rows`, what changed in the block's rows."""
    for k in range(count):
        _add_changes(block, before, k, matrix, np.int64(rows[k]))


@jit
def prefetch(matrix: Floats, row: int) -> None:
    """Ask for the cache lines of matrix[row] ahead of use."""
    _prefetch(matrix, np.int64(row))


@jit
def compute_gradients(
    inputs: Floats,
    input_count: int,
    outputs: Floats,
    output_count: int,
    labels: Floats,
    rates: Floats,
    scores: Floats,
    gradients: Floats,
    skips_saturated: bool,
) -> None:
    """Fill the scores and gradients of every input row of a block with every output row.

    `inputs`, `outputs`: blocks; `input_count` ≥ 1, where an odd number above 1 is rounded up, for
    which the block has room; `output_count` ≥ 2 and even. `labels`, `rates`: room for a multiple
    of 8. `scores`, `gradients`: (inputs, a multiple of 8 outputs).
    `skips_saturated`: the gradient is 0 where a score lies beyond ±6.
    """
    for j in range(0, output_count, OUTPUT_TILE):
        for i in range(0, input_count, INPUT_TILE):
            _gradient_tile(
                inputs, i, min(input_count, INPUT_TILE), outputs, j, output_count,
                labels, rates, scores, gradients, skips_saturated,
            )  # fmt: skip


@jit
def apply_updates(
    inputs: Floats,
    input_count: int,
    outputs: Floats,
    output_count: int,
    gradients: Floats,
    input_matrix: Floats,
    input_rows: Int32s,
    output_matrix: Floats,
    output_rows: Int32s,
) -> None:
    """Add both updates of a step to the rows of the two matrices.

    The blocks are those of `compute_gradients`, with the rows as they were before the step;
    `input_rows`, `output_rows`: int32, where each of them belongs.
    """
    for j in range(0, output_count, OUTPUT_TILE):
        _update_tile(
            inputs, input_count, outputs, j, output_count, gradients,
            input_matrix, input_rows, output_matrix, output_rows,
        )  # fmt: skip


if not JIT_ENABLED:
    from w2v.kernels.portable import (  # noqa: F401
        apply_updates,
        compute_gradients,
        gather,
        gather_mean,
        prefetch,
        scatter,
        scatter_changes,
    )

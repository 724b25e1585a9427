"""The arithmetic of one training step as explicit vector code, shared by every variant.

There are two kinds of step, each with gradients and updates. `row_gradients` and `row_updates`
train one vector (the *query*) against some rows:

    score[j]    = query · row[j]
    gradient[j] = (label[j] − σ(score[j])) · rate   (or 0 beyond ±6)
    error      += Σ_j gradient[j] · row[j]
    row[j]     += gradient[j] · query                             (one after another)

The query is the mean of a CBOW window, or a context word against its Huffman path.
`pair_gradients` and `pair_updates` train the context words of a window against the centre word and
its noise, eight output rows at once, all scores from the values before:

    gradient[i, j] = (label[j] − σ(input[i] · output[j])) · rate
    input[i]      += Σ_j gradient[i, j] · output[j]
    output[j]     += Σ_i gradient[i, j] · input[i]

The formulas are word2vec.c's, with an exact sigmoid. A sigmoid that ended at its value for ±6
would push for ever on scores that are already right. The two small matrix products are HogBatch's
(Ji et al., 2016, arXiv 1611.06172).

Plain loops are slower: LLVM guards a loop over several row views with run-time alias checks and
keeps no row in registers. The vector code below ran 1.5 times as fast. With NUMBA_DISABLE_JIT=1
the functions of the same names in portable.py are bound instead.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Floats, Int32s, jit
from w2v.kernels.vector_ir import FLOAT, INPUT_TILE, LANES, OUTPUT_TILE, Emitter


@intrinsic
def _row_tile(
    typing_context, query, query_row, matrix, rows, first_row, row_count,
    labels, rate, skips_saturated, scores, gradients,
):  # fmt: skip
    """Write scores and gradients of the query with up to eight rows."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        query, matrix, rows, labels, scores, gradients = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2, 3, 6, 9, 10)
        )
        first = arguments[4]
        column = emitter.scaled(first, 4)
        zero = emitter.index(0)
        for columns in emitter.tile_widths(arguments[5], first):
            others = emitter.row_addresses(matrix, rows, first, columns)
            logits = emitter.tile_scores(query, [query.row(arguments[1])], others)
            error = builder.fsub(emitter.load_outputs(labels, column, 1), emitter.sigmoid(logits))
            gradient = builder.fmul(error, emitter.splat(arguments[7], OUTPUT_TILE))
            gradient = emitter.unless_saturated(gradient, logits, arguments[8])
            emitter.store_tile(gradient, gradients, zero, column)
            emitter.store_tile(logits, scores, zero, column)
        return context.get_dummy_value()

    signature = types.void(
        query, types.int64, matrix, rows, types.int64, types.int64,
        labels, types.float32, types.boolean, scores, gradients,
    )  # fmt: skip
    return signature, emit


@intrinsic
def _row_update(
    typing_context, query, query_row, matrix, rows, first_row, row_count, gradients, error
):  # fmt: skip
    """error[0] += Σ gradient · row, and each of up to eight rows its update."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        query, matrix, rows, gradients, error = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 2, 3, 6, 7)
        )
        source = query.row(arguments[1])
        first = arguments[4]
        weights = emitter.offset(gradients.pointer, emitter.scaled(first, 4))
        for columns in emitter.tile_widths(arguments[5], first):
            targets = emitter.row_addresses(matrix, rows, first, columns)
            factors = [
                emitter.splat(emitter.load(emitter.offset(weights, emitter.index(4 * k)), FLOAT, 4))
                for k in range(columns)
            ]
            with emitter.loop_over_row(query) as distance:
                value = emitter.load_vector(emitter.offset(source, distance))
                place = emitter.offset(error.pointer, distance)
                total = emitter.load_vector(place)
                for factor, row in zip(factors, targets, strict=True):
                    target = emitter.offset(row, distance)
                    old = emitter.load_vector(target)
                    total = emitter.multiply_add(factor, old, total)
                    emitter.store_vector(emitter.multiply_add(factor, value, old), target)
                emitter.store_vector(total, place)
        return context.get_dummy_value()

    integer = types.int64
    return types.void(query, integer, matrix, rows, integer, integer, gradients, error), emit


@intrinsic
def _pair_tile(
    typing_context, inputs, input_rows, first_input, outputs, output_rows, output_count,
    labels, rate, scores, gradients,
):  # fmt: skip
    """Write scores and gradients of two input rows with up to eight output rows."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        inputs, input_rows, outputs, output_rows, labels, scores, gradients = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 3, 4, 6, 8, 9)
        )
        first_input, zero = arguments[2], emitter.index(0)
        left = emitter.row_addresses(inputs, input_rows, first_input, INPUT_TILE)
        for columns in emitter.tile_widths(arguments[5], zero):
            right = emitter.row_addresses(outputs, output_rows, zero, columns)
            logits = emitter.tile_scores(inputs, left, right)
            label = emitter.load_outputs(labels, zero, INPUT_TILE)
            error = builder.fsub(label, emitter.sigmoid(logits))
            rate = emitter.splat(arguments[7], INPUT_TILE * OUTPUT_TILE)
            emitter.store_tile(builder.fmul(error, rate), gradients, first_input, zero)
            emitter.store_tile(logits, scores, first_input, zero)
        return context.get_dummy_value()

    signature = types.void(
        inputs, input_rows, types.int64, outputs, output_rows, types.int64,
        labels, types.float32, scores, gradients,
    )  # fmt: skip
    return signature, emit


@intrinsic
def _pair_update(
    typing_context, inputs, input_rows, input_count, outputs, output_rows, output_count, gradients
):  # fmt: skip
    """Add both updates of all input rows with up to eight output rows."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        inputs, input_rows, outputs, output_rows, gradients = (
            emitter.matrix(signature.args[k], arguments[k]) for k in (0, 1, 3, 4, 6)
        )
        zero = emitter.index(0)
        for columns in emitter.tile_widths(arguments[5], zero):
            targets = emitter.row_addresses(outputs, output_rows, zero, columns)
            deltas = [emitter.slot() for _ in targets]
            with emitter.loop_over_row(inputs) as distance:
                values = [emitter.load_vector(emitter.offset(row, distance)) for row in targets]
                for delta in deltas:
                    builder.store(emitter.constant(0.0, LANES), delta)
                with emitter.loop(arguments[2]) as i:
                    row = inputs.row(emitter.load_index(input_rows, i))
                    target = emitter.offset(row, distance)
                    value = emitter.load_vector(target)
                    emitter.update_rows(gradients.row(i), value, values, deltas, target)
                # One after another: a row that stands twice gets both updates.
                for row, delta in zip(targets, deltas, strict=True):
                    target = emitter.offset(row, distance)
                    total = builder.fadd(emitter.load_vector(target), builder.load(delta))
                    emitter.store_vector(total, target)
        return context.get_dummy_value()

    signature = types.void(
        inputs, input_rows, types.int64, outputs, output_rows, types.int64, gradients
    )
    return signature, emit


@jit
def row_gradients(
    query: Floats, query_row: int, matrix: Floats, rows: Int32s, first: int, stop: int,
    labels: Floats, rate: np.float32, skips_saturated: bool, scores: Floats, gradients: Floats,
) -> None:  # fmt: skip
    """Write the scores and gradients of query[query_row] with rows[first:stop] of a matrix.

    Parameters
    ----------
    query, matrix : float32 (n, width)
        Each a matrix or a block.
    query_row, first, stop : int
    rows : int32 (stop or more,)
    labels : float32, room for 8 more than `stop`
        1 or 0.
    rate : float32
        The learning rate.
    skips_saturated : bool
        Whether the gradient is 0 where a score lies beyond ±6.
    scores, gradients : float32 (1 or more, room for 8 more than `stop`)
        Entries from `first` on of their first rows are written, perhaps some beyond `stop`.
    """
    for j in range(first, stop, OUTPUT_TILE):
        _row_tile(
            query, query_row, matrix, rows, j, stop,
            labels, rate, skips_saturated, scores, gradients,
        )  # fmt: skip


@jit
def row_updates(
    query: Floats, query_row: int, matrix: Floats, rows: Int32s, count: int,
    gradients: Floats, error: Floats,
) -> None:  # fmt: skip
    """Add the updates to `count` rows of a matrix, and the query's own update to error[0].

    The rows are read as they are written: another pass over copies of them would cost more than a
    twentieth of the time. Where a vector is the sum of several rows, all of them are listed here,
    each with the vector's gradient: their parts of the error add up to the vector's.

    Parameters
    ----------
    query, matrix : float32 (n, width)
        Each a matrix or a block; rows `rows` of `matrix` are written.
    query_row, count : int
    rows : int32 (count or more,)
    gradients : float32 (1 or more, room for a multiple of 8)
        Its first row is read.
    error : float32 (1, width)
        Written.
    """
    for j in range(0, count, OUTPUT_TILE):
        _row_update(query, query_row, matrix, rows, j, count, gradients, error)


@jit
def pair_gradients(
    inputs: Floats, input_rows: Int32s, input_count: int,
    outputs: Floats, output_rows: Int32s, output_count: int,
    labels: Floats, rate: np.float32, scores: Floats, gradients: Floats,
) -> None:  # fmt: skip
    """Write the scores and gradients of some input rows, each with up to eight output rows.

    Parameters
    ----------
    inputs, outputs : float32 (n, width)
        The two matrices.
    input_rows : int32 (input_count + 1 or more,)
        All entries are rows of the matrix; the one after the last is read, and does not matter.
    input_count : int
        1 or more.
    output_rows : int32 (output_count or more,)
    output_count : int
        1 to 8.
    labels : float32, room for 8
        1 or 0 for each output row.
    rate : float32
        The learning rate.
    scores, gradients : float32 (input_count + 1 or more, 8 or more)
        Written.
    """
    for i in range(0, input_count, INPUT_TILE):
        _pair_tile(
            inputs, input_rows, i, outputs, output_rows, output_count,
            labels, rate, scores, gradients,
        )  # fmt: skip


@jit
def pair_updates(
    inputs: Floats, input_rows: Int32s, input_count: int,
    outputs: Floats, output_rows: Int32s, output_count: int, gradients: Floats,
) -> None:  # fmt: skip
    """Add the updates of a step to its rows of both matrices.

    Every row is read as it is written. With copies of the rows, all as they were before, and a list
    of how often each one counts, training took a sixth more time. Where a word stands in the window
    twice, its second update comes after its first, and so does its second part of the output rows'
    updates. For the parameters see `pair_gradients`, which writes `gradients`.
    """
    _pair_update(inputs, input_rows, input_count, outputs, output_rows, output_count, gradients)


if not JIT_ENABLED:
    from w2v.kernels.portable import (  # noqa: F401
        pair_gradients,
        pair_updates,
        row_gradients,
        row_updates,
    )

"""Rows and entries of tables are brought into the cache before they are needed.

With NUMBA_DISABLE_JIT=1 the first three are bound to the functions of the same names in
portable.py.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from w2v.kernels.jit import JIT_ENABLED, Floats, jit
from w2v.kernels.state import Listed, Matrices, Targets
from w2v.kernels.vector_ir import Emitter

TOP_NODES = 8  # the first nodes of a path, whose rows are always in the L2 cache


def _prefetching(matrix, to_write):
    """Return the signature and the code of a prefetch of one row."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        matrix = emitter.matrix(signature.args[0], arguments[0])
        address = matrix.row(arguments[1])
        with emitter.loop_over_row(matrix) as distance:
            emitter.prefetch(emitter.offset(address, distance), to_write)
        return context.get_dummy_value()

    return types.void(matrix, types.int64), emit


@intrinsic
def _prefetch(typing_context, matrix, row):
    """Prefetch the cache lines of matrix[row], which will be written."""

    return _prefetching(matrix, to_write=True)


@intrinsic
def _prefetch_unchanged(typing_context, matrix, row):
    """Prefetch the cache lines of matrix[row], which will be read; others may keep them."""

    return _prefetching(matrix, to_write=False)


@intrinsic
def _prefetch_entry(typing_context, array, index):
    """Prefetch the cache line of array[index]."""

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder)
        array = emitter.matrix(signature.args[0], arguments[0])
        emitter.prefetch(array.row(arguments[1]))
        return context.get_dummy_value()

    return types.void(array, types.int64), emit


@jit
def prefetch(matrix: Floats, row: int) -> None:
    """Prefetch the cache lines of matrix[row], which will be written."""
    _prefetch(matrix, np.int64(row))


@jit
def prefetch_unchanged(matrix: Floats, row: int) -> None:
    """Prefetch the cache lines of matrix[row] for reading, without taking them from other cores."""
    _prefetch_unchanged(matrix, np.int64(row))


@jit
def prefetch_entry(array: NDArray[Any], index: int) -> None:
    """Prefetch the cache line of an entry of a table."""
    _prefetch_entry(array, np.int64(index))


if not JIT_ENABLED:
    from w2v.kernels.portable import (  # noqa: F401
        prefetch,
        prefetch_entry,
        prefetch_unchanged,
    )


@jit
def prefetch_center(
    index: int,
    last: int,
    total: int,
    window: int,
    listed: Listed,
    targets: Targets,
    matrices: Matrices,
) -> None:
    """Prefetch the rows that centre word `index` adds, but the first nodes of its path."""
    if index + window < total:
        prefetch(matrices.input, listed.words[index + window])
    if index < last:
        prefetch_words(targets.starts[index], targets.paths[index], targets, matrices)
        for k in range(targets.paths[index] + TOP_NODES, targets.starts[index + 1]):
            prefetch(matrices.output, targets.rows[k])


@jit
def prefetch_words(start: int, stop: int, targets: Targets, matrices: Matrices) -> None:
    """Prefetch the output rows that entries `start` to `stop` − 1 of the targets name."""
    for k in range(start, stop):
        prefetch(matrices.output, targets.rows[k])

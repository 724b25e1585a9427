"""Rows and entries of tables are brought into the cache before they are needed.

With NUMBA_DISABLE_JIT=1 the functions of the same names in portable.py are bound instead.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from w2v.kernels.jit import JIT_ENABLED, Floats, jit
from w2v.kernels.vector_ir import Emitter


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

"""Counters and flags that several threads change at the same time, without the interpreter lock.

With NUMBA_DISABLE_JIT=1 the functions of the same names in portable.py are bound instead.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import platform
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Int64s, jit
from w2v.kernels.vector_ir import Emitter

_MACHINE = platform.machine().lower()
_WHOLE_SYSTEM = 15  # AArch64: a barrier for instructions, which takes as long as a pause of x86


def _entry(context, builder, signature, arguments):
    """Return the address of an entry of an int64 array."""
    emitter = Emitter(context, builder)
    array = emitter.matrix(signature.args[0], arguments[0])
    return builder.bitcast(array.row(arguments[1]), ir.IntType(64).as_pointer())


def _exchanging(operation: str) -> Any:
    """Return the code that changes an entry with an operand, and returns what it was before."""

    def emit(context, builder, signature, arguments):
        address = _entry(context, builder, signature, arguments)
        return builder.atomic_rmw(operation, address, arguments[2], "seq_cst")

    return emit


@intrinsic
def _exchange(typing_context, array, index, value):
    """Set array[index] to a value; return what it was."""
    return types.int64(array, types.int64, types.int64), _exchanging("xchg")


@intrinsic
def _add(typing_context, array, index, value):
    """Add a value to array[index]; return what it was."""
    return types.int64(array, types.int64, types.int64), _exchanging("add")


@intrinsic
def _read(typing_context, array, index):
    """Return array[index] as the last thread to write it has left it."""

    def emit(context, builder, signature, arguments):
        address = _entry(context, builder, signature, arguments)
        return builder.load_atomic(address, "acquire", 8)

    return types.int64(array, types.int64), emit


@intrinsic
def _pause(typing_context):
    """Let the processor know that this loop only waits: its other hardware thread runs faster."""

    def emit(context, builder, signature, arguments):
        number = ir.IntType(32)
        if _MACHINE in {"x86_64", "amd64"}:
            name, values = "llvm.x86.sse2.pause", []
        elif _MACHINE in {"aarch64", "arm64"}:
            name, values = "llvm.aarch64.isb", [ir.Constant(number, _WHOLE_SYSTEM)]
        else:
            return context.get_dummy_value()
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)
        return context.get_dummy_value()

    return types.void(), emit


@jit
def claim(flags: Int64s, index: int) -> bool:
    """Set a flag that is 0 to 1; return whether this call has done it, and no other thread."""
    place = np.int64(index)
    # A look first: to exchange takes the cache line from the threads that claim flags beside it.
    return _read(flags, place) == 0 and _exchange(flags, place, np.int64(1)) == 0


@jit
def add_one(counters: Int64s, index: int) -> None:
    """Add 1 to a counter. Who then reads it by `wait_for` sees all that was written before."""
    _add(counters, np.int64(index), np.int64(1))


@jit
def wait_for(counters: Int64s, index: int, least: int, looks: int) -> bool:
    """Look at a counter, at most so many times, until it has reached `least`.

    Returns
    -------
    bool
        Whether it has.
    """
    for _ in range(looks):
        if _read(counters, np.int64(index)) >= least:
            return True
        _pause()
    return False


if not JIT_ENABLED:
    from w2v.kernels.portable import add_one, claim, wait_for  # noqa: F401

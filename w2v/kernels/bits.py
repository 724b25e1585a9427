"""Bytes as bit masks and machine words: the few instructions that Numba has no name for.

Intrinsics cannot run with NUMBA_DISABLE_JIT=1; the functions at the end take their place then.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.types.containers import UniTuple
from numba.extending import intrinsic

from w2v.kernels.jit import JIT_ENABLED, Bytes, UInt64s

MASK_BYTES = 64  # bytes that a mask covers; LLVM splits the vector on narrower machines

_BYTE, _INT32, _INT64 = (ir.IntType(width) for width in (8, 32, 64))


def _address(context, builder, array_type, array, position):
    """Return a pointer to the byte at `position` of an array's memory."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(builder.bitcast(data, _BYTE.as_pointer()), [position])


def _load(builder, pointer, kind):
    loaded = builder.load(builder.bitcast(pointer, kind.as_pointer()))
    loaded.align = 1
    return loaded


@intrinsic
def byte_masks(typing_context, data, position):
    """Return three masks of data[position : position + 64], as uint64 with one bit a byte.

    The first marks the ASCII white space of `str.split()`, the second line feeds and carriage
    returns, the third bytes that may begin a longer white space character in UTF-8.
    """

    def emit(context, builder, signature, arguments):
        kind = ir.VectorType(_BYTE, MASK_BYTES)
        letters = _load(builder, _address(context, builder, data, *arguments), kind)

        def within(low, high):
            first, length = (ir.Constant(kind, [k] * MASK_BYTES) for k in (low, high - low))
            return builder.icmp_unsigned("<=", builder.sub(letters, first), length)

        masks = [
            builder.or_(within(9, 13), within(28, 32)),
            builder.or_(within(10, 10), within(13, 13)),
            builder.or_(within(0xC2, 0xC2), within(0xE1, 0xE3)),
        ]
        masks = [builder.bitcast(mask, _INT64) for mask in masks]
        return context.make_tuple(builder, signature.return_type, masks)

    return UniTuple(types.uint64, 3)(data, types.int64), emit


@intrinsic
def load_letters(typing_context, data, position):
    """Return data[position : position + 8] as one uint64, with the first byte lowest."""

    def emit(context, builder, signature, arguments):
        return _load(builder, _address(context, builder, data, *arguments), _INT64)

    return types.uint64(data, types.int64), emit


@intrinsic
def trailing_zeros(typing_context, mask):
    """Return the index of the lowest set bit of a uint64 other than 0."""

    def emit(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), emit


@intrinsic
def bit_count(typing_context, mask):
    """Return the number of set bits of a uint64."""

    def emit(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), emit


@intrinsic
def high_product(typing_context, first, second):
    """Return the upper 64 bits of the product of two uint64."""

    def emit(context, builder, signature, arguments):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), _INT64)

    return types.uint64(types.uint64, types.uint64), emit


@intrinsic
def prefetch_record(typing_context, records, index):
    """Prefetch the cache line of a row of a uint64 (n, 4) array that will be written soon."""

    def emit(context, builder, signature, arguments):
        position = builder.mul(arguments[1], ir.Constant(_INT64, 32))
        pointer = _address(context, builder, records, arguments[0], position)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type] + [_INT32] * 3)
        name = f"llvm.prefetch.p0{'i8' if 'i8' in str(pointer.type) else ''}"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        write, locality, cached = (ir.Constant(_INT32, k) for k in (1, 3, 1))
        builder.call(function, [pointer, write, locality, cached])
        return context.get_dummy_value()

    return types.void(records, types.int64), emit


def _byte_masks(data: Bytes, position: int) -> tuple[np.uint64, np.uint64, np.uint64]:
    letters = data[position : position + MASK_BYTES]
    return (
        _mask(np.isin(letters, [9, 10, 11, 12, 13, 28, 29, 30, 31, 32])),
        _mask(np.isin(letters, [10, 13])),
        _mask(np.isin(letters, [0xC2, 0xE1, 0xE2, 0xE3])),
    )


def _mask(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> np.uint64:
    return np.uint64(int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little"))


def _load_letters(data: Bytes, position: int) -> np.uint64:
    return np.uint64(int.from_bytes(data[position : position + 8].tobytes(), "little"))


def _trailing_zeros(mask: np.uint64) -> int:
    return (int(mask) & -int(mask)).bit_length() - 1


def _bit_count(mask: np.uint64) -> int:
    return int(mask).bit_count()


def _high_product(first: np.uint64, second: np.uint64) -> np.uint64:
    return np.uint64(int(first) * int(second) >> 64)


def _prefetch_record(records: UInt64s, index: int) -> None:
    pass


if not JIT_ENABLED:
    byte_masks, load_letters = _byte_masks, _load_letters
    trailing_zeros, bit_count = _trailing_zeros, _bit_count
    high_product, prefetch_record = _high_product, _prefetch_record

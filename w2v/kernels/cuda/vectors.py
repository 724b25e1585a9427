"""Four floats at once: the card's own instructions, which Numba has no functions for."""

from typing import Any

from llvmlite import ir
from numba import cuda
from numba.core import types as numba_types
from numba.cuda.extending import intrinsic

types: Any = numba_types  # its stubs lack some names
_FLOAT = ir.FloatType()
_FOUR = ir.LiteralStructType([_FLOAT] * 4)
_ADDRESS = ir.IntType(64)
_ADDS_FOUR = (9, 0)  # the compute capability from which on one instruction adds four floats
_PLACE = (types.int32, types.int32, types.int32)


def _address(context: Any, builder: Any, array_type: Any, args: Any) -> Any:
    """Return the address of a column of a row, in a matrix of floats with rows end to end.

    The product of two numbers of 32 bits is one instruction, and has 64.
    """
    array, row, width, column = args
    matrix = context.make_array(array_type)(context, builder, value=array)
    row, width, column = (builder.sext(number, _ADDRESS) for number in (row, width, column))
    at_column = builder.gep(matrix.data, [column])
    return builder.ptrtoint(builder.gep(at_column, [builder.mul(row, width)]), _ADDRESS)


@intrinsic
def load_four(typing_context: Any, matrix: Any, row: Any, width: Any, column: Any) -> Any:
    """Return four floats of a row, as they now are in the cache that all multiprocessors share."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args)
        kind = ir.FunctionType(_FOUR, [_ADDRESS])
        load = "ld.relaxed.gpu.global.v4.f32 {$0, $1, $2, $3}, [$4];"
        assembly = ir.InlineAsm(kind, load, "=f,=f,=f,=f,l", side_effect=True)
        values = builder.call(assembly, [address])
        parts = [builder.extract_value(values, k) for k in range(4)]
        return context.make_tuple(builder, signature.return_type, parts)

    return types.UniTuple(types.float32, 4)(matrix, *_PLACE), generate


@intrinsic
def add_four(
    typing_context: Any, matrix: Any, row: Any, width: Any, column: Any, a: Any, b: Any, c: Any,
    d: Any,
) -> Any:  # fmt: skip
    """Add four floats to a row, each atomically."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[:4])
        kind = ir.FunctionType(ir.VoidType(), [_ADDRESS] + [_FLOAT] * 4)
        if cuda.get_current_device().compute_capability >= _ADDS_FOUR:
            add = "red.relaxed.gpu.global.add.v4.f32 [$0], {$1, $2, $3, $4};"
        else:
            add = "".join(
                f"red.relaxed.gpu.global.add.f32 [$0+{4 * k}], ${k + 1};" for k in range(4)
            )
        assembly = ir.InlineAsm(kind, add, "l,f,f,f,f", side_effect=True)
        builder.call(assembly, [address, *args[4:]])
        return context.get_dummy_value()

    return types.none(matrix, *_PLACE, *[types.float32] * 4), generate

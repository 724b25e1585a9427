"""Vector instructions for the intrinsics of rows.py, simd.py and adasum.py, written as LLVM IR.

Vectors always have 16 floats; LLVM splits them on machines with narrower ones.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils

from w2v.kernels.state import MAX_LOGIT

LANES = 16  # floats in a vector; the rows of all matrices are padded to a multiple of it
OUTPUT_TILE = 8  # output rows held in registers at once
INPUT_TILE = 2  # input rows whose scores are summed at once: 2 × 8 sums fill one vector

FLOAT = ir.FloatType()
_INT32 = ir.IntType(32)
_INT64 = ir.IntType(64)
_ALIGNMENT = 4 * LANES
_LARGEST = 87.0  # exp(87) still fits in a float32
# 2^f for |f| ≤ ½, to a relative error of 3e-7.
_POWER_OF_TWO = np.polynomial.Chebyshev.interpolate(np.exp2, 5, domain=[-0.5, 0.5]).convert(
    kind=np.polynomial.Polynomial
)

Builder = Any
Value = Any


class Matrix:
    """An array argument of an intrinsic: where its data and its rows lie."""

    def __init__(self, emitter: "Emitter", array: Any) -> None:
        self.emitter = emitter
        self.pointer = emitter.builder.bitcast(array.data, ir.IntType(8).as_pointer())
        self.row_bytes = emitter.builder.extract_value(array.strides, 0)

    def row(self, index: Value) -> Value:
        return self.emitter.offset(self.pointer, self.emitter.builder.mul(self.row_bytes, index))


class Emitter:
    """Writes vector instructions for one intrinsic."""

    def __init__(self, context: Any, builder: Builder) -> None:
        self.context = context
        self.builder = builder

    def matrix(self, array_type: Any, array: Value) -> "Matrix":
        return Matrix(self, self.context.make_array(array_type)(self.context, self.builder, array))

    def offset(self, pointer: Value, distance: Value) -> Value:
        return self.builder.gep(pointer, [distance])

    def load(self, pointer: Value, kind: Any, alignment: int) -> Value:
        loaded = self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()))
        loaded.align = alignment
        return loaded

    def load_vector(self, pointer: Value) -> Value:
        return self.load(pointer, ir.VectorType(FLOAT, LANES), _ALIGNMENT)

    def store(self, value: Value, pointer: Value, alignment: int) -> None:
        target = self.builder.bitcast(pointer, value.type.as_pointer())
        self.builder.store(value, target).align = alignment

    def store_vector(self, value: Value, pointer: Value) -> None:
        self.store(value, pointer, _ALIGNMENT)

    def index(self, number: int) -> Value:
        return ir.Constant(_INT64, number)

    def scaled(self, index: Value, size: int) -> Value:
        return self.builder.mul(index, self.index(size))

    def load_index(self, array: "Matrix", position: Value) -> Value:
        """Return entry `position` of an int32 array as int64."""
        address = self.offset(array.pointer, self.scaled(position, 4))
        return self.builder.sext(self.load(address, _INT32, 4), _INT64)

    def slot(self) -> Value:
        """Return a place for a vector that changes in a loop; LLVM keeps it in a register."""
        return cgutils.alloca_once(self.builder, ir.VectorType(FLOAT, LANES))

    def prefetch(self, pointer: Value, to_write: bool = True) -> None:
        kind = ir.FunctionType(ir.VoidType(), [pointer.type] + [_INT32] * 3)
        name = f"llvm.prefetch.p0{'i8' if 'i8' in str(pointer.type) else ''}"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        write, locality, data = (ir.Constant(_INT32, k) for k in (int(to_write), 3, 1))
        self.builder.call(function, [pointer, write, locality, data])

    def constant(self, number: float, lanes: int) -> Value:
        return ir.Constant(ir.VectorType(FLOAT, lanes), [float(np.float32(number))] * lanes)

    def splat(self, value: Value, lanes: int = LANES) -> Value:
        kind = ir.VectorType(value.type, lanes)
        single = self.builder.insert_element(
            ir.Constant(kind, ir.Undefined), value, ir.Constant(_INT32, 0)
        )
        return self.shuffle(single, single, [0] * lanes)

    def shuffle(self, first: Value, second: Value, lanes: list[int]) -> Value:
        mask = ir.Constant(ir.VectorType(_INT32, len(lanes)), lanes)
        return self.builder.shuffle_vector(first, second, mask)

    def multiply_add(self, first: Value, second: Value, addend: Value) -> Value:
        """Return first · second + addend, fused only where the machine can.

        `llvm.fmuladd`, not `llvm.fma`: without FMA hardware the latter calls the C library, at 0.08
        M words/s against 1.3 M.
        """
        kind = first.type
        name = f"llvm.fmuladd.v{kind.count}f32"
        function = cgutils.get_or_insert_function(
            self.builder.module, ir.FunctionType(kind, [kind] * 3), name
        )
        return self.builder.call(function, [first, second, addend])

    @contextmanager
    def loop(self, count: Value) -> Iterator[Value]:
        with cgutils.for_range(self.builder, count, intp=_INT64) as loop:
            yield loop.index

    @contextmanager
    def loop_over_row(self, matrix: "Matrix") -> Iterator[Value]:
        """Loop over the vectors of a row; the value is the distance in bytes from its start."""
        vectors = self.builder.lshr(matrix.row_bytes, self.index(6))
        with self.loop(vectors) as number:
            yield self.builder.shl(number, self.index(6))

    def row_addresses(
        self, matrix: "Matrix", rows: "Matrix", first: Value, count: int
    ) -> list[Value]:
        """Return the addresses of the rows named by entries `first` to `first` + `count` − 1."""
        return [
            matrix.row(self.load_index(rows, self.builder.add(first, self.index(k))))
            for k in range(count)
        ]

    def tile_scores(self, inputs: "Matrix", left: list[Value], right: list[Value]) -> Value:
        """Return the dot products of a tile's rows, with 8 lanes for each input row."""
        builder = self.builder
        sums = [[self.slot() for _ in right] for _ in left]
        for slot in (slot for row in sums for slot in row):
            builder.store(self.constant(0.0, LANES), slot)
        with self.loop_over_row(inputs) as distance:
            values = [self.load_vector(self.offset(row, distance)) for row in left]
            for column, row in enumerate(right):
                other = self.load_vector(self.offset(row, distance))
                for k, value in enumerate(values):
                    total = self.multiply_add(value, other, builder.load(sums[k][column]))
                    builder.store(total, sums[k][column])
        empty = [None] * (OUTPUT_TILE - len(right))
        return self.lane_sums([v for row in sums for v in [*map(builder.load, row), *empty]])

    def load_outputs(self, array: "Matrix", column: Value, repeats: int) -> Value:
        """Return 8 entries of a float array, from `column` (in bytes), once for each input row."""
        kind = ir.VectorType(FLOAT, OUTPUT_TILE)
        eight = self.load(self.offset(array.pointer, column), kind, 4)
        return self.shuffle(eight, eight, list(range(OUTPUT_TILE)) * repeats)

    def store_tile(self, tile: Value, target: "Matrix", row: Value, column: Value) -> None:
        """Store 8 lanes in each of a tile's rows of `target`, from `column` (in bytes) on."""
        for k in range(tile.type.count // OUTPUT_TILE):
            lanes = list(range(k * OUTPUT_TILE, (k + 1) * OUTPUT_TILE))
            address = target.row(self.builder.add(row, self.index(k)))
            self.store(self.shuffle(tile, tile, lanes), self.offset(address, column), 4)

    def update_rows(
        self, weights: Value, value: Value, values: list[Value], deltas: list[Value], target: Value
    ) -> None:
        """Add Σ_k weights[k] · values[k] to `target`, and weights[k] · value to deltas[k]."""
        total = self.load_vector(target)
        for k, (other, delta) in enumerate(zip(values, deltas, strict=True)):
            weight = self.load(self.offset(weights, self.index(4 * k)), FLOAT, 4)
            factor = self.splat(weight)
            total = self.multiply_add(factor, other, total)
            self.builder.store(self.multiply_add(factor, value, self.builder.load(delta)), delta)
        self.store_vector(total, target)

    def when_equal(self, number: Value, choices: Sequence[int]) -> Iterator[int]:
        """Yield each choice inside a branch taken where `number` equals it."""
        for choice in choices:
            equal = self.builder.icmp_signed("==", number, self.index(choice))
            with self.builder.if_then(equal):
                yield choice

    def tile_widths(self, output_count: Value, first_output: Value) -> Iterator[int]:
        """Yield each width of a tile inside the branch for it; the last one may be narrow."""
        rest = self.builder.sub(output_count, first_output)
        full = self.builder.icmp_signed(">", rest, self.index(OUTPUT_TILE))
        width = self.builder.select(full, self.index(OUTPUT_TILE), rest)
        return self.when_equal(width, range(1, OUTPUT_TILE + 1))

    def sigmoid(self, logits: Value) -> Value:
        """1 / (1 + exp(−logits)), relative error below 1e-6; NaN stays NaN.

        exp(−x) = 2^n · 2^f, n the nearest integer of −x · log2(e) by the addition of 1.5 · 2^23,
        2^f a polynomial (|f| ≤ ½). A vector of these costs less than
        one look-up a lane in a table, and needs no index that a NaN could break.
        """
        builder, lanes = self.builder, logits.type.count
        integers = ir.VectorType(_INT32, lanes)
        for bound, comparison in ((_LARGEST, ">"), (-_LARGEST, "<")):
            limit = self.constant(bound, lanes)
            beyond = builder.fcmp_ordered(comparison, logits, limit)
            logits = builder.select(beyond, limit, logits)
        power = builder.fmul(logits, self.constant(-np.log2(np.e), lanes))
        magic = self.constant(1.5 * 2**23, lanes)
        shifted = builder.fadd(power, magic)
        fraction = builder.fsub(power, builder.fsub(shifted, magic))
        # Estrin's scheme: half as many operations wait for each other as in Horner's.
        c0, c1, c2, c3, c4, c5 = (self.constant(c, lanes) for c in _POWER_OF_TWO.coef)
        square = builder.fmul(fraction, fraction)
        low = self.multiply_add(c1, fraction, c0)
        middle = self.multiply_add(c3, fraction, c2)
        high = self.multiply_add(c5, fraction, c4)
        series = self.multiply_add(self.multiply_add(high, square, middle), square, low)
        exponent = builder.shl(
            builder.bitcast(shifted, integers), ir.Constant(integers, [23] * lanes)
        )
        scaled = builder.add(builder.bitcast(series, integers), exponent)
        one = self.constant(1.0, lanes)
        exponential = builder.bitcast(scaled, series.type)
        return builder.fdiv(one, builder.fadd(one, exponential))

    def unless_saturated(self, gradient: Value, logits: Value, skips: Value) -> Value:
        """Return the gradient, or 0 where its logit lies beyond ±6 and the flag `skips` is set."""
        builder, lanes = self.builder, logits.type.count
        above = builder.fcmp_ordered(">", logits, self.constant(MAX_LOGIT, lanes))
        below = builder.fcmp_ordered("<", logits, self.constant(-MAX_LOGIT, lanes))
        skipped = builder.and_(builder.or_(above, below), self.splat(skips, lanes))
        return builder.select(skipped, self.constant(0.0, lanes), gradient)

    def lane_sums(self, vectors: list[Value | None]) -> Value:
        """Return the sum over the lanes of each of 8 or 16 vectors, as one vector of 8 or 16.

        A transposing tree: each stage adds the halves of two vectors into one, so that
        16 horizontal sums take 30 shuffles in place of 64. None stands for a vector of zeros.
        """
        halves = _quarters(0), _quarters(4)
        both = tuple([*half, *(LANES + lane for lane in half)] for half in halves)
        for low, high in (_interleave(1), _interleave(2), both, both):
            if len(vectors) == 1:  # 8 vectors: after three stages two halves are left to add
                return self._add_shuffled((vectors[0], None), *halves)
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [self._add_shuffled(pair, low, high) for pair in pairs]
        return vectors[0]

    def _add_shuffled(
        self, pair: tuple[Value | None, Value | None], low: list[int], high: list[int]
    ) -> Value | None:
        if pair == (None, None):
            return None
        zero = self.constant(0.0, LANES)
        first, second = (zero if value is None else value for value in pair)
        return self.builder.fadd(
            self.shuffle(first, second, low), self.shuffle(first, second, high)
        )


def _quarters(start: int) -> list[int]:
    """Return the lanes of the even (start 0) or the odd (start 4) quarters of a vector."""
    return [*range(start, start + 4), *range(start + 8, start + 12)]


def _interleave(group: int) -> tuple[list[int], list[int]]:
    """Return the two shuffles that interleave groups of floats within quarters of 4 lanes."""
    low: list[int] = []
    high: list[int] = []
    for quarter in range(0, LANES, 4):
        for lanes, start in ((low, quarter), (high, quarter + 2)):
            for lane in range(start, start + 2, group):
                for source in (0, LANES):
                    lanes += [source + lane + k for k in range(group)]
    return low, high

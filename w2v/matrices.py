"""Matrices of half or a quarter of float32's size, which give float32 rows when asked for some."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_choice

Matrix = NDArray[np.float32]
DTYPES = ("float32", "float16", "int8")
_BLOCK = 512  # rows converted at once: with 300 numbers each they fit the L2 cache
_NUMBERS = 1 << 20  # converted at once at most, whatever a header says of the size of rows
_LARGEST_CODE = 127
# The largest number of a row becomes one from 2^14 to 2^15 in float16: nothing overflows, and
# numbers down to 2^-29 of the largest keep all eleven bits, however short the vector is.
_HALF_EXPONENT = 15
_SMALLEST_SCALE = np.float32(2.0**-126)  # so that it has a finite reciprocal
# A float16 whose bits are moved into a float32 is too small by this factor.
_HALF_BIAS, _ROOT_OF_BIAS = np.float32(2.0**112), np.float32(2.0**56)
_HALF_BITS = np.uint32(0x8FFF_E000).astype(np.int32)


def check_dtype(dtype: str) -> None:
    """Raise ConfigError unless vectors can be held as numbers of this type."""
    checked_choice("dtype", dtype, DTYPES)


class CompactMatrix:
    """A float32 matrix (V, d), held as float16 or int8 with a scale a row: row = scale · codes.

    int8: scale = max|x| / 127, so each number is off by half a scale at most. float16: the scale
    is a power of two, so numbers lose the last bits only: at most 2^-11 of themselves.
    A row with a number that is not finite has the scale NaN, and reads as NaN.

    Reading with an index gives float32 as from an array; assigning rows to a slice converts.
    codes: (V, d). scales: float32 (V,).
    """

    ndim = 2
    dtype = np.dtype(np.float32)  # of what an index gives

    def __init__(self, codes: NDArray[Any], scales: NDArray[np.float32]) -> None:
        self.codes = codes
        self.scales = scales

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return cast(tuple[int, int], self.codes.shape)

    @property
    def nbytes(self) -> int:
        """Memory taken, in bytes."""
        return self.codes.nbytes + self.scales.nbytes

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.codes.dtype}, shape={self.shape})"

    def __getitem__(self, rows: Any) -> Matrix:
        """Return a row (d,), or rows (n, d), as float32; or of these the columns named as well."""
        if isinstance(rows, tuple):
            first, *columns = rows
            decoded = self[first]
            return decoded[(slice(None),) * (decoded.ndim - 1) + tuple(columns)]
        codes = self.codes[rows]
        decoded = np.empty(codes.shape, dtype=np.float32)
        if codes.dtype == np.float16:
            _decode_half(codes, decoded)
            decoded *= _HALF_BIAS
        else:
            _decode_bytes(codes, decoded)
        decoded *= self.scales[rows][..., np.newaxis]
        return decoded

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("A compact matrix cannot become an array without a copy.")
        whole = np.empty(self.shape, dtype=np.float32)
        for start in range(0, len(self), _BLOCK):
            whole[start : start + _BLOCK] = self[start : start + _BLOCK]
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __setitem__(self, rows: slice, values: Matrix) -> None:
        start = rows.indices(len(self))[0]
        encode = _encode_half if self.codes.dtype == np.float16 else _encode_bytes
        step = self._rows_at_once(len(values))
        memory = np.empty((step, self.shape[1]), dtype=np.float32)
        for first in range(0, len(values), step):
            block = values[first : first + step]
            place = slice(start + first, start + first + len(block))
            self.scales[place] = encode(block, self.codes[place], memory[: len(block)])

    def _rows_at_once(self, most: int) -> int:
        """Return how many of `most` rows are converted at once: few where they are long."""
        return max(1, min(_BLOCK, most, _NUMBERS // max(1, self.shape[1])))

    def finite_rows(self) -> NDArray[np.bool_]:
        """Return which rows hold finite numbers only, as bool (V,)."""
        return np.isfinite(self.scales)

    def products(self, queries: NDArray[Any], rows: slice) -> Matrix:
        """Return the dot products of a query (d,) or queries (m, d) with rows: (n,) or (m, n).

        A block of rows at a time becomes float32; no product is taken with float16 or integers,
        for which NumPy has no fast one.
        """
        codes = self.codes[rows]
        asked = np.atleast_2d(np.asarray(queries, dtype=np.float32))
        found = np.empty((len(asked), len(codes)), dtype=np.float32)
        decode = _decode_bytes
        if codes.dtype == np.float16:
            # One half of the bias before and one after, so that nothing over- or underflows.
            asked, decode = asked * _ROOT_OF_BIAS, _decode_half
        step = self._rows_at_once(len(codes))
        memory = np.empty((step, self.shape[1]), dtype=np.float32)
        for start in range(0, len(codes), step):
            some = codes[start : start + step]
            block = memory[: len(some)]
            decode(some, block)
            np.matmul(asked, block.T, out=found[:, start : start + len(some)])
        if codes.dtype == np.float16:
            found *= _ROOT_OF_BIAS
        found *= self.scales[rows]
        return found[0] if np.ndim(queries) == 1 else found


def _decode_bytes(codes: NDArray[Any], out: Matrix) -> None:
    np.copyto(out, codes)


def _decode_half(codes: NDArray[Any], out: Matrix) -> None:
    """Write float16 numbers as float32, divided by _HALF_BIAS.

    NumPy converts one number at a time, at 1 ns each; moving the bits takes 0.3 ns.
    """
    bits = out.view(np.int32)
    np.copyto(bits, codes.view(np.int16))
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, _HALF_BITS, out=bits)  # of the copies of the sign one is left


def _encode_bytes(block: Matrix, codes: NDArray[np.int8], memory: Matrix) -> Matrix:
    """Write rows as int8 codes, and return their scales; NaN for rows that are not finite.

    memory: of the shape of the block, to be written over.
    """
    scales: Matrix = _largest(block, memory) / np.float32(_LARGEST_CODE)
    np.maximum(scales, _SMALLEST_SCALE, out=scales)
    with np.errstate(invalid="ignore"):
        np.multiply(block, (1 / scales)[:, np.newaxis], out=memory)
        codes[:] = np.rint(memory, out=memory)
    return scales


def _encode_half(block: Matrix, codes: NDArray[np.float16], memory: Matrix) -> Matrix:
    """Write rows as float16 codes, as _encode_bytes does."""
    largest = _largest(block, memory)
    exponents = np.frexp(largest)[1] - _HALF_EXPONENT
    scales: Matrix = np.ldexp(np.ones_like(largest), exponents)
    np.maximum(scales, _SMALLEST_SCALE, out=scales)
    scales[np.isnan(largest)] = np.nan
    codes[:] = np.multiply(block, (1 / scales)[:, np.newaxis], out=memory)
    return scales


def _largest(block: Matrix, memory: Matrix) -> Matrix:
    """Return the largest absolute value of each row, NaN where a number is not finite."""
    largest: Matrix = np.abs(block, out=memory).max(axis=1)
    largest[np.isinf(largest)] = np.nan
    return largest


def empty(rows: int, columns: int, dtype: str = "float32") -> Matrix:
    """Return a matrix of undefined content to be filled, compact unless dtype is "float32".

    It is typed as the array that it acts for.
    """
    if dtype == "float32":
        return np.empty((rows, columns), dtype="<f4")
    codes = np.empty((rows, columns), dtype=dtype)
    return _of_kind(CompactMatrix, [codes, np.empty(rows, dtype=np.float32)])


def compacted(matrix: Matrix, dtype: str) -> Matrix:
    """Return a float32 matrix in the storage of a type: itself, or a compact copy."""
    if dtype == "float32":
        return matrix
    compact = empty(matrix.shape[0], matrix.shape[1], dtype)
    compact[:] = matrix
    return compact


def selected(matrix: Matrix, rows: Any) -> Matrix:
    """Return some rows in the storage that the matrix has: views for a slice, else copies."""
    return _of_kind(type(matrix), [array[rows] for array in _arrays(matrix)])


def resized(matrix: Matrix, rows: int) -> Matrix:
    """Return a copy with so many rows, no fewer than before; the new ones are undefined."""
    larger = _empty_like(matrix, rows)
    _copy(matrix, larger, 0)
    return larger


def joined(parts: list[Matrix]) -> Matrix:
    """Return the rows of parts of one kind as one matrix; the list is empty afterwards."""
    end = sum(map(len, parts))
    whole = _empty_like(parts[0], end)
    while parts:  # so that never more than one part is there twice
        part = parts.pop()
        end -= len(part)
        _copy(part, whole, end)
    return whole


def _arrays(matrix: Matrix) -> Sequence[NDArray[Any]]:
    return (matrix.codes, matrix.scales) if isinstance(matrix, CompactMatrix) else (matrix,)


def _of_kind(kind: type, arrays: list[NDArray[Any]]) -> Matrix:
    return cast(Matrix, CompactMatrix(*arrays)) if kind is CompactMatrix else arrays[0]


def _empty_like(matrix: Matrix, rows: int) -> Matrix:
    arrays = [np.empty((rows, *array.shape[1:]), array.dtype) for array in _arrays(matrix)]
    return _of_kind(type(matrix), arrays)


def _copy(source: Matrix, target: Matrix, start: int) -> None:
    for old, new in zip(_arrays(source), _arrays(target), strict=True):
        new[start : start + len(old)] = old

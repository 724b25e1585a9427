"""Matrices that take half or a quarter of the memory of float32, and return float32 rows."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_choice

Matrix = NDArray[np.float32]
DTYPES = ("float32", "float16", "int8")
_BLOCK = 512  # rows converted at once; with 300 numbers each they fit the L2 cache
_NUMBERS = 1 << 20  # the most numbers converted at once, however long the rows are
_LARGEST_CODE = 127
# The largest number of a row is scaled to between 2^14 and 2^15 in float16. Nothing overflows, and
# numbers down to 2^-29 of the largest keep all eleven bits, even in short vectors.
_HALF_EXPONENT = 15
_SMALLEST_SCALE = np.float32(2.0**-126)  # its reciprocal is finite
# Moving the bits of a float16 into a float32 gives a number that is too small by this factor.
_HALF_BIAS, _ROOT_OF_BIAS = np.float32(2.0**112), np.float32(2.0**56)
_HALF_BITS = np.uint32(0x8FFF_E000).astype(np.int32)


def check_dtype(dtype: str) -> None:
    """Raise ConfigError unless this is the name of a type that can hold vectors."""
    checked_choice("dtype", dtype, DTYPES)


class CompactMatrix:
    """A float32 matrix (V, d), held as float16 or int8 with one scale per row: row = scale · codes.

    With int8 the scale is max|x| / 127, so the error of a number is at most half a scale. With
    float16 the scale is a power of two, and the relative error is at most 2^-11. A row that holds a
    number that is not finite has the scale NaN and reads as NaN.

    An index returns float32 as from an array. Assignment to a slice converts float32 rows.

    Parameters
    ----------
    codes : ndarray of float16 or int8, shape (V, d)
        The numbers divided by the scale.
    scales : ndarray of float32, shape (V,)
        The scale of each row.
    """

    ndim = 2
    dtype = np.dtype(np.float32)  # the type that an index returns

    def __init__(self, codes: NDArray[Any], scales: NDArray[np.float32]) -> None:
        self.codes = codes
        self.scales = scales

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows V and of columns d."""
        return cast(tuple[int, int], self.codes.shape)

    @property
    def nbytes(self) -> int:
        """The memory in bytes."""
        return self.codes.nbytes + self.scales.nbytes

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.codes.dtype}, shape={self.shape})"

    def __getitem__(self, rows: Any) -> Matrix:
        """Return float32 as an array does: a row (d,), rows (n, d), or columns of them."""
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
            # A signalling NaN, as damaged files have, would warn in any of the operations.
            with np.errstate(invalid="ignore"):
                self.scales[place] = encode(block, self.codes[place], memory[: len(block)])

    def _rows_at_once(self, most: int) -> int:
        """Return how many rows are converted at once, at most `most`; fewer if rows are long."""
        return max(1, min(_BLOCK, most, _NUMBERS // max(1, self.shape[1])))

    def finite_rows(self) -> NDArray[np.bool_]:
        """Return which rows hold only finite numbers, as bool (V,)."""
        return np.isfinite(self.scales)

    def products(self, queries: NDArray[Any], rows: slice) -> Matrix:
        """Return the dot products of queries with rows.

        Blocks of rows are converted to float32 first, because NumPy has no fast products of float16
        or integers.

        Parameters
        ----------
        queries : array of shape (d,) or (m, d)
            One query or m queries.
        rows : slice
            Selects n rows.

        Returns
        -------
        ndarray of float32, shape (n,) or (m, n)
            The products.
        """
        codes = self.codes[rows]
        asked = np.atleast_2d(np.asarray(queries, dtype=np.float32))
        found = np.empty((len(asked), len(codes)), dtype=np.float32)
        decode = _decode_bytes
        if codes.dtype == np.float16:
            # The square root of the bias is applied before and after, so that nothing over- or
            # underflows.
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

    Moving the bits takes 0.3 ns per number; NumPy's own conversion takes 1 ns.
    """
    bits = out.view(np.int32)
    np.copyto(bits, codes.view(np.int16))
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, _HALF_BITS, out=bits)  # keeps one of the copies of the sign bit


def _encode_bytes(block: Matrix, codes: NDArray[np.int8], memory: Matrix) -> Matrix:
    """Write rows as int8 codes, and return their scales; rows that are not finite have NaN.

    memory: an array of the block's shape, which is overwritten.
    """
    scales: Matrix = _largest(block, memory) / np.float32(_LARGEST_CODE)
    np.maximum(scales, _SMALLEST_SCALE, out=scales)
    np.multiply(block, (1 / scales)[:, np.newaxis], out=memory)
    codes[:] = np.rint(memory, out=memory)
    return scales


def _encode_half(block: Matrix, codes: NDArray[np.float16], memory: Matrix) -> Matrix:
    """Write rows as float16 codes, and return their scales, as `_encode_bytes` does."""
    largest = _largest(block, memory)
    exponents = np.frexp(largest)[1] - _HALF_EXPONENT
    scales: Matrix = np.ldexp(np.ones_like(largest), exponents)
    np.maximum(scales, _SMALLEST_SCALE, out=scales)
    scales[np.isnan(largest)] = np.nan
    codes[:] = np.multiply(block, (1 / scales)[:, np.newaxis], out=memory)
    return scales


def _largest(block: Matrix, memory: Matrix) -> Matrix:
    """Return the largest absolute value of each row; NaN if a number is not finite."""
    largest: Matrix = np.abs(block, out=memory).max(axis=1)
    largest[np.isinf(largest)] = np.nan
    return largest


def empty(rows: int, columns: int, dtype: str = "float32") -> Matrix:
    """Return an uninitialised matrix, compact unless dtype is "float32".

    A CompactMatrix is typed as an array here, because it is used like one.

    Parameters
    ----------
    rows, columns : int
        Its shape.
    dtype : {"float32", "float16", "int8"}
        The type that holds the numbers.

    Returns
    -------
    ndarray of float32, shape (rows, columns), or CompactMatrix
        The matrix.
    """
    if dtype == "float32":
        return np.empty((rows, columns), dtype="<f4")
    codes = np.empty((rows, columns), dtype=dtype)
    return _of_kind(CompactMatrix, [codes, np.empty(rows, dtype=np.float32)])


def compacted(matrix: Matrix, dtype: str) -> Matrix:
    """Return a float32 matrix held as another type: the matrix itself, or a compact copy."""
    if dtype == "float32":
        return matrix
    compact = empty(matrix.shape[0], matrix.shape[1], dtype)
    compact[:] = matrix
    return compact


def selected(matrix: Matrix, rows: Any) -> Matrix:
    """Return rows, held as the same type: a view for a slice, a copy for any other index."""
    return _of_kind(type(matrix), [array[rows] for array in _arrays(matrix)])


def resized(matrix: Matrix, rows: int) -> Matrix:
    """Return a copy with more rows; the additional ones are uninitialised."""
    larger = _empty_like(matrix, rows)
    _copy(matrix, larger, 0)
    return larger


def joined(parts: list[Matrix]) -> Matrix:
    """Return the rows of all parts, of one type, as one matrix; the list is emptied."""
    end = sum(map(len, parts))
    whole = _empty_like(parts[0], end)
    while parts:  # each part is freed once it is copied
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

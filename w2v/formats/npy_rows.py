"""The rows of a `.npy` file: read in blocks, converted to float32, as far as the file goes."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v.formats.defects import Defect, advice_to_end_at, missing_entry
from w2v.formats.npy_header import Layout, damaged
from w2v.formats.selection import GAP, row_runs
from w2v.matrices import Matrix, empty, resized, selected
from w2v.opening import plain_size

_BLOCK = 1 << 22  # bytes read at once


def place_of(layout: Layout, row: int) -> tuple[int, int]:
    """Return (entry number from 1, byte offset) of a row."""
    return row + 1, layout.start + row * layout.row_size


def read_rows(
    path: Path, stream: IO[bytes], layout: Layout, rows: NDArray[np.intp], dtype: str
) -> tuple[Matrix, tuple[Defect, ...]]:
    """Read the selected rows of a matrix.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : binary stream
        The file, just after the header.
    layout : Layout
        The header.
    rows : ndarray of intp
        The rows to return, in increasing order.
    dtype : {"float32", "float16", "int8"}
        The type that holds the numbers.

    Returns
    -------
    matrix : ndarray of float32, shape (n, d), or CompactMatrix
        The rows, as far as the file goes.
    malformed : tuple of Defect
        The defect of a file that is cut off, if it is.
    """
    wanted = int(rows[-1]) + 1 if len(rows) else 0
    size = plain_size(stream)
    is_whole = size is not None and size >= layout.start + wanted * layout.row_size
    if len(rows) < wanted and is_whole and not layout.by_columns:
        return _read_some(stream, layout, rows, dtype), ()
    # The file bounds the number of rows; for a compressed file the matrix grows.
    capacity = min(len(rows), (_BLOCK if size is None else size) // layout.row_size)
    matrix = empty(capacity, layout.shape[1], dtype)
    done = 0
    malformed: tuple[Defect, ...] = ()
    for first, block, defects in row_blocks(path, stream, layout, wanted):
        malformed += defects
        inside = rows[done : np.searchsorted(rows, first + len(block))] - first
        if done + len(inside) > len(matrix):
            matrix = resized(matrix, min(len(rows), 2 * (done + len(inside))))
        matrix[done : done + len(inside)] = block[inside] if len(inside) < len(block) else block
        done += len(inside)
    return selected(matrix, slice(done)), malformed


def _read_some(stream: IO[bytes], layout: Layout, rows: NDArray[np.intp], dtype: str) -> Matrix:
    """Return some rows of a file that has them all; what lies between is passed over."""
    matrix = empty(len(rows), layout.shape[1], dtype)
    most, gap = (max(1, size // layout.row_size) for size in (_BLOCK, GAP))
    for part in row_runs(rows, most, gap):
        first = int(rows[part.start])
        inside = rows[part] - first
        stream.seek(layout.start + first * layout.row_size)
        data = _read_up_to(stream, (int(inside[-1]) + 1) * layout.row_size)
        with np.errstate(over="ignore"):
            block = np.frombuffer(data, layout.dtype).astype(np.float32, copy=False)
        matrix[part] = block.reshape(-1, layout.shape[1])[inside]
    return matrix


def row_blocks(
    path: Path, stream: IO[bytes], layout: Layout, wanted: int
) -> Iterator[tuple[int, Matrix, tuple[Defect, ...]]]:
    """Yield (first row, rows, defects) for each block of the first `wanted` rows."""
    if layout.by_columns:
        yield 0, _read_columns(path, stream, layout, wanted), ()
        return
    step = max(1, _BLOCK // layout.row_size)
    for first in range(0, wanted, step):
        count = min(step, wanted - first)
        data = _read_up_to(stream, count * layout.row_size)
        got, rest = divmod(len(data), layout.row_size)
        with np.errstate(over="ignore"):
            numbers = np.frombuffer(data, layout.dtype, got * layout.shape[1])
            numbers = numbers.astype(np.float32, copy=False)
        cut = (_cut_off(layout, first + got, rest),) if got < count else ()
        yield first, numbers.reshape(got, layout.shape[1]), cut
        if cut:
            return


def _read_up_to(stream: IO[bytes], size: int) -> bytes:
    """Read `size` bytes, or fewer at the end; memory is allocated only for bytes that are there."""
    pieces = []
    while size and (piece := stream.read(min(size, _BLOCK))):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _cut_off(layout: Layout, row: int, got: int) -> Defect:
    offset = layout.start + row * layout.row_size
    if not got:
        return missing_entry(row + 1, layout.shape[0], offset)
    problem = f"is cut off: the file has {got} of the {layout.row_size} bytes of its vector"
    advice = advice_to_end_at(row)
    return Defect("truncated entries", row + 1, offset, "", problem, advice, layout.shape[0])


def check_end(stream: IO[bytes], layout: Layout) -> tuple[Defect, ...]:
    """Return the defect of a file that goes on after its last row, if it does."""
    if not stream.read(1):
        return ()
    offset = layout.start + layout.shape[0] * layout.row_size
    problem = f"is not one that the header promises: extra bytes follow entry {layout.shape[0]}"
    return (Defect("extra bytes", layout.shape[0] + 1, offset, "", problem),)


def _read_columns(path: Path, stream: IO[bytes], layout: Layout, wanted: int) -> Matrix:
    """Read a matrix stored column by column; no row is complete before the end of the file."""
    size = math.prod(layout.shape) * layout.dtype.itemsize
    data = _read_up_to(stream, size + 1)
    if len(data) != size:
        has = "more" if len(data) > size else "fewer"
        raise damaged(path, f"it has {has} numbers than its header promises, {size} bytes")
    columns = np.frombuffer(data, layout.dtype).reshape(layout.shape, order="F")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(columns[:wanted], dtype=np.float32)

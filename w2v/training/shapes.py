"""Tables of arrays: the memory that they take, and their allocation, both from the same shapes."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.memory import huge_zeros

CACHE_LINE = 64  # bytes


class Shape(NamedTuple):
    """The shape and the dtype of one array."""

    shape: tuple[int, ...]
    dtype: type[np.generic]

    @property
    def bytes(self) -> int:
        """The memory that the array takes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


Shapes = Mapping[str, Shape]


def total_bytes(shapes: Shapes) -> int:
    """Return the memory of some arrays together, in bytes."""
    return sum(shape.bytes for shape in shapes.values())


def allocated(shapes: Shapes) -> dict[str, NDArray[Any]]:
    """Return arrays of zeros; matrices of float32 are aligned (see `aligned_zeros`)."""
    return {name: _zeros(shape) for name, shape in shapes.items()}


def _zeros(shape: Shape) -> NDArray[Any]:
    if shape.dtype is np.float32 and len(shape.shape) == 2:
        return aligned_zeros(*shape.shape)
    return np.zeros(shape.shape, dtype=shape.dtype)


def aligned_zeros(rows: int, width: int) -> NDArray[np.float32]:
    """Return a float32 (rows, width) matrix of zeros whose first byte begins a cache line.

    It is in huge pages, where the system has them: with small pages the processor spent a quarter
    of the time on looking up the addresses of the rows.
    """
    matrix: NDArray[np.float32] = huge_zeros(rows * width, np.float32).reshape(rows, width)
    return matrix


def aligned_empty(shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """Return an array that begins a cache line; nothing is written for its values."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    memory = np.empty(size + CACHE_LINE, dtype=np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    array: NDArray[Any] = memory[start : start + size].view(kind).reshape(shape)
    return array

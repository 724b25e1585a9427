"""Tables of arrays: the memory that they take, and their allocation, both from the same shapes."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.memory import huge_zeros

CACHE_LINE = 64  # bytes
# Bytes between what two threads write: many processors load lines in pairs, some have lines of 128.
_APART = 128


class Shape(NamedTuple):
    """The shape and the dtype of one array."""

    shape: tuple[int, ...]
    dtype: type[np.generic]

    @property
    def bytes(self) -> int:
        """The memory of the values."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def has_own_pages(self) -> bool:
        """Whether `allocated` makes it of whole pages: matrices of float32."""
        return self.dtype is np.float32 and len(self.shape) == 2


Shapes = Mapping[str, Shape]


def total_bytes(shapes: Shapes) -> int:
    """Return the memory that `allocated` takes for some arrays, in bytes."""
    return sum(shape.bytes if shape.has_own_pages else _room(shape) for shape in shapes.values())


def allocated(shapes: Shapes) -> dict[str, NDArray[Any]]:
    """Return arrays of zeros, no two of which share a cache line.

    A line that one thread writes while another reads it travels between their caches each time.
    Matrices of float32 are aligned (see `aligned_zeros`).
    """
    return {name: _zeros(shape) for name, shape in shapes.items()}


def _zeros(shape: Shape) -> NDArray[Any]:
    if shape.has_own_pages:
        return aligned_zeros(*shape.shape)
    return _aligned(np.zeros(_room(shape), dtype=np.uint8), shape)


def _room(shape: Shape) -> int:
    """Return the bytes in which an array finds room that it shares with nothing else."""
    return (-(-shape.bytes // _APART) + 1) * _APART if shape.bytes else 0


def aligned_zeros(rows: int, width: int) -> NDArray[np.float32]:
    """Return a float32 (rows, width) matrix of zeros whose first byte begins a cache line.

    It is in huge pages, where the system has them: with small pages the processor spent a quarter
    of the time on looking up the addresses of the rows.
    """
    matrix: NDArray[np.float32] = huge_zeros(rows * width, np.float32).reshape(rows, width)
    return matrix


def aligned_empty(shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """Return an array that begins a cache line; nothing is written for its values."""
    wanted = Shape(shape, kind)
    return _aligned(np.empty(wanted.bytes + _APART, dtype=np.uint8), wanted)


def _aligned(memory: NDArray[np.uint8], shape: Shape) -> NDArray[Any]:
    """Return an array of this shape in some memory, at its first address that _APART divides."""
    start = -memory.ctypes.data % _APART
    return memory[start : start + shape.bytes].view(shape.dtype).reshape(shape.shape)

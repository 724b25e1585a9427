"""Memory that the workers of one machine share, so that what they exchange need not be copied.

A worker writes what it sends onto a shelf, and the others read it there. A shelf is a file in
memory. It has no name that could be left behind, whatever ends the worker: others open it by way of
the worker's process, and it is gone with the last of them. This exists on Linux alone.
"""

import math
import mmap
import os
import secrets
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.training.shapes import CACHE_LINE

# Returns an array of a shape and a type, for whose values nothing is written: `aligned_empty`.
Empty: TypeAlias = Callable[[tuple[int, ...], type[Any]], NDArray[Any]]

_TOKEN_BYTES = 16
_LEAST_BYTES = 1 << 20


class Label(NamedTuple):
    """Where a shelf is found.

    Attributes
    ----------
    process : int
    file : int
        Its number in that process.
    token : bytes
        The beginning of the file. Another machine may have such a process, too.
    """

    process: int
    file: int
    token: bytes


class Shelved(NamedTuple):
    """Where an array lies on a shelf."""

    offset: int
    shape: tuple[int, ...]
    kind: str


class Shelf:
    """What one worker shows the others. Raises OSError where there are no such files."""

    def __init__(self) -> None:
        if not hasattr(os, "memfd_create"):
            raise OSError("no files in memory")
        self._file = os.memfd_create("w2v")
        weakref.finalize(self, os.close, self._file)  # arrays that were handed out stay
        token = secrets.token_bytes(_TOKEN_BYTES)
        os.write(self._file, token)
        self.label = Label(os.getpid(), self._file, token)
        self._offsets: dict[int, int] = {}  # of the arrays, by address
        self._used, self._memory = CACHE_LINE, _mapped(self._file, _LEAST_BYTES)
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget all arrays: later ones are written over them."""
        self._offsets.clear()
        self._used = CACHE_LINE

    def empty(self, shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
        """Return an array on the shelf, as `aligned_empty` does."""
        size = math.prod(shape) * np.dtype(kind).itemsize
        with self._lock:
            offset, self._used = self._used, self._used + -(-size // CACHE_LINE) * CACHE_LINE
            if self._used > len(self._memory):  # earlier arrays keep the memory that they are in
                self._memory = _mapped(self._file, 2 * self._used)
            array: NDArray[Any] = np.ndarray(shape, kind, self._memory, offset)
            self._offsets[array.ctypes.data] = offset
            return array

    def shelved(self, array: NDArray[Any]) -> Shelved | NDArray[Any]:
        """Return where an array lies, or itself if it is not on this shelf."""
        offset = self._offsets.get(array.ctypes.data) if array.size else None
        return array if offset is None else Shelved(offset, array.shape, array.dtype.str)


class OpenShelf:
    """The shelf of another worker of this machine. Raises OSError if it is not found here.

    Parameters
    ----------
    label : Label
    """

    def __init__(self, label: Label) -> None:
        self._file = os.open(f"/proc/{label.process}/fd/{label.file}", os.O_RDWR)
        weakref.finalize(self, os.close, self._file)  # arrays that were handed out stay
        if os.pread(self._file, _TOKEN_BYTES, 0) != label.token:
            raise OSError("another file")
        self._memory = _mapped(self._file)

    def array(self, found: Shelved) -> NDArray[Any]:
        """Return an array that lies on the shelf, until its owner writes another one there."""
        kind = np.dtype(found.kind)
        end = found.offset + math.prod(found.shape) * kind.itemsize
        if end > len(self._memory):  # it has grown
            self._memory = _mapped(self._file)
        array: NDArray[Any] = np.ndarray(found.shape, kind, self._memory, found.offset)
        return array


def _mapped(file: int, size: int = 0) -> mmap.mmap:
    """Return a file in memory, made as long as is asked for, or as long as it is."""
    if size:
        os.ftruncate(file, size)
    return mmap.mmap(file, 0)

"""Numbers in a temporary file without a name, read and written piece by piece.

A mapped file would be simpler, but it takes addresses as memory does, and its pages count as memory
of the process. A process that may use 700 MB could not map the ids of two gigabytes of text.
"""

import array
import os
import tempfile
import threading
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.text.distant_ids import DistantIds
from w2v.text.id_storage import temporary_files

Number = TypeVar("Number", bound=np.generic)

PIECE = 1 << 20  # numbers
_PAGE = 1 << 12  # one in so many numbers of a file of offsets is kept in memory
_HAS_POSITIONS = hasattr(os, "preadv") and hasattr(os, "pwrite")


class NumberFile(Generic[Number]):
    """A growing row of numbers in a file, which is removed with the last reference to it.

    Slices are read as new arrays. Several threads may read and write at once.
    """

    def __init__(self, kind: type[Number]) -> None:
        """Make an empty file; `kind` is the type of its numbers, such as `np.int32`.

        Raises CorpusError where no file can be made.
        """
        self.dtype: np.dtype[Number] = np.dtype(kind)
        with temporary_files(0) as directory:
            self._file = tempfile.TemporaryFile(  # noqa: SIM115  (it is closed with the last use)
                prefix="w2v-ids-", dir=directory, buffering=0
            )
        weakref.finalize(self, self._file.close)
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return self._size * self.dtype.itemsize

    def __getitem__(self, part: slice) -> NDArray[Number]:
        start, stop, _ = part.indices(self._size)
        values = np.empty(max(0, stop - start), dtype=self.dtype)
        view = values.view(np.uint8).data
        done, place = 0, start * self.dtype.itemsize
        with temporary_files(values.nbytes):
            while done < len(view):
                read = self._read(view[done:], place + done)
                if not read:
                    raise OSError(f"the file ends at byte {place + done:,}")
                done += read
        return values

    def __setitem__(self, part: slice, values: NDArray[Number]) -> None:
        self._write_at(part.indices(self._size)[0], values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _filled, (type(self), self[:])

    def append(self, values: NDArray[Number]) -> int:
        """Write numbers at the end; return the place of the first one."""
        start = self._size
        self._write_at(start, values)
        self._size = start + len(values)
        return start

    def resize(self, size: int) -> None:
        """Cut it off, or fill it up with zeros, which take no room on most disks."""
        with temporary_files(size * self.dtype.itemsize):
            self._file.truncate(size * self.dtype.itemsize)
        self._size = size

    def pieces(self, size: int = PIECE) -> Iterator[NDArray[Number]]:
        """Yield all numbers in arrays of up to `size`."""
        for start in range(0, self._size, size):
            yield self[start : start + size]

    def mapped(self) -> NDArray[Number]:
        """Return the whole file as an array, mapped: what is written there is in the file."""
        with temporary_files(self.nbytes):
            return np.memmap(self._file, dtype=self.dtype, mode="r+", shape=(self._size,))

    def _write_at(self, start: int, values: NDArray[Number]) -> None:
        view = np.ascontiguousarray(values, dtype=self.dtype).view(np.uint8).data
        done, place = 0, start * self.dtype.itemsize
        with temporary_files(len(view)):
            while done < len(view):
                done += self._write(view[done:], place + done)

    def _read(self, view: memoryview, place: int) -> int:
        if _HAS_POSITIONS:
            return os.preadv(self._file.fileno(), [view], place)
        with self._lock:  # Windows
            self._file.seek(place)
            return self._file.readinto(view) or 0

    def _write(self, view: memoryview, place: int) -> int:
        if _HAS_POSITIONS:
            return os.pwrite(self._file.fileno(), view, place)
        with self._lock:
            self._file.seek(place)
            return self._file.write(view) or 0


@dataclass(frozen=True)
class FilePart(Generic[Number]):
    """A part of a file of numbers, which is read like an array: `part[:]`."""

    file: NumberFile[Number]
    start: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> NDArray[Number]:
        first, stop, _ = part.indices(self.size)
        return self.file[self.start + first : self.start + stop]


def _filled(kind: "type[NumberFile[Number]]", values: NDArray[Number]) -> "NumberFile[Number]":
    """Return a file of these numbers, made anew where it was sent."""
    file = kind(values.dtype.type) if kind is NumberFile else kind()  # type: ignore[call-arg]
    file.append(values)
    return file


class OffsetFile(NumberFile[np.int64]):
    """Rising numbers in a file, among which a range is found without reading the others."""

    def __init__(self) -> None:
        """Make an empty file."""
        super().__init__(np.int64)
        self._landmarks = array.array("q")  # every _PAGE-th number

    def append(self, values: NDArray[np.int64]) -> int:
        """Write numbers at the end; return the place of the first one."""
        start = super().append(values)
        self._landmarks.extend(values[-start % _PAGE :: _PAGE].tolist())
        return start

    def between(self, low: int, high: int) -> NDArray[np.int64]:
        """Return all numbers from `low` to `high`, both included."""
        first, last = bisect_left(self._landmarks, low), bisect_right(self._landmarks, high)
        values = self[max(0, first - 1) * _PAGE : last * _PAGE]
        begin, end = np.searchsorted(values, [low, high + 1])
        return values[begin:end]


HereIds: TypeAlias = "NDArray[np.int32] | NumberFile[np.int32]"
Ids: TypeAlias = "HereIds | DistantIds"
Offsets: TypeAlias = "NDArray[np.int64] | OffsetFile"


class IdRow:
    """Token ids that are added up, in memory or in a file."""

    def __init__(self, in_file: bool) -> None:
        self._file = NumberFile(np.int32) if in_file else None
        self._parts = [np.zeros(0, dtype=np.int32)]

    def add(self, ids: NDArray[np.int32]) -> None:
        """Add some ids."""
        if self._file is None:
            self._parts.append(ids.copy())  # they may be part of more, or overwritten
        else:
            self._file.append(ids)

    def ids(self) -> HereIds:
        """Return all of them."""
        return np.concatenate(self._parts) if self._file is None else self._file


class SentenceEnds:
    """Ends of sentences that are added up, after a 0; one that was there already is left out."""

    def __init__(self, in_file: bool) -> None:
        self._file = OffsetFile() if in_file else None
        self._parts: list[NDArray[np.int64]] = []
        self._last = -1
        self.add([0])

    def add(self, ends: NDArray[np.int64] | list[int]) -> None:
        """Add some ends, which rise."""
        values = np.asarray(ends, dtype=np.int64)
        values = values[np.diff(values, prepend=self._last) > 0]
        if len(values):
            self._last = int(values[-1])
            if self._file is None:
                self._parts.append(values)
            else:
                self._file.append(values)

    def offsets(self) -> Offsets:
        """Return all of them."""
        return np.concatenate(self._parts) if self._file is None else self._file

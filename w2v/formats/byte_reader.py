"""Reading bytes in order from a file that may end anywhere and promise anything."""

import io
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError, Part
from w2v.matrices import Matrix
from w2v.opening import plain_size

_BLOCK = 1 << 22  # bytes read at once
_FLOAT = np.dtype("<f4")


class ByteReader:
    """A stream of bytes that is read from its start; `position` is the offset of the next byte.

    advice: what a user can do where the file is cut off, beside fetching it again.

    No method allocates more than a small part above what the file is known to hold. Where that is
    less than is asked for, they raise FormatError, which names what is cut off, and where.
    """

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        """Read from a stream that has just been opened; `path` is for messages."""
        self.path = path
        self.advice: Part = ""
        self.position = 0
        self._stream = cast(io.BufferedReader, stream)  # all that open_single yields can readinto
        self._size = plain_size(stream)
        self._ahead = b""  # read already, but not asked for

    def take(self, count: int, name: str) -> bytes:
        """Return the next `count` bytes, a few; `name` says what they are."""
        data = self.some(count)
        if len(data) < count:
            raise self.cut_off(name)
        return data

    def some(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer at the end of the file only."""
        pieces = [self._ahead[:count]]
        self._ahead = self._ahead[count:]
        missing = count - len(pieces[0])
        while missing and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        self.position += count - missing
        return b"".join(pieces)

    def unread(self, data: bytes) -> None:
        """Put back the last bytes that `some` returned."""
        self._ahead = data + self._ahead
        self.position -= len(data)

    def check_room(self, count: int, name: str) -> None:
        """Raise FormatError where it is known that fewer than `count` bytes are left."""
        if self._size is not None and self.position + count > self._size:
            raise self.cut_off(name)

    def skip(self, count: int, name: str) -> None:
        """Pass over `count` bytes; an uncompressed file is not even read there."""
        self.check_room(count, name)
        end = self.position + count
        if self._size is not None:
            self._ahead = b""
            self._stream.seek(end)
            self.position = end
        while self.position < end:
            if not self.some(min(_BLOCK, end - self.position)):
                raise self.cut_off(name)

    def matrix(self, rows: int, columns: int, first: int = 1) -> Matrix:
        """Return the next rows of 32-bit numbers as float32 (rows, columns).

        first: the number of the first row, for messages.
        """
        size, start = rows * columns * _FLOAT.itemsize, self.position
        if self._size is None:
            data = np.frombuffer(self._grown(size), dtype=np.uint8)
        else:
            data = np.empty(max(0, min(size, self._size - start)), dtype=np.uint8)
            data = data[: self._fill(data)]
        if len(data) < size:
            row = first + len(data) // (columns * _FLOAT.itemsize)
            raise self.cut_off(f"row {row} of the input matrix")
        return data.view(_FLOAT).reshape(rows, columns).astype(np.float32, copy=False)

    def _grown(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size and (piece := self.some(min(_BLOCK, size - len(data)))):
            data += piece
        return data

    def _fill(self, target: NDArray[np.uint8]) -> int:
        """Read into all of the target; return how many bytes there were."""
        space = target.data
        filled = min(len(self._ahead), len(space))
        space[:filled] = self.some(filled)
        while filled < len(space):
            got = self._stream.readinto(space[filled : filled + _BLOCK])  # can be interrupted
            if not got:
                break
            filled += got
            self.position += got
        return filled

    def check_end(self, last: str) -> None:
        """Raise FormatError where anything follows; `last` says after what."""
        offset = self.position
        if self.some(1):
            raise FormatError(
                f"{self.path}: there are extra bytes at byte offset {offset}, after {last}; its "
                "sizes are wrong or the file damaged."
            )

    def cut_off(self, name: str) -> FormatError:
        """Return the error that the file ends within what `name` says."""
        end = self.position if self._size is None else self._size
        return FormatError(
            f"{self.path}: the file is cut off: it ends at byte offset {end}, within {name}; "
            "fetch it again",
            self.advice,
            ".",
        )

"""Reads a file from start to end without trusting the sizes that it promises."""

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
    """A stream of bytes that is read in order from its start.

    No method allocates much more memory than the file is known to fill. If the file holds less
    than a method needs, the method raises FormatError with the part and the byte offset.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : binary stream
        The file, just opened.

    Attributes
    ----------
    position : int
        The byte offset of the next byte.
    advice : str, Argument or tuple of these
        The end of the message for a file that is cut off: what else the user can do.
    """

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path = path
        self.advice: Part = ""
        self.position = 0
        self._stream = cast(io.BufferedReader, stream)  # every stream of open_single has readinto
        self._size = plain_size(stream)
        self._ahead = b""  # read from the stream, but not returned yet

    def take(self, count: int, name: str) -> bytes:
        """Return the next `count` bytes, a small number; `name` describes them in messages."""
        data = self.some(count)
        if len(data) < count:
            raise self.cut_off(name)
        return data

    def some(self, count: int) -> bytes:
        """Return the next `count` bytes, or fewer at the end of the file."""
        pieces = [self._ahead[:count]]
        self._ahead = self._ahead[count:]
        missing = count - len(pieces[0])
        while missing and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        self.position += count - missing
        return b"".join(pieces)

    def unread(self, data: bytes) -> None:
        """Put back bytes that `some` has just returned, so that they are returned again."""
        self._ahead = data + self._ahead
        self.position -= len(data)

    def check_room(self, count: int, name: str) -> None:
        """Raise FormatError if fewer than `count` bytes are left, as far as that is known."""
        if self._size is not None and self.position + count > self._size:
            raise self.cut_off(name)

    def skip(self, count: int, name: str) -> None:
        """Skip `count` bytes, without reading them if the file is not compressed."""
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
        """Return the next rows of little-endian 32-bit floats.

        Parameters
        ----------
        rows, columns : int
            The shape of the matrix to read.
        first : int
            The number of the first row, for messages.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            The numbers.

        Raises
        ------
        FormatError
            The file is cut off.
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
        """Fill the target as far as the file goes; return the number of bytes read."""
        space = target.data
        filled = min(len(self._ahead), len(space))
        space[:filled] = self.some(filled)
        while filled < len(space):
            got = self._stream.readinto(space[filled : filled + _BLOCK])  # ^C may end it
            if not got:
                break
            filled += got
            self.position += got
        return filled

    def check_end(self, last: str) -> None:
        """Raise FormatError if the file goes on; `last` names the part that should end it."""
        offset = self.position
        if self.some(1):
            raise FormatError(
                f"{self.path}: there are extra bytes at byte offset {offset}, after {last}; its "
                "sizes are wrong or the file damaged."
            )

    def cut_off(self, name: str) -> FormatError:
        """Return the error for a file that ends within the part called `name`."""
        end = self.position if self._size is None else self._size
        return FormatError(
            f"{self.path}: the file is cut off: it ends at byte offset {end}, within {name}; "
            "fetch it again",
            self.advice,
            ".",
        )

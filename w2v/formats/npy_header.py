"""The header of a `.npy` file, which describes the matrix. Only a matrix of floats is accepted.

White space pads the header to a multiple of 64 bytes. In a matrix that w2v wrote together with its
words, the padding ends in a mark, which other readers ignore: a tab, then 48 bits of a digest of
the vocabulary file, with a space for each 0 and a tab for each 1.
"""

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.lib import format as numpy_format

from w2v.errors import FormatError
from w2v.formats.checks import check_vector_size

MAGIC = b"\x93NUMPY"
_READERS = {  # by the version of the format
    (1, 0): numpy_format.read_array_header_1_0,
    (2, 0): numpy_format.read_array_header_2_0,
}
_LONGEST_HEADER = 10_000  # bytes; NumPy's own limit
_ALIGNMENT = 64
MARK_BYTES = 6  # the length of the digest
_MARK = re.compile(rb"\t([ \t]{%d})\n" % (8 * MARK_BYTES))
_AS_DIGITS, _AS_BLANKS = bytes.maketrans(b" \t", b"01"), bytes.maketrans(b"01", b" \t")


@dataclass(frozen=True)
class Layout:
    """The contents of the header.

    Attributes
    ----------
    dtype : dtype
        The type of the numbers.
    shape : tuple of int
        V rows and d columns.
    by_columns : bool
        Whether the matrix is stored column by column (Fortran order).
    start : int
        The byte offset of the first number.
    mark : bytes or None
        The digest of the vocabulary file, MARK_BYTES long, if the header has one.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, int]
    by_columns: bool
    start: int
    mark: bytes | None

    @property
    def row_size(self) -> int:
        """The size of a row in bytes."""
        return self.shape[1] * self.dtype.itemsize


def read_layout(path: Path, stream: IO[bytes]) -> Layout:
    """Read the header, and leave the stream at the start of the matrix.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : binary stream
        The file, at its start.

    Returns
    -------
    Layout
        The contents of the header.

    Raises
    ------
    FormatError
        The header is damaged, or the array is not a matrix of floats.
    """
    seen = _Recording(stream)
    shape, by_columns, dtype = _parsed(path, cast(IO[bytes], seen))
    if dtype.hasobject:
        raise FormatError(
            f"{path} holds Python objects, which are never unpickled; save the matrix as float32."
        )
    if dtype.kind != "f" or dtype.itemsize not in (2, 4, 8) or len(shape) != 2:
        raise FormatError(
            f"{path} holds an array of {dtype} with {len(shape)} dimensions, not a matrix of "
            "float16, float32 or float64 with a row for each word."
        )
    if shape[1] < 1 or min(shape) < 0 or max(shape) >= 10**18:
        raise damaged(path, f"its shape is {shape}")
    check_vector_size(path, shape[1])
    return Layout(dtype, (shape[0], shape[1]), by_columns, len(seen.data), _mark(seen.data))


class _Recording:
    """A stream that keeps the bytes read in `data`, and refuses to read more than a header has."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.data = b""

    def read(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:  # NumPy would read the header before it checks the size
            raise OverflowError
        read = self._stream.read(size)
        self.data += read
        return read


def _parsed(path: Path, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape, whether it is in Fortran order, and the type, as NumPy reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            version = numpy_format.read_magic(stream)
            read: Any = _READERS[version]
            found = read(stream, max_header_size=_LONGEST_HEADER)
        except KeyError:
            raise damaged(path, f"its version is {version}") from None
        except OverflowError:
            raise damaged(path, "its header is too long") from None
        except Exception as error:  # the header is a Python expression, which may fail in many ways
            raise damaged(path, "its header cannot be read") from error
    return cast(tuple[tuple[int, ...], bool, np.dtype[Any]], found)


def _mark(header: bytes) -> bytes | None:
    found = _MARK.search(header[-8 * MARK_BYTES - 2 :])
    if found is None:
        return None
    return int(found[1].translate(_AS_DIGITS), 2).to_bytes(MARK_BYTES, "big")


def header(shape: tuple[int, int], mark: bytes) -> bytes:
    """Return the header of a float32 matrix in C order, with the mark of its words."""
    about = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    bits = f"{int.from_bytes(mark, 'big'):0{8 * MARK_BYTES}b}".encode()
    end = b"\t" + bits.translate(_AS_BLANKS) + b"\n"
    before = len(MAGIC) + 4
    gap = -(before + len(about) + len(end)) % _ALIGNMENT
    size = len(about) + gap + len(end)
    return MAGIC + b"\x01\x00" + size.to_bytes(2, "little") + about + b" " * gap + end


def damaged(path: Path, problem: str) -> FormatError:
    """Return the error for a file whose header or size is wrong."""
    return FormatError(f"{path} is not a readable .npy file: {problem}; write it again.")

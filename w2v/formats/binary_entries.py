"""Reads the entries of a word2vec binary file in blocks, and keeps those that are selected."""

import io
import re
import threading
from array import array
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from w2v.finite import is_surely_finite
from w2v.formats.checks import OVERLONG
from w2v.formats.defects import Defect, DefectError, advice_to_end_at, extra_content, missing_entry
from w2v.formats.selection import Selection
from w2v.limits import LONGEST_WORD
from w2v.matrices import Matrix, empty, resized, selected
from w2v.opening import plain_size

_FLOAT = np.dtype("<f4")
_BLOCK = 1 << 22  # bytes read at once: stays in the cache between reading and copying
_BLOCK_ROWS = 1 << 16
_THREADS = 2  # more would wait, since only one at a time can look for entries
_SPACE, _NEWLINE = 32, 10


class BinaryEntries:
    """Consecutive entries of one file: those selected are kept with their words and rows.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : binary stream
        The file, open just after its header.
    header : tuple of int
        The number of words and the vector size d that the header promises.
    header_size : int
        The length of the header in bytes.
    selection : Selection
        The entries to keep.

    Attributes
    ----------
    words : list of bytes
        The words kept.
    matrix : ndarray of float32, shape (n, d), or CompactMatrix
        Their vectors.
    count : int
        The number of entries read, including those not kept.
    finite : bool
        Whether all numbers kept are known to be finite.
    at_once : int
        The number of entries in a block.
    """

    def __init__(
        self,
        path: Path,
        stream: IO[bytes],
        header: tuple[int, int],
        header_size: int,
        selection: Selection,
    ) -> None:
        self._path = path
        self._stream = cast(io.BufferedReader, stream)  # every stream of open_single has readinto
        self._header = self._promised, self._vector_size = header
        self._first = 0  # the number of entries in the file before these
        self._row_size = header[1] * _FLOAT.itemsize
        self._position = header_size  # byte offset of _rest in the file
        self._rest = b""
        self._turn = threading.Lock()
        self._stopped = False
        self._selection = selection
        self._numbers = array("q")  # of the entries kept, from 0; empty where all are
        self._word_starts: list[NDArray[np.int64]] = []  # byte offsets, an array for each block
        self.count = 0
        self.words: list[bytes] = []
        self.finite = True
        self.matrix: Matrix = np.empty((0, self._vector_size), dtype=_FLOAT)
        self.at_once = max(1, min(_BLOCK_ROWS, _BLOCK // self._row_size))

    @property
    def left(self) -> int:
        """The number of entries that the header promises after these."""
        return self._promised - self._first - self.count

    def following(self) -> "BinaryEntries":
        """Return an object for the entries after these; it has read none yet."""
        entries = BinaryEntries(
            self._path, self._stream, self._header, self._position, self._selection
        )
        entries._first, entries._rest = self._first + self.count, self._rest
        return entries

    def read(self, wanted: int, dtype: str = "float32") -> None:
        """Read the next entries.

        Parameters
        ----------
        wanted : int
            How many to read.
        dtype : {"float32", "float16", "int8"}
            How `matrix` holds the numbers.

        Raises
        ------
        DefectError
            The file ends too early, or a word does not end.
        """
        size = plain_size(self._stream)
        # The header may promise anything. An uncompressed file bounds the number of rows; for a
        # compressed file the matrix grows as rows are read.
        capacity = min(wanted, (size or 4 * _BLOCK) // (self._row_size + 1))
        if self._selection.size is not None:
            capacity = min(capacity, self._selection.size)
        self.matrix = empty(capacity, self._vector_size, dtype)
        try:
            # Threads cannot copy to a matrix that may have to grow.
            if capacity == wanted and capacity * self._row_size > _THREADS * _BLOCK:
                self._read_in_threads(wanted)
            else:
                self._read_blocks(wanted)
        finally:
            if len(self.words) < len(self.matrix):  # fewer were found than there is room for
                self.matrix = selected(self.matrix, slice(len(self.words)))

    def _read_in_threads(self, wanted: int) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (for large files only)

        with ThreadPoolExecutor(_THREADS) as executor:
            workers = [executor.submit(self._read_blocks, wanted) for _ in range(_THREADS)]
            try:
                for worker in workers:
                    worker.result()
            finally:  # an interrupt does not wait for the rest of the file
                self._stopped = True

    def _read_blocks(self, wanted: int) -> None:
        """Read all blocks. Threads take turns to read a block, and copy rows at the same time."""
        buffer = bytearray(_BLOCK)
        while True:
            with self._turn:
                if self._stopped or self.count >= wanted or self._selection.is_complete:
                    return
                if len(buffer) < 2 * len(self._rest):
                    buffer = bytearray()  # frees the old one before the new one is allocated
                    buffer = bytearray(2 * len(self._rest))
                row_starts, first = self._next_entries(buffer, wanted - self.count)
            self._copy_rows(buffer, row_starts, first)

    def _next_entries(self, buffer: bytearray, wanted: int) -> tuple[NDArray[np.int64], int]:
        """Fill the buffer and add the words of the complete entries in it.

        Return where their numbers start in the buffer, and the first row to copy to.
        """
        rest, space = len(self._rest), memoryview(buffer)
        space[:rest] = self._rest
        got = self._stream.readinto(space[rest:])
        data = space[: rest + got]
        words, word_starts, row_starts = _find_entries(data, self._row_size, wanted)
        if not words and len(data) > LONGEST_WORD + 1 + self._row_size:
            raise self._overlong(bytes(data[:100]))
        if not got and not words:
            raise self._cut_off()
        used = int(row_starts[-1]) + self._row_size if words else 0
        before, first = self.count, len(self.words)
        self.count += len(words)
        chosen = self._selection.choose(words)
        if chosen is not None:
            words = [words[place] for place in chosen]
            word_starts, row_starts = word_starts[chosen], row_starts[chosen]
            self._numbers.extend((before + chosen).tolist())
        self.words += words
        self._word_starts.append(word_starts + self._position)
        self._position += used
        self._rest = bytes(data[used:])
        last = len(self.words)
        if last > len(self.matrix):
            self.matrix = resized(self.matrix, min(first + wanted, 2 * last))
        return row_starts, first

    def _copy_rows(self, buffer: bytearray, row_starts: NDArray[np.int64], first: int) -> None:
        if not len(row_starts):
            return
        rows = unaligned_rows(buffer, self._row_size)[row_starts]
        numbers = rows.view(_FLOAT).reshape(-1, self._vector_size)
        if not is_surely_finite(numbers):
            self.finite = False
        self.matrix[first : first + len(numbers)] = numbers

    def place(self, row: int) -> tuple[int, int]:
        """Return the entry number, from 1, of a row and the byte offset of its word."""
        if len(self._word_starts) > 1:
            self._word_starts = [np.concatenate(self._word_starts)]
        number = self._numbers[row] if self._selection.size is not None else row
        return self._first + number + 1, int(self._word_starts[0][row])

    def check_end(self) -> None:
        """Raise DefectError if anything but newlines follows the last promised entry."""
        while True:
            stripped = self._rest.lstrip(b"\n")
            self._position += len(self._rest) - len(stripped)
            if stripped:
                raise DefectError(
                    self._path, extra_content(self._promised, self._position, "bytes")
                )
            self._rest = self._stream.read(_BLOCK)
            if not self._rest:
                return

    def _overlong(self, start: bytes) -> DefectError:
        """Return the error for an entry whose word does not end."""
        kind, problem, _ = OVERLONG
        word, before = start.lstrip(b"\n").decode("utf-8", "replace"), self._first + self.count
        advice = advice_to_end_at(before)
        return DefectError(
            self._path, Defect(kind, before + 1, self._position, word, problem, advice)
        )

    def _cut_off(self) -> DefectError:
        stripped = self._rest.lstrip(b"\n")
        offset = self._position + len(self._rest) - len(stripped)
        entry = self._first + self.count + 1
        if not stripped:
            return DefectError(self._path, missing_entry(entry, self._promised, offset))
        word, space, numbers = stripped.partition(b" ")
        got = f"{len(numbers)} of the {self._row_size} bytes of its vector" if space else "no word"
        name = word[:100].decode("utf-8", "replace") if space else ""
        problem, advice = f"is cut off: the file has {got}", advice_to_end_at(entry - 1)
        cut = Defect("truncated entries", entry, offset, name, problem, advice, self._promised)
        if entry == self._promised:
            return DefectError(self._path, cut)
        end = offset + len(stripped)
        return DefectError(self._path, cut, missing_entry(entry + 1, self._promised, end))


def unaligned_rows(buffer: bytearray | NDArray[np.uint8], row_size: int) -> NDArray[np.void]:
    """Return a view in which item n is the row that starts at byte n of a buffer.

    NumPy copies many rows in one call when each row is one opaque item.
    """
    row_type, shape = np.dtype((np.void, row_size)), (len(buffer) - row_size + 1,)
    rows: NDArray[np.void] = np.ndarray(shape, dtype=row_type, buffer=buffer, strides=(1,))
    return rows


def _find_entries(
    data: memoryview, row_size: int, wanted: int
) -> tuple[list[bytes], NDArray[np.int64], NDArray[np.int64]]:
    """Return the first complete entries in a block: words, starts of words, starts of rows."""
    none = np.zeros(0, dtype=np.int64)
    if len(data) <= row_size:
        return [], none, none
    # A large file has millions of entries, so no Python statement runs once for each of them.
    # The pattern matches a complete entry, or everything that is left.
    words: list[bytes] = re.findall(rb"([^ ]*) .{%d}|.+" % row_size, data, re.DOTALL)
    lengths = _lengths(words)
    ends = np.cumsum(lengths + (1 + row_size))
    # A match of the rest counts as an empty word here. It is a real entry only if it reaches the
    # end of the block and has its space in the right place.
    if ends[-1] != len(data) or data[-1 - row_size] != _SPACE:
        words.pop()
    count = min(wanted, len(words))
    words, lengths, row_starts = words[:count], lengths[:count], ends[:count] - row_size
    word_starts = row_starts - 1 - lengths
    # word2vec.c writes a newline after each vector, so the next word begins with it.
    if (np.frombuffer(data, dtype=np.uint8)[word_starts] == _NEWLINE).any():
        words = [word.lstrip(b"\n") for word in words]
        word_starts = row_starts - 1 - _lengths(words)
    return words, word_starts, row_starts


def _lengths(words: list[bytes]) -> NDArray[np.int64]:
    return np.fromiter(map(len, words), np.int64, len(words))

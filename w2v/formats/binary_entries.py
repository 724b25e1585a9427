"""The entries of a word2vec binary file: read block by block, kept or passed over."""

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
_THREADS = 2  # more would wait for the one that looks for entries
_SPACE, _NEWLINE = 32, 10


class BinaryEntries:
    """Entries of one file: `words` as bytes, `matrix` with their rows, and their places.

    count: the entries read, those not selected too. at_once: how many make a block.
    finite: whether all numbers are known to be finite.
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
        self._stream = cast(io.BufferedReader, stream)  # all that open_single yields can readinto
        self._header = self._promised, self._vector_size = header
        self._first = 0  # entries of the file before these
        self._row_size = header[1] * _FLOAT.itemsize
        self._position = header_size  # byte offset of _rest in the file
        self._rest = b""
        self._turn = threading.Lock()
        self._stopped = False
        self._selection = selection
        self._numbers = array("q")  # of the entries, from 0, where not all are kept
        self._word_starts: list[NDArray[np.int64]] = []  # in each block, as byte offsets
        self.count = 0
        self.words: list[bytes] = []
        self.finite = True
        self.matrix: Matrix = np.empty((0, self._vector_size), dtype=_FLOAT)
        self.at_once = max(1, min(_BLOCK_ROWS, _BLOCK // self._row_size))

    @property
    def left(self) -> int:
        """How many entries the header promises after these."""
        return self._promised - self._first - self.count

    def following(self) -> "BinaryEntries":
        """Return the entries after these, none of which has been read."""
        entries = BinaryEntries(
            self._path, self._stream, self._header, self._position, self._selection
        )
        entries._first, entries._rest = self._first + self.count, self._rest
        return entries

    def read(self, wanted: int, dtype: str = "float32") -> None:
        """Read the next `wanted` entries, or raise FormatError where the file ends too early."""
        size = plain_size(self._stream)
        # Never more rows than the file can hold; from a compressed file, whose header may promise
        # anything, the matrix grows.
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
        """Read block after block; several threads take turns in that, and copy rows at once."""
        buffer = bytearray(_BLOCK)
        while True:
            with self._turn:
                if self._stopped or self.count >= wanted or self._selection.is_complete:
                    return
                if len(buffer) < 2 * len(self._rest):
                    buffer = bytearray()  # the old one goes before the new one comes
                    buffer = bytearray(2 * len(self._rest))
                row_starts, first = self._next_entries(buffer, wanted - self.count)
            self._copy_rows(buffer, row_starts, first)

    def _next_entries(self, buffer: bytearray, wanted: int) -> tuple[NDArray[np.int64], int]:
        """Fill the buffer and add the words of the whole entries in it.

        Returns where in the buffer their numbers start, and the first row to copy to.
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
        # Rows start at any byte; as opaque items of a row's size NumPy copies them all at once.
        row_type = np.dtype((np.void, self._row_size))
        shape = (len(buffer) - self._row_size + 1,)
        rows = np.ndarray(shape, dtype=row_type, buffer=buffer, strides=(1,))
        numbers = rows[row_starts].view(_FLOAT).reshape(-1, self._vector_size)
        if not is_surely_finite(numbers):
            self.finite = False
        self.matrix[first : first + len(numbers)] = numbers

    def place(self, row: int) -> tuple[int, int]:
        """Return (entry number from 1, byte offset of its word) of a row."""
        if len(self._word_starts) > 1:
            self._word_starts = [np.concatenate(self._word_starts)]
        number = self._numbers[row] if self._selection.size is not None else row
        return self._first + number + 1, int(self._word_starts[0][row])

    def check_end(self) -> None:
        """Raise DefectError where anything but newlines follows the last promised entry."""
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
        """Return the error that the next entry starts with a word without an end."""
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


def _find_entries(
    data: memoryview, row_size: int, wanted: int
) -> tuple[list[bytes], NDArray[np.int64], NDArray[np.int64]]:
    """Return the words of the first whole entries in a block, and where words and rows start."""
    none = np.zeros(0, dtype=np.int64)
    if len(data) <= row_size:
        return [], none, none
    # A large file has millions of entries: no statement of Python runs for each of them.
    # The pattern matches an entry, or else all the rest.
    words: list[bytes] = re.findall(rb"([^ ]*) .{%d}|.+" % row_size, data, re.DOTALL)
    lengths = _lengths(words)
    ends = np.cumsum(lengths + (1 + row_size))
    # The rest looks like an empty word, but an entry would reach the end and have its space.
    if ends[-1] != len(data) or data[-1 - row_size] != _SPACE:
        words.pop()
    count = min(wanted, len(words))
    words, lengths, row_starts = words[:count], lengths[:count], ends[:count] - row_size
    word_starts = row_starts - 1 - lengths
    # word2vec.c writes a newline after a vector, so before the next word.
    if (np.frombuffer(data, dtype=np.uint8)[word_starts] == _NEWLINE).any():
        words = [word.lstrip(b"\n") for word in words]
        word_starts = row_starts - 1 - _lengths(words)
    return words, word_starts, row_starts


def _lengths(words: list[bytes]) -> NDArray[np.int64]:
    return np.fromiter(map(len, words), np.int64, len(words))

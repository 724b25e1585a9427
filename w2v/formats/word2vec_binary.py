"""The binary format of word2vec (`.bin`): a text header, then each word followed by its numbers."""

import io
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.formats.checks import check_options, check_writable, finished, is_surely_finite
from w2v.formats.header import advice_to_end_at, extra, missing
from w2v.formats.opening import open_single, plain_size, written
from w2v.formats.word_matrix import Block, Defect, DefectError, Matrix, WordMatrix

# Eighteen digits at most: more would not fit the sizes that NumPy calculates with.
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n?")
_FLOAT = np.dtype("<f4")
_BLOCK = 1 << 22  # bytes read at once: stays in the cache between reading and copying
_BLOCK_ROWS = 1 << 16
_THREADS = 2  # more would wait for the one that looks for entries
_SPACE, _NEWLINE = 32, 10
_ROWS_AT_ONCE = 1024


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Return (number of words, vector size) from the first line of a file, or None."""
    match = _HEADER.fullmatch(line)
    return (int(match[1]), int(match[2])) if match else None


def read(
    path: Path, *, limit: int | None = None, invalid_utf8: str = "error", on_defect: str = "error"
) -> WordMatrix:
    """Read a word2vec binary file, compressed or not.

    limit: read this many entries from the start; None reads all.
    invalid_utf8: "error", "replace" or "ignore", for words that are not UTF-8.
    on_defect: "error", or "skip" to leave out bad entries and keep the first of duplicates.

    Raises FormatError naming the entry and the byte offset where the file is cut off, goes on
    after its last entry, or holds a bad entry; ConfigError for an option out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    malformed: tuple[Defect, ...] = ()
    with open_single(path) as stream:
        entries = _start(path, stream)
        try:
            entries.read(entries.left if limit is None else min(entries.left, limit))
            if not entries.left:
                entries.check_end()
        except DefectError as error:
            if on_defect == "error":
                raise
            malformed = error.defects
    return finished(
        path,
        entries.words,
        entries.matrix[: len(entries.words)].astype(np.float32, copy=False),
        entries.place,
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        known_finite=entries.finite,
        malformed=malformed,
    )


def blocks(path: Path) -> Iterator[Block]:
    """Yield all entries of a file, unchecked; where it ends too early or late is the last defect.

    Raises FormatError where it cannot be read at all.
    """
    with open_single(path) as stream:
        entries = _start(path, stream)
        malformed: tuple[Defect, ...] = ()
        while entries.left and not malformed:
            try:
                entries.read(min(entries.left, entries.at_once))
            except DefectError as error:
                malformed = error.defects
            matrix = entries.matrix[: len(entries.words)].astype(np.float32, copy=False)
            yield Block(entries.words, matrix, entries.place, malformed)
            entries = entries.following()
        end: tuple[Defect, ...] = ()
        try:
            if not malformed:
                entries.check_end()
        except DefectError as error:
            end = error.defects
        yield Block([], entries.matrix, entries.place, end)


def _start(path: Path, stream: IO[bytes]) -> "_Entries":
    header_line = stream.readline(64)
    header = parse_header(header_line)
    if header is None or header[1] == 0:
        raise FormatError(
            f"{path}: a word2vec binary file starts with a line of two numbers, words and "
            f"vector size, but this one with {header_line!r}."
        )
    return _Entries(path, stream, header, len(header_line))


class _Entries:
    """Entries of one file: `words` as bytes, `matrix` with their rows, and where they lie.

    finite: whether all numbers are known to be finite. at_once: how many make a block.
    """

    def __init__(
        self, path: Path, stream: IO[bytes], header: tuple[int, int], header_size: int
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
        self._word_starts: list[NDArray[np.int64]] = []  # in each block, as byte offsets
        self.words: list[bytes] = []
        self.finite = True
        self.matrix = np.empty((0, self._vector_size), dtype=_FLOAT)
        self.at_once = max(1, min(_BLOCK_ROWS, _BLOCK // self._row_size))

    @property
    def left(self) -> int:
        """How many entries the header promises after these."""
        return self._promised - self._first - len(self.words)

    def following(self) -> "_Entries":
        """Return the entries after these, none of which has been read."""
        entries = _Entries(self._path, self._stream, self._header, self._position)
        entries._first, entries._rest = self._first + len(self.words), self._rest
        return entries

    def read(self, wanted: int) -> None:
        """Read the next `wanted` entries, or raise FormatError where the file ends too early."""
        size = plain_size(self._stream)
        # Never more rows than the file can hold; from a compressed file, whose header may promise
        # anything, the matrix grows.
        capacity = min(wanted, (size or 4 * _BLOCK) // (self._row_size + 1))
        self.matrix = np.empty((capacity, self._vector_size), dtype=_FLOAT)
        # A matrix that may have to grow is no place for threads to copy to.
        if capacity == wanted and self.matrix.nbytes > _THREADS * _BLOCK:
            self._read_in_threads(wanted)
        else:
            self._read_blocks(wanted)

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
                if self._stopped or len(self.words) >= wanted:
                    return
                if len(buffer) < 2 * len(self._rest):
                    buffer = bytearray()  # the old one goes before the new one comes
                    buffer = bytearray(2 * len(self._rest))
                row_starts, rows = self._next_entries(buffer, wanted - len(self.words))
            self._copy_rows(buffer, row_starts, rows)

    def _next_entries(self, buffer: bytearray, wanted: int) -> tuple[NDArray[np.int64], Matrix]:
        """Fill the buffer and add the words of the whole entries in it.

        Returns where in the buffer their numbers start, and the rows of the matrix to copy to.
        """
        rest, space = len(self._rest), memoryview(buffer)
        space[:rest] = self._rest
        got = self._stream.readinto(space[rest:])
        data = space[: rest + got]
        words, word_starts, row_starts = _find_entries(data, self._row_size, wanted)
        if not got and not words:
            raise self._cut_off()
        used = int(row_starts[-1]) + self._row_size if words else 0
        first, last = len(self.words), len(self.words) + len(words)
        self.words += words
        self._word_starts.append(word_starts + self._position)
        self._position += used
        self._rest = bytes(data[used:])
        if last > len(self.matrix):
            grown = np.empty((min(first + wanted, 2 * last), self._vector_size), dtype=_FLOAT)
            grown[:first] = self.matrix[:first]
            self.matrix = grown
        return row_starts, self.matrix[first:last]

    def _copy_rows(self, buffer: bytearray, row_starts: NDArray[np.int64], target: Matrix) -> None:
        if not len(target):
            return
        # Rows start at any byte; as opaque items of a row's size NumPy copies them all at once.
        row_type = np.dtype((np.void, self._row_size))
        shape = (len(buffer) - self._row_size + 1,)
        rows = np.ndarray(shape, dtype=row_type, buffer=buffer, strides=(1,))
        target.view(row_type)[:, 0] = rows[row_starts]
        if not is_surely_finite(target):
            self.finite = False

    def place(self, row: int) -> tuple[int, int]:
        """Return (entry number from 1, byte offset of its word) of a row."""
        if len(self._word_starts) > 1:
            self._word_starts = [np.concatenate(self._word_starts)]
        return self._first + row + 1, int(self._word_starts[0][row])

    def check_end(self) -> None:
        """Raise DefectError where anything but newlines follows the last promised entry."""
        while True:
            stripped = self._rest.lstrip(b"\n")
            self._position += len(self._rest) - len(stripped)
            if stripped:
                raise DefectError(self._path, extra(self._promised, self._position, "bytes"))
            self._rest = self._stream.read(_BLOCK)
            if not self._rest:
                return

    def _cut_off(self) -> DefectError:
        stripped = self._rest.lstrip(b"\n")
        offset = self._position + len(self._rest) - len(stripped)
        entry = self._first + len(self.words) + 1
        if not stripped:
            return DefectError(self._path, missing(entry, self._promised, offset))
        word, space, numbers = stripped.partition(b" ")
        got = f"{len(numbers)} of the {self._row_size} bytes of its vector" if space else "no word"
        name = word[:100].decode("utf-8", "replace") if space else ""
        problem, advice = f"is cut off: the file has {got}", advice_to_end_at(entry - 1)
        cut = Defect("truncated entries", entry, offset, name, problem, advice, self._promised)
        if entry == self._promised:
            return DefectError(self._path, cut)
        end = offset + len(stripped)
        return DefectError(self._path, cut, missing(entry + 1, self._promised, end))


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


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec binary file, without newlines between the entries, as gensim does.

    words: V distinct words without spaces and line breaks. matrix: float32 (V, d), finite.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where the file
    cannot be written; an old file at `path` then stays as it was.
    """
    check_writable(path, words, matrix)
    vector_size = matrix.shape[1]
    with written(path) as stream:
        stream.write(b"%d %d\n" % (len(words), vector_size))
        for start in range(0, len(words), _ROWS_AT_ONCE):
            rows = np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE], dtype=_FLOAT)
            pieces: list[bytes | memoryview] = []
            for word, row in zip(words[start : start + _ROWS_AT_ONCE], rows, strict=True):
                pieces += (word.encode("utf-8"), b" ", row.data)
            stream.write(b"".join(pieces))

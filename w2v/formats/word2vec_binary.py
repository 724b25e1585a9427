"""The binary format of word2vec (`.bin`): a text header, then each word followed by its numbers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from w2v.errors import FormatError
from w2v.files import atomic_write
from w2v.formats.checks import check_options, check_writable, finished
from w2v.formats.opening import open_single, plain_size
from w2v.formats.word_matrix import Matrix, WordMatrix

# Eighteen digits at most: more would not fit the sizes that NumPy calculates with.
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n?")
_FLOAT = np.dtype("<f4")
_BLOCK = 1 << 20  # bytes read at once: stays in the cache between reading and copying
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
    with open_single(path) as stream:
        header_line = stream.readline(64)
        header = parse_header(header_line)
        if header is None or header[1] == 0:
            raise FormatError(
                f"{path}: a word2vec binary file starts with a line of two numbers, words and "
                f"vector size, but this one with {header_line!r}."
            )
        entries = _Entries(path, stream, header, len(header_line))
        entries.read(header[0] if limit is None else min(header[0], limit))
        if len(entries.words) == header[0]:
            entries.check_end()
    return finished(
        path,
        entries.words,
        entries.matrix.astype(np.float32, copy=False),
        entries.place,
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
    )


class _Entries:
    """The entries of one file: `words` as bytes, `matrix` with their rows, and where they lie."""

    def __init__(
        self, path: Path, stream: IO[bytes], header: tuple[int, int], header_size: int
    ) -> None:
        self._path = path
        self._stream = stream
        self._promised, self._vector_size = header
        self._row_size = header[1] * _FLOAT.itemsize
        self._position = header_size  # byte offset of _rest in the file
        self._rest = b""
        self._word_ends: list[int] = []
        self.words: list[bytes] = []
        self.matrix = np.empty((0, 0), dtype=_FLOAT)

    def read(self, wanted: int) -> None:
        """Read the next `wanted` entries, or raise FormatError where the file ends too early."""
        self.matrix = np.empty((self._capacity(wanted), self._vector_size), dtype=_FLOAT)
        while len(self.words) < wanted:
            block = self._stream.read(max(_BLOCK, len(self._rest)))
            if not block:
                raise self._cut_off()
            data = self._rest + block
            row_starts, used = self._find_entries(data, wanted - len(self.words))
            self._copy_rows(data, row_starts, wanted)
            self._position += used
            self._rest = data[used:]
        self.matrix = self.matrix[:wanted]

    def _capacity(self, wanted: int) -> int:
        """Return how many rows to allocate at first: never more than the file can hold."""
        size = plain_size(self._stream)
        if size is None:  # compressed: the matrix grows with what comes out
            size = 64 * _BLOCK
        return min(wanted, size // (self._row_size + 2))

    def _find_entries(self, data: bytes, wanted: int) -> tuple[list[int], int]:
        """Add the words of the whole entries in `data`; return where rows start, and the end."""
        find, step = data.find, 1 + self._row_size
        last = len(data) - step
        add_word, word_ends, start = self.words.append, [], 0
        # The only Python that runs for every entry: a large file has millions of them.
        for _ in range(wanted):
            end = find(b" ", start)
            if end < 0 or end > last:
                break
            add_word(data[start:end])
            word_ends.append(end)
            start = end + step
        self._strip_line_ends(len(word_ends))
        base = self._position
        self._word_ends.extend([base + end for end in word_ends])
        return [end + 1 for end in word_ends], start

    def _strip_line_ends(self, count: int) -> None:
        """Take off the newlines that word2vec.c writes after a vector, so before the next word."""
        first = len(self.words) - count
        if any(word.startswith(b"\n") for word in self.words[first:]):
            self.words[first:] = [word.lstrip(b"\n") for word in self.words[first:]]

    def _copy_rows(self, data: bytes, row_starts: list[int], wanted: int) -> None:
        count, filled = len(row_starts), len(self.words) - len(row_starts)
        if count == 0:
            return
        if len(self.words) > len(self.matrix):
            grown = np.empty((min(wanted, 2 * len(self.words)), self._vector_size), dtype=_FLOAT)
            grown[:filled] = self.matrix[:filled]
            self.matrix = grown
        # Rows start at any byte; as opaque items of a row's size NumPy copies them all at once.
        row_type = np.dtype((np.void, self._row_size))
        shape = (len(data) - self._row_size + 1,)
        rows = np.ndarray(shape, dtype=row_type, buffer=data, strides=(1,))
        self.matrix.view(row_type)[filled : filled + count, 0] = rows[row_starts]

    def place(self, row: int) -> tuple[int, int]:
        """Return (entry number from 1, byte offset of its word) of a row."""
        return row + 1, self._word_ends[row] - len(self.words[row])

    def check_end(self) -> None:
        """Raise FormatError where anything but newlines follows the last promised entry."""
        while True:
            stripped = self._rest.lstrip(b"\n")
            self._position += len(self._rest) - len(stripped)
            if stripped:
                raise FormatError(
                    f"{self._path}: there are extra bytes at byte offset {self._position}, after "
                    f"entry {self._promised}, the last that the header promises; the header is "
                    "wrong or the file damaged."
                )
            self._rest = self._stream.read(_BLOCK)
            if not self._rest:
                return

    def _cut_off(self) -> FormatError:
        stripped = self._rest.lstrip(b"\n")
        offset = self._position + len(self._rest) - len(stripped)
        word, space, numbers = stripped.partition(b" ")
        name = f"{word[:100].decode('utf-8', 'replace')!r}, " if space else ""
        got = f"{len(numbers)} of the {self._row_size} bytes of its vector" if space else "no word"
        complete = len(self.words)
        return FormatError(
            f"{self._path}: the file is cut off in entry {complete + 1} of {self._promised} "
            f"({name}byte offset {offset}), of which it has {got if stripped else 'nothing'}; "
            f"fetch it again, or load the complete entries with limit={complete}."
        )


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec binary file, without newlines between the entries, as gensim does.

    words: V distinct words without spaces and line breaks. matrix: float32 (V, d), finite.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where the file
    cannot be written; an old file at `path` then stays as it was.
    """
    check_writable(path, words, matrix)
    vector_size = matrix.shape[1]
    with atomic_write(path) as stream:
        stream.write(b"%d %d\n" % (len(words), vector_size))
        for start in range(0, len(words), _ROWS_AT_ONCE):
            rows = np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE], dtype=_FLOAT)
            pieces: list[bytes | memoryview] = []
            for word, row in zip(words[start : start + _ROWS_AT_ONCE], rows, strict=True):
                pieces += (word.encode("utf-8"), b" ", row.data)
            stream.write(b"".join(pieces))

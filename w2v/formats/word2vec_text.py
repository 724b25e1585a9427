"""The text format of word2vec (`.txt`, `.vec`), and GloVe's, which is the same without a header."""

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from w2v.errors import FormatError
from w2v.formats.checks import check_options, check_writable, finished
from w2v.formats.header import extra, missing
from w2v.formats.opening import open_single, written
from w2v.formats.word2vec_binary import parse_header
from w2v.formats.word_matrix import Block, Defect, DefectError, Matrix, WordMatrix

_NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)
_FIELD = re.compile(rb"\S+")
_BLOCK = 1 << 18  # bytes read at once: a line of a few bytes takes two hundred when it is split
_ROWS_AT_ONCE = 1024
_LINE_END = b" \t\r\n\v\f"  # ASCII only: a no-break space is part of a word


def read(
    path: Path, *, limit: int | None = None, invalid_utf8: str = "error", on_defect: str = "error"
) -> WordMatrix:
    """Read a word2vec text file with or without its header line, compressed or not.

    Each line is a word and its numbers, separated by spaces or tabs; the word may hold spaces.
    Without a header the vector size is that of the first line. Empty lines are passed over.

    limit, invalid_utf8, on_defect: as for the binary format.

    Raises FormatError naming the entry and the byte offset of a bad line, and where the lines are
    not as many as the header promises; ConfigError for an option out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    with open_single(path) as stream:
        table, first_lines = _start(path, stream, limit, on_defect == "skip")
        try:
            for lines, whole in _line_blocks(stream, first_lines):
                table.add(lines, whole)
                if table.has_enough():
                    break
            table.check_complete()
        except DefectError as error:
            if on_defect == "error":
                raise
            table.malformed += error.defects
    return finished(
        path,
        table.words,
        table.matrix(),
        table.place,
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        malformed=table.malformed,
    )


def blocks(path: Path) -> Iterator[Block]:
    """Yield all entries of a file, unchecked; lines that could not be read are listed as defects.

    Raises FormatError where it cannot be read at all.
    """
    with open_single(path) as stream:
        table, first_lines = _start(path, stream, None, True)
        try:
            for lines, whole in _line_blocks(stream, first_lines):
                table.add(lines, whole)
                yield table.taken()
            table.check_complete()
        except DefectError as error:
            table.malformed += error.defects
            yield table.taken()


def _start(path: Path, stream: IO[bytes], limit: int | None, skip: bool) -> tuple["_Table", bytes]:
    """Return an empty table, and what has been read of its lines."""
    first_line = stream.readline()
    header = parse_header(first_line)
    vector_size = header[1] if header else count_numbers(first_line)
    if vector_size == 0:
        raise FormatError(
            f"{path}: a word2vec text file starts with a line of two numbers, words and vector "
            f"size, or with a word and its numbers, but this one with {first_line[:64]!r}."
        )
    table = _Table(path, vector_size, header[0] if header else None, limit, skip)
    table.offset = len(first_line) if header else 0
    return table, b"" if header else first_line


def _line_blocks(stream: IO[bytes], carry: bytes) -> Iterator[tuple[list[bytes], bool]]:
    """Yield (lines, True) for lines that a newline ends, then ([rest], False) if there is one."""
    carried = [carry]
    while chunk := stream.read(_BLOCK):
        carried.append(chunk)
        if b"\n" in chunk:  # a long line is not joined again and again
            *lines, carry = b"".join(carried).split(b"\n")
            yield lines, True
            carried = [carry]
    *lines, rest = b"".join(carried).split(b"\n")
    yield lines, True
    if rest:
        yield [rest], False


class _Table:
    """The rows read so far: `words` as bytes, their places and numbers, and what was left out."""

    def __init__(
        self, path: Path, vector_size: int, promised: int | None, limit: int | None, skip: bool
    ) -> None:
        self._path = path
        self._vector_size = vector_size
        self._promised = promised
        self._limit = limit if promised is None or limit is None else min(promised, limit)
        self._skip = skip
        self._entries = 0  # rows seen, those left out too
        self._parts = [np.empty((0, vector_size), dtype=np.float32)]
        self.offset = 0
        self.words: list[bytes] = []
        self._places = array("q")  # entry and byte offset of each row, in turn
        self.malformed: list[Defect] = []

    def taken(self) -> Block:
        """Return the rows since the last call."""
        places, malformed = self._places, tuple(self.malformed)

        def place(row: int) -> tuple[int, int]:
            return places[2 * row], places[2 * row + 1]

        block = Block(self.words, self.matrix(), place, malformed)
        self.words, self._places, self.malformed = [], array("q"), []
        self._parts = self._parts[:1]
        return block

    def matrix(self) -> Matrix:
        """Return the numbers as float32 (rows, vector size)."""
        return np.concatenate([part for part in self._parts if len(part)] or self._parts)

    def place(self, row: int) -> tuple[int, int]:
        """Return (entry number from 1, byte offset) of a row."""
        return self._places[2 * row], self._places[2 * row + 1]

    def has_enough(self) -> bool:
        """Return whether `limit` is reached, so that what follows in the file does not matter."""
        return self._limit not in (None, self._promised) and self._entries == self._limit

    def add(self, lines: list[bytes], whole: bool) -> None:
        """Add the rows in some lines; `whole` says whether a newline ended the last of them."""
        rows, places = self._number(lines)
        wanted = self._limit if self._limit is not None else self._promised
        surplus: tuple[tuple[int, int], ...] = ()
        if wanted is not None and self._entries > wanted:
            if wanted == self._promised:
                surplus = (places[wanted - self._entries],)
            rows = rows[: wanted - self._entries]
            self._entries = wanted
        if rows and not whole and self._entries != self._promised:
            problem = "is cut off: no line end follows its last number"
            self._reject(places[-1], rows.pop(), problem, "truncated entries")
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            self._parse(some, places[start : start + len(some)])
        for entry, offset in surplus:
            raise DefectError(self._path, extra(entry - 1, offset, "lines"))

    def _number(self, lines: list[bytes]) -> tuple[list[bytes], list[tuple[int, int]]]:
        """Return the lines that are not empty, without their ends, and the place of each."""
        rows, places = [], []
        for line in lines:
            if row := line.rstrip(_LINE_END):
                self._entries += 1
                rows.append(row)
                places.append((self._entries, self.offset))
            self.offset += len(line) + 1
        return rows, places

    def _parse(self, rows: list[bytes], places: list[tuple[int, int]]) -> None:
        quick = _parse_quickly(rows, self._vector_size)
        if quick:
            self.words += quick[0]
            self._places.extend(chain.from_iterable(places))
            self._parts.append(quick[1])
            return
        for place, row in zip(places, rows, strict=True):
            word, numbers = split_row(row, self._vector_size)
            if word is None:
                self._reject(place, row, _miscount(row, self._vector_size))
                continue
            self.words.append(word)
            self._places.extend(place)
            with np.errstate(over="ignore"):
                values = np.array([list(map(float, numbers))]).astype(np.float32)
            self._parts.append(values)

    def _reject(
        self,
        place: tuple[int, int],
        row: bytes,
        problem: str,
        kind: str = "malformed lines",
    ) -> None:
        word = row.split(None, 1)[0][:100].decode("utf-8", "replace")
        defect = Defect(kind, *place, word, problem)
        if not self._skip:
            raise FormatError(defect.sentence(self._path))
        self.malformed.append(defect)

    def check_complete(self) -> None:
        """Raise DefectError where the file has fewer lines than its header promises."""
        wanted = self._promised if self._limit is None else self._limit
        if self._promised is not None and wanted is not None and self._entries < wanted:
            entry = self._entries + 1
            raise DefectError(self._path, missing(entry, self._promised, self.offset))


def _parse_quickly(rows: list[bytes], vector_size: int) -> tuple[list[bytes], Matrix] | None:
    """Return words and numbers of rows of the plain kind, or None where any is not."""
    try:
        pairs = [row.split(b" ", 1) for row in rows]
        texts = [str(pair[1], "ascii") for pair in pairs]
        if not texts:
            return None
        with np.errstate(over="ignore"):
            numbers = np.loadtxt(texts, dtype=np.float32, delimiter=" ", comments=None, ndmin=2)
    except (ValueError, IndexError):
        return None
    if numbers.shape != (len(rows), vector_size):
        return None
    return [pair[0] for pair in pairs], numbers


def split_row(row: bytes, vector_size: int) -> tuple[bytes | None, list[bytes]]:
    """Split a row from the right into (word, numbers); the word is None where that fails."""
    for separator in (b" ", None):
        word, *numbers = row.rsplit(separator, vector_size) or [b""]
        if len(numbers) == vector_size and all(map(_NUMBER.fullmatch, numbers)):
            return (None, []) if _ends_in_number(word, numbers) else (word, numbers)
    return None, []


def _ends_in_number(word: bytes, numbers: list[bytes]) -> bool:
    """Return whether what was taken for a word ends in one more number of the vector.

    "route 66" before 0.1 and 0.2 does not: the number is written in another way than theirs.
    """
    parts = word.rsplit(None, 1)
    if len(parts) < 2 or not _NUMBER.fullmatch(parts[1]):
        return False
    return not parts[1].isdigit() or all(number.lstrip(b"+-").isdigit() for number in numbers)


def _miscount(row: bytes, vector_size: int) -> str:
    return f"has {count_numbers(row)} numbers after its word where {vector_size} are expected"


def count_numbers(row: bytes) -> int:
    """Return how many numbers a row ends in, its first field apart."""
    count = -1
    for field in _FIELD.finditer(row):  # not by a list of them: there may be millions
        count = count + 1 if count < 0 or _NUMBER.fullmatch(field[0]) else 0
    return max(0, count)


def is_numbers(row: bytes) -> bool:
    """Return whether all fields of a row are numbers, the first too."""
    return all(_NUMBER.fullmatch(field[0]) for field in _FIELD.finditer(row))


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec text file with a header, byte for byte as gensim does.

    Each number is the shortest decimal that gives the same float32 again.

    words: V distinct words without spaces and line breaks. matrix: float32 (V, d), finite.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where the file
    cannot be written; an old file at `path` then stays as it was.
    """
    check_writable(path, words, matrix)
    with written(path) as stream:
        stream.write(f"{len(words)} {matrix.shape[1]}\n".encode("ascii"))
        write_rows(stream, words, matrix)


def write_rows(stream: IO[bytes], words: Sequence[str], matrix: Matrix) -> None:
    """Write a line for each word: the word and its numbers, separated by spaces."""
    for word, row in zip(words, np.asarray(matrix, dtype=np.float32), strict=True):
        stream.write(f"{word} {' '.join(map(str, row))}\n".encode())

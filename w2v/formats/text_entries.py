"""Parses the rows of a word2vec text file: keeps the selected ones, and lists the malformed."""

from array import array
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from w2v.errors import FormatError, Part
from w2v.formats.defects import Defect, DefectError, advice_to_end_at, extra_content, missing_entry
from w2v.formats.selection import Selection
from w2v.formats.text_rows import miscount, parse_quickly, split_row
from w2v.formats.word_matrix import EntryBlock
from w2v.limits import LONGEST_LINE, LONGEST_NUMBER, LONGEST_WORD
from w2v.matrices import Matrix, compacted, empty, joined

_ROWS_AT_ONCE = 1024
_LINE_END = b" \t\r\n\v\f"  # ASCII only: a no-break space is part of a word


class KeptRows:
    """The rows that are kept: words, places and numbers.

    Parameters
    ----------
    selection : Selection
        The words to keep.
    dtype : {"float32", "float16", "int8"}
        The type that holds the numbers.

    Attributes
    ----------
    words : list of bytes
        The words kept.
    """

    def __init__(self, selection: Selection, dtype: str) -> None:
        self.selection = selection
        self.words: list[bytes] = []
        self._dtype = dtype
        self._first_fields = selection.first_fields()
        self._places = array("q")  # for each row its entry number, then its byte offset
        self._parts: list[Matrix] = []

    def may_keep(self, row: bytes) -> bool:
        """Return False if the word of a row is certainly not selected."""
        return self._first_fields is None or row.split(None, 1)[0] in self._first_fields

    def add(self, words: list[bytes], places: Sequence[tuple[int, int]], numbers: Matrix) -> None:
        """Add rows, as far as their words are selected."""
        chosen = self.selection.choose(words)
        if chosen is not None:
            words, places = [words[row] for row in chosen], [places[row] for row in chosen]
            numbers = numbers[chosen]
        self.words += words
        self._places.extend(chain.from_iterable(places))
        self._parts.append(compacted(numbers, self._dtype))

    def matrix(self, vector_size: int) -> Matrix:
        """Return the numbers, shape (rows, vector_size), and drop them here to free memory."""
        return joined(self._parts or [empty(0, vector_size, self._dtype)])

    def place(self, row: int) -> tuple[int, int]:
        """Return the entry number, from 1, and the byte offset of a row."""
        return self._places[2 * row], self._places[2 * row + 1]

    def taken(self, vector_size: int) -> "tuple[list[bytes], array[int], Matrix]":
        """Return words, places and numbers, and start again with no rows."""
        words, places, matrix = self.words, self._places, self.matrix(vector_size)
        self.words, self._places, self._parts = [], array("q"), []
        return words, places, matrix


class TextEntries:
    """Parses the lines of a text file one block after another.

    Parameters
    ----------
    path : Path
        The file, for messages.
    vector_size : int
        The number of numbers in a row.
    promised : int or None
        The number of entries that the header promises, if there is a header.
    limit : int or None
        Read this many entries from the start; None reads all.
    skip : bool
        Whether malformed lines are left out; otherwise the first one raises FormatError.
    kept : KeptRows
        Where rows are kept.

    Attributes
    ----------
    offset : int
        The byte offset of the next line.
    malformed : list of Defect
        The lines left out.
    """

    def __init__(
        self,
        path: Path,
        vector_size: int,
        promised: int | None,
        limit: int | None,
        skip: bool,
        kept: KeptRows,
    ) -> None:
        self._path = path
        self.vector_size = vector_size
        self._promised = promised
        self._limit = limit if promised is None or limit is None else min(promised, limit)
        self._skip = skip
        self._kept = kept
        self._entries = 0  # rows seen, including those left out
        self.offset = 0
        self.malformed: list[Defect] = []

    def taken(self) -> EntryBlock:
        """Return the entries kept since the last call."""
        words, places, matrix = self._kept.taken(self.vector_size)
        malformed, self.malformed = tuple(self.malformed), []

        def place(row: int) -> tuple[int, int]:
            return places[2 * row], places[2 * row + 1]

        return EntryBlock(words, matrix, place, malformed)

    def has_enough(self) -> bool:
        """Return whether the rest of the file is not needed: `limit` or all words are reached."""
        if self._kept.selection.is_complete:
            return True
        return self._limit not in (None, self._promised) and self._entries == self._limit

    def add(self, lines: list[bytes], whole: bool) -> None:
        """Parse lines and keep their rows.

        Parameters
        ----------
        lines : list of bytes
            The next lines of the file, without newlines.
        whole : bool
            Whether a newline ended the last line.

        Raises
        ------
        FormatError
            A line is malformed, unless `skip` is set.
        DefectError
            There are more lines than the header promises.
        """
        rows, places = self._number(lines)
        self.offset -= not whole  # _number counted a newline that is not there
        wanted = self._limit if self._limit is not None else self._promised
        surplus: tuple[tuple[int, int], ...] = ()
        if wanted is not None and self._entries > wanted:
            if wanted == self._promised:
                surplus = (places[wanted - self._entries],)
            rows = rows[: wanted - self._entries]
            self._entries = wanted
        if rows and not whole and self._entries != self._promised:
            problem = "is cut off: no line end follows its last number"
            self._reject(places[-1], rows.pop(), problem, kind="truncated entries")
        pairs = zip(rows, places, strict=False)  # rows may have been cut
        some = [(row, place) for row, place in pairs if self._kept.may_keep(row)]
        for start in range(0, len(some), _ROWS_AT_ONCE):
            self._parse(*zip(*some[start : start + _ROWS_AT_ONCE], strict=True))
        for entry, offset in surplus:
            raise DefectError(self._path, extra_content(entry - 1, offset, "lines"))

    def _number(self, lines: list[bytes]) -> tuple[list[bytes], list[tuple[int, int]]]:
        """Return the lines that are not empty, without their line ends, and the place of each."""
        rows, places = [], []
        for line in lines:
            if row := line.rstrip(_LINE_END):
                self._entries += 1
                rows.append(row)
                places.append((self._entries, self.offset))
            self.offset += len(line) + 1
        return rows, places

    def _parse(self, rows: Sequence[bytes], places: Sequence[tuple[int, int]]) -> None:
        quick = parse_quickly(rows, self.vector_size)
        if quick:
            self._kept.add(quick[0], places, quick[1])
            return
        for place, row in zip(places, rows, strict=True):
            if self._kept.selection.is_complete:
                return
            word, numbers = split_row(row, self.vector_size)
            if word is None:
                self._reject(place, row, *miscount(row, self.vector_size))
                continue
            with np.errstate(over="ignore"):
                values = np.array([list(map(float, numbers))]).astype(np.float32)
            self._kept.add([word], [place], values)

    def _reject(
        self,
        place: tuple[int, int],
        row: bytes,
        problem: str,
        advice: Part = "",
        kind: str = "malformed lines",
    ) -> None:
        word = _first_field(row)
        defect = Defect(kind, *place, word, problem, advice or Defect.advice)
        if not self._skip:
            raise FormatError(defect.sentence(self._path))
        self.malformed.append(defect)

    def check_length(self, line: bytes | bytearray) -> None:
        """Raise DefectError if the part of a line read so far is longer than any entry."""
        longest = min(LONGEST_LINE, LONGEST_WORD + LONGEST_NUMBER * self.vector_size)
        if len(line) > longest:
            problem = f"is a line of more than {longest:,} bytes, too long for word and vector"
            advice = advice_to_end_at(self._entries)
            place = (self._entries + 1, self.offset)
            defect = Defect("overlong lines", *place, _first_field(line), problem, advice)
            raise DefectError(self._path, defect)

    def check_complete(self) -> None:
        """Raise DefectError if the file has fewer lines than its header promises."""
        if self._kept.selection.is_complete:
            return
        wanted = self._promised if self._limit is None else self._limit
        if self._promised is not None and wanted is not None and self._entries < wanted:
            entry = self._entries + 1
            raise DefectError(self._path, missing_entry(entry, self._promised, self.offset))


def _first_field(row: bytes | bytearray) -> str:
    """Return the first field of a row, for a message."""
    return (row[:400].split(None, 1) or [b""])[0][:100].decode("utf-8", "replace")

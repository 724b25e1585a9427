"""Checking a file of vectors: every defect, with its entry and byte offset."""

from collections import Counter
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from w2v.arguments import checked_path
from w2v.characters import WHITE_SPACE
from w2v.errors import FormatError
from w2v.finite import beyond_training, finite_rows
from w2v.formats.checks import (
    EMPTY,
    NON_FINITE,
    OVERLONG,
    Problem,
    invalid_utf8_problem,
    of_length,
    overlong,
    repeats,
)
from w2v.formats.defects import Defect, DefectError, in_file_order
from w2v.formats.detect import detect_reading
from w2v.formats.word_matrix import EntryBlock
from w2v.vectors.norms import row_lengths

_SPACES = ("words with spaces", "has a word that holds white space", "")
_ZERO = ("zero rows", "has a vector of zeros alone", "")


def check_file(path: str | PathLike[str]) -> "FileCheck":
    """Return the check of a file of vectors, which is done while the result is iterated over.

    Parameters
    ----------
    path : str or PathLike
        The file, of any format that `w2v.load` reads.

    Raises
    ------
    FormatError
        The file is missing or of an unknown format.
    """
    return FileCheck(checked_path("path", path))


class FileCheck:
    """The defects of one file; iterating over it yields them in file order.

    Words are defects that are empty, repeated, overlong, not UTF-8, or hold white space, no-break
    spaces included. So are vectors of zeros, with numbers that are not finite, or of a length that
    no training produces (over 100,000, or below 1e-18); lines that are not entries; and a file
    that ends too early or goes on too long for its header.

    Each iteration reads the file again. Only the words are kept in memory.

    Attributes
    ----------
    entries : int
        How many complete entries have been read.
    kinds : Counter of str
        How many defects of each kind have been found.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = detect_reading(path)
        self._begin()

    def _begin(self) -> None:
        self._first: dict[bytes, int] = {}  # the first entry of each word
        self._place = (0, 0)  # of the last entry
        self.entries = 0
        self.kinds: Counter[str] = Counter()

    def __repr__(self) -> str:
        found = f"{self.entries} entries read, {self.kinds.total()} defects"
        return f"FileCheck({str(self._path)!r}, {found})"

    def __iter__(self) -> Iterator[Defect]:
        self._begin()
        try:
            for block in self._reading.blocks(self._path):
                for defect in self._defects_of(block):
                    self.kinds[defect.kind] += 1
                    yield defect
        except DefectError as error:
            for defect in error.defects:
                self.kinds[defect.kind] += 1
                yield defect
        except FormatError as error:  # an archive that is cut off, for one
            entry, offset = self._place
            place = f"beyond entry {entry}" if entry else "at all"
            problem = f"cannot be read {place}: {error}".rstrip(".")
            self.kinds["unreadable files"] += 1
            yield Defect("unreadable files", 0, offset, "", problem)

    def _defects_of(self, block: EntryBlock) -> list[Defect]:
        defects = list(block.malformed)
        for row, (kind, problem, advice) in self._problems_of(block):
            word = block.words[row][:100].decode("utf-8", "replace")
            place = block.place(row)
            defects.append(Defect(kind, *place, word, problem, advice or Defect.advice))
        self.entries += len(block.words)
        if block.words:
            self._place = block.place(len(block.words) - 1)
        return in_file_order(defects)

    def _problems_of(self, block: EntryBlock) -> Iterator[tuple[int, Problem]]:
        """Yield (row, problem); a row may have several problems."""
        letters = b"".join(block.words)
        if not letters.isascii():
            for row, word in enumerate(block.words):
                if problem := invalid_utf8_problem(word):
                    yield row, problem
        if WHITE_SPACE.search(letters):  # of every kind: str.split() would cut the word there
            yield from ((k, _SPACES) for k, w in enumerate(block.words) if WHITE_SPACE.search(w))
        yield from ((row, OVERLONG) for row in overlong(block.words))
        for row, word in enumerate(block.words):
            entry = block.place(row)[0]
            first = self._first.setdefault(word, entry)
            if not word:
                yield row, EMPTY
            elif first != entry:
                yield row, repeats(first)
        for row in np.flatnonzero(~finite_rows(block.matrix)).tolist():
            yield row, NON_FINITE
        with np.errstate(invalid="ignore"):  # a signalling NaN, as damaged files have, would warn
            zero = np.flatnonzero(~block.matrix.any(axis=1))
        for row in zero.tolist():
            yield row, _ZERO
        lengths = row_lengths(block.matrix)
        for row in np.flatnonzero(beyond_training(lengths) & np.isfinite(lengths)).tolist():
            yield row, of_length(float(lengths[row]))

"""The description of a file of vectors: its format and size, and the lengths of its vectors."""

from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

import numpy as np

from w2v.arguments import checked_path
from w2v.compression import compression_of
from w2v.finite import beyond_training
from w2v.formats.detect import detect_reading
from w2v.formats.word_matrix import EntryBlock
from w2v.tables import NOT_KNOWN, html_table, number

_FIRST = 5  # words shown


@dataclass(frozen=True)
class FileDescription:
    """A file of vectors as it is, damaged entries included.

    Attributes
    ----------
    file : str
        Its name, as given.
    format : str
        The format in words, such as "word2vec binary" or "full model".
    compression : str or None
        "gzip", "bzip2", "xz", "Zstandard", "zip" or None.
    bytes : int
        The size of the file.
    words : int
        The number of complete entries.
    promised : int or None
        The number of entries in its header; None without a header.
    vector_size : int
        The number of numbers in each vector.
    dtype : str
        How the file holds the numbers.
    newlines : str or None
        In binary files "none", "after each vector" or "after some vectors"; in text the line ends,
        "LF" or "CRLF"; otherwise None.
    counts : bool
        Whether it says how often each word was seen.
    first_words : tuple of str
        At most five.
    shortest, mean_length, longest : float or None
        The lengths of the vectors with finite numbers; None where there are none.
    senseless_lengths : int
        How many vectors have a length that no training produces: over 100,000, or below 1e-18
        without being zero.
    defects : int
        The entries that could not be read; `w2v.check_file` lists them.
    """

    file: str
    format: str
    compression: str | None
    bytes: int
    words: int
    promised: int | None
    vector_size: int
    dtype: str
    newlines: str | None
    counts: bool
    first_words: tuple[str, ...]
    shortest: float | None
    mean_length: float | None
    longest: float | None
    senseless_lengths: int
    defects: int

    def __repr__(self) -> str:
        defects = f", defects={self.defects}" if self.defects else ""
        return (
            f"FileDescription({self.file!r}, {self.format}, {self.words:,} words,"
            f" vector_size={self.vector_size}, {self.dtype}{defects})"
        )

    def _repr_html_(self) -> str:
        """Return a table of the facts, for notebooks."""
        return html_table(self.file, self.facts(), flush_left=2)

    def as_dict(self) -> dict[str, Any]:
        """Return the description as a dictionary that JSON can hold."""
        return asdict(self)

    def facts(self) -> list[tuple[str, str]]:
        """Return the name and the text of each fact, as `w2v info` prints them."""
        is_short = self.promised is not None and self.promised != self.words
        promised = f", of {self.promised:,} promised" if is_short else ""
        facts = [
            ("format", self.format),
            ("bytes", f"{self.bytes:,}" + (f", {self.compression}" if self.compression else "")),
            ("words", f"{self.words:,}{promised}"),
            ("dimension", f"{self.vector_size:,}"),
            ("numbers", self.dtype),
            ("newlines", self.newlines or NOT_KNOWN),
            ("counts", "yes" if self.counts else "no"),
            ("first words", " ".join(self.first_words) or NOT_KNOWN),
            ("lengths", self._lengths()),
        ]
        if self.senseless_lengths:
            text = f"{self.senseless_lengths:,} that no training gives: see 'w2v check'"
            facts.append(("bad lengths", text))
        if self.defects:
            facts.append(("defects", f"{self.defects:,} or more: see 'w2v check'"))
        return facts

    def _lengths(self) -> str:
        if self.mean_length is None:
            return NOT_KNOWN
        shortest, longest, mean = map(number, (self.shortest, self.longest, self.mean_length))
        return f"{shortest} to {longest}, {mean} on average"


def describe_file(path: str | PathLike[str]) -> FileDescription:
    """Read a file of vectors to its end, in blocks, and describe it.

    Parameters
    ----------
    path : str or PathLike
        The file, of any format that `w2v.load` reads.

    Returns
    -------
    FileDescription
        Its format and size, and the lengths of its vectors.

    Raises
    ------
    FormatError
        The file is missing, of an unknown format, or cannot be read at all.
    """
    source = checked_path("path", path)
    reading = detect_reading(source)
    facts = reading.describe(source)
    found = _Survey(facts.entry_overhead)
    for block in reading.blocks(source):
        found.add(block)
    return FileDescription(
        file=str(source),
        format=facts.format,
        compression=compression_of(source),
        bytes=source.stat().st_size,
        words=found.words,
        promised=facts.promised,
        vector_size=found.vector_size,
        dtype=facts.dtype,
        newlines=facts.newlines or found.newlines(),
        counts=found.counts,
        first_words=tuple(found.first_words),
        shortest=found.shortest if found.measured else None,
        mean_length=found.total / found.measured if found.measured else None,
        longest=found.longest if found.measured else None,
        senseless_lengths=found.senseless_lengths,
        defects=found.defects,
    )


class _Survey:
    """The figures of the blocks read so far."""

    def __init__(self, entry_overhead: int | None) -> None:
        self._entry_overhead = entry_overhead
        self._end: int | None = None  # byte offset behind the last vector
        self._gaps = [0, 0]  # entries without and with a newline before them
        self.words = self.vector_size = self.measured = self.defects = 0
        self.senseless_lengths = 0
        self.counts = False
        self.first_words: list[str] = []
        self.total, self.shortest, self.longest = 0.0, np.inf, 0.0

    def add(self, block: EntryBlock) -> None:
        self.words += len(block.words)
        self.vector_size = block.matrix.shape[1]
        self.defects += len(block.malformed)
        self.counts = self.counts or block.counts is not None
        missing = block.words[: _FIRST - len(self.first_words)]
        self.first_words += [word.decode("utf-8", "replace") for word in missing]
        self._measure(block)
        if self._entry_overhead is not None:
            self._look_for_newlines(block, self._entry_overhead)

    def _measure(self, block: EntryBlock) -> None:
        matrix = block.matrix
        lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            self.measured += len(lengths)
            self.senseless_lengths += int(np.count_nonzero(beyond_training(lengths)))
            self.total += float(lengths.sum())
            self.shortest = min(self.shortest, float(lengths.min()))
            self.longest = max(self.longest, float(lengths.max()))

    def _look_for_newlines(self, block: EntryBlock, overhead: int) -> None:
        for row, word in enumerate(block.words):
            start = block.place(row)[1]
            if self._end is not None:
                self._gaps[start > self._end] += 1
            self._end = start + len(word) + overhead

    def newlines(self) -> str | None:
        """Return which vectors of a binary file a newline follows; None where that is unknown."""
        without, with_one = self._gaps
        if without + with_one == 0:
            return None
        if not with_one:
            return "none"
        return "after some vectors" if without else "after each vector"

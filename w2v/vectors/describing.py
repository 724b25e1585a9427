"""What a file of vectors is: its format and size, and what its vectors are like."""

from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

import numpy as np

from w2v.arguments import checked_path
from w2v.compression import compression_of
from w2v.finite import beyond_training
from w2v.formats.detect import detect_reading
from w2v.formats.word_matrix import Block

_FIRST = 5  # words shown


@dataclass(frozen=True)
class FileDescription:
    """A file of vectors, as it stands there: damaged entries are counted too.

    format: "word2vec binary", "word2vec text", "text without a header", "full model", "vectors as
        safetensors", "NumPy" or "fastText model".
    compression: "gzip", "bzip2", "xz", "Zstandard", "zip" or None.
    bytes: the size of the file. words: its complete entries. promised: how many its header says,
        None without one. vector_size: the numbers of each. dtype: as the file holds them.
    newlines: in binary files "none", "after each vector" or "after some vectors"; in text the line
        ends, "LF" or "CRLF"; else None. counts: whether it says how often each word was seen.
    first_words: five at most. shortest, mean_length, longest: of the vectors with finite numbers,
        None where there are none. senseless_lengths: how many vectors have a length that no
        training gives, over a million or, but for zeros alone, below 1e-18. defects: entries that
        could not be read; `w2v.check_file` tells more.
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

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def describe_file(path: str | PathLike[str]) -> FileDescription:
    """Read a file of vectors to its end, in blocks, and return what it is.

    Raises FormatError where it is missing, of no known format, or cannot be read at all.
    """
    source = checked_path("path", path)
    reading = detect_reading(source)
    facts = reading.describe(source)
    found = _Survey(facts.entry_overhead)
    for block in reading.blocks(source):
        found.add(block)
    return FileDescription(
        file=str(path),
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
    """What the blocks of a file have shown so far."""

    def __init__(self, entry_overhead: int | None) -> None:
        self._entry_overhead = entry_overhead
        self._end: int | None = None  # byte offset behind the last vector
        self._gaps = [0, 0]  # entries without and with a newline before them
        self.words = self.vector_size = self.measured = self.defects = 0
        self.senseless_lengths = 0
        self.counts = False
        self.first_words: list[str] = []
        self.total, self.shortest, self.longest = 0.0, np.inf, 0.0

    def add(self, block: Block) -> None:
        self.words += len(block.words)
        self.vector_size = block.matrix.shape[1]
        self.defects += len(block.malformed)
        self.counts = self.counts or block.counts is not None
        missing = block.words[: _FIRST - len(self.first_words)]
        self.first_words += [word.decode("utf-8", "replace") for word in missing]
        self._measure(block)
        if self._entry_overhead is not None:
            self._look_for_newlines(block, self._entry_overhead)

    def _measure(self, block: Block) -> None:
        matrix = block.matrix
        lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            self.measured += len(lengths)
            self.senseless_lengths += int(np.count_nonzero(beyond_training(lengths)))
            self.total += float(lengths.sum())
            self.shortest = min(self.shortest, float(lengths.min()))
            self.longest = max(self.longest, float(lengths.max()))

    def _look_for_newlines(self, block: Block, overhead: int) -> None:
        for row, word in enumerate(block.words):
            start = block.place(row)[1]
            if self._end is not None:
                self._gaps[start > self._end] += 1
            self._end = start + len(word) + overhead

    def newlines(self) -> str | None:
        """Return after which vectors of a binary file a newline stands, as far as can be told."""
        without, with_one = self._gaps
        if without + with_one == 0:
            return None
        if not with_one:
            return "none"
        return "after some vectors" if without else "after each vector"

"""What w2v knows of a file format, in one record: how it is recognised, read and written."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix

Counts = NDArray[np.int64] | None


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, decompressed, from which its format is recognised.

    path: for messages. start: the bytes. is_whole: whether the file has no others.
    """

    path: Path
    start: bytes
    is_whole: bool

    @cached_property
    def first_line(self) -> bytes:
        """The first line without its newline."""
        return self.start.partition(b"\n")[0]

    @cached_property
    def rest(self) -> bytes:
        """What follows the first line."""
        return self.start.partition(b"\n")[2]


@dataclass(frozen=True)
class FileFacts:
    """What the beginning of a file says about it.

    format: the format, as a user reads it. dtype: the numbers as the file holds them.
    promised: how many words the header announces, None without one.
    newlines: how the lines of a text end, "LF" or "CRLF", else None.
    entry_overhead: the bytes of an entry beside its word, of a format where only newlines may
        stand between entries; else None.
    """

    format: str
    dtype: str
    promised: int | None = None
    newlines: str | None = None
    entry_overhead: int | None = None


class ReadFunction(Protocol):
    """Reads a file; parameters and errors are those of `word2vec_binary.read`."""

    def __call__(
        self,
        path: Path,
        *,
        limit: int | None = None,
        words: Collection[str] | None = None,
        dtype: str = "float32",
        invalid_utf8: str = "error",
        on_defect: str = "error",
    ) -> WordMatrix: ...


class MapFunction(Protocol):
    """Maps an uncompressed file; the matrix is a view of it, whose numbers are not checked."""

    def __call__(
        self, path: Path, *, invalid_utf8: str = "error", on_defect: str = "error"
    ) -> WordMatrix: ...


@dataclass(frozen=True)
class Reading:
    """How a format is read.

    read: all of a file, or what the options select. blocks: every entry, unchecked, some at a time.
    describe: what the beginning of a file says. map: None where a file cannot be mapped.
    second_file: finds the file that is read together with the one that is named, if the format
        has two; FormatError where it is missing.
    """

    read: ReadFunction
    blocks: Callable[[Path], Iterator[EntryBlock]]
    describe: Callable[[Path], FileFacts]
    map: MapFunction | None = None
    second_file: Callable[[Path], Path] | None = None


@dataclass(frozen=True)
class Writing:
    """How a format is written.

    about: a phrase for the user. write: takes path, words, matrix (float32, (V, d)) and counts.
    suffixes: the file suffixes that imply the format; "" is that of a name without one.
    second_file: names the file that is written together with the one that is named, if any.
    is_pair: whether the two files that are there belong together.
    keeps_counts, compresses: whether a file holds counts, and whether it may be compressed.
    """

    about: str
    write: Callable[[Path, Sequence[str], Matrix, Counts], None]
    suffixes: tuple[str, ...] = ()
    second_file: Callable[[Path], Path] | None = None
    is_pair: Callable[[Path], bool] = Path.exists
    keeps_counts: bool = False
    compresses: bool = True

    @property
    def listed_suffixes(self) -> str:
        """The suffixes, as a user reads them."""
        return " or ".join(suffix for suffix in self.suffixes if suffix)


@dataclass(frozen=True)
class Format:
    """One file format; `registry.FORMATS` holds all of them.

    name: as users write it in `w2v convert --to`.
    detect: whether a file of this format starts so; None where another format's reader reads it.
        It may raise FormatError for a file that looks like one, but is not sound.
    reading, writing: None where that is not supported.
    refusal: why a file of this format is not read: a sentence that follows the file's name.
    """

    name: str
    detect: Callable[[Sample], bool] | None = None
    reading: Reading | None = None
    writing: Writing | None = None
    refusal: str = "is not read; name a file of word vectors."


def without_counts(
    write: Callable[[Path, Sequence[str], Matrix], None],
) -> Callable[[Path, Sequence[str], Matrix, Counts], None]:
    """Return a function for `Writing.write` from one that takes no counts."""
    return lambda path, words, matrix, _: write(path, words, matrix)

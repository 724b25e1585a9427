"""The record of a file format: how w2v recognises, reads and writes it."""

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
    """The beginning of a file, by which its format is recognised.

    Attributes
    ----------
    path : Path
        The file, for messages.
    start : bytes
        The first bytes, decompressed.
    is_whole : bool
        Whether these are all bytes of the file.
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
        """Everything after the first line."""
        return self.start.partition(b"\n")[2]


@dataclass(frozen=True)
class FileFacts:
    """Facts that the beginning of a file shows.

    Attributes
    ----------
    format : str
        The name of the format, for users.
    dtype : str
        The type of the numbers in the file.
    promised : int or None
        The number of words that the header announces, if there is a header.
    newlines : str or None
        The line ends of a text file, "LF" or "CRLF".
    entry_overhead : int or None
        The bytes of an entry without its word, if only newlines may stand between entries.
    """

    format: str
    dtype: str
    promised: int | None = None
    newlines: str | None = None
    entry_overhead: int | None = None


class ReadFunction(Protocol):
    """Reads a file; `word2vec_binary.read` documents the parameters and errors."""

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
    """Maps an uncompressed file: the matrix is a view of it, and its numbers are not checked."""

    def __call__(
        self, path: Path, *, invalid_utf8: str = "error", on_defect: str = "error"
    ) -> WordMatrix: ...


@dataclass(frozen=True)
class Reading:
    """The functions that read a format.

    Attributes
    ----------
    read : callable
        Reads a file, or the part that the options select.
    blocks : callable
        Yields all entries of a file in blocks, unchecked.
    describe : callable
        Returns the facts at the beginning of a file.
    map : callable or None
        Maps a file, if the format allows it.
    second_file : callable or None
        Takes the file that the user named and returns the second file of the format, if it has two.
        It raises FormatError if the second file is missing.
    """

    read: ReadFunction
    blocks: Callable[[Path], Iterator[EntryBlock]]
    describe: Callable[[Path], FileFacts]
    map: MapFunction | None = None
    second_file: Callable[[Path], Path] | None = None


@dataclass(frozen=True)
class Writing:
    """The functions that write a format, and its properties.

    Attributes
    ----------
    about : str
        A phrase that describes the format to users.
    write : callable
        Takes path, words, matrix (float32, shape (V, d)) and counts (int64, shape (V,), or None).
    suffixes : tuple of str
        The file suffixes that imply the format; "" stands for a name without a suffix.
    second_file : callable or None
        Takes the file that the user named and returns the second file to write, if there are two.
    is_pair : callable
        Takes the file that the user named and returns whether the two existing files belong
        together.
    keeps_counts : bool
        Whether the file holds counts.
    compresses : bool
        Whether the file may be compressed.
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
        """The suffixes as a phrase for users."""
        return " or ".join(suffix for suffix in self.suffixes if suffix)


@dataclass(frozen=True)
class Format:
    """One file format; `registry.FORMATS` holds all of them.

    Attributes
    ----------
    name : str
        The name that users give to `w2v convert --to`.
    detect : callable or None
        Takes a Sample and returns whether it has this format. It may raise FormatError for a
        sample that has the format but is invalid. None if another format's reader reads this one.
    reading : Reading or None
        How the format is read, if it is.
    writing : Writing or None
        How the format is written, if it is.
    refusal : str
        Why the format is not read: the sentence continues the name of the file.
    """

    name: str
    detect: Callable[[Sample], bool] | None = None
    reading: Reading | None = None
    writing: Writing | None = None
    refusal: str = "is not read; name a file of word vectors."


def without_counts(
    write: Callable[[Path, Sequence[str], Matrix], None],
) -> Callable[[Path, Sequence[str], Matrix, Counts], None]:
    """Wrap a function without counts so that it can serve as `Writing.write`."""
    return lambda path, words, matrix, _: write(path, words, matrix)

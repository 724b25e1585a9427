"""The binary format of word2vec (`.bin`): a text header, then each word followed by its numbers.

Source: `TrainModel` in word2vec.c, https://code.google.com/archive/p/word2vec/.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError, Part
from w2v.formats.binary_entries import BinaryEntries, unaligned_rows
from w2v.formats.checks import (
    check_options,
    check_vector_size,
    check_word2vec_words,
    checked_word_matrix,
)
from w2v.formats.defects import Defect, DefectError, advice_to_end_at, damage_in
from w2v.formats.header import parse_header
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing, without_counts
from w2v.formats.selection import Selection
from w2v.formats.text_or_binary import is_text
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix, check_dtype
from w2v.opening import open_for, open_single, open_up_to_damage, written

_FLOAT = np.dtype("<f4")
_ROWS_AT_ONCE = 1024
_SPACE = 32


def read(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    """Read a word2vec binary file, compressed or not.

    Parameters
    ----------
    path : Path
        The file.
    limit : int, 0 or more, or None
        Read this many entries from the start; None reads all.
    words : collection of str, or None
        Keep only these words, and stop reading when all have been found; None keeps all.
    dtype : {"float32", "float16", "int8"}
        The type that holds the numbers; the last two give a CompactMatrix.
    invalid_utf8 : {"error", "replace", "ignore"}
        How words that are not UTF-8 are handled.
    on_defect : {"error", "skip"}
        "skip" leaves out bad entries and keeps the first of duplicates.

    Returns
    -------
    WordMatrix
        The words with their vectors; `defects` lists the entries left out.

    Raises
    ------
    FormatError
        The file is missing, cut off, goes on after its last entry, or holds a bad entry. The
        message names the entry and the byte offset.
    ConfigError
        An option is out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    selection = Selection(words, invalid_utf8, on_defect)
    malformed: tuple[Defect, ...] = ()
    with open_for(path, on_defect) as stream:
        entries = _start(path, stream, selection)
        try:
            entries.read(entries.left if limit is None else min(entries.left, limit), dtype)
            if not entries.left and not selection.is_complete:
                entries.check_end()
        except DefectError as error:  # the entries read so far may have earlier defects
            malformed = error.defects
        malformed += damage_in(stream)
    return checked_word_matrix(
        path,
        entries.words,
        entries.matrix,
        entries.place,
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        known_finite=entries.finite,
        malformed=malformed,
        advice=_advice_in_damage if malformed else None,
    )


def _advice_in_damage(entry: int) -> Part:
    """Return the advice for a bad entry of a file whose end is in the wrong place.

    Nothing marks the start of an entry. If bytes are missing from an entry or have been added to
    it, everything after it is shifted and only looks like entries. The cause may lie one entry
    before the bad one.
    """
    return advice_to_end_at(max(0, entry - 2))


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all entries of a file, unchecked; an end in the wrong place is the last defect.

    Raises FormatError if the file cannot be read at all.
    """
    with open_up_to_damage(path) as stream:
        entries = _start(path, stream, Selection(None, "error", "error"))
        malformed: tuple[Defect, ...] = ()
        while entries.left and not malformed:
            try:
                entries.read(min(entries.left, entries.at_once))
            except DefectError as error:
                malformed = error.defects
            yield EntryBlock(entries.words, entries.matrix, entries.place, malformed)
            entries = entries.following()
        end: tuple[Defect, ...] = ()
        try:
            if not malformed:
                entries.check_end()
        except DefectError as error:
            end = error.defects
        yield EntryBlock([], entries.matrix, entries.place, end + damage_in(stream))


def _start(path: Path, stream: IO[bytes], selection: Selection) -> BinaryEntries:
    header, header_size = _read_header(path, stream)
    check_vector_size(path, header[1])
    return BinaryEntries(path, stream, header, header_size, selection)


def _read_header(path: Path, stream: IO[bytes]) -> tuple[tuple[int, int], int]:
    """Return (number of words, vector size), and the length of the header in bytes."""
    header_line = stream.readline(64)
    header = parse_header(header_line)
    if header is None:
        raise FormatError(
            f"{path}: a word2vec binary file starts with a line of two numbers, words and "
            f"vector size, but this one starts with {header_line!r}."
        )
    return header, len(header_line)


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec binary file, without newlines between the entries, as gensim does.

    Parameters
    ----------
    path : Path
        The file to write; a suffix such as .gz compresses it.
    words : sequence of str
        V distinct words without spaces and line breaks.
    matrix : ndarray of float32, shape (V, d)
        Their vectors, finite.

    Raises
    ------
    FormatError
        The format cannot hold a word or a number.
    W2VError
        The file cannot be written; an old file at `path` then stays as it was.
    """
    check_word2vec_words(path, words, matrix)
    vector_size = matrix.shape[1]
    with written(path) as stream:
        stream.write(b"%d %d\n" % (len(words), vector_size))
        for start in range(0, len(words), _ROWS_AT_ONCE):
            rows = np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE], dtype=_FLOAT)
            stream.write(_entries(words[start : start + _ROWS_AT_ONCE], rows).data)


def _entries(words: Sequence[str], rows: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return entries as bytes: each word, which has no spaces, a space, and its row."""
    letters = np.frombuffer((" ".join(words) + " ").encode(), dtype=np.uint8)
    spaces = np.flatnonzero(letters == _SPACE)
    row_size = rows.shape[1] * _FLOAT.itemsize
    rows_before = np.arange(len(rows))
    entries = np.empty(len(letters) + rows.nbytes, dtype=np.uint8)
    word_of = np.repeat(rows_before, np.diff(spaces, prepend=-1))
    entries[np.arange(len(letters)) + row_size * word_of] = letters
    row_starts = spaces + 1 + row_size * rows_before
    unaligned_rows(entries, row_size)[row_starts] = rows.view((np.void, row_size))[:, 0]
    return entries


def _detect(sample: Sample) -> bool:
    header = parse_header(sample.first_line)
    return header is not None and not is_text(sample, *header)


def _describe(path: Path) -> FileFacts:
    with open_single(path) as stream:
        header = _read_header(path, stream)[0]
    overhead = 1 + header[1] * _FLOAT.itemsize
    return FileFacts("word2vec binary", "float32", header[0], entry_overhead=overhead)


FORMAT = Format(
    "word2vec",
    detect=_detect,
    reading=Reading(read, blocks, _describe),
    writing=Writing(
        "word2vec's binary format, which every tool reads",
        without_counts(write),
        (".bin", ".w2v", ""),
    ),
)

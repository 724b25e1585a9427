"""The binary format of word2vec (`.bin`): a text header, then each word followed by its numbers."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from w2v.errors import FormatError, Part
from w2v.formats.binary_entries import BinaryEntries
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

    limit: read this many entries from the start; None reads all.
    words: keep only these among the entries, and end when all are found; None keeps all.
    dtype: "float32", or "float16" or "int8" for a CompactMatrix.
    invalid_utf8: "error", "replace" or "ignore", for words that are not UTF-8.
    on_defect: "error", or "skip" to leave out bad entries and keep the first of duplicates.

    Raises FormatError naming the entry and the byte offset where the file is cut off, goes on
    after its last entry, or holds a bad entry; ConfigError for an option out of range.
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
        except DefectError as error:  # what was read before may hold an earlier one
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
    """Return what to do about a bad entry of a file whose end is not where it should be.

    Nothing marks an entry's beginning: bytes that are lost or too many in the entry before it, or
    in itself, shift all that follow, which only look like entries.
    """
    return advice_to_end_at(max(0, entry - 2))


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all entries of a file, unchecked; where it ends too early or late is the last defect.

    Raises FormatError where it cannot be read at all.
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
    """Return (number of words, vector size), and the bytes of the header."""
    header_line = stream.readline(64)
    header = parse_header(header_line)
    if header is None:
        raise FormatError(
            f"{path}: a word2vec binary file starts with a line of two numbers, words and "
            f"vector size, but this one with {header_line!r}."
        )
    return header, len(header_line)


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec binary file, without newlines between the entries, as gensim does.

    words: V distinct words without spaces and line breaks. matrix: float32 (V, d), finite.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where the file
    cannot be written; an old file at `path` then stays as it was.
    """
    check_word2vec_words(path, words, matrix)
    vector_size = matrix.shape[1]
    with written(path) as stream:
        stream.write(b"%d %d\n" % (len(words), vector_size))
        for start in range(0, len(words), _ROWS_AT_ONCE):
            rows = np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE], dtype=_FLOAT)
            pieces: list[bytes | memoryview] = []
            for word, row in zip(words[start : start + _ROWS_AT_ONCE], rows, strict=True):
                pieces += (word.encode("utf-8"), b" ", row.data)
            stream.write(b"".join(pieces))


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

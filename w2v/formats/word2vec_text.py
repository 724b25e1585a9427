"""The text format of word2vec (`.txt`, `.vec`); GloVe's is the same without the header.

Source: `TrainModel` in word2vec.c, https://code.google.com/archive/p/word2vec/.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from w2v.errors import FormatError
from w2v.formats.checks import (
    check_options,
    check_vector_size,
    check_word2vec_words,
    checked_word_matrix,
)
from w2v.formats.defects import DefectError, damage_in
from w2v.formats.header import BOM, parse_header, refuse_bad_header
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing, without_counts
from w2v.formats.selection import Selection
from w2v.formats.text_entries import KeptRows, TextEntries
from w2v.formats.text_or_binary import has_control, starts_a_table
from w2v.formats.text_rows import commas, count_numbers
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.limits import LONGEST_LINE, read_line
from w2v.matrices import Matrix, check_dtype
from w2v.opening import open_for, open_single, open_up_to_damage, written

_BLOCK = 1 << 18  # bytes read at once; split, a line of a few bytes takes about 200
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
    """Read a word2vec text file with or without its header line, compressed or not.

    Each line is a word and its numbers, separated by spaces or tabs; the word may hold spaces.
    Without a header the first line sets the vector size. Empty lines are ignored.

    Parameters
    ----------
    path : Path
        The file.
    limit, words, dtype, invalid_utf8, on_defect
        As in `word2vec_binary.read`. Lines of words that are not selected may be malformed.

    Returns
    -------
    WordMatrix
        The words with their vectors; `defects` lists the lines left out.

    Raises
    ------
    FormatError
        The file is missing, a line is bad, or the header promises another number of lines. The
        message names the entry and the byte offset.
    ConfigError
        An option is out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    kept = KeptRows(Selection(words, invalid_utf8, on_defect), dtype)
    with open_for(path, on_defect) as stream:
        table, first_lines = _start(path, stream, limit, on_defect == "skip", kept)
        try:
            for lines, whole in _line_blocks(stream, first_lines, table):
                table.add(lines, whole)
                if table.has_enough():
                    break
            table.check_complete()
        except DefectError as error:  # the lines read so far may have earlier defects
            table.malformed += error.defects
        table.malformed += damage_in(stream)
    return checked_word_matrix(
        path,
        kept.words,
        kept.matrix(table.vector_size),
        kept.place,
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        malformed=table.malformed,
    )


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all entries of a file, unchecked; malformed lines are listed as defects.

    Raises FormatError if the file cannot be read at all.
    """
    with open_up_to_damage(path) as stream:
        kept = KeptRows(Selection(None, "error", "skip"), "float32")
        table, first_lines = _start(path, stream, None, True, kept)
        try:
            for lines, whole in _line_blocks(stream, first_lines, table):
                table.add(lines, whole)
                yield table.taken()
            table.check_complete()
        except DefectError as error:
            table.malformed += error.defects
        table.malformed += damage_in(stream)
        yield table.taken()


def _start(
    path: Path, stream: IO[bytes], limit: int | None, skip: bool, kept: KeptRows
) -> tuple[TextEntries, bytes]:
    """Return an empty table, and the part of its lines that has been read already."""
    first_line = read_line(stream)
    if first_line is None:
        raise FormatError(
            f"{path}: its first line has more than {LONGEST_LINE:,} bytes, too many for a word and"
            " its vector; the file is damaged, or holds something else."
        )
    refuse_bad_header(path, first_line)
    header = parse_header(first_line)
    vector_size = header[1] if header else count_numbers(first_line)
    if vector_size == 0:
        raise FormatError(
            f"{path}: a word2vec text file starts with a line of two numbers, words and vector "
            f"size, or with a word and its numbers, but this one starts with {first_line[:64]!r}."
        )
    check_vector_size(path, vector_size)
    table = TextEntries(path, vector_size, header[0] if header else None, limit, skip, kept)
    rows = b"" if header else first_line.removeprefix(BOM)
    table.offset = len(first_line) - len(rows)
    return table, rows


def _line_blocks(
    stream: IO[bytes], carry: bytes, table: TextEntries
) -> Iterator[tuple[list[bytes], bool]]:
    """Yield (lines, True) for lines that end in a newline, then ([rest], False) if a rest is left.

    Raises DefectError for a line that is longer than any entry of this table.
    """
    if carry.endswith(b"\n"):
        yield [carry[:-1]], True
        carry = b""
    carried = bytearray(carry)
    while chunk := stream.read(_BLOCK):
        carried += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(carried).split(b"\n")
            yield lines, True
            carried = bytearray(rest)
        table.check_length(carried)
    *lines, rest = bytes(carried).split(b"\n")
    yield lines, True
    if rest:
        yield [rest], False


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a word2vec text file with a header, byte for byte as gensim does.

    Each number is the shortest decimal that gives the same float32 again. For the parameters and
    errors see `word2vec_binary.write`.
    """
    check_word2vec_words(path, words, matrix)
    with written(path) as stream:
        stream.write(f"{len(words)} {matrix.shape[1]}\n".encode("ascii"))
        write_rows(stream, words, matrix)


def write_rows(stream: IO[bytes], words: Sequence[str], matrix: Matrix) -> None:
    """Write a line for each word: the word and its numbers, separated by spaces."""
    for start in range(0, len(words), _ROWS_AT_ONCE):
        rows = np.asarray(matrix[start : start + _ROWS_AT_ONCE], dtype=np.float32)
        for word, row in zip(words[start : start + _ROWS_AT_ONCE], rows, strict=True):
            stream.write(f"{word} {' '.join(map(str, row))}\n".encode())


def _detect(sample: Sample) -> bool:
    """Return whether this is text. `word2vec_binary` has already claimed binary files."""
    line = sample.first_line
    if parse_header(line):
        return True
    refuse_bad_header(sample.path, line)
    _refuse_commas(sample.path, line)
    return starts_a_table(line)


def _refuse_commas(path: Path, first_line: bytes) -> None:
    """Raise FormatError if a line has commas in or between its numbers."""
    if not has_control(first_line) and (found := commas(first_line)):
        problem, advice = found
        raise FormatError(
            f"{path} starts with {first_line.rstrip()[:64]!r}, but {problem}; {advice}."
        )


def _describe(path: Path) -> FileFacts:
    with open_single(path) as stream:
        first_line = stream.readline(LONGEST_LINE)
    header = parse_header(first_line)
    return FileFacts(
        "word2vec text" if header else "text without a header",
        "decimal",
        header[0] if header else None,
        "CRLF" if first_line.endswith(b"\r\n") else "LF",
    )


FORMAT = Format(
    "text",
    detect=_detect,
    reading=Reading(read, blocks, _describe),
    writing=Writing("word2vec's text", without_counts(write), (".txt", ".vec")),
)

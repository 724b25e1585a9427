"""NumPy's `.npy`: a matrix of floats, with a vocabulary file beside it for the words.

Source: `numpy.lib.format`, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError
from w2v.formats import vocabulary_file
from w2v.formats.checks import check_options, check_words_and_matrix, checked_word_matrix
from w2v.formats.defects import Defect, DefectError, damage_in
from w2v.formats.npy_header import MAGIC, Layout, damaged, header, read_layout
from w2v.formats.npy_rows import check_end, place_of, read_rows, row_blocks
from w2v.formats.npy_words import find_vocabulary, is_pair, mark_of, read_words, vocabulary_path
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing
from w2v.formats.selection import Selection
from w2v.formats.tensors import Tensor, map_file, mapped
from w2v.formats.vocabulary_file import VocabularyLines
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix, check_dtype
from w2v.opening import (
    open_for,
    open_single,
    open_up_to_damage,
    plain_size,
    written_together,
)

_BLOCK = 1 << 22  # bytes written at once
_ADVICE = "use the two files that were written together"


def read(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    """Read a matrix of float16, float32 or float64 and the words beside it, compressed or not.

    An entry is a row together with the line of the same number in the vocabulary file. Its offset
    is that of the row.

    Parameters
    ----------
    path : Path
        The `.npy` file.
    limit, words, dtype, invalid_utf8, on_defect
        As in `word2vec_binary.read`.

    Returns
    -------
    WordMatrix
        The words with their vectors and, if the vocabulary file has them, counts.

    Raises
    ------
    FormatError
        A file is missing, damaged or of another type, the two files differ in length, or an entry
        is bad.
    ConfigError
        An option is out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    with open_for(path, on_defect) as stream:
        layout = read_layout(path, stream)
        vocabulary = read_words(path, layout, limit)
        names = vocabulary.words[: layout.shape[0]]
        chosen = Selection(words, invalid_utf8, on_defect).choose(names)
        rows = np.arange(len(names)) if chosen is None else chosen
        matrix, malformed = read_rows(path, stream, layout, rows, dtype)
        to_the_end = layout.shape[0] in (0, *(rows[-1:] + 1))
        if to_the_end and not malformed and not layout.by_columns:
            malformed = check_end(stream, layout)
        malformed += damage_in(stream)
    malformed = (*malformed, *_compare(path, layout, vocabulary, limit))
    rows = rows[: len(matrix)]
    return checked_word_matrix(
        path,
        [names[row] for row in rows],
        matrix,
        lambda row: place_of(layout, int(rows[row])),
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        malformed=malformed,
        counts=None if vocabulary.counts is None else vocabulary.counts[rows],
    )


def map_vectors(path: Path, *, invalid_utf8: str = "error", on_defect: str = "error") -> WordMatrix:
    """Map the matrix: it is a read-only view, and a page is read when it is used.

    The numbers are therefore not checked. If words have to be left out, the matrix is a copy.

    Parameters
    ----------
    path : Path
        The `.npy` file.
    invalid_utf8, on_defect
        As in `word2vec_binary.read`.

    Returns
    -------
    WordMatrix
        The words with their vectors and, if the vocabulary file has them, counts.

    Raises
    ------
    FormatError
        A file is missing or damaged, or the two do not belong together.
    ConfigError
        The matrix is compressed, not float32, or stored column by column; or an option is out of
        range.
    """
    with open_single(path) as stream:
        size = plain_size(stream)
        if size is None:
            raise ConfigError(f"{path} is compressed and cannot be mapped; decompress it first.")
        layout = read_layout(path, stream)
        if layout.by_columns or layout.dtype != np.dtype("<f4"):
            raise ConfigError(
                f"{path} does not hold float32 numbers row after row, so that it cannot be"
                " mapped; load it as a whole."
            )
        if layout.start + layout.shape[0] * layout.row_size != size:
            raise damaged(path, "its size is not what its header says")
        vocabulary = read_words(path, layout)
        if malformed := _compare(path, layout, vocabulary, None):
            raise DefectError(path, *malformed)
        mapping = map_file(path, stream)
    matrix = mapped(mapping, Tensor(layout.dtype, layout.shape, layout.start))
    place = partial(place_of, layout)
    return checked_word_matrix(
        path, vocabulary.words, matrix, place, invalid_utf8=invalid_utf8, on_defect=on_defect,
        known_finite=True, counts=vocabulary.counts,
    )  # fmt: skip


def _compare(
    path: Path, layout: Layout, vocabulary: VocabularyLines, limit: int | None
) -> tuple[Defect, ...]:
    """Return the defect of a matrix and a vocabulary that differ in length."""
    rows = layout.shape[0] if limit is None else min(limit, layout.shape[0])
    words = len(vocabulary.words)
    if rows == words:
        return ()
    entry = min(rows, words) + 1
    offset = layout.start + (entry - 1) * layout.row_size
    problem = f"is a row without a word: there are {layout.shape[0]} rows, but {words} words"
    if rows < words:
        problem = f"is a word without a row: there are {layout.shape[0]} rows, but more words"
    name = vocabulary.words[rows][:100].decode("utf-8", "replace") if rows < words else ""
    return (Defect("unequal files", entry, offset, name, problem, _ADVICE),)


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all entries, unchecked; a file of the wrong length is listed as the last defect.

    Raises FormatError if one of the files cannot be read at all.
    """
    with open_up_to_damage(path) as stream:
        layout = read_layout(path, stream)
        vocabulary = read_words(path, layout)
        cut: tuple[Defect, ...] = ()
        for first, matrix, cut in row_blocks(path, stream, layout, layout.shape[0]):
            yield _block(vocabulary, layout, first, matrix, cut)
        ends = () if cut or layout.by_columns else check_end(stream, layout)
        nothing = np.empty((0, layout.shape[1]), np.float32)
        unequal = _compare(path, layout, vocabulary, None)
        rest = (*ends, *unequal, *damage_in(stream))
        yield _block(vocabulary, layout, layout.shape[0], nothing, rest)


def _block(
    vocabulary: VocabularyLines,
    layout: Layout,
    first: int,
    matrix: Matrix,
    malformed: tuple[Defect, ...],
) -> EntryBlock:
    words = vocabulary.words[first : first + len(matrix)]
    counts = None if vocabulary.counts is None else vocabulary.counts[first : first + len(words)]
    return EntryBlock(
        words,
        matrix[: len(words)],
        lambda row: place_of(layout, first + row),
        malformed,
        counts,
    )


def write(
    path: Path, words: Sequence[str], matrix: Matrix, counts: NDArray[np.int64] | None = None
) -> None:
    """Write a float32 matrix to `path` and its words to `vocabulary_path(path)`, both atomically.

    Parameters
    ----------
    path : Path
        The file to write; a suffix such as .gz compresses both files.
    words : sequence of str
        V distinct words without white space.
    matrix : ndarray of float32, shape (V, d)
        Their vectors, finite.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if known.

    Raises
    ------
    FormatError
        The format cannot hold a word or a number.
    W2VError
        A file cannot be written; old files then stay as they were.
    """
    check_words_and_matrix(path, words, matrix)
    vocabulary_file.check_words(path, words)
    lines = vocabulary_file.lines(words, counts)
    with written_together(path, vocabulary_path(path)) as (rows, vocabulary):
        rows.write(header((len(words), matrix.shape[1]), mark_of(lines)))
        step = max(1, _BLOCK // (4 * matrix.shape[1]))
        for start in range(0, len(matrix), step):
            block = np.ascontiguousarray(matrix[start : start + step], dtype="<f4")
            rows.write(block.tobytes())
        vocabulary.write(lines)


def _detect(sample: Sample) -> bool:
    return sample.start.startswith(MAGIC)


def _describe(path: Path) -> FileFacts:
    with open_single(path) as stream:
        layout = read_layout(path, stream)
    return FileFacts("NumPy", layout.dtype.name, layout.shape[0])


FORMAT = Format(
    "npy",
    detect=_detect,
    reading=Reading(read, blocks, _describe, map_vectors, find_vocabulary),
    writing=Writing(
        "NumPy's matrix, with NAME.vocab beside it",
        write,
        (".npy",),
        second_file=vocabulary_path,
        is_pair=is_pair,
        keeps_counts=True,
    ),
)

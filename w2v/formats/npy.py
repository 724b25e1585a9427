"""NumPy's `.npy`: a matrix of floats, and beside it the vocabulary file of its rows."""

import math
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError
from w2v.formats import vocabulary_file
from w2v.formats.checks import check_options, check_words_and_matrix, checked_word_matrix
from w2v.formats.defects import Defect, DefectError, advice_to_end_at, damage_in, missing_entry
from w2v.formats.npy_header import MAGIC, Layout, damaged, header, read_layout
from w2v.formats.npy_words import find_vocabulary, is_pair, mark_of, read_words, vocabulary_path
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing
from w2v.formats.selection import Selection
from w2v.formats.tensors import Tensor, map_file, mapped
from w2v.formats.vocabulary_file import VocabularyLines
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix, check_dtype, empty, resized, selected
from w2v.opening import (
    open_for,
    open_single,
    open_up_to_damage,
    plain_size,
    written_together,
)

_BLOCK = 1 << 22  # bytes read at once
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

    limit, words, dtype, invalid_utf8, on_defect: as for the binary format. An entry is a row and
    the line of the vocabulary file with the same number; its offset is that of the row.

    Raises FormatError where a file is missing, damaged or of another type, where the two are not
    of the same length, or with a bad entry; ConfigError for an option out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    with open_for(path, on_defect) as stream:
        layout = read_layout(path, stream)
        vocabulary = read_words(path, layout, limit)
        names = vocabulary.words[: layout.shape[0]]
        chosen = Selection(words, invalid_utf8, on_defect).choose(names)
        rows = np.arange(len(names)) if chosen is None else chosen
        matrix, malformed = _read_rows(path, stream, layout, rows, dtype)
        to_the_end = layout.shape[0] in (0, *(rows[-1:] + 1))
        if to_the_end and not malformed and not layout.by_columns:
            malformed = _check_end(stream, layout)
        malformed += damage_in(stream)
    malformed = (*malformed, *_compare(path, layout, vocabulary, limit))
    rows = rows[: len(matrix)]
    return checked_word_matrix(
        path,
        [names[row] for row in rows],
        matrix,
        lambda row: _place(layout, int(rows[row])),
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        malformed=malformed,
        counts=None if vocabulary.counts is None else vocabulary.counts[rows],
    )


def map_vectors(path: Path, *, invalid_utf8: str = "error", on_defect: str = "error") -> WordMatrix:
    """Map the matrix: a read-only view; a page is read when it is looked at.

    So damage in the numbers is not noticed. Where words have to be left out, it is a copy.

    invalid_utf8, on_defect: as for `read`.

    Raises FormatError where a file is missing or damaged, or the two do not belong together;
    ConfigError where the matrix is compressed or not float32, row after row.
    """
    with open_single(path) as stream:
        size = plain_size(stream)
        if size is None:
            raise ConfigError(f"{path} is compressed and cannot be mapped; decompress it first.")
        layout = read_layout(path, stream)
        if layout.by_columns or layout.dtype != np.dtype("<f4"):
            raise ConfigError(
                f"{path} holds numbers of another kind than float32, row after row, and cannot be"
                " mapped; load it as a whole."
            )
        if layout.start + layout.shape[0] * layout.row_size != size:
            raise damaged(path, "its size is not what its header says")
        vocabulary = read_words(path, layout)
        if malformed := _compare(path, layout, vocabulary, None):
            raise DefectError(path, *malformed)
        mapping = map_file(path, stream)
    matrix = mapped(mapping, Tensor(layout.dtype, layout.shape, layout.start))
    place = partial(_place, layout)
    return checked_word_matrix(
        path, vocabulary.words, matrix, place, invalid_utf8=invalid_utf8, on_defect=on_defect,
        known_finite=True, counts=vocabulary.counts,
    )  # fmt: skip


def _place(layout: Layout, row: int) -> tuple[int, int]:
    """Return (entry number from 1, byte offset) of a row."""
    return row + 1, layout.start + row * layout.row_size


def _read_rows(
    path: Path, stream: IO[bytes], layout: Layout, rows: NDArray[np.intp], dtype: str
) -> tuple[Matrix, tuple[Defect, ...]]:
    """Return some rows, or those before the end of a file that is cut off, and this defect."""
    wanted = int(rows[-1]) + 1 if len(rows) else 0
    size = plain_size(stream)
    # Never more rows than the file can hold; from a compressed file the matrix grows.
    capacity = min(len(rows), (_BLOCK if size is None else size) // layout.row_size)
    matrix = empty(capacity, layout.shape[1], dtype)
    done = 0
    malformed: tuple[Defect, ...] = ()
    for first, block, defects in _row_blocks(path, stream, layout, wanted):
        malformed += defects
        inside = rows[done : np.searchsorted(rows, first + len(block))] - first
        if done + len(inside) > len(matrix):
            matrix = resized(matrix, min(len(rows), 2 * (done + len(inside))))
        matrix[done : done + len(inside)] = block[inside] if len(inside) < len(block) else block
        done += len(inside)
    return selected(matrix, slice(done)), malformed


def _row_blocks(
    path: Path, stream: IO[bytes], layout: Layout, wanted: int
) -> Iterator[tuple[int, Matrix, tuple[Defect, ...]]]:
    """Yield (first row, rows, defects) for each block of the first `wanted` rows."""
    if layout.by_columns:
        yield 0, _read_columns(path, stream, layout, wanted), ()
        return
    step = max(1, _BLOCK // layout.row_size)
    for first in range(0, wanted, step):
        count = min(step, wanted - first)
        data = _read_up_to(stream, count * layout.row_size)
        got, rest = divmod(len(data), layout.row_size)
        with np.errstate(over="ignore"):
            numbers = np.frombuffer(data, layout.dtype, got * layout.shape[1])
            numbers = numbers.astype(np.float32, copy=False)
        cut = (_cut_off(layout, first + got, rest),) if got < count else ()
        yield first, numbers.reshape(got, layout.shape[1]), cut
        if cut:
            return


def _read_up_to(stream: IO[bytes], size: int) -> bytes:
    """Read so many bytes, or all there are; a size that only a header gives takes no memory."""
    pieces = []
    while size and (piece := stream.read(min(size, _BLOCK))):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _cut_off(layout: Layout, row: int, got: int) -> Defect:
    offset = layout.start + row * layout.row_size
    if not got:
        return missing_entry(row + 1, layout.shape[0], offset)
    problem = f"is cut off: the file has {got} of the {layout.row_size} bytes of its vector"
    advice = advice_to_end_at(row)
    return Defect("truncated entries", row + 1, offset, "", problem, advice, layout.shape[0])


def _check_end(stream: IO[bytes], layout: Layout) -> tuple[Defect, ...]:
    if not stream.read(1):
        return ()
    offset = layout.start + layout.shape[0] * layout.row_size
    problem = f"is not one that the header promises: extra bytes follow entry {layout.shape[0]}"
    return (Defect("extra bytes", layout.shape[0] + 1, offset, "", problem),)


def _read_columns(path: Path, stream: IO[bytes], layout: Layout, wanted: int) -> Matrix:
    """Read a matrix that is stored column by column, so that no row is whole before the end."""
    size = math.prod(layout.shape) * layout.dtype.itemsize
    data = _read_up_to(stream, size + 1)
    if len(data) != size:
        has = "more" if len(data) > size else "fewer"
        raise damaged(path, f"it has {has} numbers than its header says, {size} bytes")
    columns = np.frombuffer(data, layout.dtype).reshape(layout.shape, order="F")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(columns[:wanted], dtype=np.float32)


def _compare(
    path: Path, layout: Layout, vocabulary: VocabularyLines, limit: int | None
) -> tuple[Defect, ...]:
    """Return the defect of a vocabulary that has not a word for each row."""
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
    """Yield all entries, unchecked; where a file ends too early or too late is the last defect.

    Raises FormatError where one of the files cannot be read at all.
    """
    with open_up_to_damage(path) as stream:
        layout = read_layout(path, stream)
        vocabulary = read_words(path, layout)
        cut: tuple[Defect, ...] = ()
        for first, matrix, cut in _row_blocks(path, stream, layout, layout.shape[0]):
            yield _block(vocabulary, layout, first, matrix, cut)
        ends = () if cut or layout.by_columns else _check_end(stream, layout)
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
        lambda row: (first + row + 1, layout.start + (first + row) * layout.row_size),
        malformed,
        counts,
    )


def write(
    path: Path, words: Sequence[str], matrix: Matrix, counts: NDArray[np.int64] | None = None
) -> None:
    """Write a float32 matrix to `path` and its words to `vocabulary_path`, both atomically.

    words: V distinct words without white space. matrix: float32 (V, d), finite.
    counts: int64 (V,), how often each word was seen, if known.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where a file
    cannot be written; old files then stay as they were.
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

"""The words and vectors in a safetensors file, without other tensors: read in blocks, or mapped."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError
from w2v.formats.checks import check_options, is_surely_finite
from w2v.formats.compact import check_dtype, empty
from w2v.formats.full_model import check_kind, unpacked_words
from w2v.formats.opening import open_single, plain_size
from w2v.formats.selection import chosen_rows
from w2v.formats.tensors import Tensor, map_file, mapped, read_header, read_into, read_tensor
from w2v.formats.word_matrix import Matrix, WordMatrix

_SMALL = ("vocab_utf8", "vocab_offsets", "counts")  # the tensors beside the vectors
_BLOCK = 1 << 22  # bytes read at once


class _Table(NamedTuple):
    """The words of a model, how often each was seen, where known, and where their vectors lie."""

    words: list[str]
    counts: NDArray[np.int64] | None
    vectors: Tensor


def read_vectors(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    """Read the words of a full model with their vectors and counts; no other tensor is looked at.

    limit, words, dtype: as for the binary format of word2vec. invalid_utf8, on_defect: checked
    only; a damaged model is never read.

    Raises FormatError where the file is missing, compressed, damaged or of another kind,
    ConfigError for an option out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    with open_single(path) as stream:
        if plain_size(stream) is None:
            raise FormatError(f"{path} is a compressed full model; decompress it first.")
        tensors = _tensors(path, stream)
        small = [name for name in _SMALL if name in tensors]
        arrays = {name: read_tensor(path, stream, tensors[name]) for name in small}
        table = _table(path, arrays, tensors["vectors"])
        rows = chosen_rows(table.words, limit, words)
        matrix = _read_rows(path, stream, table.vectors, rows, dtype)
    counts = None if table.counts is None else table.counts[rows]
    return WordMatrix([table.words[row] for row in rows], matrix, counts=counts)


def map_vectors(path: Path) -> WordMatrix:
    """Map a full model: its matrix is a read-only view, of which a page is read when looked at.

    So damage in the numbers is not noticed.

    Raises FormatError where the file is missing, damaged or of another kind; ConfigError where it
    is compressed or cannot be mapped.
    """
    with open_single(path) as stream:
        if plain_size(stream) is None:
            raise ConfigError(f"{path} is compressed and cannot be mapped; decompress it first.")
        tensors = _tensors(path, stream)
        mapping = map_file(path, stream)
    arrays = {name: mapped(mapping, tensors[name]) for name in _SMALL if name in tensors}
    table = _table(path, arrays, tensors["vectors"])
    counts = None if table.counts is None else table.counts.copy()
    return WordMatrix(table.words, mapped(mapping, table.vectors), counts=counts)


def _tensors(path: Path, stream: IO[bytes]) -> dict[str, Tensor]:
    tensors, metadata = read_header(path, stream)
    check_kind(path, {name: (t.dtype, len(t.shape)) for name, t in tensors.items()}, metadata)
    if "output" in tensors and tensors["vectors"].shape != tensors["output"].shape:
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")
    return tensors


def _table(path: Path, arrays: Mapping[str, NDArray[Any]], vectors: Tensor) -> _Table:
    words = unpacked_words(path, arrays["vocab_utf8"], arrays["vocab_offsets"])
    counts = arrays.get("counts")
    if len(words) != vectors.shape[0] or (counts is not None and len(words) != len(counts)):
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")
    if vectors.shape[1] == 0:
        raise FormatError(f"{path} is damaged: its vectors hold no numbers.")
    if counts is not None and (counts < 0).any():
        raise FormatError(f"{path} is damaged: the count of a word is negative.")
    return _Table(words, counts, vectors)


def _read_rows(
    path: Path, stream: IO[bytes], vectors: Tensor, rows: NDArray[np.intp], dtype: str
) -> Matrix:
    """Return some rows of the vectors, block by block; blocks without any are passed over."""
    vector_size = vectors.shape[1]
    row_size = vector_size * vectors.dtype.itemsize
    matrix = empty(len(rows), vector_size, dtype)
    step = max(1, _BLOCK // row_size)
    buffer = np.empty((step, vector_size), dtype=vectors.dtype)
    done = 0
    while done < len(rows):
        start = int(rows[done])
        inside = rows[done : done + np.searchsorted(rows[done:], start + step)] - start
        block = buffer[: inside[-1] + 1]
        read_into(path, stream, vectors.offset + start * row_size, block)
        found = block[inside] if len(inside) < len(block) else block
        if not is_surely_finite(found) and not np.isfinite(found).all():
            raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")
        matrix[done : done + len(inside)] = found
        done += len(inside)
    return matrix

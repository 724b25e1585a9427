"""Reads the words and vectors of a safetensors file in blocks, or maps them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError
from w2v.finite import finite_rows, is_surely_finite
from w2v.formats.checks import check_options
from w2v.formats.defects import Defect
from w2v.formats.full_model import write_vectors
from w2v.formats.full_model_checks import (
    VECTORS_FORMAT,
    check_kind,
    check_shapes,
    check_sizes,
    unpacked_words,
)
from w2v.formats.packed_words import unpack_bytes
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing
from w2v.formats.selection import GAP, chosen_rows, row_runs
from w2v.formats.tensors import (
    LARGEST_JSON_HEADER,
    Tensor,
    map_file,
    mapped,
    read_header,
    read_into,
    read_tensor,
)
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix, check_dtype, empty
from w2v.opening import open_single, plain_size
from w2v.word_forms import AS_IT_IS, WordForm
from w2v.word_rows import words_at

_SMALL = ("vocab_utf8", "vocab_offsets", "counts")  # always read whole
_BLOCK = 1 << 22  # bytes read at once


def read_vectors(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    """Read the words of a full model with their vectors and counts, and no other tensor.

    Parameters
    ----------
    path : Path
        An uncompressed safetensors file of w2v.
    limit, words, dtype
        As in `word2vec_binary.read`.
    invalid_utf8, on_defect
        Their values are checked but have no effect: a damaged model is never read.

    Returns
    -------
    WordMatrix
        The words with their vectors and, if the file has them, counts.

    Raises
    ------
    FormatError
        The file is missing, compressed, damaged or of another kind.
    ConfigError
        An option is out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    with open_single(path) as stream:
        tensors, metadata = _tensors(path, stream)
        arrays = _read_small(path, stream, tensors)
        known = _words(path, arrays, tensors)
        rows = chosen_rows(known, limit, words)
        matrix = _read_rows(path, stream, tensors["vectors"], rows, dtype)
    counts = arrays["counts"][rows] if "counts" in arrays else None
    form = _word_form(metadata)
    return WordMatrix(words_at(known, rows), matrix, counts=counts, form=form)


def map_vectors(path: Path, *, invalid_utf8: str = "error", on_defect: str = "error") -> WordMatrix:
    """Map a full model: the matrix is a read-only view, and a page is read when it is used.

    The numbers are therefore not checked.

    Parameters
    ----------
    path : Path
        An uncompressed safetensors file of w2v.
    invalid_utf8, on_defect
        Their values are checked but have no effect.

    Returns
    -------
    WordMatrix
        The words with their vectors and, if the file has them, counts.

    Raises
    ------
    FormatError
        The file is missing, damaged or of another kind.
    ConfigError
        The file is compressed or cannot be mapped, or an option is out of range.
    """
    check_options(None, invalid_utf8, on_defect)
    with open_single(path) as stream:
        if plain_size(stream) is None:
            raise ConfigError(f"{path} is compressed and cannot be mapped; decompress it first.")
        tensors, metadata = _tensors(path, stream)
        mapping = map_file(path, stream)
    arrays = {name: mapped(mapping, tensors[name]) for name in _SMALL if name in tensors}
    words = _words(path, arrays, tensors)
    counts = arrays["counts"].copy() if "counts" in arrays else None
    matrix = mapped(mapping, tensors["vectors"])
    return WordMatrix(words, matrix, counts=counts, form=_word_form(metadata))


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all words and vectors, unchecked; the offset of an entry is that of its word.

    Raises FormatError if the file cannot be read at all.
    """
    with open_single(path) as stream:
        tensors, _ = _tensors(path, stream)
        arrays = _read_small(path, stream, tensors)
        words, counts = _unpacked_bytes(path, arrays), arrays.get("counts")
        _check(path, len(words), arrays, tensors)
        starts = tensors["vocab_utf8"].offset + arrays["vocab_offsets"]
        outputs = _bad_outputs(path, stream, words, tensors.get("output"))
        for first, matrix in _row_blocks(path, stream, tensors["vectors"]):
            part = slice(first, first + len(matrix))
            yield EntryBlock(
                words[part], matrix, partial(_place, starts, first), next(outputs),
                None if counts is None else counts[part],
            )  # fmt: skip


def _place(starts: NDArray[np.int64], first: int, row: int) -> tuple[int, int]:
    return first + row + 1, int(starts[first + row])


def _unpacked_bytes(path: Path, arrays: Mapping[str, NDArray[Any]]) -> list[bytes]:
    try:
        return unpack_bytes(arrays["vocab_utf8"], arrays["vocab_offsets"])
    except ValueError as error:
        raise FormatError(f"{path} is damaged: {error}.") from error


def _bad_outputs(
    path: Path, stream: IO[bytes], words: Sequence[bytes], output: Tensor | None
) -> Iterator[tuple[Defect, ...]]:
    """Yield the defects of the output vectors for each block that `_row_blocks` yields."""
    if output is None:
        yield from repeat(())
        return
    problem = "has an output vector that holds a number that is not finite"
    for first, matrix in _row_blocks(path, stream, output):
        rows = (first + np.flatnonzero(~finite_rows(matrix))).tolist()
        names = [words[row][:100].decode("utf-8", "replace") for row in rows]
        yield tuple(
            Defect(
                "non-finite output rows",
                row + 1,
                output.offset + row * output.row_size,
                name,
                problem,
            )
            for row, name in zip(rows, names, strict=True)
        )


def _row_blocks(path: Path, stream: IO[bytes], tensor: Tensor) -> Iterator[tuple[int, Matrix]]:
    """Yield (number of the first row, rows) at least once; each block overwrites the last."""
    buffer = _buffer(tensor)
    for first in range(0, max(1, tensor.shape[0]), len(buffer)):
        matrix = buffer[: tensor.shape[0] - first]
        read_into(path, stream, tensor.offset + first * tensor.row_size, matrix)
        yield first, matrix


def _buffer(tensor: Tensor) -> Matrix:
    """Return memory for a block of rows."""
    return np.empty((max(1, _BLOCK // tensor.row_size), tensor.shape[1]), tensor.dtype)


def _tensors(path: Path, stream: IO[bytes]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors by name, after checking that none is missing, and the metadata."""
    if plain_size(stream) is None:
        raise FormatError(f"{path} is a compressed full model; decompress it first.")
    tensors, metadata = read_header(path, stream)
    check_kind(path, {name: (t.dtype, len(t.shape)) for name, t in tensors.items()}, metadata)
    check_sizes(path, tensors)
    return tensors, metadata


def _word_form(metadata: Mapping[str, str]) -> WordForm:
    """Return what the settings of a full model say of its words; older models say nothing."""
    try:
        settings = json.loads(metadata.get("config", "{}"))
        return WordForm(
            str(settings.get("tokenizer", AS_IT_IS.tokenizer)), settings.get("lower") is True
        )
    except (ValueError, AttributeError, RecursionError):  # the vectors can be read all the same
        return AS_IT_IS


def _read_small(
    path: Path, stream: IO[bytes], tensors: Mapping[str, Tensor]
) -> dict[str, NDArray[Any]]:
    names = [name for name in _SMALL if name in tensors]
    return {name: read_tensor(path, stream, tensors[name]) for name in names}


def _words(
    path: Path, arrays: Mapping[str, NDArray[Any]], tensors: Mapping[str, Tensor]
) -> list[str]:
    words = unpacked_words(path, arrays["vocab_utf8"], arrays["vocab_offsets"])
    _check(path, len(words), arrays, tensors)
    return words


def _check(
    path: Path, size: int, arrays: Mapping[str, NDArray[Any]], tensors: Mapping[str, Tensor]
) -> None:
    shapes = {name: tensors[name].shape for name in ("vectors", "output") if name in tensors}
    check_shapes(path, size, shapes, arrays.get("counts"))


def _read_rows(
    path: Path, stream: IO[bytes], vectors: Tensor, rows: NDArray[np.intp], dtype: str
) -> Matrix:
    """Return the selected rows of the vectors; only blocks that hold some of them are read."""
    matrix = empty(len(rows), vectors.shape[1], dtype)
    buffer = _buffer(vectors)
    for part in row_runs(rows, len(buffer), max(1, GAP // vectors.row_size)):
        start = int(rows[part.start])
        inside = rows[part] - start
        block = buffer[: inside[-1] + 1]
        read_into(path, stream, vectors.offset + start * vectors.row_size, block)
        found = block[inside] if len(inside) < len(block) else block
        if not is_surely_finite(found) and not np.isfinite(found).all():
            raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")
        matrix[part] = found
    return matrix


def _detect(sample: Sample) -> bool:
    """Return whether a safetensors header starts here: its length in 8 bytes, then JSON."""
    length = int.from_bytes(sample.start[:8], "little")
    return sample.start[8:9] == b"{" and 2 <= length <= LARGEST_JSON_HEADER


def _describe(path: Path) -> FileFacts:
    with open_single(path) as stream:
        kind = _tensors(path, stream)[1]["format"]
    return FileFacts(
        "vectors as safetensors" if kind == VECTORS_FORMAT else "full model", "float32"
    )


FORMAT = Format(
    "safetensors",
    detect=_detect,
    reading=Reading(read_vectors, blocks, _describe, map_vectors),
    writing=Writing(
        "words and vectors as tensors",
        write_vectors,
        (".safetensors",),
        keeps_counts=True,
        compresses=False,
    ),
)

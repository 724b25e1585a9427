"""The full model as safetensors: words, counts, both matrices, and settings as metadata.

A file of the format "w2v-vectors" has the same tensors except the output matrix, and no settings.
It has counts only if they are known.

`full_model_checks` lists the tensors. Source of the file format:
https://huggingface.co/docs/safetensors.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, FormatError, Part
from w2v.files import atomic_write
from w2v.finite import finite_rows
from w2v.formats.checks import check_words_and_matrix
from w2v.formats.full_model_checks import (
    MODEL_FORMAT,
    VECTORS_FORMAT,
    VERSION,
    check_kind,
    check_shapes,
    check_sizes,
    unpacked_words,
)
from w2v.formats.packed_words import pack
from w2v.formats.tensor_writing import TensorDigest, digest_of, write_tensors
from w2v.formats.tensors import Tensor, read_header, read_into, read_tensor
from w2v.matrices import Matrix
from w2v.opening import open_single, plain_size

_NOT_HASHED = ("format", "version", "digest")
_BLOCK = 1 << 22  # bytes read at once


@dataclass(frozen=True)
class FullModel:
    """A whole model in memory.

    Attributes
    ----------
    words : list of str
        V distinct words.
    counts : ndarray of int64, shape (V,)
        How often each word was seen, 0 or more.
    vectors : ndarray of float32, shape (V, d)
        The input matrix.
    output : ndarray of float32, shape (V, d) or (2 V, d)
        The output matrix.
    metadata : dict of str to str
        The settings.
    extra : dict of str to ndarray
        Further tensors by name, for a checkpoint.
    """

    words: list[str]
    counts: NDArray[np.int64]
    vectors: NDArray[np.float32]
    output: NDArray[np.float32]
    metadata: dict[str, str]
    extra: dict[str, NDArray[Any]] = field(default_factory=dict)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the tensors of the file by name, with the words as UTF-8 bytes."""
        letters, offsets = pack(self.words)
        return {
            "vocab_utf8": letters, "vocab_offsets": offsets, "counts": self.counts,
            "vectors": self.vectors, "output": self.output, **self.extra,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class StoredModel:
    """A full model in its file: words, counts and settings are in memory, the matrices are not.

    Attributes
    ----------
    path : Path
        The file.
    words : list of str
        V distinct words.
    counts : ndarray of int64, shape (V,)
        How often each word was seen, 0 or more.
    vector_size : int
        The length d of a vector.
    output_size : int
        The rows of the output matrix: V, or 2 V where words and Huffman nodes have one each.
    metadata : dict of str to str
        The settings.
    places : dict of str to Tensor
        Where each tensor lies in the file.
    """

    path: Path
    words: list[str]
    counts: NDArray[np.int64]
    vector_size: int
    output_size: int
    metadata: dict[str, str]
    places: dict[str, Tensor]

    def matrix(self, name: str) -> NDArray[np.float32]:
        """Read "vectors" or "output", float32 (n, d); FormatError if a number is not finite."""
        matrix = self.tensor(name)
        _check_finite(self.path, matrix)
        return matrix

    def rows(self, name: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield (number of the first row, rows) of "vectors" or "output", checked as in `matrix`.

        Each block overwrites the one before.
        """
        for first, block in self._blocks(self.places[name]):
            _check_finite(self.path, block)
            yield first, block

    def tensor(self, name: str) -> NDArray[Any]:
        """Read any tensor, unchecked; FormatError if the file lacks it."""
        if name not in self.places:
            raise FormatError(f"{self.path} is damaged: it lacks the tensors {name}.")
        with open_single(self.path, "full model") as stream:
            return read_tensor(self.path, stream, self.places[name])

    def digest(self) -> str:
        """Return the hash of the tensors and metadata, computed as in `write_with_digest`."""
        digest = TensorDigest(_hashed(self.metadata))
        for name in sorted(self.places):
            digest.begin(name, self.places[name].dtype, self.places[name].shape)
            for _, block in self._blocks(self.places[name]):
                digest.add(block)
        return digest.hexdigest()

    def _blocks(self, place: Tensor) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield (number of the first row, rows) of a tensor; each block overwrites the last."""
        shape = place.shape or (1,)
        row_size = math.prod(shape[1:]) * place.dtype.itemsize
        buffer = np.empty((max(1, _BLOCK // max(1, row_size)), *shape[1:]), place.dtype)
        with open_single(self.path, "full model") as stream:
            for first in range(0, shape[0], len(buffer)):
                block = buffer[: shape[0] - first]
                read_into(self.path, stream, place.offset + first * row_size, block)
                yield first, block


def write(path: Path, model: FullModel) -> None:
    """Write a full model atomically, without copying its matrices.

    The words go into a tensor of UTF-8 bytes, because the header of a safetensors file cannot
    exceed 100 MB.

    Parameters
    ----------
    path : Path
        The file to write.
    model : FullModel
        What to write.

    Raises
    ------
    W2VError
        The file cannot be written.
    """
    _save(path, MODEL_FORMAT, model.tensors(), model.metadata)


def write_with_digest(path: Path, model: FullModel) -> str:
    """Write a full model as `write` does, with its hash in the metadata; return the hash."""
    tensors = model.tensors()
    digest = digest_of(tensors, _hashed(model.metadata))
    _save(path, MODEL_FORMAT, tensors, {**model.metadata, "digest": digest})
    return digest


def _hashed(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in metadata.items() if name not in _NOT_HASHED}


def write_vectors(
    path: Path,
    words: Sequence[str],
    matrix: Matrix,
    counts: NDArray[np.int64] | None = None,
    extra: Mapping[str, NDArray[Any]] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a file of the format "w2v-vectors" atomically.

    Parameters
    ----------
    path : Path
        The file to write.
    words : sequence of str
        V distinct words.
    matrix : ndarray of float32, shape (V, d)
        Their vectors, finite.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if known.
    extra : mapping of str to ndarray, optional
        Further tensors by name.
    metadata : mapping of str to str, optional
        Further strings for the header.

    Raises
    ------
    FormatError
        A word or number could not be read back.
    W2VError
        The file cannot be written.
    """
    check_words_and_matrix(path, words, matrix)
    letters, offsets = pack(words)
    tensors: dict[str, NDArray[Any]] = {
        "vocab_utf8": letters,
        "vocab_offsets": offsets,
        "vectors": matrix,
        **(extra or {}),
    }
    if counts is not None:
        tensors["counts"] = counts
    _save(path, VECTORS_FORMAT, tensors, metadata or {})


def _save(
    path: Path, kind: str, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    about = {"format": kind, "version": VERSION, **metadata}
    with atomic_write(path) as stream:
        write_tensors(stream, tensors, about)


def read(path: Path) -> FullModel:
    """Read a full model without its `extra` tensors.

    Raises
    ------
    FormatError
        The file is missing, damaged or of another kind.
    """
    stored = open_stored(path)
    vectors, output = stored.matrix("vectors"), stored.matrix("output")
    return FullModel(stored.words, stored.counts, vectors, output, stored.metadata)


def instead(path: Path) -> Part:
    """Return what a user can do with a file of vectors alone, as the end of a sentence."""
    return (
        "to start a training from them give ", Argument("init_from", str(path)),
        ", to read them in Python use w2v.load.",
    )  # fmt: skip


def open_stored(path: Path) -> StoredModel:
    """Read a full model except its matrices; raises FormatError as `read` does."""
    with open_single(path, "full model") as stream:
        if plain_size(stream) is None:
            raise FormatError(f"{path} is a compressed full model; decompress it first.")
        if stream.read(9)[8:] != b"{":  # after the length of the header, its JSON begins
            raise FormatError(f"{path} is not a full model of w2v, which is a safetensors file.")
        places, metadata = read_header(path, stream)
        check_kind(path, {name: (t.dtype, len(t.shape)) for name, t in places.items()}, metadata)
        if metadata["format"] == VECTORS_FORMAT:
            raise FormatError(
                f"{path} holds word vectors alone, without the output vectors and settings of a"
                " full model; ",
                instead(path),
            )
        check_sizes(path, places)
        small = ("vocab_utf8", "vocab_offsets", "counts")
        letters, offsets, counts = (read_tensor(path, stream, places[name]) for name in small)
    words = unpacked_words(path, letters, offsets)
    shapes = {name: places[name].shape for name in ("vectors", "output")}
    check_shapes(path, len(words), shapes, counts)
    output_size, vector_size = shapes["output"]
    return StoredModel(path, words, counts, vector_size, output_size, metadata, places)


def _check_finite(path: Path, matrix: NDArray[np.float32]) -> None:
    if not finite_rows(matrix).all():
        raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")

"""The full model as safetensors: words, counts, both matrices, and settings as metadata.

A file of the format "w2v-vectors" is the same without what only training knows: it has no output
vectors and no settings, and counts only where they are known.
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
from w2v.formats.checks import check_vector_size, check_words_and_matrix
from w2v.formats.packed_words import pack, unpack
from w2v.formats.tensor_writing import TensorDigest, digest_of, write_tensors
from w2v.formats.tensors import Tensor, read_header, read_into, read_tensor
from w2v.limits import LONGEST_WORD
from w2v.matrices import Matrix
from w2v.opening import open_single, plain_size

FORMAT, VERSION = "w2v-model", "1"
VECTORS_FORMAT = "w2v-vectors"
_NOT_HASHED = ("format", "version", "digest")
_BLOCK = 1 << 22  # bytes read at once

_TENSORS = {  # type and number of dimensions
    "vocab_utf8": ("uint8", 1),
    "vocab_offsets": ("int64", 1),
    "counts": ("int64", 1),
    "vectors": ("float32", 2),
    "output": ("float32", 2),
}
_NEEDED = {FORMAT: frozenset(_TENSORS), VECTORS_FORMAT: _TENSORS.keys() - {"counts", "output"}}


@dataclass(frozen=True)
class FullModel:
    """What the file holds: V words with int64 counts, two float32 (V, d) matrices, settings.

    extra: further tensors by name, of a checkpoint.
    """

    words: list[str]
    counts: NDArray[np.int64]
    vectors: NDArray[np.float32]
    output: NDArray[np.float32]
    metadata: dict[str, str]
    extra: dict[str, NDArray[Any]] = field(default_factory=dict)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the tensors of the file, the words as the bytes of their UTF-8."""
        letters, offsets = pack(self.words)
        return {
            "vocab_utf8": letters, "vocab_offsets": offsets, "counts": self.counts,
            "vectors": self.vectors, "output": self.output, **self.extra,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class StoredModel:
    """A full model in its file: words, counts and settings are read, the matrices are not yet.

    words: V distinct words. counts: int64 (V,), 0 or more. vector_size: d. places: of all tensors.
    """

    path: Path
    words: list[str]
    counts: NDArray[np.int64]
    vector_size: int
    metadata: dict[str, str]
    places: dict[str, Tensor]

    def matrix(self, name: str) -> NDArray[np.float32]:
        """Read "vectors" or "output", float32 (V, d); FormatError where a number is not finite."""
        matrix = self.tensor(name)
        _check_finite(self.path, matrix)
        return matrix

    def rows(self, name: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield (number of the first row, rows) of "vectors" or "output", checked as by `matrix`.

        Each block of rows takes the place of the one before.
        """
        for first, block in self._blocks(self.places[name]):
            _check_finite(self.path, block)
            yield first, block

    def tensor(self, name: str) -> NDArray[Any]:
        """Read any other tensor; FormatError where the file lacks it."""
        if name not in self.places:
            raise FormatError(f"{self.path} is damaged: it lacks the tensors {name}.")
        with open_single(self.path, "full model") as stream:
            return read_tensor(self.path, stream, self.places[name])

    def digest(self) -> str:
        """Return the hash of all there is in the file, as `write_with_digest` takes it."""
        digest = TensorDigest(_hashed(self.metadata))
        for name in sorted(self.places):
            digest.begin(name, self.places[name].dtype, self.places[name].shape)
            for _, block in self._blocks(self.places[name]):
                digest.add(block)
        return digest.hexdigest()

    def _blocks(self, place: Tensor) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield the rows of a tensor some at a time, in memory that is used again."""
        shape = place.shape or (1,)
        row_size = math.prod(shape[1:]) * place.dtype.itemsize
        buffer = np.empty((max(1, _BLOCK // max(1, row_size)), *shape[1:]), place.dtype)
        with open_single(self.path, "full model") as stream:
            for first in range(0, shape[0], len(buffer)):
                block = buffer[: shape[0] - first]
                read_into(self.path, stream, place.offset + first * row_size, block)
                yield first, block


def write(path: Path, model: FullModel) -> None:
    """Write a full model, atomically, without a copy of its matrices.

    The words go into a tensor of their UTF-8 bytes, since the header of a safetensors file may
    not exceed 100 MB. Raises W2VError where the file cannot be written.
    """
    _save(path, FORMAT, model.tensors(), model.metadata)


def write_with_digest(path: Path, model: FullModel) -> str:
    """Write a full model as `write` does, with its hash in the metadata; return this."""
    tensors = model.tensors()
    digest = digest_of(tensors, _hashed(model.metadata))
    _save(path, FORMAT, tensors, {**model.metadata, "digest": digest})
    return digest


def _hashed(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in metadata.items() if name not in _NOT_HASHED}


def write_vectors(
    path: Path, words: Sequence[str], matrix: Matrix, counts: NDArray[np.int64] | None = None
) -> None:
    """Write words, vectors and perhaps counts, atomically, in the tensors of a full model.

    words: V distinct words. matrix: float32 (V, d), finite. counts: int64 (V,).

    Raises FormatError for words or numbers that could not be read back, W2VError where the file
    cannot be written.
    """
    check_words_and_matrix(path, words, matrix)
    letters, offsets = pack(words)
    tensors: dict[str, NDArray[Any]] = {
        "vocab_utf8": letters,
        "vocab_offsets": offsets,
        "vectors": matrix,
    }
    if counts is not None:
        tensors["counts"] = counts
    _save(path, VECTORS_FORMAT, tensors, {})


def _save(
    path: Path, kind: str, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    about = {"format": kind, "version": VERSION, **metadata}
    with atomic_write(path) as stream:
        write_tensors(stream, tensors, about)


def read(path: Path) -> FullModel:
    """Read a full model, without its further tensors.

    Raises FormatError where the file is missing, damaged or of another kind.
    """
    stored = open_stored(path)
    vectors, output = stored.matrix("vectors"), stored.matrix("output")
    return FullModel(stored.words, stored.counts, vectors, output, stored.metadata)


def instead(path: Path) -> Part:
    """Return what a file of vectors is good for, as the end of a sentence."""
    return (
        "to start a training from them give ", Argument("init_from", str(path)),
        ", to read them in Python use w2v.load.",
    )  # fmt: skip


def open_stored(path: Path) -> StoredModel:
    """Read all of a full model but its matrices; raises FormatError as `read` does."""
    with open_single(path, "full model") as stream:
        if plain_size(stream) is None:
            raise FormatError(f"{path} is a compressed full model; decompress it first.")
        if stream.read(9)[8:] != b"{":  # the length of the header, then its JSON
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
    return StoredModel(path, words, counts, shapes["vectors"][1], metadata, places)


def check_sizes(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise FormatError where the words take more than those of so many vectors can.

    Before any is read: a sparse file takes no room on a disk, but all of its size in memory.
    """
    words, vector_size = tensors["vectors"].shape
    check_vector_size(path, vector_size)
    letters, offsets = tensors["vocab_utf8"].shape[0], tensors["vocab_offsets"].shape[0]
    if offsets != words + 1 or letters > words * LONGEST_WORD:
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")


def check_shapes(
    path: Path,
    size: int,
    shapes: Mapping[str, tuple[int, ...]],
    counts: NDArray[np.int64] | None,
) -> None:
    """Raise FormatError unless there is a row for each of the words, of at least one number.

    size: the number of words. shapes: those of "vectors", and of "output" where there is one.
    """
    per_word = [*shapes.values(), *([] if counts is None else [counts.shape])]
    if len(set(shapes.values())) > 1 or {shape[0] for shape in per_word} != {size}:
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")
    if shapes["vectors"][1] == 0:
        raise FormatError(f"{path} is damaged: its vectors hold no numbers.")
    if counts is not None and (counts < 0).any():
        raise FormatError(f"{path} is damaged: the count of a word is negative.")


def _check_finite(path: Path, matrix: NDArray[np.float32]) -> None:
    if not finite_rows(matrix).all():
        raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")


def check_kind(
    path: Path, kinds: Mapping[str, tuple[np.dtype[Any], int]], metadata: Mapping[str, str]
) -> None:
    """Raise FormatError unless these are the tensors, by type and dimensions, of such a file."""
    if metadata.get("format") not in _NEEDED or metadata.get("version") != VERSION:
        raise FormatError(
            f"{path} is not a full model of w2v: its format is {metadata.get('format')!r}, version "
            f"{metadata.get('version')!r}, not {FORMAT!r}, version {VERSION!r}; other "
            "safetensors are not read."
        )
    missing = _NEEDED[metadata["format"]] - kinds.keys()
    if missing:
        raise FormatError(f"{path} is damaged: it lacks the tensors {', '.join(sorted(missing))}.")
    for name, kind in _TENSORS.items():
        if name in kinds and (kinds[name][0].name, kinds[name][1]) != kind:
            raise FormatError(f"{path} is damaged: the tensor {name} is not of its type and shape.")


def unpacked_words(path: Path, letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return the words, none empty or there twice, or raise FormatError."""
    try:
        words = unpack(letters, offsets)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is damaged: a word is not valid UTF-8.") from error
    except ValueError as error:
        raise FormatError(f"{path} is damaged: {error}.") from error
    if len({"", *words}) <= len(words):
        raise FormatError(f"{path} is damaged: a word is empty or there twice.")
    return words

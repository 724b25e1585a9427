"""The full model as safetensors: words, counts, both matrices, and settings as metadata.

A file of the format "w2v-vectors" is the same without what only training knows: it has no output
vectors and no settings, and counts only where they are known.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.files import atomic_path
from w2v.formats.checks import check_table, finite_rows
from w2v.formats.packed_words import pack, unpack
from w2v.formats.word_matrix import Matrix

FORMAT, VERSION = "w2v-model", "1"
VECTORS_FORMAT = "w2v-vectors"
_NOT_HASHED = ("format", "version", "digest")

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

    def digest(self) -> str:
        """Return a hash of all there is in it (BLAKE2b) but the metadata's own "digest"."""
        digest = hashlib.blake2b(digest_size=16)
        metadata = {k: v for k, v in self.metadata.items() if k not in _NOT_HASHED}
        texts = ["\n".join(self.words), json.dumps(metadata, sort_keys=True)]
        tensors: dict[str, NDArray[Any]] = {
            "counts": self.counts, "vectors": self.vectors, "output": self.output, **self.extra
        }  # fmt: skip
        names = sorted(tensors)
        texts += [f"{name} {tensors[name].dtype} {tensors[name].shape}" for name in names]
        for text in texts:
            digest.update(text.encode() + b"\0")
        for name in names:
            digest.update(np.ascontiguousarray(tensors[name]).data)
        return digest.hexdigest()


def write(path: Path, model: FullModel) -> None:
    """Write a full model, atomically.

    The words go into a tensor of their UTF-8 bytes, since the header of a safetensors file may
    not exceed 100 MB. Raises W2VError where the file cannot be written.
    """
    tensors: dict[str, NDArray[Any]] = {
        "counts": model.counts, "vectors": model.vectors, "output": model.output, **model.extra
    }  # fmt: skip
    _save(path, FORMAT, model.words, tensors, model.metadata)


def write_vectors(
    path: Path, words: Sequence[str], matrix: Matrix, counts: NDArray[np.int64] | None = None
) -> None:
    """Write words, vectors and perhaps counts, atomically, in the tensors of a full model.

    words: V distinct words. matrix: float32 (V, d), finite. counts: int64 (V,).

    Raises FormatError for words or numbers that could not be read back, W2VError where the file
    cannot be written.
    """
    check_table(path, words, matrix)
    tensors: dict[str, NDArray[Any]] = {"vectors": matrix}
    if counts is not None:
        tensors["counts"] = counts
    _save(path, VECTORS_FORMAT, words, tensors, {})


def _save(
    path: Path,
    kind: str,
    words: Sequence[str],
    tensors: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
) -> None:
    from safetensors import SafetensorError  # noqa: PLC0415  (slow to import, rarely needed)
    from safetensors.numpy import save_file  # noqa: PLC0415

    letters, offsets = pack(words)
    whole: dict[str, NDArray[Any]] = {
        "vocab_utf8": letters,
        "vocab_offsets": offsets,
        **{name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()},
    }
    about = {"format": kind, "version": VERSION, **metadata}
    with atomic_path(path) as temporary:
        try:
            save_file(whole, temporary, metadata=about)
        except SafetensorError as error:  # of a full disk too, with the number in its text
            number = re.search(r"(?:os error|code:) (\d+)", str(error))
            if number is None:
                raise OSError(errno.EIO, str(error)) from error
            raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def read(path: Path) -> FullModel:
    """Read a full model.

    Raises FormatError where the file is missing, damaged or of another kind.
    """
    tensors, metadata = _open(path)
    if metadata["format"] == VECTORS_FORMAT:
        raise FormatError(
            f"{path} holds words and their vectors only, without output vectors and settings, so it"
            " is no full model; read it with w2v.load."
        )
    model = FullModel(
        unpacked_words(path, tensors["vocab_utf8"], tensors["vocab_offsets"]),
        tensors["counts"], tensors["vectors"], tensors["output"], metadata,
        {name: tensor for name, tensor in tensors.items() if name not in _TENSORS},
    )  # fmt: skip
    shapes = {"vectors": model.vectors.shape, "output": model.output.shape}
    check_shapes(path, len(model.words), shapes, model.counts)
    _check_values(path, tensors)
    return model


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


def _check_values(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    matrices = [tensors[name] for name in ("vectors", "output") if name in tensors]
    if not all(finite_rows(matrix).all() for matrix in matrices):
        raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")


def _open(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise FormatError(
            f"{path} cannot be read as a full model: {error}; vectors alone are read by w2v.load."
        ) from error
    check_kind(path, {name: (t.dtype, t.ndim) for name, t in tensors.items()}, metadata)
    return tensors, metadata


def check_kind(
    path: Path, kinds: Mapping[str, tuple[np.dtype[Any], int]], metadata: Mapping[str, str]
) -> None:
    """Raise FormatError unless these are the tensors, by type and dimensions, of such a file."""
    if metadata.get("format") not in _NEEDED or metadata.get("version") != VERSION:
        raise FormatError(
            f"{path} is no full model of w2v: its format is {metadata.get('format')!r}, version "
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

"""The full model as safetensors: words, counts, both matrices, and settings as metadata."""

import errno
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.files import atomic_path
from w2v.formats.checks import finite_rows
from w2v.formats.word_matrix import WordMatrix

FORMAT, VERSION = "w2v-model", "1"
_NOT_HASHED = ("format", "version", "digest")

_TENSORS = {  # type and number of dimensions
    "vocab_utf8": ("uint8", 1),
    "vocab_offsets": ("int64", 1),
    "counts": ("int64", 1),
    "vectors": ("float32", 2),
    "output": ("float32", 2),
}


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
    from safetensors import SafetensorError  # noqa: PLC0415  (slow to import, rarely needed)
    from safetensors.numpy import save_file  # noqa: PLC0415

    encoded = [word.encode() for word in model.words]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    tensors: dict[str, NDArray[Any]] = {
        "vocab_utf8": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "vocab_offsets": offsets,
        "counts": model.counts,
        "vectors": np.ascontiguousarray(model.vectors),
        "output": np.ascontiguousarray(model.output),
        **model.extra,
    }
    metadata = {"format": FORMAT, "version": VERSION, **model.metadata}
    with atomic_path(path) as temporary:
        try:
            save_file(tensors, temporary, metadata=metadata)
        except SafetensorError as error:  # of a full disk too, with the number in its text
            number = re.search(r"os error (\d+)", str(error))
            if number is None:
                raise OSError(errno.EIO, str(error)) from error
            raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def read(path: Path) -> FullModel:
    """Read a full model.

    Raises FormatError where the file is missing, damaged or of another kind.
    """
    tensors, metadata = _open(path)
    model = FullModel(
        _words(path, tensors), tensors["counts"], tensors["vectors"], tensors["output"], metadata,
        {name: tensor for name, tensor in tensors.items() if name not in _TENSORS},
    )  # fmt: skip
    size = len(model.words)
    if model.vectors.shape != model.output.shape or not (
        len(model.vectors) == len(model.counts) == size
    ):
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")
    if model.vectors.shape[1] == 0:
        raise FormatError(f"{path} is damaged: its vectors hold no numbers.")
    if (model.counts < 0).any():
        raise FormatError(f"{path} is damaged: the count of a word is negative.")
    if len({"", *model.words}) <= size:
        raise FormatError(f"{path} is damaged: a word is empty or there twice.")
    if not (finite_rows(model.vectors).all() and finite_rows(model.output).all()):
        raise FormatError(f"{path} is damaged: a vector holds a number that is not finite.")
    return model


def read_vectors(path: Path) -> WordMatrix:
    """Read the words with their vectors and counts."""
    model = read(path)
    return WordMatrix(model.words, model.vectors, counts=model.counts)


def _open(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise FormatError(f"{path} cannot be read as a full model: {error}.") from error
    if metadata.get("format") != FORMAT or metadata.get("version") != VERSION:
        raise FormatError(
            f"{path} is no full model of w2v: its format is {metadata.get('format')!r}, version "
            f"{metadata.get('version')!r}, not {FORMAT!r}, version {VERSION!r}."
        )
    missing = _TENSORS.keys() - tensors.keys()
    if missing:
        raise FormatError(f"{path} is damaged: it lacks the tensors {', '.join(sorted(missing))}.")
    for name, kind in _TENSORS.items():
        if (tensors[name].dtype.name, tensors[name].ndim) != kind:
            raise FormatError(f"{path} is damaged: the tensor {name} is not of its type and shape.")
    return tensors, metadata


def _words(path: Path, tensors: dict[str, Any]) -> list[str]:
    offsets = tensors["vocab_offsets"]
    letters = tensors["vocab_utf8"].tobytes()
    bounds = offsets.tolist()
    if not bounds or bounds[0] != 0 or bounds[-1] != len(letters) or bounds != sorted(bounds):
        raise FormatError(f"{path} is damaged: the offsets of its words do not fit.")
    try:
        return [letters[start:end].decode() for start, end in pairwise(bounds)]
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is damaged: a word is not valid UTF-8.") from error

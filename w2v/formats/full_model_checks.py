"""Checks that a safetensors file has the tensors of a full model, or of vectors alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.formats.checks import check_vector_size
from w2v.formats.packed_words import unpack
from w2v.formats.tensors import Tensor
from w2v.limits import LONGEST_WORD

MODEL_FORMAT, VERSION = "w2v-model", "1"
VECTORS_FORMAT = "w2v-vectors"

_TENSORS = {  # by name: the type and the number of dimensions
    "vocab_utf8": ("uint8", 1),
    "vocab_offsets": ("int64", 1),
    "counts": ("int64", 1),
    "vectors": ("float32", 2),
    "output": ("float32", 2),
}
_NEEDED = {
    MODEL_FORMAT: frozenset(_TENSORS),
    VECTORS_FORMAT: _TENSORS.keys() - {"counts", "output"},
}


def check_kind(
    path: Path, kinds: Mapping[str, tuple[np.dtype[Any], int]], metadata: Mapping[str, str]
) -> None:
    """Check that a safetensors file was written by w2v and is complete.

    Parameters
    ----------
    path : Path
        The file, for messages.
    kinds : mapping of str to tuple
        The type and the number of dimensions of each tensor, by name.
    metadata : mapping of str to str
        The metadata of the file.

    Raises
    ------
    FormatError
        The file has another format or version, or a tensor is missing or of another type.
    """
    if metadata.get("format") not in _NEEDED or metadata.get("version") != VERSION:
        raise FormatError(
            f"{path} is not a full model of w2v: its format is {metadata.get('format')!r}, version "
            f"{metadata.get('version')!r}, not {MODEL_FORMAT!r}, version {VERSION!r}; other "
            "safetensors are not read."
        )
    missing = _NEEDED[metadata["format"]] - kinds.keys()
    if missing:
        raise FormatError(f"{path} is damaged: it lacks the tensors {', '.join(sorted(missing))}.")
    for name, kind in _TENSORS.items():
        if name in kinds and (kinds[name][0].name, kinds[name][1]) != kind:
            raise FormatError(f"{path} is damaged: the tensor {name} has the wrong type or shape.")


def unpacked_words(path: Path, letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return the words; raise FormatError if one is empty, repeated or not UTF-8."""
    try:
        words = unpack(letters, offsets)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is damaged: a word is not valid UTF-8.") from error
    except ValueError as error:
        raise FormatError(f"{path} is damaged: {error}.") from error
    if len({"", *words}) <= len(words):
        raise FormatError(f"{path} is damaged: a word is empty or appears twice.")
    return words


def check_sizes(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise FormatError if the words take more space than words of that number can.

    This runs before anything is read: a sparse file takes little space on a disk, but its full size
    in memory.

    Parameters
    ----------
    path : Path
        The file, for messages.
    tensors : mapping of str to Tensor
        All tensors that its header lists.
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
    """Check the sizes of the matrices and counts against the number of words.

    Parameters
    ----------
    path : Path
        The file, for messages.
    size : int
        The number of words.
    shapes : mapping of str to tuple of int
        The shapes of "vectors" and, if it is there, "output".
    counts : ndarray of int64, or None
        The counts, if they are there.

    Raises
    ------
    FormatError
        A word lacks a row, vectors have no numbers, or a count is negative.
    """
    per_word = [shapes["vectors"], *([] if counts is None else [counts.shape])]
    outputs = shapes.get("output", shapes["vectors"])
    is_sound = {shape[0] for shape in per_word} == {size} and outputs[0] in (size, 2 * size)
    if not is_sound or outputs[1] != shapes["vectors"][1]:
        raise FormatError(f"{path} is damaged: its tensors do not have one row for each word.")
    if shapes["vectors"][1] == 0:
        raise FormatError(f"{path} is damaged: its vectors hold no numbers.")
    if counts is not None and (counts < 0).any():
        raise FormatError(f"{path} is damaged: the count of a word is negative.")

"""Words as two arrays: all their UTF-8 bytes, and where each word starts in them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WORDS_AT_ONCE = 1 << 16
_NEWLINE = 10


def pack(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the letters, and V + 1 offsets: word i lies from offset i up to offset i + 1."""
    encoded = [word.encode() for word in words]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


def unpack(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return the words of what `pack` gave.

    Raises ValueError where the offsets do not fit, UnicodeDecodeError (a ValueError) where a word
    is not UTF-8.
    """
    _check_offsets(letters, offsets)
    words: list[str] = []
    for start in range(0, len(offsets) - 1, _WORDS_AT_ONCE):
        words += _unpack(letters, offsets[start : start + _WORDS_AT_ONCE + 1])
    return words


def unpack_bytes(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[bytes]:
    """Return the words as they are, in bytes; raise ValueError where the offsets do not fit."""
    _check_offsets(letters, offsets)
    data = letters.tobytes()
    return [data[start:end] for start, end in pairwise(offsets.tolist())]


def _check_offsets(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
    fits = len(offsets) and offsets[0] == 0 and offsets[-1] == len(letters)
    if not fits or (np.diff(offsets) < 0).any():
        raise ValueError("the offsets of its words do not fit")


def _unpack(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return some words: decoded in one piece, where none holds the separator put between."""
    bounds = offsets - offsets[0]
    piece = letters[offsets[0] : offsets[-1]]
    if (piece == _NEWLINE).any():
        return [word.decode() for word in unpack_bytes(piece, bounds)]
    inner = bounds[1:-1]
    spaced = np.full(len(piece) + len(inner), _NEWLINE, dtype=np.uint8)
    is_letter = np.ones(len(spaced), dtype=np.bool_)
    is_letter[inner + np.arange(len(inner))] = False
    spaced[is_letter] = piece
    return spaced.tobytes().decode().split("\n")

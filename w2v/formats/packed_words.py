"""Words as two arrays: the UTF-8 bytes of all words, and the offset of each word."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WORDS_AT_ONCE = 1 << 16
_NEWLINE = 10


def pack(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pack words into two arrays.

    Parameters
    ----------
    words : sequence of str
        V words.

    Returns
    -------
    letters : ndarray of uint8
        The UTF-8 bytes of all words.
    offsets : ndarray of int64, shape (V + 1,)
        Word i is letters[offsets[i]:offsets[i + 1]].
    """
    offsets = np.zeros(len(words) + 1, dtype=np.int64)
    pieces = [np.zeros(0, dtype=np.uint8)]
    for start in range(0, len(words), _WORDS_AT_ONCE):
        letters, lengths = _pack(words[start : start + _WORDS_AT_ONCE])
        pieces.append(letters)
        offsets[start + 1 : start + 1 + len(lengths)] = lengths
    return np.concatenate(pieces), np.cumsum(offsets, out=offsets)


def _pack(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the letters of some words and the length of each; encoded at once, where possible."""
    lines = np.frombuffer("\n".join([*words, ""]).encode(), dtype=np.uint8)
    ends = np.flatnonzero(lines == _NEWLINE)
    if len(ends) == len(words):
        return lines[lines != _NEWLINE], np.diff(ends, prepend=-1) - 1
    encoded = [word.encode() for word in words]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), lengths


def decode(words: Sequence[bytes]) -> list[str]:
    """Return words as text; raise UnicodeDecodeError if one is not UTF-8."""
    decoded: list[str] = []
    for start in range(0, len(words), _WORDS_AT_ONCE):
        some = words[start : start + _WORDS_AT_ONCE]
        lines = b"\n".join(some).decode().split("\n")
        decoded += lines if len(lines) == len(some) else [word.decode() for word in some]
    return decoded


def unpack(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return the words that `pack` packed.

    Parameters
    ----------
    letters : ndarray of uint8
        The UTF-8 bytes of all words.
    offsets : ndarray of int64, shape (V + 1,)
        Where each word starts, and where the last one ends.

    Returns
    -------
    list of str
        V words.

    Raises
    ------
    ValueError
        The offsets do not fit the letters.
    UnicodeDecodeError
        A word is not UTF-8 (this is a ValueError, too).
    """
    _check_offsets(letters, offsets)
    words: list[str] = []
    for start in range(0, len(offsets) - 1, _WORDS_AT_ONCE):
        words += _unpack(letters, offsets[start : start + _WORDS_AT_ONCE + 1])
    return words


def unpack_bytes(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[bytes]:
    """Return the words as bytes; raise ValueError if the offsets do not fit the letters."""
    _check_offsets(letters, offsets)
    data = letters.tobytes()
    return [data[start:end] for start, end in pairwise(offsets.tolist())]


def _check_offsets(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
    fits = len(offsets) and offsets[0] == 0 and offsets[-1] == len(letters)
    if not fits or (np.diff(offsets) < 0).any():
        raise ValueError("the offsets of its words do not fit")


def _unpack(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return some words, decoded at once with newlines between them if none holds a newline."""
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
